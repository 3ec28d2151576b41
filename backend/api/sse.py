"""Events → SSE frames → a response. Knows no event by name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from sse_starlette import EventSourceResponse
from starlette.types import Message, Receive, Scope, Send

_PING_S = 15
_PING = b": ping\n\n"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class _Response(EventSourceResponse):
    """sse-starlette's response with one task beside the request's own, where it has four, each with a cancel scope and
    an event: they were a sixth of what an idle stream takes. A cancellation comes once, as asyncio's do.

    The request's own task waits for the client to leave; a server tells it so after the last chunk too. What the
    server's end means for a stream is said by its turn (`serving.Server.end`), so nothing here waits for that.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._group = asyncio.TaskGroup()
        try:
            async with self._group:
                sending = self._group.create_task(self._stream_response(send))
                self._ping_later(send)
                await self._listen_for_disconnect(receive)
                sending.cancel()
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        finally:
            self._timer.cancel()

    def _ping_later(self, send: Send) -> None:
        def ping() -> None:
            if self.active:
                self._group.create_task(self._send_ping(send))

        self._timer = asyncio.get_running_loop().call_later(self.ping_interval, ping)

    async def _send_ping(self, send: Send) -> None:
        async with self._send_lock:
            if self.active:
                await send({"type": "http.response.body", "body": _PING, "more_body": True})
        self._ping_later(send)

    async def _send_with_timeout(self, send: Send, message: Message) -> None:
        """Without a time limit, which would be a cancel scope around every chunk: a turn has one of its own for readers
        that stall (`Turn.room`)."""
        await send(message)


def stream_response(chunks: AsyncIterator[bytes], on_close: Callable[[], object]) -> EventSourceResponse:
    """A response that sends chunks of whole frames as they come, with a ping after 15 s.

    sse-starlette sends bytes as they are, so its cost is one a chunk, not one an event. `on_close` is called when the
    client goes away, also one that went before the first chunk was asked for: `chunks` has not begun then, and no
    clean-up of its own would run.

    Lines end in `\\n`: some clients split on `\\n\\n` alone, and sse-starlette's default is `\\r\\n`.
    """

    async def closed(_: Message) -> None:
        on_close()

    return _Response(
        chunks,
        sep="\n",
        ping=_PING_S,
        headers=_HEADERS,
        client_close_handler_callable=closed,
    )
