"""An import as events: what comes, in which order, and what a caller's leaving does."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from pydantic import BaseModel

from backend.api.import_stream import stream_import
from backend.errors import FileRefused
from backend.importers.progress import Progress, tell
from tests.support.listener import Listener


class Answer(BaseModel):
    run: int


class Caller(Listener):
    """Who listens to an import, until it ends or `leaves` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.ended = 0

    def count_end(self) -> None:
        self.ended += 1

    async def listen(self, work: Callable[[], Awaitable[BaseModel]]) -> list[tuple[str, dict[str, object]]]:
        async def coroutine() -> BaseModel:
            return await work()

        async with asyncio.timeout(20):
            response = stream_import(coroutine(), path="/import", on_end=self.count_end)
            await response(*self.connection)
        events = []
        for number, block in enumerate(bytes(self.body).decode().split("\n\n")[:-1], 1):
            name, kind, data = block.split("\n")
            assert name == f"id: {number}"
            events.append((kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
        return events


async def test_what_is_told_comes_as_progress_and_then_the_answer() -> None:
    async def work() -> BaseModel:
        tell(Progress("reading", 4096))
        await asyncio.sleep(0.3)
        await asyncio.to_thread(tell, Progress("saving", 5, 10))
        await asyncio.sleep(0.3)
        return Answer(run=7)

    caller = Caller()
    assert await caller.listen(work) == [
        ("progress", {"stage": "reading", "rows": 4096, "rows_total": None}),
        ("progress", {"stage": "saving", "rows": 5, "rows_total": 10}),
        ("done", {"run": 7}),
    ]
    assert caller.ended == 1


async def test_of_what_is_told_at_once_only_the_newest_comes() -> None:
    async def work() -> BaseModel:
        for rows in range(1000):
            tell(Progress("reading", rows))
        await asyncio.sleep(0.05)
        return Answer(run=1)

    events = await Caller().listen(work)
    assert events == [("progress", {"stage": "reading", "rows": 999, "rows_total": None}), ("done", {"run": 1})]


async def test_a_refusal_is_the_problem_that_it_would_have_been() -> None:
    async def work() -> BaseModel:
        raise FileRefused("Line 3 is wrong. Mend it.", code="bad_value", errors=[{"line": 3, "why": "wrong"}])

    [(kind, problem)] = await Caller().listen(work)
    assert kind == "error"
    assert problem == {
        "type": "about:blank",
        "title": "The file can't be imported",
        "status": 422,
        "detail": "Line 3 is wrong. Mend it.",
        "code": "bad_value",
        "errors": [{"line": 3, "why": "wrong"}],
    }


async def test_a_fault_of_ours_is_told_without_its_words() -> None:
    async def work() -> BaseModel:
        raise KeyError("a secret")

    [(kind, problem)] = await Caller().listen(work)
    assert (kind, problem["status"], problem["code"]) == ("error", 500, "internal")
    assert "secret" not in json.dumps(problem)


async def test_a_caller_that_leaves_ends_the_import() -> None:
    caller, began, cancelled = Caller(), asyncio.Event(), asyncio.Event()

    async def work() -> BaseModel:
        tell(Progress("reading", 1))
        began.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return Answer(run=1)

    listening = asyncio.create_task(caller.listen(work))
    await began.wait()
    caller.leaves.set()
    assert [kind for kind, _ in await listening] in ([], ["progress"])
    async with asyncio.timeout(5):
        await cancelled.wait()
    assert caller.ended == 1


async def test_a_caller_that_left_before_it_began_gives_its_turn_back() -> None:
    caller = Caller()
    caller.leaves.set()

    async def work() -> BaseModel:
        await asyncio.sleep(60)
        return Answer(run=1)

    assert await caller.listen(work) == []
    await asyncio.sleep(0)
    assert caller.ended == 1
