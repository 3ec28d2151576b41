"""The bounded way from the graph's task to whoever reads the answer."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from backend.agents.core.events import ChatEvent
from backend.agents.core.transcript import Transcript


class EventChannel:
    """Events in order, from one writer to one reader.

    LangGraph's own queue has no bound, so a bound on ours alone would only move the pile: the model waits for `room`
    before it reads on from the provider, and so a reader that stalls holds the provider back.
    """

    def __init__(self, limit: int = 256) -> None:
        self.transcript = Transcript()
        self._events: deque[ChatEvent] = deque()
        self._limit = limit
        self._closed = False
        self._filled = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()

    async def put(self, event: ChatEvent) -> None:
        """Hand over one event; waits while the reader is `limit` events behind."""
        await self.room()
        self.transcript.add(event)
        self._events.append(event)
        self._filled.set()
        if len(self._events) >= self._limit:
            self._drained.clear()

    async def room(self) -> None:
        """Return when there is room for another event."""
        await self._drained.wait()

    def close(self) -> None:
        """No more events will come; the reader still gets those that are here."""
        self._closed = True
        self._filled.set()

    async def events(self) -> AsyncIterator[ChatEvent]:
        """The events as they come, until the channel is closed and empty."""
        while True:
            while self._events:
                event = self._events.popleft()
                if len(self._events) < self._limit:
                    self._drained.set()
                yield event
            if self._closed:
                return
            self._filled.clear()
            await self._filled.wait()
