"""Events → SSE frames. Knows no event by name."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pydantic import BaseModel
from sse_starlette import EventSourceResponse, ServerSentEvent

_PING_S = 15
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def event_stream(events: AsyncIterator[BaseModel]) -> EventSourceResponse:
    """A response that sends each event as one frame, numbered from 1, with a ping after 15 s.

    Lines end in `\\n`: some clients split on `\\n\\n` alone, and sse-starlette's default is `\\r\\n`.
    """
    return EventSourceResponse(
        _frames(events),
        sep="\n",
        ping=_PING_S,
        ping_message_factory=lambda: ServerSentEvent(comment="ping", sep="\n"),
        headers=_HEADERS,
    )


async def _frames(events: AsyncIterator[BaseModel]) -> AsyncIterator[ServerSentEvent]:
    number = 0
    async for event in events:
        number += 1
        yield ServerSentEvent(data=event.model_dump_json(), event="message", id=str(number), sep="\n")
