"""Who answers which request, and how the others reach it.

A worker claims a request before it reads anything for it, so that no second worker asks the model for the same one.
Stopping and resuming go to the worker that holds the claim, its *host*.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal, Protocol

from typing_extensions import override

TurnKey = tuple[str, str]
"""(user id, request id)."""

StopOutcome = Literal["stopped", "saved", "over"]
"""`saved`: it came too late, the answer was being saved and is kept; `over`: there is nothing to stop any more."""

ClaimOutcome = Literal["claimed", "in_flight", "user_streams", "address_streams"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A request that is to be answered; at most `user_limit` of a user's and `address_limit` of an address's at once,
    0 for no limit."""

    key: TurnKey
    address: str = ""
    user_limit: int = 0
    address_limit: int = 0


class TurnHost(Protocol):
    """What a worker does for the turns it holds."""

    async def stop_here(self, key: TurnKey) -> StopOutcome | None:
        """Stop a turn of this process and wait for its end; None when it has none of that key."""

    def resume_here(self, key: TurnKey, subject: str, after: int) -> AsyncIterator[bytes] | None:
        """The chunks of a turn of this process from after event `after` on; None when it can't be resumed here."""


class TurnBoard(Protocol):
    """The workers' common knowledge of turns. `open` once with this worker's host, `close` once."""

    async def open(self, host: TurnHost) -> None:
        """Begin to answer the other workers."""

    async def close(self) -> None:
        """Give back every claim of this worker."""

    async def claim(self, claim: Claim) -> ClaimOutcome:
        """Take a request on, unless it is under way or there are too many."""

    async def release(self, key: TurnKey, *, linger_s: float = 0.0) -> None:
        """The turn is over; for `linger_s` seconds its end can still be asked for."""

    async def stop(self, key: TurnKey) -> StopOutcome | None:
        """Have the worker that holds a turn stop it; None when no other worker holds it."""

    async def resume(self, key: TurnKey, subject: str, after: int) -> AsyncIterator[bytes] | None:
        """Read a turn that another worker holds; None when there is none that can be resumed."""

    async def keep_unsaved(self, key: TurnKey, answer: bytes, for_s: float) -> None:
        """Keep an answer that is about to be saved, for whoever is asked the same request next."""

    async def find_unsaved(self, key: TurnKey) -> bytes | None:
        """An answer that was kept and not dropped."""

    async def drop_unsaved(self, key: TurnKey) -> None:
        """It is saved now."""

    async def is_ready(self) -> bool:
        """Whether turns can be claimed."""


class LocalBoard(TurnBoard):
    """One process alone: claims and counts in memory; there is nobody else to stop or resume a turn.

    Unsaved answers are the registry's own business then.
    """

    def __init__(self) -> None:
        self._claims: dict[TurnKey, Claim] = {}
        self._users: Counter[str] = Counter()
        self._addresses: Counter[str] = Counter()

    async def open(self, host: TurnHost) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing to do."""

    @override
    async def claim(self, claim: Claim) -> ClaimOutcome:
        if claim.key in self._claims:
            return "in_flight"
        if 0 < claim.user_limit <= self._users[claim.key[0]]:
            return "user_streams"
        if 0 < claim.address_limit <= self._addresses[claim.address]:
            return "address_streams"
        self._claims[claim.key] = claim
        self._users[claim.key[0]] += 1
        self._addresses[claim.address] += 1
        return "claimed"

    @override
    async def release(self, key: TurnKey, *, linger_s: float = 0.0) -> None:
        claim = self._claims.pop(key, None)
        if claim is None:
            return
        for count, name in ((self._users, key[0]), (self._addresses, claim.address)):
            count[name] -= 1
            if not count[name]:
                del count[name]

    async def stop(self, key: TurnKey) -> StopOutcome | None:
        """Nobody else holds any."""
        return None

    async def resume(self, key: TurnKey, subject: str, after: int) -> AsyncIterator[bytes] | None:
        """Nobody else holds any."""
        return None

    async def keep_unsaved(self, key: TurnKey, answer: bytes, for_s: float) -> None:
        """Nobody else could ask for it."""

    async def find_unsaved(self, key: TurnKey) -> bytes | None:
        """Nobody else keeps any."""
        return None

    async def drop_unsaved(self, key: TurnKey) -> None:
        """There is none."""

    async def is_ready(self) -> bool:
        """Always."""
        return True
