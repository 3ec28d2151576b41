"""Files made to break an importer: each is refused with a code, and never more than the limits is expanded."""

import pickle
import struct
import zipfile

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from backend.importers import IMPORTERS, ImportOptions, ImportProblem, archives, detect, import_run, parsing
from tests.fuzz.checks import read_or_refuse
from tests.fuzz.seeds import SEEDS, zipped

NO_OPTIONS = ImportOptions()
FREQTRADE_HEAD = b'{"strategy": {"A": {"trades": ['

HUGE_TRADE = FREQTRADE_HEAD + (
    b'{"pair": "A/B", "amount": 1e200, "open_rate": 1e200, "close_rate": 1, "profit_abs": 1, "fee_open": 0.1, '
    b'"open_date": "2024-01-01", "close_date": "2024-01-02"}]}}}'
)


def encrypted_zip() -> bytes:
    data = bytearray(zipped({"a.json": b"{}"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + offset
        data[at : at + 2] = struct.pack("<H", 1)
    return bytes(data)


def lying_zip() -> bytes:
    """A directory that claims 10 bytes for a file of many."""
    data = bytearray(zipped({"a.json": FREQTRADE_HEAD + b" " * 5000}))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 10)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        pytest.param(b"", 422, "empty_file", id="empty"),
        pytest.param(b"\x00" * 5000, 415, "unknown_format", id="zeros"),
        pytest.param(bytes(range(256)) * 20, 415, "unknown_format", id="binary"),
        pytest.param(pickle.dumps({"a": 1}), 415, "unknown_format", id="pickle"),
        pytest.param(b"\x1f\x8b" + b"0" * 50, 415, "unknown_format", id="gzip"),
        pytest.param(b"%PDF-1.7 , ; time,symbol", 415, "unknown_format", id="pdf"),
        pytest.param(b"<html><table>time,symbol,price</table>", 415, "unknown_format", id="html"),
        pytest.param(b'{"orders": {}}', 415, "unknown_format", id="another engine"),
        pytest.param(b"[" * 100_000, 415, "unknown_format", id="brackets"),
        pytest.param(b'{"date":' + b"[" * 100_000, 415, "unknown_format", id="deep first line"),
        pytest.param(FREQTRADE_HEAD + b"[" * 100_000, 422, "too_deep", id="deep trades"),
        pytest.param(FREQTRADE_HEAD + b"9" * 5000 + b"]}}}", 422, "bad_value", id="digits"),
        pytest.param(FREQTRADE_HEAD, 422, "bad_json", id="cut"),
        pytest.param(FREQTRADE_HEAD + b"1, null]}}}", 422, "bad_value", id="trades of no kind"),
        pytest.param(HUGE_TRADE, 422, "bad_value", id="product that overflows"),
        pytest.param(b'{"strategy": {"trades": []}}', 422, "empty_file", id="no strategy"),
        pytest.param(b"PK\x03\x04" + b"0" * 100, 422, "bad_archive", id="zip head only"),
        pytest.param(zipped({"a.json": FREQTRADE_HEAD})[:-30], 422, "bad_archive", id="cut zip"),
        pytest.param(encrypted_zip(), 422, "bad_archive", id="password"),
        pytest.param(zipped({"a.json": b"{}"}, zipfile.ZIP_BZIP2), 422, "bad_archive", id="bzip2"),
        pytest.param(zipped({"../a.json": b"{}"}), 422, "bad_archive", id="path up"),
        pytest.param(zipped({"/etc/a.json": b"{}"}), 422, "bad_archive", id="absolute path"),
        pytest.param(zipped({"C:\\a.json": b"{}"}), 422, "bad_archive", id="drive"),
        pytest.param(zipped({"a\\..\\..\\b.json": b"{}"}), 422, "bad_archive", id="backslashes up"),
        pytest.param(zipped({f"{n}.txt": b"" for n in range(1001)}), 422, "bad_archive", id="many entries"),
        pytest.param(zipped({"a.json": b" " * 8_000_000}), 422, "bad_archive", id="bomb"),
        pytest.param(lying_zip(), 422, "bad_archive", id="size that lies"),
        pytest.param(zipped({"inner.zip": zipped({"a.json": FREQTRADE_HEAD})}), 415, "unknown_format", id="zip in zip"),
        pytest.param(zipped({}), 415, "unknown_format", id="empty zip"),
        pytest.param(
            zipped({"a.json": FREQTRADE_HEAD, "b.json": FREQTRADE_HEAD}), 422, "several_runs", id="two results"
        ),
        pytest.param(b"time,symbol\n" + b'"' + b"a" * 200_000, 422, "bad_table", id="huge cell"),
        pytest.param(b"\xff\xfetime,symbol\n" + b"\x00\xd8" * 9, 415, "unknown_format", id="broken utf-16"),
        pytest.param(b"time,symbol,price\n1,\x00,\x01\n", 415, "unknown_format", id="controls"),
    ],
)
def test_hostile_file_is_refused(data, status, code):
    with pytest.raises(ImportProblem) as caught:
        import_run("file", data, options=NO_OPTIONS)
    assert (caught.value.status, caught.value.code) == (status, code)
    assert caught.value.message.endswith(".")


def test_refusal_of_an_unknown_format_lists_the_known_ones():
    with pytest.raises(ImportProblem, match=r"AI-Trader.*freqtrade.*CSV"):
        detect("x.bin", b"\x00\x01")
    with pytest.raises(ImportProblem, match=r"ai-trader, freqtrade, .*csv, json, parquet") as caught:
        import_run("x", b"a,b", format="quantum", options=NO_OPTIONS)
    assert caught.value.code == "unknown_format"


def test_a_format_that_is_named_is_used_without_asking_the_content():
    with pytest.raises(ImportProblem) as caught:
        import_run("x", b"nothing of the kind", format="freqtrade", options=NO_OPTIONS)
    assert caught.value.code == "bad_json"


def test_size_limit_is_413(monkeypatch):
    monkeypatch.setattr(parsing, "MAX_BYTES", 100)
    with pytest.raises(ImportProblem) as caught:
        import_run("x", b"a" * 101, options=NO_OPTIONS)
    assert (caught.value.status, caught.value.code) == (413, "too_large")


def test_row_limit_is_413(monkeypatch):
    monkeypatch.setattr(parsing, "MAX_ROWS", 3)
    rows = b"2024-01-01,A,buy,1,2\n" * 4
    with pytest.raises(ImportProblem) as caught:
        import_run("x", b"time,symbol,side,quantity,price\n" + rows, options=NO_OPTIONS)
    assert (caught.value.status, caught.value.code) == (413, "too_large")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"time,symbol,side,quantity,price,a,b,c,d,e\n" + b"1,A\n" * 20, id="short rows of a wide CSV"),
        pytest.param(
            b'{"time":1,"symbol":"A","side":"buy","quantity":1,"price":1}\n'
            + b"".join(b'{"c%d":1}\n' % number for number in range(20)),
            id="JSON lines of other fields each",
        ),
    ],
)
def test_cell_limit_is_413(monkeypatch, data):
    monkeypatch.setattr(parsing, "MAX_CELLS", 100)
    with pytest.raises(ImportProblem) as caught:
        import_run("x", data, options=NO_OPTIONS)
    assert (caught.value.status, caught.value.code) == (413, "too_large")
    assert "cells" in caught.value.message


def test_binance_history_with_a_line_that_sums_up_keeps_each_fee_with_its_fill():
    text = (
        "Date(UTC),Pair,Side,Price,Executed,Amount,Fee\nTotal,,,,,,\n"
        "2021-01-02 03:04,BTCUSDT,BUY,100,2BTC,200USDT,0.01BTC\n2021-01-03 03:04,BTCUSDT,SELL,110,2BTC,220USDT,3USDT\n"
    )
    run = import_run("x.csv", text.encode(), format="binance", options=NO_OPTIONS)
    assert [row.fees for row in run.positions] == [1.0, 3.0]
    assert [row.line for row in run.skipped] == [2]


def test_json_line_is_ended_by_a_line_feed_alone_and_half_a_character_is_none():
    line = '{"time":"2024-01-0%d","symbol":"A","side":"%s","quantity":1,"price":1,"tag":"%s"}\n'
    text = line % (1, "buy", "one\u2028line") + line % (2, "sell", "\\ud800")
    run = import_run("x.jsonl", text.encode(), options=NO_OPTIONS)
    assert [row.tag for row in run.positions] == ["one\u2028line", "?"]


def test_json_of_more_values_than_memory_is_meant_for_is_413(monkeypatch):
    monkeypatch.setattr(parsing, "MAX_JSON_VALUES", 100)
    with pytest.raises(ImportProblem) as caught:
        import_run("x", FREQTRADE_HEAD + b"{}," * 100 + b"{}]}}}", options=NO_OPTIONS)
    assert (caught.value.status, caught.value.code) == (413, "too_large")


def test_archive_total_is_413(monkeypatch):
    monkeypatch.setattr(archives, "MAX_TOTAL_BYTES", 1000)
    with pytest.raises(ImportProblem) as caught:
        import_run("x", zipped({"a": b"1" * 600, "b": b"2" * 600}), options=NO_OPTIONS)
    assert (caught.value.status, caught.value.code) == (413, "too_large")


def test_a_member_is_never_read_past_its_limit():
    with pytest.raises(ImportProblem) as caught:
        archives.read_member(zipped({"a": b"x" * 1001}), "a", limit=1000)
    assert caught.value.code == "too_large"
    assert archives.read_member(zipped({"a": b"x" * 1000}), "a", limit=1000) == b"x" * 1000


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (ImportOptions(timezone="Mars/Olympus"), "bad_timezone"),
        (ImportOptions(timezone="../../etc/passwd"), "bad_timezone"),
        (ImportOptions(timezone=""), "bad_timezone"),
        (ImportOptions(initial_cash=float("nan")), "bad_option"),
        (ImportOptions(initial_cash=-1.0), "bad_option"),
        (ImportOptions(currency="x" * 13), "bad_option"),
        (ImportOptions(name="   "), "bad_option"),
        (ImportOptions(name="x" * 201), "bad_option"),
    ],
)
def test_bad_options_are_refused(options, code):
    with pytest.raises(ImportProblem) as caught:
        import_run("x", b"time,symbol,side,quantity,price\n2024-01-01,A,buy,1,2\n", options=options)
    assert caught.value.code == code


FUZZ = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


@FUZZ
@given(data=st.binary(max_size=400), name=st.sampled_from([None, *(importer.name for importer in IMPORTERS)]))
@example(data=b"PK\x05\x06" + b"\x00" * 18, name="freqtrade")
def test_random_bytes_are_read_or_refused(data, name):
    read_or_refuse(data, name)


@FUZZ
@given(text=st.text(max_size=200), head=st.sampled_from(["", "time,symbol,side,quantity,price\n", '{"date": ']))
def test_random_text_is_read_or_refused(text, head):
    read_or_refuse((head + text).encode("utf-8", "surrogatepass"), None)


@FUZZ
@given(
    data=st.sampled_from([seed for seeds in SEEDS.values() for seed in seeds]),
    name=st.sampled_from([importer.name for importer in IMPORTERS]),
)
def test_examples_forced_into_another_format_are_read_or_refused(data, name):
    read_or_refuse(data, name)
