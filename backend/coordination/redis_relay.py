"""A turn's chunks from the worker that holds it to the one its reader came back to, by a list in Redis.

The list's name ends with a key `…:reader` that the reading side keeps alive; when it is gone the writing side leaves
the turn. Elements: `+` (accepted) or `-` (refused), then `c…` (a chunk), `p` (still there), `e` (the end).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from typing import Any, cast

import redis.asyncio as redis
from redis.exceptions import RedisError

from backend.coordination.redis_link import BLOCK_S

_READER_S = 10
_LIST_S = 60
_TICK_S = 3.0
# Beyond so many chunks the reader is waited for: the turn's own log then holds the provider back.
_AHEAD = 32
_LOOK_S = 0.05
_SILENT_S = 10.0
_FAULTS = (RedisError, OSError)


async def write_relay(client: redis.Redis, relay: str, chunks: AsyncIterator[bytes] | None) -> None:
    """Send `chunks` until they end or the reader is gone; None refuses."""
    if chunks is None:
        await _push(client, relay, b"-")
        return
    following = asyncio.ensure_future(anext(chunks))
    try:
        there = await _push(client, relay, b"+")
        while there:
            await asyncio.wait({following}, timeout=_TICK_S)
            if not following.done():
                there = await _push(client, relay, b"p")
                continue
            try:
                chunk = following.result()
            except StopAsyncIteration:
                await _push(client, relay, b"e")
                return
            there = await _push(client, relay, b"c" + chunk) and await _room(client, relay)
            following = asyncio.ensure_future(anext(chunks))
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        close = getattr(chunks, "aclose", None)
        if close is not None:
            await close()


async def read_relay(
    client: redis.Redis, relay: str, run: Callable[[Coroutine[Any, Any, None]], None]
) -> AsyncIterator[bytes]:
    """The chunks that come by `relay`; `run` does something in the background. Ends early when the other side is gone:
    the client then comes back, and is told that there is nothing to resume."""
    heard_at = alive_at = time.monotonic()
    try:
        while time.monotonic() - heard_at < _SILENT_S:
            said = await client.blpop([relay], timeout=BLOCK_S)
            now = time.monotonic()
            if now - alive_at > _TICK_S:
                await client.set(f"{relay}:reader", 1, ex=_READER_S)
                alive_at = now
            if said is None:
                continue
            heard_at, element = now, cast(bytes, said[1])
            if element == b"e":
                return
            if element[:1] == b"c":
                yield element[1:]
                heard_at = time.monotonic()
    except _FAULTS:
        return
    finally:
        # In the background: whoever closes us may be cancelled again and again.
        run(_remove(client, relay))


async def _push(client: redis.Redis, relay: str, element: bytes) -> bool:
    """Add one element; whether there is a reader."""
    pipeline = client.pipeline(transaction=False)
    pipeline.rpush(relay, element)
    pipeline.expire(relay, _LIST_S)
    pipeline.exists(f"{relay}:reader")
    return bool((await pipeline.execute())[-1])


async def _room(client: redis.Redis, relay: str) -> bool:
    """Wait until the reader has caught up; False when it is gone."""
    while True:
        pipeline = client.pipeline(transaction=False)
        pipeline.llen(relay)
        pipeline.exists(f"{relay}:reader")
        length, there = await pipeline.execute()
        if not there or length <= _AHEAD:
            return bool(there)
        await asyncio.sleep(_LOOK_S)


async def _remove(client: redis.Redis, relay: str) -> None:
    with suppress(*_FAULTS):
        await client.delete(f"{relay}:reader", relay)
