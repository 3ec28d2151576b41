"""`python -m tests.bench.imports`: the largest files over the API, each into a server of its own.

For each: rows, time until the answer, rows a second, and the highest resident memory (Linux's VmHWM) of the server's
process, of the process that read the file, of PostgREST and of the largest PostgreSQL process. Exit status 1 when a
server or its reader goes beyond the bound that docs/import-formats.md states, dies, or does not answer afterwards.

With `--reader` there is no server: only the process that reads, until all that it would save is taken from it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from backend.importers.base import ImportOptions, ImportProblem
from backend.ingest.child_process import READER_MIB, read_apart
from backend.ingest.request import Saving
from tests.bench.import_files import FILES
from tests.support.product import running_product

# Of the server; a reader's is its own.
BOUND_MIB = 512
_EVERY_S = 0.2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=FILES, action="append")
    parser.add_argument("--reader", action="store_true", help="measure the process that reads, alone")
    asked = parser.parse_args()
    if asked.reader:
        print(f"{'file':<28}{'MiB':>6}{'rows':>11}{'s':>8}{'reader':>8}   (highest memory, MiB)", flush=True)
        return 1 if max(_measure_reader(what) for what in asked.only or FILES) > READER_MIB else 0
    print(
        f"{'file':<28}{'MiB':>6}{'answer':>8}{'rows':>11}{'s':>8}{'rows/s':>9}{'before':>8}{'server':>8}{'reader':>8}",
        end="",
    )
    print(f"{'PostgREST':>11}{'PostgreSQL':>12}   (highest memory, MiB)", flush=True)
    beyond = 0
    for what in asked.only or FILES:
        server, reader = _measure(what)
        beyond += server > BOUND_MIB or reader > READER_MIB
    return 1 if beyond else 0


def _measure(what: str) -> tuple[float, float]:
    """Import one file and print its line; the peaks of server and reader in MiB."""
    name, make = FILES[what]
    data = make()
    with (
        tempfile.TemporaryDirectory() as home,
        running_product(Path(home) / "home", RUNDOWN_DEMO="false") as product,
        _peaks(product.process.pid) as peaks,
    ):
        account = product.account("bench@example.com")
        model_id = account.add_model()
        before, began = _high_water(product.process.pid), time.monotonic()
        answer = account.http.post(
            f"/api/models/{model_id}/runs/import",
            files={"file": (name, data)},
            timeout=httpx.Timeout(1800, connect=10),
        )
        seconds = time.monotonic() - began
        account.get("/readyz")
        peak = _high_water(product.process.pid)
        reader = max((high for name, high in peaks.items() if name.startswith("python")), default=0.0)
        body = answer.json()
        rows = body["report"]["positions"] if answer.status_code == 201 else 0
        said = str(answer.status_code) if rows else f"{answer.status_code} {body['code']}: {body['detail']}"
        print(
            f"{what:<28}{len(data) / 2**20:>6.1f}{said[:7]:>8}{rows:>11,}{seconds:>8.1f}{rows / seconds:>9,.0f}"
            f"{before:>8.0f}{peak:>8.0f}{reader:>8.0f}{peaks.get('postgrest', 0):>11.0f}"
            f"{peaks.get('postgres', 0):>12.0f}" + ("" if rows else f"   {said}"),
            flush=True,
        )
    return peak, reader


def _measure_reader(what: str) -> float:
    """Read one file and print its line; the reader's peak in MiB."""
    name, make = FILES[what]
    data = make()

    async def read() -> int:
        saving = Saving(model_id=1, content_sha256="0" * 64, again=True)
        async with read_apart(file, name, None, ImportOptions(), saving) as reading:
            async for _ in reading.body:
                pass
            return reading.report.positions

    with tempfile.TemporaryFile() as file, _peaks(os.getpid()) as peaks:
        file.write(data)
        file.flush()
        began, said = time.monotonic(), ""
        try:
            rows = asyncio.run(read())
        except ImportProblem as problem:
            rows, said = 0, f"   {problem.status} {problem.code}: {problem.message}"
        seconds = time.monotonic() - began
    peak = max(peaks.values(), default=0.0)
    print(f"{what:<28}{len(data) / 2**20:>6.1f}{rows:>11,}{seconds:>8.1f}{peak:>8.0f}{said}", flush=True)
    return peak


@contextmanager
def _peaks(root: int) -> Iterator[dict[str, float]]:
    """The highest memory of each kind of process below `root`, in MiB, while the block runs."""
    peaks: dict[str, float] = {}
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_EVERY_S):
            for pid in descendants(root):
                try:
                    name = Path(f"/proc/{pid}/comm").read_text().strip()
                    peaks[name] = max(peaks.get(name, 0), _high_water(pid))
                except (OSError, StopIteration):
                    continue  # it has ended

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peaks
    finally:
        done.set()
        watcher.join()


def descendants(root: int) -> set[int]:
    """The processes that a process started, and those that these did."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, before = {root}, 0
    while len(found) > before:
        before = len(found)
        found |= {pid for pid, parent in parents.items() if parent in found}
    return found - {root}


def _high_water(pid: int) -> float:
    """A process's highest resident memory so far, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


if __name__ == "__main__":
    sys.exit(main())
