"""Files read in a process of their own: the same run, in a bound that the kernel keeps, with nothing of ours in it."""

import asyncio
import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backend.importers import ImportOptions, ImportProblem
from backend.importers.progress import Progress, told_to
from backend.ingest import child_process
from backend.ingest.files import read_run, report_on
from backend.ingest.preview import preview_run
from backend.ingest.request import Saving
from backend.ingest.run_columns import import_body
from tests.bench.import_files import fills_csv
from tests.fuzz.seeds import zipped

NO_OPTIONS = ImportOptions()
SAVING = Saving(model_id=7, content_sha256="0" * 64, again=True)
CSV = b"time,symbol,side,quantity,price\n2024-01-01,A,buy,1,10\n2024-01-02,A,sell,1,11\n"


def parquet(rows: int) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"time": ["2024-01-01"] * rows, "symbol": ["A"] * rows}), sink)
    return sink.getvalue()


@pytest.fixture
def upload(tmp_path: Path):
    def opened(data: bytes):
        path = tmp_path / "upload"
        path.write_bytes(data)
        return path.open("rb")

    return opened


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


async def read(upload, data: bytes) -> tuple[child_process.ImportReport, bytes]:
    with upload(data) as file:
        async with child_process.read_apart(file, "fills.csv", None, NO_OPTIONS, SAVING) as reading:
            return reading.report, b"".join([piece async for piece in reading.body])


async def test_read_apart_gives_what_reading_here_gives(upload):
    data = fills_csv(20_000)
    report, body = await read(upload, data)
    run, summary = read_run("fills.csv", data, None, NO_OPTIONS)
    assert report == report_on(run, summary)
    assert body == b"".join(import_body(7, run, summary, content_sha256="0" * 64, again=True))
    assert len(json.loads(body)["p_ts"]) == 20_000


async def test_reader_tells_how_far_it_is_until_the_last_row_is_sent(upload):
    said: list[Progress] = []
    with told_to(said.append):
        await read(upload, fills_csv(20_000))
    stages = [step.stage for step in said]
    assert list(dict.fromkeys(stages)) == ["reading", "converting", "computing", "saving"]
    assert stages == sorted(stages, key=["reading", "converting", "computing", "saving"].index)
    assert next(step for step in said if step.stage == "computing") == Progress("computing", 20_000, 20_000)
    for stage in set(stages):
        rows = [step.rows for step in said if step.stage == stage]
        assert rows == sorted(rows)
        assert rows[-1] <= 20_000


async def test_preview_apart_is_the_preview(upload):
    with upload(CSV) as file:
        preview = await child_process.preview_apart(file, "x.csv", None, NO_OPTIONS)
    assert preview == preview_run("x.csv", CSV, None, NO_OPTIONS)


async def test_refusal_comes_over_with_its_place(upload):
    with pytest.raises(ImportProblem) as caught:
        await read(upload, CSV + b"2024-02-30,A,buy,1,10\n")
    problem = caught.value
    assert (problem.status, problem.code, problem.line, problem.column) == (422, "bad_value", 4, "time")
    assert "'2024-02-30' is no time" in problem.message


async def test_rows_take_no_more_memory_than_is_stated(upload, monkeypatch):
    # A kilobyte a row, above what the libraries take: so a million rows stay within the bound.
    monkeypatch.setattr(child_process, "READER_MIB", 300)
    report, _ = await read(upload, fills_csv(60_000))
    assert report.positions == 60_000


async def test_file_beyond_the_bound_is_413_and_harms_nothing(upload, monkeypatch):
    monkeypatch.setattr(child_process, "READER_MIB", 100)
    with pytest.raises(ImportProblem) as caught:
        await read(upload, fills_csv(50_000))
    assert (caught.value.status, caught.value.code) == (413, "too_large")
    assert "Split the run" in caught.value.message
    monkeypatch.undo()
    report, _ = await read(upload, CSV)
    assert report.trades == 1


async def test_reader_that_is_killed_midway_breaks_the_body_off(upload):
    with upload(fills_csv(50_000)) as file:
        async with child_process.read_apart(file, "x.csv", None, NO_OPTIONS, SAVING) as reading:
            first = await anext(reading.body)
            assert first.startswith(b'{"p_model_id":7')
            reading.kill()
            with pytest.raises(ImportProblem) as caught:
                async for _ in reading.body:
                    pass
    assert caught.value.status == 413


def descendants(pid):
    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


async def test_reader_knows_neither_keys_nor_tokens(upload, monkeypatch):
    monkeypatch.setenv("RUNDOWN_SECRET_KEY", "a-secret-of-the-server")
    monkeypatch.setenv("OPENROUTER_API_KEY", "another")
    with upload(CSV) as file:
        request = child_process.reading_request("x.csv", None, NO_OPTIONS, SAVING)
        async with child_process.started(file, request) as process:
            while True:
                # Confined, the reader is the child of what confines it.
                environments = [environment_of(pid) for pid in (process.pid, *descendants(process.pid))]
                if any(b"PYTHONPATH=" in each for each in environments):
                    break
                await asyncio.sleep(0.01)
    environment = b"".join(environments)
    assert b"secret" not in environment
    assert b"another" not in environment


@pytest.mark.parametrize(
    ("data", "small"),
    [
        pytest.param(CSV, True, id="text"),
        pytest.param(CSV * 50_000, False, id="much text"),
        pytest.param(gzip.compress(CSV), True, id="gzip"),
        pytest.param(gzip.compress(CSV * 50_000), False, id="gzip of much"),
        pytest.param(zipped({"a.json": b"{}"}), True, id="ZIP"),
        pytest.param(zipped({"a.json": CSV * 50_000}), False, id="ZIP of much"),
        pytest.param(zipped({"a.csv.gz": gzip.compress(CSV)}), False, id="ZIP of gzip"),
        pytest.param(parquet(2), False, id="Parquet"),
        pytest.param(gzip.compress(parquet(2)), False, id="gzip of Parquet"),
        pytest.param(b"PK\x03\x04 broken", True, id="broken ZIP"),
        pytest.param(b"", True, id="empty"),
    ],
)
def test_only_what_stays_small_is_read_within_the_server(data, small):
    file = io.BytesIO(data)
    assert child_process.is_small(file, len(data)) is small
    assert file.tell() == 0


def test_process_holds_nothing_of_the_database_or_the_network():
    asked = "import backend.ingest.__main__, json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    modules = set(json.loads(done.stdout))
    ours = {name.split(".")[1] for name in modules if name.startswith("backend.")}
    assert ours == {"analysis", "importers", "ingest"}
    others = {name.split(".")[0] for name in modules}
    assert not others & {
        "aiohttp",
        "cryptography",
        "fastapi",
        "httpx",
        "langchain_core",
        "openai",
        "postgrest",
        "psycopg",
    }
