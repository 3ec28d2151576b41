"""One turn of a conversation: the answer as it streams, then its saving.

A turn runs in a task of its own. sse-starlette cancels through an anyio scope, which delivers the cancellation again
and again and would kill the agent's own clean-up; a plain task is cancelled once, closes the provider's stream, and
ends.

Each turn ends in exactly one of `done`, `stopped` and `error`. Once saving has begun a stop comes too late: what was
paid for is kept.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import structlog

from backend.agents.events import (
    ChatEvent,
    CheckEvent,
    DoneEvent,
    ErrorEvent,
    EventSink,
    StartEvent,
    StoppedEvent,
    TokenEvent,
    ToolEvent,
    ToolResultEvent,
    UsageEvent,
    event_json,
)
from backend.agents.transcript import Transcript
from backend.api import metrics
from backend.api.event_log import EventLog
from backend.errors import Conflict, RundownError
from backend.store.sessions import NewAnswer, SavedTurn

log = structlog.get_logger(__name__)

_UNSAVED_KEPT = 200
_UNSAVED_S = 600.0
# How long a turn that may be resumed waits for its reader, and is kept after its end for one who missed it.
RESUME_S = 30.0

# Writes an answer into the sink and returns; an `error` is the last that it writes.
Answer = Callable[[EventSink], Awaitable[None]]
Save = Callable[[NewAnswer], Awaitable[SavedTurn]]
TurnKey = tuple[str, str]


class Turn:
    """Answers one question and saves it; `frames` is what goes on the wire.

    It is the sink that the answer is written to: nothing but a call stands between the model's task, the folding of
    the event and its frame in the log, whose reader is the next task to run.
    """

    def __init__(self, start: StartEvent, answer: Answer, save: Save, *, resumable: bool = False) -> None:
        self.request_id = start.request_id
        self.run_id = start.run_id
        self.resumable = resumable
        self._start = start
        self._answer = answer
        self._save = save
        # Bounded: a reader that stalls holds the provider back instead of filling the memory.
        self._log = EventLog(keeps=resumable)
        self._error: ErrorEvent | None = None
        self._saving = False
        self._shutting_down = False
        self._began_at = time.monotonic()
        self._task: asyncio.Task[None] | None = None
        self.transcript = Transcript()
        self.ended_with: DoneEvent | StoppedEvent | ErrorEvent | None = None
        self.unsaved: NewAnswer | None = None

    def begin(self, on_end: Callable[[Turn], None]) -> None:
        """Start answering; `on_end` is called when all is over, however it ended."""
        metrics.STREAMS_OPEN.inc()
        self._task = asyncio.create_task(self._run(), name=f"turn {self.request_id}")

        def ended(_: asyncio.Task[None]) -> None:
            metrics.STREAMS_OPEN.dec()
            on_end(self)

        self._task.add_done_callback(ended)

    def stop(self, *, shutting_down: bool = False) -> bool:
        """Cancel the answer at once; False when it is being saved already or over."""
        if self._task is None or self._task.done() or self._saving:
            return False
        self._shutting_down = shutting_down
        self._task.cancel()
        return True

    async def wait(self) -> None:
        """Until the turn is over."""
        if self._task is not None:
            await asyncio.wait({self._task})

    @property
    def is_over(self) -> bool:
        """Whether it has ended, however."""
        return self._task is not None and self._task.done()

    async def frames(self, after: int = 0) -> AsyncIterator[bytes]:
        """SSE frames in order, from the one after `after` on. A newer reader takes the place of this one."""
        try:
            async for chunk in self._log.read(after):
                yield chunk
        finally:
            self.reader_left()

    def reader_left(self) -> None:
        """A connection went away: that is a stop, unless its client said that it may come back."""
        if not self.resumable:
            self.stop()
        elif not self.is_over:
            asyncio.get_running_loop().call_later(RESUME_S, self._stop_if_unread)

    @property
    def held_bytes(self) -> int:
        """Bytes that wait for the reader."""
        return self._log.held

    async def put(self, event: ChatEvent) -> None:
        """Take in the next event of the answer; waits while the reader is too far behind."""
        self._measure(event)
        self.transcript.add(event)
        if isinstance(event, ErrorEvent):
            self._error = event  # goes out last, as all endings do
        else:
            await self._log.put(event_json(event))

    async def room(self) -> None:
        """Return when the reader is not too far behind."""
        await self._log.room()

    def _stop_if_unread(self) -> None:
        if not self._log.has_reader:
            self.stop()

    async def _run(self) -> None:
        try:
            await self._log.put(event_json(self._start))
            await self._answer(self)
            if self._error is not None:
                self._fail(self._error)
            else:
                await self._keep()
        except asyncio.CancelledError:
            self._cancelled()
            raise
        except RundownError as error:
            self._failed(error.message, retryable=error.status >= 500)
        except Exception:
            # The stream's edge: whatever it was, the reader is told, and the log gets the trace.
            log.exception("turn_failed", request_id=self.request_id)
            self._failed("The server met an error it did not expect.", retryable=True)
        finally:
            self._log.close()

    async def _keep(self) -> None:
        self._saving = True
        self.unsaved = NewAnswer.model_validate(self.transcript.message())
        saved = await self._save(self.unsaved)
        self.unsaved = None
        metrics.STREAMS_ENDED.labels("done").inc()
        self._end(DoneEvent(**saved.model_dump()))

    def _end(self, last: DoneEvent | StoppedEvent | ErrorEvent) -> None:
        """Close the log with the turn's one ending."""
        self.ended_with = last
        self._log.close(event_json(last))

    def _cancelled(self) -> None:
        if self._shutting_down:
            message = "The server is shutting down. Nothing was saved. Ask again in a moment."
            self._fail(ErrorEvent(code="internal", message=message, retryable=True))
            return
        metrics.STREAMS_ENDED.labels("stopped").inc()
        self._end(StoppedEvent(request_id=self.request_id))

    def _failed(self, why: str, *, retryable: bool) -> None:
        if self.unsaved is None:
            self._fail(ErrorEvent(code="internal", message=f"{why} Nothing was saved.", retryable=retryable))
            return
        again = "Send the same request again to save it; the model is not asked again."
        message = f"The answer could not be saved. {why} {again}"
        self._fail(ErrorEvent(code="save_failed", message=message, retryable=True, request_id=self.request_id))

    def _fail(self, event: ErrorEvent) -> None:
        metrics.STREAMS_ENDED.labels("error").inc()
        metrics.ERRORS.labels(event.code).inc()
        self._end(event)

    def _measure(self, event: ChatEvent) -> None:
        if isinstance(event, TokenEvent):
            if not self.transcript.has_text:
                metrics.FIRST_TOKEN_S.observe(time.monotonic() - self._began_at)
        elif isinstance(event, ToolResultEvent):
            metrics.TOOL_S.labels(event.tool).observe(event.duration_ms / 1000)
        elif isinstance(event, UsageEvent):
            metrics.TOKENS.labels("prompt").inc(event.prompt_tokens)
            metrics.TOKENS.labels("completion").inc(event.completion_tokens)
            metrics.COST_USD.inc(max(event.cost_usd or 0.0, 0.0))


@dataclass(slots=True)
class _Unsaved:
    answer: NewAnswer
    at: float


class TurnRegistry:
    """The turns this process has under way, and answers whose saving failed."""

    def __init__(self) -> None:
        self._turns: dict[TurnKey, Turn] = {}
        self._unsaved: OrderedDict[TurnKey, _Unsaved] = OrderedDict()

    def begin(self, user_id: str, turn: Turn) -> None:
        """Start a turn.

        Raises:
            Conflict: the same request is under way already.
        """
        key = (user_id, turn.request_id)
        self.refuse_if_running(*key)
        self._turns[key] = turn
        turn.begin(lambda ended: self._ended(key, ended))

    def refuse_if_running(self, user_id: str, request_id: str) -> None:
        """Raise Conflict when the request is under way."""
        turn = self.find(user_id, request_id)
        if turn is not None and not turn.is_over:
            raise Conflict("This request is being answered already.", code="request_in_flight")

    def find(self, user_id: str, request_id: str) -> Turn | None:
        """The turn of a user's request that is under way, or ended just now and may still be resumed."""
        return self._turns.get((user_id, request_id))

    def find_unsaved(self, user_id: str, request_id: str) -> NewAnswer | None:
        """An answer that was paid for and could not be saved in the last ten minutes."""
        held = self._unsaved.get((user_id, request_id))
        return held.answer if held and time.monotonic() - held.at < _UNSAVED_S else None

    async def stop_all(self) -> None:
        """End every turn because the server ends; those that are saving finish first."""
        turns = list(self._turns.values())
        for turn in turns:
            turn.stop(shutting_down=True)
        await asyncio.gather(*(turn.wait() for turn in turns))

    def _ended(self, key: TurnKey, turn: Turn) -> None:
        if turn.resumable:
            asyncio.get_running_loop().call_later(RESUME_S, self._forget, key, turn)
        else:
            self._forget(key, turn)
        self._unsaved.pop(key, None)
        if turn.unsaved is not None:
            self._unsaved[key] = _Unsaved(turn.unsaved, time.monotonic())
        while len(self._unsaved) > _UNSAVED_KEPT:
            self._unsaved.popitem(last=False)

    def _forget(self, key: TurnKey, turn: Turn) -> None:
        if self._turns.get(key) is turn:
            del self._turns[key]


async def replay(answer: NewAnswer, sink: EventSink) -> None:
    """Write the events of an answer that is there already, as a stream would have brought them."""
    for result in answer.tool_results:
        await sink.put(ToolEvent(tool=result["tool"], id=result["id"], args=result.get("args") or {}))
        await sink.put(ToolResultEvent.model_validate({key: value for key, value in result.items() if key != "args"}))
    if answer.content:
        await sink.put(TokenEvent(content=answer.content))
    await sink.put(CheckEvent.model_validate({"figures": answer.checks}))
    if answer.usage:
        await sink.put(UsageEvent.model_validate(answer.usage))
