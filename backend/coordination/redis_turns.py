"""Claims in Redis, and the way to a turn that another worker holds.

A claim is a key that names its worker and lives 20 s; the worker renews it while the turn lasts, so a worker that dies
loses it by itself. Each worker reads an inbox (a list); answers and relayed chunks come by lists of their own. One
Redis, not a cluster: a claim and its counts change in one script.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any, Literal, cast

import redis.asyncio as redis
import structlog
from pydantic import BaseModel, ValidationError
from redis.exceptions import RedisError
from typing_extensions import override

from backend.coordination.redis_link import BLOCK_S, PREFIX, SharedStateUnavailable, is_ready
from backend.coordination.redis_relay import read_relay, write_relay
from backend.coordination.turns import Claim, ClaimOutcome, StopOutcome, TurnBoard, TurnHost, TurnKey

log = structlog.get_logger(__name__)

CLAIM_S = 20.0
RENEW_S = 5.0
_INBOX_S = 30
# Saving may take as long as the database's own limit.
_STOP_S = 40.0
_RETRY_S = 0.5
_OVER = b"|over"
_FAULTS = (RedisError, OSError)

_CLAIM = """
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] and string.sub(held, -5) ~= '|over' then return 'in_flight' end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local names = {'', 'user_streams', 'address_streams'}
for i = 2, 3 do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now)
  local limit = tonumber(ARGV[i + 2])
  if limit > 0 and redis.call('ZCARD', KEYS[i]) >= limit and not redis.call('ZSCORE', KEYS[i], ARGV[3]) then
    return names[i]
  end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
for i = 2, 3 do
  redis.call('ZADD', KEYS[i], now + ARGV[2], ARGV[3])
  redis.call('PEXPIRE', KEYS[i], ARGV[2])
end
return 'claimed'
"""
_RENEW = """
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
for i = 2, 3 do
  redis.call('ZADD', KEYS[i], now + ARGV[2], ARGV[3])
  redis.call('PEXPIRE', KEYS[i], ARGV[2])
end
return 1
"""
_RELEASE = """
for i = 2, 3 do redis.call('ZREM', KEYS[i], ARGV[3]) end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if tonumber(ARGV[2]) > 0 then
  redis.call('SET', KEYS[1], ARGV[1] .. '|over', 'PX', ARGV[2])
else
  redis.call('DEL', KEYS[1])
end
return 1
"""


class _Command(BaseModel):
    """What one worker asks of another; `answer` is the list that the answer goes to."""

    op: Literal["stop", "relay"]
    user_id: str
    request_id: str
    subject: str = ""
    after: int = 0
    answer: str

    @property
    def key(self) -> TurnKey:
        return self.user_id, self.request_id


class RedisBoard(TurnBoard):
    """The `TurnBoard` of several workers."""

    def __init__(self, client: redis.Redis, *, claim_s: float = CLAIM_S, renew_s: float = RENEW_S) -> None:
        self._client = client
        self._worker = uuid.uuid4().hex
        self._claim_ms = int(claim_s * 1000)
        self._renew_s = renew_s
        self._held: dict[TurnKey, tuple[Claim, str]] = {}
        self._scripts = {
            "claim": client.register_script(_CLAIM),
            "renew": client.register_script(_RENEW),
            "release": client.register_script(_RELEASE),
        }
        self._host: TurnHost | None = None
        # Beside cancelling: a cancellation that meets a timeout of the client's own may be lost in it.
        self._closing = False
        self._loops: list[asyncio.Task[None]] = []
        self._errands: set[asyncio.Task[None]] = set()

    @override
    async def open(self, host: TurnHost) -> None:
        self._host = host
        self._loops = [asyncio.create_task(self._renew()), asyncio.create_task(self._read_inbox())]

    @override
    async def close(self) -> None:
        self._closing = True
        tasks = [*self._loops, *self._errands]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for key in list(self._held):
            await self.release(key)

    @override
    async def claim(self, claim: Claim) -> ClaimOutcome:
        """Raises SharedStateUnavailable where Redis does not answer."""
        # A mark of its own: a script that Redis ran, but whose answer was lost, may be sent again.
        mark = f"{self._worker}:{uuid.uuid4().hex[:12]}"
        limits = (claim.user_limit, claim.address_limit)
        try:
            outcome = await self._scripts["claim"](
                keys=_keys(claim), args=[mark, self._claim_ms, _member(claim.key), *limits]
            )
        except _FAULTS as error:
            raise SharedStateUnavailable from error
        outcome = cast(ClaimOutcome, outcome.decode())
        if outcome == "claimed":
            self._held[claim.key] = (claim, mark)
        return outcome

    @override
    async def release(self, key: TurnKey, *, linger_s: float = 0.0) -> None:
        """A claim that can't be given back ends by itself."""
        held = self._held.pop(key, None)
        if held is None:
            return
        claim, mark = held
        with suppress(*_FAULTS):
            await self._scripts["release"](keys=_keys(claim), args=[mark, int(linger_s * 1000), _member(key)])

    @override
    async def stop(self, key: TurnKey) -> StopOutcome | None:
        """Raises SharedStateUnavailable where Redis does not answer."""
        try:
            answer = await self._ask(key, "stop")
            if answer is None:
                return None
            deadline = asyncio.get_running_loop().time() + _STOP_S
            while asyncio.get_running_loop().time() < deadline:
                said = await self._client.blpop([answer], timeout=BLOCK_S)
                if said is not None:
                    outcome = cast(bytes, said[1]).decode()
                    return cast(StopOutcome, outcome) if outcome != "none" else None
                if await self._host_of(key) is None:
                    return None
        except _FAULTS as error:
            raise SharedStateUnavailable from error
        return "over"

    @override
    async def resume(self, key: TurnKey, subject: str, after: int) -> AsyncIterator[bytes] | None:
        """Raises SharedStateUnavailable where Redis does not answer."""
        try:
            relay = await self._ask(key, "relay", subject=subject, after=after)
            if relay is None:
                return None
            said = await self._client.blpop([relay], timeout=BLOCK_S)
        except _FAULTS as error:
            raise SharedStateUnavailable from error
        if said is None or said[1] != b"+":
            return None
        return read_relay(self._client, relay, self._run)

    @override
    async def keep_unsaved(self, key: TurnKey, answer: bytes, for_s: float) -> None:
        """Saving goes on without it when Redis does not answer."""
        try:
            await self._client.set(_unsaved(key), answer, px=int(for_s * 1000))
        except _FAULTS as error:
            log.error("unsaved_answer_not_shared", why=type(error).__name__)

    @override
    async def find_unsaved(self, key: TurnKey) -> bytes | None:
        """Raises SharedStateUnavailable where Redis does not answer."""
        try:
            return cast("bytes | None", await self._client.get(_unsaved(key)))
        except _FAULTS as error:
            raise SharedStateUnavailable from error

    @override
    async def drop_unsaved(self, key: TurnKey) -> None:
        """What can't be dropped now ends by itself, and is never saved twice."""
        with suppress(*_FAULTS):
            await self._client.delete(_unsaved(key))

    async def is_ready(self) -> bool:
        """Whether Redis answers."""
        return await is_ready(self._client)

    async def _ask(
        self, key: TurnKey, op: Literal["stop", "relay"], *, subject: str = "", after: int = 0
    ) -> str | None:
        """Put a command into the inbox of the worker that holds a turn; the list its answer comes by."""
        worker = await self._host_of(key)
        if worker is None or worker == self._worker:
            return None
        answer = f"{PREFIX}answer:{uuid.uuid4().hex}"
        command = _Command(op=op, user_id=key[0], request_id=key[1], subject=subject, after=after, answer=answer)
        inbox = _inbox(worker)
        pipeline = self._client.pipeline(transaction=False)
        if op == "relay":
            pipeline.set(f"{answer}:reader", 1, ex=10)
        pipeline.rpush(inbox, command.model_dump_json())
        pipeline.expire(inbox, _INBOX_S)
        await pipeline.execute()
        return answer

    async def _host_of(self, key: TurnKey) -> str | None:
        held = cast("bytes | None", await self._client.get(_turn(key)))
        return held.removesuffix(_OVER).partition(b":")[0].decode() if held else None

    async def _renew(self) -> None:
        lost = False
        while not self._closing:
            await asyncio.sleep(self._renew_s)
            try:
                for claim, mark in list(self._held.values()):
                    await self._scripts["renew"](keys=_keys(claim), args=[mark, self._claim_ms, _member(claim.key)])
                if lost:
                    log.info("redis_is_back")
                lost = False
            except _FAULTS as error:
                if not lost:
                    log.error("redis_lost", why=type(error).__name__)
                lost = True

    async def _read_inbox(self) -> None:
        inbox = _inbox(self._worker)
        while not self._closing:
            try:
                said = await self._client.blpop([inbox], timeout=BLOCK_S)
            except _FAULTS:
                await asyncio.sleep(_RETRY_S)
                continue
            if said is not None:
                with suppress(ValidationError):
                    self._run(self._obey(_Command.model_validate_json(said[1])))

    async def _obey(self, command: _Command) -> None:
        if self._host is None:
            return
        with suppress(*_FAULTS):
            if command.op == "stop":
                outcome = await self._host.stop_here(command.key) or "none"
                pipeline = self._client.pipeline(transaction=False)
                pipeline.rpush(command.answer, outcome)
                pipeline.expire(command.answer, _INBOX_S)
                await pipeline.execute()
            else:
                chunks = self._host.resume_here(command.key, command.subject, command.after)
                await write_relay(self._client, command.answer, chunks)

    def _run(self, errand: Coroutine[Any, Any, None]) -> None:
        """Do something beside what goes on, kept from being collected."""
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)


def _turn(key: TurnKey) -> str:
    return f"{PREFIX}turn:{key[0]}:{key[1]}"


def _unsaved(key: TurnKey) -> str:
    return f"{PREFIX}unsaved:{key[0]}:{key[1]}"


def _inbox(worker: str) -> str:
    return f"{PREFIX}inbox:{worker}"


def _member(key: TurnKey) -> str:
    return f"{key[0]}:{key[1]}"


def _keys(claim: Claim) -> list[str]:
    return [_turn(claim.key), f"{PREFIX}streams:user:{claim.key[0]}", f"{PREFIX}streams:address:{claim.address}"]
