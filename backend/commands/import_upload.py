"""One file sent to a server's import, with a bar: its bytes as they leave, then the rows that are read and saved."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, cast

import httpx
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from backend.terminal import harmless

_COUNTED = {"reading": "reading rows", "converting": "checking rows", "saving": "saving rows"}
_UNCOUNTED = {
    "waiting": "waiting for another import to end",
    "computing": "computing the figures",
    "storing": "storing the rows",
}
# From here on the database may have all rows.
_SAVING = ("saving", "storing")


class LineCut(Exception):
    """The line broke when the file was sent and before the server had answered."""


class Upload:
    """The file under way, with its bar."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self.path = path
        self._progress = progress
        self._size = 0
        self._task = progress.add_task(harmless(path.name), total=None, doing="sending")
        self._stage = ""

    def send(
        self, http: httpx.Client, url: str, *, params: Mapping[str, str], fields: dict[str, str]
    ) -> httpx.Response:
        """The server's answer, read whole, as if it had not been streamed.

        Raises:
            OSError: the file can't be read.
            LineCut: as above.
            httpx.HTTPError: the server can't be reached.
        """
        with self.path.open("rb") as file:
            self._size = os.fstat(file.fileno()).st_size
            sent = _Sent(file, self._show_sent)
            try:
                with http.stream(
                    "POST",
                    url,
                    params=params,
                    files={"file": (self.path.name, cast("IO[bytes]", sent))},
                    data=fields,
                    headers={"Accept": "text/event-stream"},
                ) as answer:
                    return self._answer(answer)
            except (httpx.ReadError, httpx.RemoteProtocolError, httpx.ReadTimeout) as error:
                if sent.tell() >= self._size:
                    raise LineCut from error
                raise

    def outcome_when_left(self) -> str:
        """What closing the line at this moment means for the run."""
        if self._stage in _SAVING:
            return "its rows were being saved. Import it again: if it was saved, you are told so"
        return "nothing of it was saved"

    def end(self) -> None:
        """Take the bar away."""
        self._progress.remove_task(self._task)

    def _answer(self, answer: httpx.Response) -> httpx.Response:
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            answer.read()
            return answer
        for kind, data in _events(answer):
            if kind == "progress":
                self._show_step(json.loads(data))
            elif kind in ("done", "error"):
                status = httpx.codes.OK if kind == "done" else int(json.loads(data)["status"])
                return httpx.Response(status, content=data.encode())
        raise LineCut

    def _show_sent(self, count: int) -> None:
        doing = "sent" if count >= self._size else f"sending {decimal(count)} of {decimal(self._size)}"
        self._show(count, self._size, doing)

    def _show_step(self, step: dict[str, Any]) -> None:
        self._stage, rows, total = step["stage"], step["rows"], step["rows_total"]
        if self._stage in _COUNTED:
            doing = f"{_COUNTED[self._stage]}: {rows:,}" + (f" of {total:,}" if total else "")
            self._show(rows, total or None, doing)
        else:
            self._show(0, None, _UNCOUNTED.get(self._stage, self._stage))

    def _show(self, completed: int, total: int | None, doing: str) -> None:
        """Draw the bar; it pulses where the total is None."""
        for task in self._progress.tasks:
            if task.id == self._task:
                # To `update` None means that the total stays.
                task.total = total
        self._progress.update(self._task, completed=completed, doing=doing)


def import_bars(**options: Any) -> Progress:
    """The display that `Upload` draws on."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[doing]}"), TimeElapsedColumn())
    return Progress(*columns, **options)


def _events(answer: httpx.Response) -> Iterator[tuple[str, str]]:
    """The stream's events: a name and a line of JSON each."""
    kind = ""
    for line in answer.iter_lines():
        name, _, value = line.partition(": ")
        if name == "event":
            kind = value
        elif name == "data":
            yield kind, value


class _Sent:
    """A file whose reading is told."""

    def __init__(self, file: IO[bytes], on_read: Callable[[int], None]) -> None:
        self._file, self._on_read = file, on_read
        self._at = 0

    def fileno(self) -> int:
        """The descriptor, by which the length is known."""
        return self._file.fileno()

    def seek(self, *where: int) -> int:
        """Move, as httpx does before it sends."""
        self._at = self._file.seek(*where)
        return self._at

    def tell(self) -> int:
        """Where the reading is."""
        return self._at

    def read(self, count: int = -1) -> bytes:
        """The next bytes."""
        chunk = self._file.read(count)
        self._at += len(chunk)
        self._on_read(self._at)
        return chunk
