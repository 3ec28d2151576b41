"""An import that is watched: how far it is, the answer at the end, and a caller who goes away in the middle."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.ingest.child_process import SMALL_BYTES
from tests.bench.import_files import fills_csv
from tests.bench.imports import descendants
from tests.support.product import PASSWORD, REPOSITORY, Account, Product

pytestmark = pytest.mark.integration

SAMPLES = Path(__file__).parents[1] / "data" / "imports"
STAGES = ("waiting", "reading", "converting", "computing", "saving", "storing")
ROWS = 60_000
CSV = fills_csv(ROWS)


@contextmanager
def watched(account: Account, model_id: int, data: bytes, **params: str) -> Iterator[httpx.Response]:
    with account.http.stream(
        "POST",
        f"/api/models/{model_id}/runs/import",
        params=params,
        files={"file": ("fills.csv", data)},
        headers={"Accept": "text/event-stream"},
    ) as answer:
        yield answer


def events_of(answer: httpx.Response) -> Iterator[tuple[str, Any]]:
    kind = ""
    for line in answer.iter_lines():
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield kind, json.loads(line.removeprefix("data: "))


def readers_of(product: Product) -> list[int]:
    """The processes that read a file for this server."""
    found = []
    for pid in descendants(product.process.pid):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            # What confines a reader names its command too: the reader is the interpreter itself.
            if b"backend.ingest" in command and b"python" in command.split(b"\0")[0]:
                found.append(pid)
        except OSError:
            continue
    return found


def runs_of(account: Account, model_id: int) -> list[Any]:
    items: list[Any] = account.get(f"/api/models/{model_id}/runs")["items"]
    return items


def until(what: str, holds: Any) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def test_rows_are_counted_to_the_end_and_the_answer_is_the_plain_one(alice: Account) -> None:
    assert len(CSV) > SMALL_BYTES
    model_id = alice.add_model()
    with watched(alice, model_id, CSV) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        events = list(events_of(answer))
    assert [kind for kind, _ in events] == ["progress"] * (len(events) - 1) + ["done"]
    steps = [data for _, data in events[:-1]]
    order = [STAGES.index(step["stage"]) for step in steps]
    assert order == sorted(order)
    assert {"reading", "converting"} & {step["stage"] for step in steps}
    for stage in STAGES:
        rows = [step["rows"] for step in steps if step["stage"] == stage]
        assert rows == sorted(rows)
        assert all(0 <= count <= ROWS for count in rows)
    imported = events[-1][1]
    assert imported["report"]["positions"] == ROWS
    assert runs_of(alice, model_id)[0]["id"] == imported["run"]["id"]
    again = alice.http.post(f"/api/models/{model_id}/runs/import", files={"file": ("fills.csv", CSV)})
    with watched(alice, model_id, CSV) as answer:
        kind, problem = list(events_of(answer))[-1]
    assert (kind, problem) == ("error", again.json())
    assert (problem["status"], problem["code"]) == (409, "already_imported")


def test_a_preview_is_watched_the_same_way(alice: Account) -> None:
    model_id, data = alice.add_model(), (SAMPLES / "vectorbt_goog_trades.csv").read_bytes()
    plain = alice.http.post(
        f"/api/models/{model_id}/runs/import", params={"dry_run": "true"}, files={"file": ("fills.csv", data)}
    )
    with watched(alice, model_id, data, dry_run="true") as answer:
        kind, preview = list(events_of(answer))[-1]
    assert (kind, preview) == ("done", plain.json())


def test_what_is_refused_before_reading_is_an_ordinary_problem_and_after_it_an_event(
    alice: Account, bob: Account
) -> None:
    model_id = alice.add_model()
    with watched(bob, model_id, b"a,b\n1,2\n") as answer:
        answer.read()
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    with watched(alice, model_id, b"\x00\x01 nothing of the kind") as answer:
        [(kind, problem)] = [event for event in events_of(answer) if event[0] != "progress"]
    assert (kind, problem["status"], problem["code"]) == ("error", 415, "unknown_format")


def test_a_caller_that_goes_away_ends_the_reading_and_gives_its_turn_back(alice: Account, product: Product) -> None:
    model_id = alice.add_model()
    with watched(alice, model_id, CSV) as answer:
        # Kept: an iterator that is dropped closes the line.
        events = events_of(answer)
        kind, step = next(events)
        assert (kind, step["stage"]) == ("progress", "reading")
        assert readers_of(product)
        waiting: list[Any] = []
        with_turn = threading.Event()

        def wait_and_leave() -> None:
            with watched(alice, model_id, CSV, dry_run="true") as second:
                waiting.append(next(events_of(second)))
                with_turn.set()

        thread = threading.Thread(target=wait_and_leave)
        thread.start()
        assert with_turn.wait(30)
        thread.join()
    assert waiting == [("progress", {"stage": "waiting", "rows": 0, "rows_total": None})]
    until("the reader has ended", lambda: not readers_of(product))
    assert runs_of(alice, model_id) == []
    imported = alice.http.post(f"/api/models/{model_id}/runs/import", files={"file": ("fills.csv", CSV)})
    assert imported.status_code == 201, imported.text
    assert len(runs_of(alice, model_id)) == 1


def test_command_that_is_interrupted_leaves_nothing_and_says_so(product: Product, tmp_path: Path) -> None:
    clara = product.account("clara@example.com")
    model_id = clara.add_model()
    (tmp_path / "fills.csv").write_bytes(CSV)
    command = subprocess.Popen(
        [sys.executable, "-m", "backend.cli", "import", str(tmp_path / "fills.csv"), "--model", str(model_id)],
        cwd=REPOSITORY,
        env={
            **os.environ,
            "RUNDOWN_URL": product.base_url,
            "RUNDOWN_EMAIL": "clara@example.com",
            "RUNDOWN_PASSWORD": PASSWORD,
        },
        stderr=subprocess.PIPE,
        text=True,
        # A shell that starts this in the background may have it ignore the interrupt.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )
    until("the file is read", lambda: readers_of(product))
    command.send_signal(signal.SIGINT)
    _, said = command.communicate(timeout=60)
    assert (command.returncode, "interrupted; nothing of it was saved" in said) == (130, True), said
    until("the reader has ended", lambda: not readers_of(product))
    assert runs_of(clara, model_id) == []
