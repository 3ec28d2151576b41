"""The server's side of a process that reads one file: started, listened to, ended."""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from backend.errors import RundownError
from backend.importers.archives import is_zip, list_members
from backend.importers.base import ImportOptions, ImportProblem
from backend.importers.parquet_tables import MAGIC as PARQUET
from backend.importers.progress import tell
from backend.importers.unpacking import is_gzip, unpack_gzip
from backend.ingest.files import ImportReport
from backend.ingest.preview import Preview
from backend.ingest.request import MAX_ANSWER_BYTES, Answer, Request, Saving
from backend.sandbox.confinement import Bounds, find_confinement
from backend.settings import inherited

# What may be read within the server: the heaviest files take some forty times their size in memory.
SMALL_BYTES = 2 * 2**20
READER_MIB = 1_792
READER_CPU_S = 900
_PIECE_BYTES = 256 * 1024
_LOADING_BYTES = 512 * 2**20
_OF_A_SIGNAL = 128
_PACKED_IN_A_ZIP = (".gz", ".parquet")
# Of the server's environment: neither keys nor tokens. One thread reads, and memory freed goes back to the system.
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "PYTHONTZPATH")
_ENVIRONMENT = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read: the report, and the body that saves the run, as it is made."""

    report: ImportReport
    body: AsyncIterator[bytes]
    kill: Callable[[], None] = lambda: None


def is_small(file: BinaryIO, size: int) -> bool:
    """Whether the file can be read within the server: it is small, and so is all that it unpacks to."""
    if size > SMALL_BYTES:
        return False
    data = file.read()
    file.seek(0)
    try:
        if is_gzip(data):
            data = unpack_gzip(data, SMALL_BYTES)
        if is_zip(data):
            members = list_members(data)
            packed = any(member.name.lower().endswith(_PACKED_IN_A_ZIP) for member in members)
            return not packed and sum(member.size for member in members) <= SMALL_BYTES
    except ImportProblem as problem:
        # What is broken is refused as soon as it is read.
        return problem.code != "too_large"
    # A column of two million equal values is a few bytes of Parquet.
    return not data.startswith(PARQUET)


async def preview_apart(file: BinaryIO, filename: str, format_name: str | None, options: ImportOptions) -> Preview:
    """What an import of the file would make.

    Raises:
        ImportProblem: as `preview_run`, or `too_large` where a bound was met.
    """
    request = reading_request(filename, format_name, options, None)
    async with started(file, request) as process:
        answer = await _answer(process)
    if answer.preview is None:
        raise _ended(1)
    return answer.preview


@asynccontextmanager
async def read_apart(
    file: BinaryIO, filename: str, format_name: str | None, options: ImportOptions, saving: Saving
) -> AsyncIterator[Reading]:
    """The file, read; the process lives until the block ends.

    Raises:
        ImportProblem: as `read_run`, or `too_large` where a bound was met; also out of the body.
    """
    request = reading_request(filename, format_name, options, saving)
    async with started(file, request) as process:
        answer = await _answer(process)
        if answer.report is None:
            raise _ended(1)
        yield Reading(answer.report, _body(process), process.kill)


def reading_request(filename: str, format_name: str | None, options: ImportOptions, saving: Saving | None) -> Request:
    """What to say to the process; without `saving`, a preview is all that is asked."""
    return Request(
        filename=filename,
        format=format_name,
        options=options,
        saving=saving,
        memory_bytes=READER_MIB * 2**20,
        cpu_s=READER_CPU_S,
    )


@asynccontextmanager
async def started(file: BinaryIO, request: Request) -> AsyncIterator[asyncio.subprocess.Process]:
    """The process with the file as its input, confined where this machine can; it has ended when the block has."""
    environment = inherited(*_PASSED_ON) | _ENVIRONMENT
    file.seek(0)
    with tempfile.TemporaryFile() as said:
        said.write(request.model_dump_json().encode())
        said.seek(0)
        command = [sys.executable, "-P", "-m", "backend.ingest", str(said.fileno())]
        confinement = await find_confinement()
        if confinement is not None:
            async with confinement.started(
                command,
                # The reader bounds itself to what it was told once its libraries are loaded.
                bounds=Bounds(memory_bytes=request.memory_bytes + _LOADING_BYTES, cpu_s=request.cpu_s),
                environment=environment,
                stdin=file.fileno(),
                pass_fds=(said.fileno(),),
                output_limit=MAX_ANSWER_BYTES,
            ) as process:
                yield process
            return
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=file.fileno(),
            stdout=asyncio.subprocess.PIPE,
            pass_fds=(said.fileno(),),
            env=environment,
            limit=MAX_ANSWER_BYTES,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _output(process: asyncio.subprocess.Process) -> asyncio.StreamReader:
    if process.stdout is None:
        raise RuntimeError("the process was started without a pipe")
    return process.stdout


async def _answer(process: asyncio.subprocess.Process) -> Answer:
    """The next thing said but how far it is, which is passed on."""
    while True:
        line = await _output(process).readline()
        if not line.endswith(b"\n"):
            raise _ended(await process.wait())
        answer = Answer.model_validate_json(line)
        if answer.problem is not None:
            raise answer.problem.raised()
        if answer.progress is None:
            return answer
        tell(answer.progress)


async def _body(process: asyncio.subprocess.Process) -> AsyncIterator[bytes]:
    """The body that saves the run, in pieces, to an end that was meant."""
    output = _output(process)
    while (answer := await _answer(process)).outcome == "part":
        left = answer.size
        while left:
            piece = await output.read(min(_PIECE_BYTES, left))
            if not piece:
                raise _ended(await process.wait())
            left -= len(piece)
            yield piece


def _ended(code: int) -> Exception:
    """What to raise where the process ended without having said all."""
    # bubblewrap passes a signal on as a shell does.
    if code > _OF_A_SIGNAL:
        code = _OF_A_SIGNAL - code
    if -code in (signal.SIGKILL, signal.SIGABRT, signal.SIGXCPU):
        return ImportProblem(
            f"Reading this file takes more than the {READER_MIB:,} MiB and {READER_CPU_S // 60} minutes of an import. "
            "Split the run, or leave out columns that are not trades.",
            status=413,
            code="too_large",
        )
    if code < 0:
        return ImportProblem(
            "The file is damaged in a way that ended its reading. Export it again, or as CSV.", code="unreadable_file"
        )
    return RundownError("The file could not be read, by a fault of the server's. Its log says more.")
