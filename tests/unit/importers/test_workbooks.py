"""Excel workbooks: sheets as tables, and what would fill the memory refused before it is opened."""

import csv
import io
import zipfile
from pathlib import Path

import pytest

from backend.importers import ImportOptions, ImportProblem, detect, import_run
from tests.support.workbook_files import workbook

NO_OPTIONS = ImportOptions()
FILLS = [
    ["time", "symbol", "side", "quantity", "price"],
    ["2026-01-02", "A", "sell", 1, 10.5],
    ["2026-01-03", "A", "buy", 1, 9],
]
SAMPLES = Path(__file__).parents[2] / "data" / "imports" / "layouts"


def test_the_sheet_that_holds_the_trades_is_read():
    data = workbook({"Notes": [["nothing", "here"]], "Trades": [["My fills"], [], *FILLS]})
    run = import_run("run.xlsx", data, options=NO_OPTIONS)
    assert detect("x", data).name == run.source == "xlsx"
    assert [(row.action, row.quantity, row.price) for row in run.positions] == [("short", 1, 10.5), ("cover", 1, 9)]


def test_several_sheets_of_trades_are_asked_about():
    data = workbook({"January": FILLS, "February": [FILLS[0], ["2026-02-02", "B", "buy", 2, 5]]})
    with pytest.raises(ImportProblem) as caught:
        import_run("run.xlsx", data, options=NO_OPTIONS)
    assert (caught.value.code, caught.value.choices) == ("strategy_required", ("January", "February"))
    run = import_run("run.xlsx", data, options=ImportOptions(strategy="February"))
    assert [row.symbol for row in run.positions] == ["B"]
    with pytest.raises(ImportProblem) as caught:
        import_run("run.xlsx", data, options=ImportOptions(strategy="March"))
    assert caught.value.code == "unknown_strategy"


@pytest.mark.parametrize("name", ["etoro-closed-positions", "xtb-closed-positions", "metatrader5-positions"])
def test_a_brokers_sheet_is_read_as_its_table_of_text(name):
    text = (SAMPLES / f"{name}.csv").read_text()
    rows = [[None, *map(_number, row)] for row in csv.reader(io.StringIO(text))]
    data = workbook({"Summary": [["a", "b"]], "Closed": rows})
    assert import_run("x.xlsx", data, options=NO_OPTIONS).positions == import_run(
        "x.csv", text.encode(), options=NO_OPTIONS
    ).positions  # fmt: skip


def test_cells_far_apart_are_refused_before_they_are_laid_out():
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    with pytest.raises(ImportProblem) as caught:
        import_run("x.xlsx", workbook({"Trades": FILLS}, more=far), options=NO_OPTIONS)
    assert (caught.value.code, caught.value.status) == ("too_large", 413)


def test_a_workbook_that_does_not_unpack_is_refused():
    data = workbook({"Trades": FILLS * 20})
    begin = data.index(b"xl/worksheets/sheet1.xml") + len(b"xl/worksheets/sheet1.xml")
    for at in range(begin, begin + 40):
        damaged = data[:at] + b"\xff\xff\xff" + data[at + 3 :]
        with pytest.raises(ImportProblem) as caught:
            import_run("x.xlsx", damaged, options=NO_OPTIONS)
        assert caught.value.code in ("bad_workbook", "bad_archive")


def test_what_expands_beyond_any_real_workbook_is_refused():
    data = workbook({"Trades": FILLS}, more="<row/>" * 400_000)
    with pytest.raises(ImportProblem) as caught:
        import_run("x.xlsx", data, options=NO_OPTIONS)
    assert caught.value.code == "bad_archive"


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_a_damaged_workbook_is_refused(part):
    with zipfile.ZipFile(io.BytesIO(workbook({"Trades": FILLS}))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files[part] = files[part][:-40]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    with pytest.raises(ImportProblem) as caught:
        import_run("x.xlsx", buffer.getvalue(), format="xlsx", options=NO_OPTIONS)
    assert caught.value.code in ("bad_workbook", "bad_table", "empty_file")


def _number(cell: str) -> str | float:
    try:
        return float(cell)
    except ValueError:
        return cell
