"""Watches the children of the embedded stack and starts again what died or stopped answering."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from backend.local.errors import LocalStackError
from backend.local.process import ChildProcess

log = structlog.get_logger(__name__)

CHECK_EVERY_SECONDS = 5.0
# Crash recovery after a power cut can take a while, and answers nothing while it lasts.
FAILED_CHECKS_LIMIT = 6
# More restarts than this within the window, and the operator is told that something is wrong. It is tried on, slowly:
# a disk that was full has room again some time, and nobody should have to start anything by hand then.
RESTART_LIMIT = 6
RESTART_WINDOW_SECONDS = 120.0
_BACKOFF_SECONDS = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)


class Supervisor:
    """Keeps one child alive until cancelled, with growing pauses.

    `failure` says what is wrong while it keeps dying, and is None again when it has come back and answers.
    """

    def __init__(
        self,
        process: ChildProcess,
        *,
        start: Callable[[], Awaitable[None]],
        healthy: Callable[[], Awaitable[bool]],
        check_every: float = CHECK_EVERY_SECONDS,
    ) -> None:
        self._process = process
        self._start = start
        self._healthy = healthy
        self._check_every = check_every
        self._restarts: deque[float] = deque()
        self.failure: str | None = None

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            await self._restart(await self._until_trouble())

    async def _until_trouble(self) -> str:
        """Wait for the child's end, or for too many failed checks in a row; returns what happened."""
        failed = 0
        ended = asyncio.ensure_future(self._process.wait())
        try:
            while failed < FAILED_CHECKS_LIMIT:
                done, _ = await asyncio.wait({ended}, timeout=self._check_every)
                if done:
                    return f"ended with status {ended.result()}"
                if await self._healthy():
                    failed, self.failure = 0, None
                else:
                    failed += 1
        finally:
            ended.cancel()
            with suppress(asyncio.CancelledError):
                await ended
        return "does not answer"

    async def _restart(self, why: str) -> None:
        loop = asyncio.get_running_loop()
        while True:
            while self._restarts and loop.time() - self._restarts[0] > RESTART_WINDOW_SECONDS:
                self._restarts.popleft()
            attempt = len(self._restarts)
            if attempt >= RESTART_LIMIT and self.failure is None:
                self.failure = f"{self._process.name} {why}, {attempt} times in {RESTART_WINDOW_SECONDS:.0f} s"
                log.error("a child keeps dying; its log says why", why=self.failure, log=str(self._process.log_path))
            self._restarts.append(loop.time())
            log.warning("starting a child again", name=self._process.name, why=why, attempt=attempt + 1)
            await asyncio.sleep(_BACKOFF_SECONDS[min(attempt, len(_BACKOFF_SECONDS) - 1)])
            await self._process.stop(patience=3.0)
            try:
                await self._start()
            except LocalStackError as error:
                why = error.message
                await self._process.stop(patience=5.0)
            else:
                log.info("a child is back", name=self._process.name)
                return
