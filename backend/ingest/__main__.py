"""The process that reads one file: `python -m backend.ingest N`, where descriptor N holds the `Request`.

The file is standard input. It has no settings, keys or tokens, and bounds on memory and processor time that the kernel
keeps; whatever becomes of it, the server is unharmed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import BinaryIO

from backend.importers.base import ImportProblem
from backend.importers.progress import Progress, told_to
from backend.ingest.files import read_run, report_on
from backend.ingest.preview import preview_run
from backend.ingest.request import Answer, Problem, Request
from backend.ingest.run_columns import import_body

_PR_SET_PDEATHSIG = 1
_NICENESS = 5
# How far it is is said at most so often, and whenever a stage begins.
_TELL_EVERY_S = 0.2


def main() -> None:
    """Read the file and answer on standard output."""
    with os.fdopen(int(sys.argv[1]), "rb") as said:
        request = Request.model_validate_json(said.read())
    _confine(request)
    out = sys.stdout.buffer
    try:
        with told_to(_Teller(out)):
            _answer(request, sys.stdin.buffer.read(), out)
    except BrokenPipeError:
        # The server has no more use for it.
        os._exit(0)
    except MemoryError:
        # What was half read is gone with the frames that held it.
        _say(out, Answer(outcome="refused", problem=Problem.of(too_heavy(request))))


def _answer(request: Request, data: bytes, out: BinaryIO) -> None:
    try:
        if request.saving is None:
            preview = preview_run(request.filename, data, request.format, request.options)
            _say(out, Answer(outcome="previewed", preview=preview))
            return
        imported, summary = read_run(request.filename, data, request.format, request.options)
    except ImportProblem as problem:
        _say(out, Answer(outcome="refused", problem=Problem.of(problem)))
        return
    del data
    _say(out, Answer(outcome="read", report=report_on(imported, summary)))
    saving = request.saving
    for part in import_body(
        saving.model_id, imported, summary, content_sha256=saving.content_sha256, again=saving.again
    ):
        _say(out, Answer(outcome="part", size=len(part)))
        out.write(part)
    _say(out, Answer(outcome="whole"))


class _Teller:
    """Says on standard output how far the reading is."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._stage = ""
        self._said_at = 0.0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.stage == self._stage and now - self._said_at < _TELL_EVERY_S:
            return
        self._stage, self._said_at = progress.stage, now
        _say(self._out, Answer(outcome="progress", progress=progress))


def _say(out: BinaryIO, answer: Answer) -> None:
    out.write(answer.model_dump_json(exclude_defaults=True).encode() + b"\n")
    out.flush()


def _confine(request: Request) -> None:
    """Bounds on this process, and an end with the server's; where the kernel has no such bound there is none."""
    bounds = (
        (resource.RLIMIT_DATA, request.memory_bytes, request.memory_bytes),
        # The first ends it by a signal that says why.
        (resource.RLIMIT_CPU, request.cpu_s, request.cpu_s + 5),
        (resource.RLIMIT_CORE, 0, 0),
    )
    for what, soft, hard in bounds:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (soft, hard))
    os.nice(_NICENESS)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        with contextlib.suppress(OSError):
            # Should the machine run out of memory, this is what to end.
            Path("/proc/self/oom_score_adj").write_text("1000")


def too_heavy(request: Request) -> ImportProblem:
    """The refusal of a file that takes more than a reading may."""
    return ImportProblem(
        f"Reading this file takes more memory than the {request.memory_bytes // 2**20:,} MiB an import may use. Split "
        "the run, or leave out columns that are not trades.",
        status=413,
        code="too_large",
    )


if __name__ == "__main__":
    main()
