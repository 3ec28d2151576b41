"""The shared state that the settings ask for: in Redis, or in this process alone."""

from __future__ import annotations

from dataclasses import dataclass

import redis.asyncio as redis

from backend.coordination.counters import Counters, LocalCounters
from backend.coordination.redis_counters import RedisCounters
from backend.coordination.redis_link import connect
from backend.coordination.redis_turns import RedisBoard
from backend.coordination.turns import LocalBoard, TurnBoard


@dataclass(frozen=True, slots=True)
class Shared:
    """Counts and claims, and the connection they go by where there is one."""

    counters: Counters
    board: TurnBoard
    client: redis.Redis | None = None

    async def aclose(self) -> None:
        """Close the connection."""
        if self.client is not None:
            await self.client.aclose()


def shared_state(redis_url: str | None) -> Shared:
    """By the Redis at `redis_url`, which need not answer yet; without one, in this process.

    Raises:
        Misconfigured: the address is none.
    """
    if redis_url is None:
        return Shared(LocalCounters(), LocalBoard())
    client = connect(redis_url)
    return Shared(RedisCounters(client), RedisBoard(client), client)
