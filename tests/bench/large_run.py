"""`python -m tests.bench.large_run`: one run of a million positions behind the real server, request by request.

For each request: seconds the first time and the best of the next ones, the longest that `/healthz` waited meanwhile
(what other users' streams would have waited), and the server's memory. `--write FILE` puts the table between the two
marks there.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from tests.bench.import_files import fills_csv
from tests.support.product import Account, Product, events_of, running_product

BEGIN, END = "<!-- large run: begin -->", "<!-- large run: end -->"
_WARM = 2
_ONCE = ("trades.csv, whole",)
_PROBE_S = 0.01
_PATIENCE = httpx.Timeout(600, connect=10)
Timed = Callable[[], float]


def requests_of(account: Account, run: str) -> dict[str, Timed]:
    """Name → what makes the request and gives its seconds, in the order in which a person comes by them."""

    def get(path: str) -> Timed:
        def timed() -> float:
            began_at = time.monotonic()
            account.http.get(f"{run}{path}", timeout=_PATIENCE).raise_for_status()
            return time.monotonic() - began_at

        return timed

    def ask(wanted: str) -> Timed:
        def timed() -> float:
            began_at, at = time.monotonic(), 0.0
            body = {"message": "Why did this run lose money?"}
            with account.http.stream("POST", f"{run}/chat-stream", json=body, timeout=_PATIENCE) as answer:
                for event in events_of(answer):
                    if event["type"] == wanted and not at:
                        at = time.monotonic() - began_at
            return at

        return timed

    return {
        "metrics": get("/metrics"),
        "the run": get(""),
        "positions, first page": get("/positions?limit=200"),
        "trades, first page": get("/trades?limit=100"),
        "trades, worst first": get("/trades?limit=100&sort=net_pnl"),
        "trades, page 2,000 of a filter": get("/trades?limit=100&symbol=BTC&result=loss&offset=100000"),
        "trades, search": get("/trades?limit=100&search=eth"),
        "equity, 600 points": get("/equity?points=600"),
        "equity, 20,000 points": get("/equity?points=20000"),
        "calendar": get("/calendar"),
        "distribution": get("/distribution"),
        "rolling": get("/rolling"),
        "drawdowns": get("/drawdowns"),
        "analysis, all": get("/analysis"),
        "analysis, largest losses": get("/analysis?filter_type=largest_losses&criteria=100"),
        "rules": get("/rules"),
        "chat, first tool": ask("tool"),
        "chat, first token": ask("token"),
        "chat, done": ask("done"),
        "trades.csv, whole": get("/trades.csv"),
    }


@contextmanager
def probed(base_url: str) -> Iterator[list[float]]:
    """How long `/healthz` takes again and again while the block runs."""
    waits: list[float] = []
    done = threading.Event()

    def probe() -> None:
        with httpx.Client(base_url=base_url, timeout=_PATIENCE) as client:
            while not waits or not done.wait(_PROBE_S):
                began_at = time.monotonic()
                client.get("/healthz")
                waits.append(time.monotonic() - began_at)

    prober = threading.Thread(target=probe, daemon=True)
    prober.start()
    try:
        yield waits
    finally:
        done.set()
        prober.join()


class Memory:
    """The server process's resident memory, and its highest since last asked for."""

    def __init__(self, product: Product) -> None:
        self._pid = product.process.pid

    def now(self) -> float:
        """MiB."""
        return float(psutil.Process(self._pid).memory_info().rss) / 2**20

    def highest(self) -> float:
        """MiB; the kernel's mark is put down to what there is now."""
        lines = Path(f"/proc/{self._pid}/status").read_text().splitlines()
        highest = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
        with contextlib.suppress(OSError):
            Path(f"/proc/{self._pid}/clear_refs").write_text("5")
        return highest


def measured(product: Product, positions: int) -> list[str]:
    """The table's lines."""
    account, memory = product.account("bench@example.com"), Memory(product)
    model_id = account.add_model()
    idle = memory.now()
    began_at = time.monotonic()
    with probed(product.base_url) as waits:
        answer = account.http.post(
            f"/api/models/{model_id}/runs/import",
            files={"file": ("fills.csv", fills_csv(positions))},
            timeout=_PATIENCE,
        )
    answer.raise_for_status()
    run = f"/api/models/{model_id}/runs/{answer.json()['run']['id']}"
    seconds = time.monotonic() - began_at
    lines = [
        f"{positions:,} positions; the server took {idle:.0f} MiB before. The first request after the import reads the "
        "run from the database.",
        "",
        "| request | first, s | warm, s | others waited at most, s | memory at most, MiB | after, MiB |",
        "|---|--:|--:|--:|--:|--:|",
        f"| import | {seconds:.1f} | | {max(waits):.2f} | {memory.highest():.0f} | {memory.now():.0f} |",
    ]
    for name, timed in requests_of(account, run).items():
        with probed(product.base_url) as waits:
            first = timed()
            # Half a million lines are written anew each time: one time tells it.
            again = "" if name in _ONCE else f"{min(timed() for _ in range(_WARM)):.2f}"
        took, held = f"{first:.2f} | {again} | {max(waits):.2f}", f"{memory.highest():.0f} | {memory.now():.0f}"
        lines.append(f"| {name} | {took} | {held} |")
        print(lines[-1], flush=True)
    return lines


def write_between(document: Path, lines: list[str]) -> None:
    """Put the lines between the two marks of a document."""
    before, rest = document.read_text().split(BEGIN)
    document.write_text("\n".join([before + BEGIN, *lines, END]) + rest.split(END)[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--positions", type=int, default=1_000_000)
    parser.add_argument("--write", type=Path, help="the document to put the table into")
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="rundown-large-") as home,
        running_product(Path(home) / "home", RUNDOWN_DEMO="false") as product,
    ):
        lines = measured(product, chosen.positions)
    print("\n".join(lines))
    if chosen.write:
        write_between(chosen.write, lines)


if __name__ == "__main__":
    main()
