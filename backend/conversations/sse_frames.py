"""Events ⇄ SSE frames: the bytes of our wire, and the events read back from them."""

from __future__ import annotations

from collections.abc import Iterator

from backend.agents.core.events import ChatEvent, parse_event

_FRAME = b"id: %d\nevent: %b\ndata: %b\n\n"


def frame(number: int, data: bytes, *, event: bytes = b"message") -> bytes:
    """One event's JSON as a frame of our wire. JSON escapes line ends, so it is one `data:` line."""
    return _FRAME % (number, event, data)


def events_in(chunk: bytes) -> Iterator[ChatEvent]:
    """The events of whole frames, for readers that speak another wire than ours."""
    for block in chunk.split(b"\n\n")[:-1]:
        yield parse_event(block[block.index(b"\ndata: ") + 7 :])
