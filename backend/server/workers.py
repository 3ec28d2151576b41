"""Several worker processes behind one socket: started, watched, started again, and ended together.

The parent runs the embedded stack, where there is one, and serves nothing itself.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
import tempfile
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

import structlog
from prometheus_client import multiprocess

from backend.errors import Misconfigured
from backend.logs import configure_logs
from backend.server.process_guard import forbid_core_dumps
from backend.server.serving import Foundation, Server, announce, application, foundation, listen, run_server, url_of
from backend.settings import Settings

log = structlog.get_logger(__name__)

_START_S = 180.0
# Longer than a save may take: the database's own limit is 30 s.
_END_S = 45.0
# More than this many ends within the window, and starting again would only hide what is wrong.
_RESTARTS = 10
_WINDOW_S = 60.0
_PAUSE_S = 0.5
# prometheus_client reads it from the environment when it is imported; workers share their counts by files there.
_METRICS_DIR = "PROMETHEUS_MULTIPROC_DIR"

_spawn = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class _Orders:
    """What a worker is told: it goes by a pipe, never by the environment or a file."""

    settings: Settings
    on: Foundation
    listener: socket.socket


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    ready: Connection
    ended: asyncio.Event


async def serve_with_workers(settings: Settings) -> None:
    """`settings.workers` processes, until this one is told to end.

    Raises:
        Misconfigured: they don't start, or keep dying.
    """
    listener = listen(settings.host, settings.port)
    url = url_of(settings.host, listener)
    ending = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    with tempfile.TemporaryDirectory(prefix="rundown-metrics-") as metrics_dir:
        os.environ[_METRICS_DIR] = metrics_dir
        async with foundation(settings, url) as on:
            told = settings.model_copy(update={"metrics_dir": Path(metrics_dir)})
            await _Workers(_Orders(told, on, listener), ending).run()


class _Workers:
    def __init__(self, orders: _Orders, ending: asyncio.Event) -> None:
        self._orders = orders
        self._ending = ending
        self._workers: list[_Worker] = []
        self._ends: deque[float] = deque()

    async def run(self) -> None:
        try:
            self._workers = [self._start() for _ in range(self._orders.settings.workers)]
            ready = await asyncio.gather(*(self._is_ready(worker) for worker in self._workers))
            if self._ending.is_set():
                return
            if not all(ready):
                raise Misconfigured("A worker did not start; the lines above say why.")
            announce(self._orders.on.url)
            await self._watch()
        finally:
            await self._end()

    def _start(self) -> _Worker:
        ready, tell = _spawn.Pipe(duplex=False)
        process = _spawn.Process(target=_work, args=(self._orders, tell), name="rundown worker")
        process.start()
        tell.close()
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()

        def on_end() -> None:
            loop.remove_reader(process.sentinel)
            ended.set()

        loop.add_reader(process.sentinel, on_end)
        return _Worker(process, ready, ended)

    async def _is_ready(self, worker: _Worker) -> bool:
        """Whether it takes requests; False when it ended first, took too long, or all is to end."""
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline and not worker.ended.is_set() and not self._ending.is_set():
            if worker.ready.poll():
                with suppress(EOFError):
                    return bool(worker.ready.recv())
                return False
            await asyncio.sleep(0.02)
        return False

    async def _watch(self) -> None:
        """Start again what dies, until all is to end."""
        ending = asyncio.ensure_future(self._ending.wait())
        try:
            while not ending.done():
                waits = {asyncio.ensure_future(worker.ended.wait()) for worker in self._workers}
                await asyncio.wait({ending, *waits}, return_when=asyncio.FIRST_COMPLETED)
                for wait in waits:
                    wait.cancel()
                if not ending.done():
                    await self._replace_dead()
        finally:
            ending.cancel()

    async def _replace_dead(self) -> None:
        for place, worker in enumerate(self._workers):
            if not worker.ended.is_set():
                continue
            now = time.monotonic()
            while self._ends and now - self._ends[0] > _WINDOW_S:
                self._ends.popleft()
            self._ends.append(now)
            if len(self._ends) > _RESTARTS:
                raise Misconfigured(f"Workers ended {len(self._ends)} times in {_WINDOW_S:.0f} s; the log says why.")
            worker.process.join()
            log.error("worker_ended", pid=worker.process.pid, status=worker.process.exitcode)
            multiprocess.mark_process_dead(worker.process.pid)  # type: ignore[no-untyped-call]
            if len(self._ends) > 1:
                await asyncio.sleep(_PAUSE_S)
            self._workers[place] = self._start()

    async def _end(self) -> None:
        for worker in self._workers:
            if worker.process.is_alive():
                worker.process.terminate()
        with suppress(TimeoutError):
            async with asyncio.timeout(_END_S):
                await asyncio.gather(*(worker.ended.wait() for worker in self._workers))
        for worker in self._workers:
            if worker.process.is_alive():
                log.error("worker_killed", pid=worker.process.pid)
                worker.process.kill()
            worker.process.join()


def _work(orders: _Orders, tell: Connection) -> None:
    """A worker's whole life."""
    # Ctrl-C reaches every process of the terminal; the parent tells us when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    forbid_core_dumps()
    configure_logs(orders.settings.log_level)
    run_server(_serve(orders, tell))


async def _serve(orders: _Orders, tell: Connection) -> None:
    server = Server(application(orders.settings, orders.on), orders.settings, on_start=lambda: tell.send(True))
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, server.end)
    parent = multiprocessing.parent_process()
    if parent is not None:
        # A parent that was killed takes the database with it.
        loop.add_reader(parent.sentinel, _parent_is_gone, server, parent.sentinel)
    await server.serve(sockets=[orders.listener])


def _parent_is_gone(server: Server, sentinel: int) -> None:
    asyncio.get_running_loop().remove_reader(sentinel)
    log.error("parent_is_gone")
    server.end()
