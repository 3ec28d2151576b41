"""Events → SSE frames → a response. Knows no event by name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Message, Send

from backend.agents.events import ChatEvent, parse_event

_PING_S = 15
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_FRAME = b"id: %d\nevent: %b\ndata: %b\n\n"


def frame(number: int, data: bytes, *, event: bytes = b"message") -> bytes:
    """One event's JSON as a frame of our wire. JSON escapes line ends, so it is one `data:` line."""
    return _FRAME % (number, event, data)


def events_in(chunk: bytes) -> Iterator[ChatEvent]:
    """The events of whole frames, for readers that speak another wire than ours."""
    for block in chunk.split(b"\n\n")[:-1]:
        yield parse_event(block[block.index(b"\ndata: ") + 7 :])


class _Response(EventSourceResponse):
    """Sends without a time limit of its own, which would be a cancel scope around every chunk: a turn has its own limit
    for readers that stall (`Turn.room`)."""

    async def _send_with_timeout(self, send: Send, message: Message) -> None:
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
        ping_message_factory=lambda: ServerSentEvent(comment="ping", sep="\n"),
        headers=_HEADERS,
        client_close_handler_callable=closed,
    )
