"""The events of one turn in order, for a reader that may go away and come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from backend.agents.events import ChatEvent


class EventLog:
    """Written by one turn, read by one connection at a time; a new reader takes the place of the one before.

    Events are numbered from 1, as on the wire. A reader that is `limit` events behind holds the writer back, and with
    it the provider; while nobody reads the writer goes on.
    """

    def __init__(self, limit: int) -> None:
        self._events: list[ChatEvent] = []
        self._limit = limit
        self._closed = False
        self._reader: object | None = None
        self._read = 0
        self._changed = asyncio.Event()

    @property
    def held(self) -> int:
        """Events that wait for the reader."""
        return len(self._events) - self._read

    @property
    def has_reader(self) -> bool:
        """Whether a connection reads now."""
        return self._reader is not None

    async def put(self, event: ChatEvent) -> None:
        """Add one event; waits while the reader is too far behind."""
        while self._reader is not None and self.held >= self._limit:
            await self._change()
        self._events.append(event)
        self._notify()

    def close(self, last: ChatEvent | None = None) -> None:
        """No more events will come but `last`."""
        if last is not None:
            self._events.append(last)
        self._closed = True
        self._notify()

    async def read(self, after: int = 0) -> AsyncIterator[tuple[int, ChatEvent]]:
        """(number, event) from the one after `after` on, until the log is closed or another reader begins."""
        me = self._reader = object()
        self._read = min(after, len(self._events))
        self._notify()
        try:
            while self._reader is me:
                if self._read < len(self._events):
                    self._read += 1
                    self._notify()
                    yield self._read, self._events[self._read - 1]
                elif self._closed:
                    return
                else:
                    await self._change()
        finally:
            if self._reader is me:
                self._reader = None
                self._notify()

    async def _change(self) -> None:
        await self._changed.wait()

    def _notify(self) -> None:
        # Those who wait now are woken; those who come later wait for the next change.
        self._changed.set()
        self._changed = asyncio.Event()
