"""One child process: started through the launcher, logged to a file, remembered so that no orphan outlives us."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import BinaryIO

import psutil  # type: ignore[import-untyped]
import structlog

from backend.local.errors import LocalStackError, with_log_tail
from backend.local.home import write_private
from backend.local.privileges import RunAs, launch_command

log = structlog.get_logger(__name__)

_LOG_LIMIT_BYTES = 5 * 1024 * 1024


class ChildProcess:
    """A child with a name, a log and a record of its process id under `home/run`.

    The child has its own session, so a Ctrl-C in the terminal reaches us and not it: we stop it, in our order. If we
    are killed, the kernel sends it `stop_signal` (Linux); elsewhere the next start finds it by its record.
    """

    def __init__(
        self,
        name: str,
        *,
        home: Path,
        working_dir: Path,
        stop_signal: signal.Signals,
        environment: Mapping[str, str],
        run_as: RunAs | None = None,
    ) -> None:
        self.name = name
        self.log_path = home / "logs" / f"{name}.log"
        self._record = home / "run" / f"{name}.pid"
        self._working_dir = working_dir
        self._stop_signal = stop_signal
        self._environment = dict(environment)
        self._run_as = run_as or RunAs()
        self._process: asyncio.subprocess.Process | None = None
        self._log_start = 0

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def start(self, command: list[str]) -> None:
        """Start `command`; an earlier child of this name that outlived its parent is stopped first."""
        await self.stop_left_over()
        # The kernel ties a child to the thread that made it, so it is made here, in the event loop's own thread.
        with self._open_log() as log_file:
            self._log_start = log_file.tell()
            self._process = await asyncio.create_subprocess_exec(
                *launch_command(self._run_as, command, death_signal=self._stop_signal),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log_file,
                stderr=log_file,
                cwd=self._working_dir,
                env=self._environment,
                start_new_session=True,
            )
        with contextlib.suppress(psutil.NoSuchProcess):
            created = psutil.Process(self._process.pid).create_time()
            write_private(self._record, json.dumps({"pid": self._process.pid, "created": created}).encode())

    async def wait(self) -> int:
        """Wait for the child's end; returns its exit status."""
        if self._process is None:
            return 0
        return await self._process.wait()

    async def stop(self, *, patience: float = 10.0, ladder: tuple[signal.Signals, ...] = (signal.SIGKILL,)) -> None:
        """Ask the child to end, then insist with each signal of `ladder`; returns when it is gone."""
        process = self._process
        if process is None:
            return
        for number in (self._stop_signal, *ladder):
            if process.returncode is not None:
                break
            offspring = _offspring(process.pid) if number == signal.SIGKILL else []
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)
            for each in offspring:
                # They end by themselves when their parent is gone; those that are stuck hold its memory and its files.
                with contextlib.suppress(psutil.Error):
                    each.kill()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), patience)
        self._record.unlink(missing_ok=True)

    async def until_ready(self, probe: Callable[[], Awaitable[bool]], *, within: float) -> None:
        """Ask `probe` until it says True; raises LocalStackError if the child ends first or `within` seconds pass."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while not await probe():
            if self.pid is None:
                raise self._failure(f"{self.name} ended while it was starting.")
            if loop.time() > deadline:
                raise self._failure(f"{self.name} was not ready after {within:.0f} s.")
            await asyncio.sleep(0.02)

    def _failure(self, message: str) -> LocalStackError:
        return LocalStackError(with_log_tail(message, self.log_path, since=self._log_start), code="start_failed")

    async def stop_left_over(self) -> None:
        """Stop what an earlier start recorded, if it still runs and is that very process."""
        left_over = self._left_over()
        if left_over is not None:
            log.warning("stopping a process that outlived its parent", name=self.name, pid=left_over.pid)
            await asyncio.to_thread(end_process, left_over, self._stop_signal)
        self._record.unlink(missing_ok=True)

    def _left_over(self) -> psutil.Process | None:
        try:
            record = json.loads(self._record.read_text("ascii"))
            found = psutil.Process(int(record["pid"]))
            # Process ids are used again; the time it was made at tells it from a stranger.
            same = abs(found.create_time() - float(record["created"])) < 1.0
        except (OSError, ValueError, KeyError, TypeError, psutil.Error):
            return None
        return found if same else None

    def _open_log(self) -> BinaryIO:
        """The log, open for appending; one that grew too big makes room first, keeping one older."""
        with contextlib.suppress(FileNotFoundError):
            if self.log_path.stat().st_size > _LOG_LIMIT_BYTES:
                self.log_path.replace(self.log_path.with_suffix(".log.1"))
        descriptor = os.open(self.log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        log_file = os.fdopen(descriptor, "ab")
        log_file.seek(0, os.SEEK_END)
        return log_file


def _offspring(pid: int) -> list[psutil.Process]:
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.Error:
        return []


def end_process(process: psutil.Process, stop_signal: signal.Signals, *, patience: float = 10.0) -> None:
    """End a process that is not our child: ask, wait, then kill. Blocks."""
    for number in (stop_signal, signal.SIGKILL):
        try:
            process.send_signal(number)
            process.wait(patience)
        except psutil.NoSuchProcess:
            return
        except psutil.TimeoutExpired:
            continue
        else:
            return
