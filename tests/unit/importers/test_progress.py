"""How far an import is, as its own loops say it."""

import asyncio

import pytest

from backend.importers import IMPORTERS, ImportOptions, ImportProblem, import_run
from backend.importers.progress import EVERY_ROWS, Progress, counted, row_read, tell, told_to
from tests.bench.import_files import fills_csv
from tests.fuzz.seeds import SEEDS


def test_counted_rows_are_the_same_rows_and_say_where_they_are() -> None:
    said: list[Progress] = []
    rows = list(range(2 * EVERY_ROWS + 5))
    with told_to(said.append):
        assert list(counted(rows, "converting")) == rows
    total = len(rows)
    assert said == [Progress("converting", done, total) for done in (0, EVERY_ROWS, 2 * EVERY_ROWS, total)]


@pytest.mark.parametrize("count", [0, 1, EVERY_ROWS])
def test_counting_ends_with_all_of_them(count: int) -> None:
    said: list[Progress] = []
    with told_to(said.append):
        assert len(list(counted(range(count), "reading"))) == count
    assert said[-1] == Progress("reading", count, count)


def test_nobody_listening_is_told_nothing_and_gets_the_rows() -> None:
    said: list[Progress] = []
    with told_to(said.append):
        pass
    tell(Progress("reading", 1))
    row_read(EVERY_ROWS)
    assert list(counted("abc", "reading")) == ["a", "b", "c"]
    assert said == []


async def test_two_readings_at_once_are_told_apart() -> None:
    first, second = list[Progress](), list[Progress]()

    async def read(said: list[Progress], rows: int) -> None:
        with told_to(said.append):
            await asyncio.gather(*(asyncio.to_thread(row_read, EVERY_ROWS, rows) for _ in range(3)))

    await asyncio.gather(read(first, 1), read(second, 2))
    assert first == [Progress("reading", EVERY_ROWS, 1)] * 3
    assert second == [Progress("reading", EVERY_ROWS, 2)] * 3


@pytest.mark.parametrize("name", [importer.name for importer in IMPORTERS])
def test_every_format_counts_what_it_reads(name: str) -> None:
    for data in SEEDS[name]:
        said: list[Progress] = []
        try:
            with told_to(said.append):
                import_run("file", data, format=name, options=ImportOptions())
        except ImportProblem as problem:
            assert problem.code == "raw_records"
            continue
        assert any(step.rows and step.stage in ("reading", "converting") for step in said)
        assert all(0 <= step.rows <= (step.rows_total or step.rows) for step in said)


def test_rows_of_a_table_are_counted_up_and_then_made_into_positions() -> None:
    said: list[Progress] = []
    with told_to(said.append):
        import_run("fills.csv", fills_csv(3 * EVERY_ROWS), format=None, options=ImportOptions())
    assert [step for step in said if step.stage == "reading"] == [
        Progress("reading", EVERY_ROWS * n) for n in (1, 2, 3)
    ]
    converting = [step for step in said if step.stage == "converting"]
    assert [step.rows for step in converting] == [0, 3 * EVERY_ROWS]
    assert said == [*[step for step in said if step.stage == "reading"], *converting]
