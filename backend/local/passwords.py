"""Passwords as Supabase keeps them: bcrypt, checked off the event loop, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property

import bcrypt

from backend.local.throttle import TooManyAttempts

# bcrypt reads no further than this; cutting silently would make different passwords equal.
MAX_BYTES = 72
# Supabase Auth's own default: what signs up there signs up here.
MIN_LENGTH = 6
DEFAULT_COST = 10
# In place of a hash: no password opens the account.
NO_PASSWORD = "!"  # noqa: S105 - of no account


# Each waits for those before it, a tenth of a second a pair.
_MOST_WAITING = 40
_RETRY_S = 3.0


class Passwords:
    """Hashes and checks; at most two at once, so that a burst of sign-ins leaves a processor to everyone else.

    Of those that wait there is a bound, beyond which TooManyAttempts is raised.
    """

    def __init__(self, *, cost: int = DEFAULT_COST) -> None:
        """`cost` is bcrypt's: each step up doubles the time."""
        self._cost = cost
        self._turns = asyncio.Semaphore(2)
        self._present = 0

    def prepare(self) -> None:
        """Make what the first check would have to make, so that it takes no longer than the next."""
        _ = self._nobodys

    @cached_property
    def _nobodys(self) -> str:
        return bcrypt.hashpw(b"no account has this password", bcrypt.gensalt(self._cost)).decode()

    async def hash(self, password: str) -> str:
        """The bcrypt hash of a password of at most 72 bytes."""
        async with self._turn():
            hashed = await asyncio.to_thread(bcrypt.hashpw, password.encode(), bcrypt.gensalt(self._cost))
        return hashed.decode()

    async def matches(self, password: str, hashed: str | None) -> bool:
        """Whether `password` is the one of `hashed`; takes as long when there is no hash to compare with."""
        data = password.encode()
        usable = hashed is not None and len(data) <= MAX_BYTES
        against = hashed if usable and hashed is not None else self._nobodys
        async with self._turn():
            same = await asyncio.to_thread(_check, data[:MAX_BYTES], against.encode())
        return same and usable

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._present >= _MOST_WAITING:
            raise TooManyAttempts(_RETRY_S)
        self._present += 1
        try:
            async with self._turns:
                yield
        finally:
            self._present -= 1


def _check(password: bytes, hashed: bytes) -> bool:
    try:
        return bcrypt.checkpw(password, hashed)
    except ValueError:
        # Not a bcrypt hash, as in an account brought from elsewhere: no password opens it.
        return False
