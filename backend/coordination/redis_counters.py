"""Counts shared by all workers, in Redis and by its clock."""

from __future__ import annotations

from collections.abc import Sequence

import redis.asyncio as redis
import structlog
from redis.exceptions import RedisError
from typing_extensions import override

from backend.coordination.counters import Counters, LocalCounters, Rate, Refusal, Total
from backend.coordination.redis_link import PREFIX

log = structlog.get_logger(__name__)

_TAKE = """
local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000
local full = {}
for i = 1, #KEYS do
  local period = tonumber(ARGV[2 * i])
  local at = math.max(tonumber(redis.call('GET', KEYS[i]) or now), now) + period / tonumber(ARGV[2 * i - 1])
  if at - now > period + 0.01 then return {i - 1, math.ceil(at - now - period)} end
  full[i] = at
end
for i = 1, #KEYS do
  redis.call('SET', KEYS[i], string.format('%.3f', full[i]), 'PX', math.ceil(full[i] - now) + 1)
end
return {-1, 0}
"""
_ADD = """
local sum = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return {sum, redis.call('PTTL', KEYS[1])}
"""


class RedisCounters(Counters):
    """As `LocalCounters`, for every worker together.

    While Redis does not answer each process counts for itself: a limit is then looser, and nobody is locked out.
    """

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._alone = LocalCounters()
        self._take = client.register_script(_TAKE)
        self._add = client.register_script(_ADD)
        self._lost = False

    @override
    async def take(self, rates: Sequence[tuple[str, Rate]]) -> Refusal | None:
        keys = [f"{PREFIX}rate:{name}" for name, _ in rates]
        arguments = [number for _, rate in rates for number in (rate.count, rate.period_s * 1000)]
        try:
            place, wait_ms = await self._take(keys=keys, args=arguments)
        except (RedisError, OSError) as error:
            self._note(error)
            return await self._alone.take(rates)
        self._note(None)
        return Refusal(place, wait_ms / 1000) if place >= 0 else None

    @override
    async def add(self, name: str, amount: int, period_s: float) -> Total:
        try:
            total, left_ms = await self._add(keys=[f"{PREFIX}sum:{name}"], args=[amount, int(period_s * 1000)])
        except (RedisError, OSError) as error:
            self._note(error)
            return await self._alone.add(name, amount, period_s)
        return Total(total, left_ms / 1000)

    @override
    async def total(self, name: str) -> Total:
        key = f"{PREFIX}sum:{name}"
        try:
            pipeline = self._client.pipeline(transaction=False)
            pipeline.get(key)
            pipeline.pttl(key)
            amount, left_ms = await pipeline.execute()
        except (RedisError, OSError) as error:
            self._note(error)
            return await self._alone.total(name)
        return Total(int(amount or 0), max(left_ms, 0) / 1000)

    @override
    async def forget(self, name: str) -> None:
        await self._alone.forget(name)
        try:
            await self._client.delete(f"{PREFIX}rate:{name}", f"{PREFIX}sum:{name}")
        except (RedisError, OSError) as error:
            self._note(error)

    def _note(self, error: Exception | None) -> None:
        """Say once that limits are counted by each process alone, and once that they are shared again."""
        if error is not None and not self._lost:
            log.error("limits_counted_alone", why=type(error).__name__)
        elif error is None and self._lost:
            log.info("limits_shared_again")
        self._lost = error is not None
