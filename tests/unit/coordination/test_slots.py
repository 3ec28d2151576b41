"""Slots: one user's crowd waits or is refused, another's request goes through."""

import asyncio

import pytest

from backend.coordination.slots import Slots
from backend.errors import TooManyRequests


async def test_a_users_crowd_does_not_hold_another_up() -> None:
    slots = Slots(each=2, waiting=3, whole=4)
    release = asyncio.Event()
    running = 0

    async def hold(user: str) -> None:
        nonlocal running
        async with slots.taken(user):
            running += 1
            await release.wait()

    crowd = [asyncio.create_task(hold("crowd")) for _ in range(5)]
    await asyncio.sleep(0.01)
    assert running == 2
    with pytest.raises(TooManyRequests) as refusal:
        await hold("crowd")
    assert refusal.value.code == "too_many_at_once"
    other = asyncio.create_task(hold("other"))
    await asyncio.sleep(0.01)
    assert running == 3
    release.set()
    await asyncio.gather(*crowd, other)
    assert running == 6
    assert slots._holders == {}, "what is given back is forgotten"


async def test_a_slot_is_given_back_when_its_holder_is_cancelled() -> None:
    slots = Slots(each=1, waiting=1, whole=1)

    async def hold() -> None:
        async with slots.taken("user"):
            await asyncio.Event().wait()

    first, second = asyncio.create_task(hold()), asyncio.create_task(hold())
    await asyncio.sleep(0.01)
    for task in (second, first):
        task.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    async with asyncio.timeout(1), slots.taken("user"):
        pass
