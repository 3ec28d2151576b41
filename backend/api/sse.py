"""Events → SSE frames. Knows no event by name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from pydantic import BaseModel
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Message

_PING_S = 15
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def event_stream(events: AsyncIterator[tuple[int, BaseModel]], on_close: Callable[[], object]) -> EventSourceResponse:
    """A response that sends each (number, event) as one frame of our own wire."""
    return stream_response(_frames(events), on_close)


def stream_response(
    frames: AsyncIterator[ServerSentEvent | bytes], on_close: Callable[[], object]
) -> EventSourceResponse:
    """A response that sends frames as they come, with a ping after 15 s.

    `on_close` is called when the client goes away, also one that went before the first frame was asked for: `frames`
    has not begun then, and no clean-up of its own would run.

    Lines end in `\\n`: some clients split on `\\n\\n` alone, and sse-starlette's default is `\\r\\n`.
    """

    async def closed(_: Message) -> None:
        on_close()

    return EventSourceResponse(
        frames,
        sep="\n",
        ping=_PING_S,
        ping_message_factory=lambda: ServerSentEvent(comment="ping", sep="\n"),
        headers=_HEADERS,
        client_close_handler_callable=closed,
    )


async def _frames(events: AsyncIterator[tuple[int, BaseModel]]) -> AsyncIterator[ServerSentEvent]:
    async for number, event in events:
        yield ServerSentEvent(data=event.model_dump_json(), event="message", id=str(number), sep="\n")
