"""How much of something scarce one user holds at once, so that another's request never waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from backend.errors import TooManyRequests

_RETRY_AFTER_S = 2.0


@dataclass(slots=True)
class _Holder:
    places: asyncio.Semaphore
    present: int = 0


@dataclass(slots=True)
class Slots:
    """`each` at once for a user, `waiting` more in line, and `whole` at once for all users of the process together.

    What a user has beyond is refused; the others' waits are bounded by `whole`, which is less than what is scarce.
    """

    each: int
    waiting: int
    whole: int
    _holders: dict[str, _Holder] = field(default_factory=dict)
    _all: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._all = asyncio.Semaphore(self.whole)

    @asynccontextmanager
    async def taken(self, user_id: str) -> AsyncIterator[None]:
        """Wait for a slot and hold it.

        Raises:
            TooManyRequests: `too_many_at_once`, where so many of the user's are under way or in line already.
        """
        holder = self._holders.setdefault(user_id, _Holder(asyncio.Semaphore(self.each)))
        if holder.present >= self.each + self.waiting:
            raise TooManyRequests(
                "Several of these are under way for you already. Wait for one to end.",
                code="too_many_at_once",
                retry_after=_RETRY_AFTER_S,
            )
        holder.present += 1
        try:
            async with holder.places, self._all:
                yield
        finally:
            holder.present -= 1
            if not holder.present:
                self._holders.pop(user_id, None)
