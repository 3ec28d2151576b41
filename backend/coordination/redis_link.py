"""The connection to Redis: how it is made, and what its failures are called."""

from __future__ import annotations

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff
from redis.exceptions import RedisError

from backend.errors import Misconfigured, RundownError

# Blocking reads wait this long at a time; the socket's own limit has to be longer.
BLOCK_S = 2.0
_SOCKET_S = 5.0
_CONNECT_S = 2.0
PREFIX = "rundown:"


class SharedStateUnavailable(RundownError):
    """Redis does not answer, and what is asked needs it."""

    code, status, actor, title = "shared_state_unavailable", 503, "operator", "Redis is not available"

    def __init__(self) -> None:
        super().__init__(
            "The server's workers can't agree on this just now: Redis does not answer. Try again in a moment.",
            retry_after=2,
        )


def connect(url: str) -> redis.Redis:
    """A client of the Redis at `url`; it connects when it is first used, and again after the line was lost.

    Raises:
        Misconfigured: the address is none.
    """
    try:
        return redis.Redis.from_url(
            url,
            socket_timeout=_SOCKET_S,
            socket_connect_timeout=_CONNECT_S,
            health_check_interval=15,
            # A pooled line that Redis closed is found out at its first use: one more try finds a new one.
            retry=Retry(ConstantBackoff(0.05), 1),
            client_name="rundown",
        )
    except ValueError as error:
        raise Misconfigured(
            "REDIS_URL is not an address of a Redis. Write it as redis://HOST:PORT/0, or rediss:// for TLS."
        ) from error


async def is_ready(client: redis.Redis) -> bool:
    """Whether Redis answers."""
    try:
        await client.ping()
    except (RedisError, OSError):
        return False
    return True
