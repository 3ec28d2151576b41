"""An import that is cancelled while it is saved: until all is sent nothing stays, from then on it is finished."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from backend.api.imports import _saved
from backend.importers.progress import Progress, told_to
from backend.ingest.child_process import Reading
from backend.ingest.files import ImportReport
from backend.store.runs import RunRow, RunStore

REPORT = ImportReport(format="csv", positions=3, trades=1, skipped=[], skipped_count=0, warnings=[])


class HeldStore(RunStore):
    """A database that takes the body and answers when it is told to."""

    def __init__(self) -> None:
        self.taken = bytearray()
        self.answer = asyncio.Event()
        self.ended = ""

    async def save_import(self, body: AsyncIterator[bytes]) -> RunRow:
        try:
            async for piece in body:
                self.taken.extend(piece)
            await self.answer.wait()
        except asyncio.CancelledError:
            self.ended = "broken off"
            raise
        self.ended = "saved"
        return RunRow.model_construct(id=1)


async def test_what_is_not_all_sent_is_broken_off() -> None:
    store, first = HeldStore(), asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield b"first"
        first.set()
        await asyncio.sleep(60)
        yield b"last"

    said: list[Progress] = []
    with told_to(said.append):
        saving = asyncio.create_task(_saved(store, Reading(REPORT, body())))
    async with asyncio.timeout(5):
        await first.wait()
        saving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await saving
    assert (bytes(store.taken), store.ended, said) == (b"first", "broken off", [])


async def test_what_is_all_sent_is_finished_before_the_turn_is_given_back() -> None:
    store, sent = HeldStore(), asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield b"all"

    with told_to(lambda _: sent.set()):
        saving = asyncio.create_task(_saved(store, Reading(REPORT, body())))
    async with asyncio.timeout(5):
        await sent.wait()
        saving.cancel()
        for _ in range(10):
            await asyncio.sleep(0)
        assert (saving.done(), store.ended) == (False, "")
        store.answer.set()
        with pytest.raises(asyncio.CancelledError):
            await saving
    assert store.ended == "saved"


async def test_who_listens_is_told_when_the_database_has_it_all() -> None:
    store = HeldStore()
    store.answer.set()

    async def body() -> AsyncIterator[bytes]:
        yield b"all"

    said: list[Progress] = []
    with told_to(said.append):
        run = await _saved(store, Reading(REPORT, body()))
    assert (run.id, said) == (1, [Progress("storing", 3, 3)])
