"""An import as a stream: how far it is, at most five times a second, and at the end its answer or its refusal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import orjson
from pydantic import BaseModel
from sse_starlette import EventSourceResponse

from backend.api.problems import problem_document
from backend.api.sse import stream_response
from backend.conversations.sse_frames import frame
from backend.importers.progress import Progress, told_to

_EVERY_S = 0.2


def stream_import(
    work: Coroutine[Any, Any, BaseModel], *, path: str, on_end: Callable[[], object]
) -> EventSourceResponse:
    """Carry `work` out and stream it: `progress` events, then `done` with its answer or `error` with a problem.

    A caller that closes the line cancels it. `on_end` is called when it has ended, also when it never began.
    """
    news = _News()
    with told_to(news.hear):
        task = asyncio.create_task(work)

    def ended(task: asyncio.Task[BaseModel]) -> None:
        if not task.cancelled():
            # Asked for, so that a fault is not reported as lost when nobody listens any more.
            task.exception()
        on_end()
        news.there.set()

    task.add_done_callback(ended)
    return stream_response(_frames(task, news, path), on_close=task.cancel)


class _News:
    """The newest that was told, from whichever thread; what came before it is not kept."""

    def __init__(self) -> None:
        self.there = asyncio.Event()
        self._newest: Progress | None = None
        self._loop = asyncio.get_running_loop()

    def hear(self, progress: Progress) -> None:
        self._loop.call_soon_threadsafe(self._keep, progress)

    def _keep(self, progress: Progress) -> None:
        self._newest = progress
        self.there.set()

    async def newest(self) -> Progress | None:
        """What was told since the last call; waits until there is something, or the work has ended (None)."""
        await self.there.wait()
        self.there.clear()
        newest, self._newest = self._newest, None
        return newest


async def _frames(task: asyncio.Task[BaseModel], news: _News, path: str) -> AsyncIterator[bytes]:
    number = 0
    try:
        while not task.done():
            progress = await news.newest()
            if progress is None:
                continue
            number += 1
            yield frame(number, orjson.dumps(progress), event=b"progress")
            await asyncio.wait({task}, timeout=_EVERY_S)
        kind, data = _ending(task, path)
        yield frame(number + 1, data, event=kind)
    finally:
        task.cancel()


def _ending(task: asyncio.Task[BaseModel], path: str) -> tuple[bytes, bytes]:
    """The last event: the very body that a caller who does not stream gets."""
    try:
        return b"done", task.result().model_dump_json().encode()
    except Exception as error:
        # As the one handler answers it; here the answer has begun, so it is an event.
        return b"error", bytes(problem_document(error, path).body)
