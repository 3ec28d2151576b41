"""Imports take turns: how many read at once, how many may wait, and that every place is given back."""

import asyncio
from collections.abc import Callable

import pytest

from backend.api.import_queue import LARGE_WAITING, SMALL_AT_ONCE, ImportPlace, ImportQueue
from backend.errors import TooManyRequests
from backend.importers.progress import Progress, told_to


class Imports:
    """Imports that hold their turn until they are told to end."""

    def __init__(self) -> None:
        self.reading = 0
        self.most = 0
        self.end = asyncio.Event()

    async def read(self, place: ImportPlace) -> None:
        async with place.taken():
            self.reading += 1
            self.most = max(self.most, self.reading)
            await self.end.wait()
            self.reading -= 1


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - it is counted, not told
            await asyncio.sleep(0)


async def test_one_large_file_reads_eight_wait_and_the_next_is_refused() -> None:
    queue, imports = ImportQueue(), Imports()
    tasks = [asyncio.create_task(imports.read(queue.admit(small=False)))]
    await until(lambda: imports.reading == 1)
    tasks += [asyncio.create_task(imports.read(queue.admit(small=False))) for _ in range(LARGE_WAITING)]
    with pytest.raises(TooManyRequests) as refused:
        queue.admit(small=False)
    assert (refused.value.status, refused.value.code, refused.value.retry_after) == (429, "imports_busy", 60.0)
    imports.end.set()
    await asyncio.gather(*tasks)
    assert imports.most == 1
    queue.admit(small=False).leave()


async def test_small_files_go_beside_a_large_one_and_are_never_refused() -> None:
    queue, imports = ImportQueue(), Imports()
    tasks = [asyncio.create_task(imports.read(queue.admit(small=False)))]
    tasks += [asyncio.create_task(imports.read(queue.admit(small=True))) for _ in range(3 * LARGE_WAITING)]
    await until(lambda: imports.reading == 1 + SMALL_AT_ONCE)
    imports.end.set()
    await asyncio.gather(*tasks)
    assert imports.most == 1 + SMALL_AT_ONCE


async def test_whoever_waits_is_told_so_and_whoever_need_not_is_told_nothing() -> None:
    queue, imports = ImportQueue(), Imports()
    first, second = list[Progress](), list[Progress]()
    with told_to(first.append):
        one = asyncio.create_task(imports.read(queue.admit(small=False)))
    await until(lambda: imports.reading == 1)
    with told_to(second.append):
        two = asyncio.create_task(imports.read(queue.admit(small=False)))
    await until(lambda: bool(second))
    imports.end.set()
    await asyncio.gather(one, two)
    assert (first, second) == ([], [Progress("waiting")])


async def test_places_of_imports_that_are_cancelled_are_given_back() -> None:
    queue, imports = ImportQueue(), Imports()
    holder = asyncio.create_task(imports.read(queue.admit(small=False)))
    await until(lambda: imports.reading == 1)
    waiting = [asyncio.create_task(imports.read(queue.admit(small=False))) for _ in range(LARGE_WAITING)]
    await asyncio.sleep(0)
    for task in (holder, *waiting):
        task.cancel()
    await asyncio.gather(holder, *waiting, return_exceptions=True)
    imports.end.set()
    async with asyncio.timeout(5):
        await asyncio.gather(*(imports.read(queue.admit(small=False)) for _ in range(LARGE_WAITING)))


async def test_a_place_that_was_never_used_is_given_back_once() -> None:
    queue = ImportQueue()
    places = [queue.admit(small=False) for _ in range(LARGE_WAITING)]
    with pytest.raises(TooManyRequests):
        queue.admit(small=False)
    places[0].leave()
    places[0].leave()
    queue.admit(small=False)
    with pytest.raises(TooManyRequests):
        queue.admit(small=False)
