"""The command line's side of an import that is streamed, against a server that says what the test wants."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from backend.commands.import_upload import LineCut, Upload, import_bars

SSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
PROBLEM = b'{"status":422,"code":"bad_value","detail":"Line 3 is wrong."}'


def event(kind: str, data: bytes) -> bytes:
    frame = b": ping\n\nid: 1\nevent: " + kind.encode() + b"\ndata: " + data + b"\n\n"
    return b"%x\r\n%b\r\n" % (len(frame), frame)


def step(stage: str, rows: int = 0, total: int | None = None) -> bytes:
    return event("progress", json.dumps({"stage": stage, "rows": rows, "rows_total": total}).encode())


END = b"0\r\n\r\n"


@contextmanager
def answering(*pieces: bytes) -> Iterator[str]:
    """A server that takes an upload, says the pieces and closes the line."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            for piece in pieces:
                self.wfile.write(piece)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/import"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def send(tmp_path: Path) -> Callable[..., tuple[httpx.Response | type[LineCut], list[tuple[str, float | None]], str]]:
    def sent(*pieces: bytes) -> tuple[httpx.Response | type[LineCut], list[tuple[str, float | None]], str]:
        path = tmp_path / "fills.csv"
        path.write_bytes(b"time,symbol\n" * 1000)
        shown: list[tuple[str, float | None]] = []
        with answering(*pieces) as url, httpx.Client() as http:
            progress = import_bars(disable=True)
            upload = Upload(path, progress)
            draw = progress.update

            def noted(task_id: object, **change: object) -> None:
                draw(task_id, **change)  # type: ignore[arg-type]
                task = progress.tasks[0]
                shown.append((str(task.fields["doing"]), task.total))

            progress.update = noted  # type: ignore[method-assign, assignment]
            try:
                answer: httpx.Response | type[LineCut] = upload.send(http, url, params={}, fields={"name": "May"})
            except LineCut:
                answer = LineCut
            upload.end()
            assert not progress.tasks
        return answer, shown, upload.outcome_when_left()

    return sent


def test_rows_are_shown_as_they_are_told_and_the_end_is_the_answer(send) -> None:
    answer, shown, _ = send(
        SSE,
        step("waiting"),
        step("reading", 8192),
        step("converting", 5, 10),
        step("storing", 10, 10),
        step("of a later server", 1, 2),
        event("done", b'{"run":{"run_number":4}}'),
        END,
    )
    assert (answer.status_code, answer.json()) == (200, {"run": {"run_number": 4}})
    assert shown[-6:] == [
        ("sent", 12_000),
        ("waiting for another import to end", None),
        ("reading rows: 8,192", None),
        ("checking rows: 5 of 10", 10),
        ("storing the rows", None),
        ("of a later server", None),
    ]


def test_a_refusal_within_the_stream_is_an_answer_of_its_status(send) -> None:
    answer, _, left = send(SSE, step("reading", 4096), event("error", PROBLEM), END)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_value")
    assert left == "nothing of it was saved"


def test_a_refusal_before_the_stream_is_answered_as_it_is(send) -> None:
    head = b"HTTP/1.1 429 Too Many\r\nContent-Type: application/problem+json\r\nContent-Length: %d\r\n\r\n" % len(
        PROBLEM
    )
    answer, _, _ = send(head, PROBLEM)
    assert (answer.status_code, answer.json()["code"]) == (429, "bad_value")


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param((), id="nothing was answered"),
        pytest.param((SSE, step("saving", 1, 2)), id="broken off"),
        pytest.param((SSE, step("saving", 1, 2), event("done", b'{"run":{}}')[:40]), id="within the answer"),
        pytest.param((SSE, step("saving", 1, 2), END), id="closed without an end"),
    ],
)
def test_a_line_that_breaks_before_the_answer_is_no_answer(send, pieces) -> None:
    answer, _, left = send(*pieces)
    assert answer is LineCut
    assert ("being saved" in left) == bool(pieces)
