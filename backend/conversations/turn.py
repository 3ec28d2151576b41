"""One turn of a conversation: the answer as it streams, then its saving.

A turn runs in a task of its own. sse-starlette cancels through an anyio scope, which delivers the cancellation again
and again and would kill the agent's own clean-up; a plain task is cancelled once, closes the provider's stream, and
ends. Which state follows which is in `turn_states`; here is what is done on the way.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

import structlog

from backend.agents.core.events import (
    ChatEvent,
    CheckEvent,
    DoneEvent,
    ErrorCode,
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
from backend.agents.core.transcript import RecordingSink, Transcript
from backend.conversations.event_log import EventLog
from backend.conversations.states import ENDS, Signal, State, following
from backend.conversations.watch import Ending, TurnWatch
from backend.errors import RundownError
from backend.store.conversations import NewAnswer, SavedTurn
from backend.telemetry import prometheus
from backend.telemetry.tracing import Tracer

log = structlog.get_logger(__name__)

# Writes an answer into the sink and returns; an `error` is the last that it writes.
AnswerWriter = Callable[[RecordingSink], Awaitable[None]]
Save = Callable[[NewAnswer], Awaitable[SavedTurn]]
OnUsage = Callable[[UsageEvent], None]


@dataclass(frozen=True, slots=True)
class TurnTimes:
    """Seconds.

    `resume`: how long a turn waits for a reader that may come back, and is kept after its end for one who missed it.
    `slow_reader`: how long a reader that does not take what is there is waited for. `whole`: the longest that an answer
    may take in all. The limits for the first byte and between bytes are the agent's.
    """

    resume: float = 30.0
    slow_reader: float = 30.0
    whole: float = 900.0


class Turn:
    """Answers one question and saves it; `frames` is what goes on the wire.

    It is the sink that the answer is written to: nothing but a call stands between the model's task, the folding of
    the event and its frame in the log, whose reader is the next task to run.
    """

    def __init__(
        self,
        start: StartEvent,
        answer: AnswerWriter,
        save: Save,
        *,
        resumable: bool = False,
        times: TurnTimes | None = None,
        on_usage: OnUsage | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        """`on_usage` hears what the provider counted; leave it out where nothing is paid for, as in a replay."""
        self.request_id = start.request_id
        self.subject = start.subject
        self.resumable = resumable
        self.state = State.NEW
        self.times = times or TurnTimes()
        self._start = start
        self._answer = answer
        self._save = save
        self._on_usage = on_usage
        # Bounded: a reader that stalls holds the provider back instead of filling the memory.
        self._log = EventLog(keeps=resumable)
        self._error: ErrorEvent | None = None
        self._watch = TurnWatch(
            request_id=start.request_id,
            run_id=start.run_id,
            subject=str(start.subject),
            model=start.model,
            paid=on_usage is not None,
            tracer=tracer or Tracer(),
        )
        self._task: asyncio.Task[None] | None = None
        self._timers: dict[Callable[[], None], asyncio.TimerHandle] = {}
        self.transcript = Transcript()
        self.ended_with: Ending | None = None
        self.unsaved: NewAnswer | None = None

    def begin(self, on_end: Callable[[Turn], None]) -> None:
        """Start answering; `on_end` is called when all is over, however it ended."""
        prometheus.STREAMS_OPEN.inc()
        self._move(Signal.BEGUN)
        self._task = asyncio.create_task(self._run(), name=f"turn {self.request_id}")
        self._later(self.times.whole, self._out_of_time)

        def ended(_: asyncio.Task[None]) -> None:
            # Here and not in the task: one that is cancelled before its first step never runs a line of its own.
            prometheus.STREAMS_OPEN.dec()
            for timer in self._timers.values():
                timer.cancel()
            self._end()
            on_end(self)

        self._task.add_done_callback(ended)

    def stop(self) -> bool:
        """Cancel the answer at once; False when it is being saved already or over."""
        return self._interrupt(Signal.STOP, StoppedEvent(request_id=self.request_id))

    def shut_down(self) -> bool:
        """Cancel the answer because the server ends; False as for `stop`."""
        message = "The server is shutting down. Nothing was saved. Ask again in a moment."
        return self._interrupt(Signal.SHUTDOWN, ErrorEvent(code="shutting_down", message=message, retryable=True))

    async def wait(self) -> None:
        """Until the turn is over."""
        if self._task is not None:
            await asyncio.wait({self._task})

    @property
    def is_over(self) -> bool:
        """Whether it has ended, however, and its clean-up with it."""
        return self._task is not None and self._task.done()

    async def frames(self, after: int = 0) -> AsyncGenerator[bytes, None]:
        """SSE frames in order, from the one after `after` on. A newer reader takes the place of this one."""
        self._move(Signal.READER_CAME)
        try:
            async with aclosing(self._log.read(after)) as chunks:
                async for chunk in chunks:
                    yield chunk
        finally:
            self.reader_left()

    def reader_left(self) -> None:
        """A connection went away: that is a stop, unless its client said that it may come back."""
        if not self.resumable:
            self.stop()
        elif not self._log.has_reader and self._move(Signal.READER_LEFT):
            self._later(self.times.resume, self._overdue)

    @property
    def held_bytes(self) -> int:
        """Bytes that wait for the reader."""
        return self._log.held

    async def put(self, event: ChatEvent) -> None:
        """Take in the next event of the answer; waits while the reader is too far behind."""
        if self.state in ENDS:
            return
        self._watch.event(event)
        if isinstance(event, UsageEvent) and self._on_usage is not None:
            self._on_usage(event)
        self.transcript.add(event)
        if isinstance(event, ErrorEvent):
            self._error = event  # goes out last, as all endings do
        else:
            await self.room()
            await self._log.put(event_json(event))

    async def room(self) -> None:
        """Return when the reader is not too far behind; one that stays behind for too long ends the turn."""
        if self._log.has_room or self.state in ENDS:
            return
        try:
            async with asyncio.timeout(self.times.slow_reader):
                await self._log.room()
        except TimeoutError:
            message = (
                f"The answer was not read for {self.times.slow_reader:.0f} s while more of it was waiting, so it was "
                "stopped. Nothing was saved. Ask again on a better line."
            )
            self._interrupt(Signal.TOO_SLOW, ErrorEvent(code="slow_reader", message=message, retryable=True))

    def _out_of_time(self) -> None:
        minutes = self.times.whole / 60
        message = f"The answer was not complete after {minutes:.3g} minutes, so it was stopped. Nothing was saved."
        self._interrupt(Signal.OUT_OF_TIME, ErrorEvent(code="upstream_timeout", message=message, retryable=True))

    def _overdue(self) -> None:
        if not self._log.has_reader:
            self._interrupt(Signal.OVERDUE, StoppedEvent(request_id=self.request_id))

    def _later(self, seconds: float, what: Callable[[], None]) -> None:
        """Call `what` in so many seconds, instead of when it was to be called before."""
        if (earlier := self._timers.pop(what, None)) is not None:
            earlier.cancel()
        self._timers[what] = asyncio.get_running_loop().call_later(seconds, what)

    def _move(self, signal: Signal) -> bool:
        state = following(self.state, signal)
        if state is None:
            return False
        self.state = state
        return True

    def _interrupt(self, signal: Signal, ending: Ending) -> bool:
        """End an answer that is under way: the provider and the tools are cancelled, `ending` goes out last."""
        if self._task is None or not self._move(signal):
            return False
        self.ended_with = ending
        self._watch.cancelled()
        self._task.cancel()
        return True

    async def _run(self) -> None:
        self._watch.began()
        try:
            await self._log.put(event_json(self._start))
            await self._answer(self)
            if self._error is not None and self._move(Signal.ANSWER_FAILED):
                self.ended_with = self._error
            elif self._move(Signal.ANSWERED):
                await self._keep()
        except asyncio.CancelledError:
            # `_interrupt` said why. Cancelled by anything else, as when the event loop ends, it is a shutdown.
            self.shut_down()
            raise
        except RundownError as error:
            self._failed(error.message, retryable=error.status >= 500)
        except Exception:
            # The stream's edge: whatever it was, the reader is told, and the log gets the trace.
            log.exception("turn_failed")
            self._failed("The server met an error it did not expect.", retryable=True)

    async def _keep(self) -> None:
        self._watch.saving()
        self.unsaved = NewAnswer.model_validate(self.transcript.message())
        saved = await self._save(self.unsaved)
        self.unsaved = None
        self._move(Signal.SAVED)
        self.ended_with = DoneEvent(**saved.model_dump())

    def _failed(self, why: str, *, retryable: bool) -> None:
        code: ErrorCode
        if self._move(Signal.SAVE_FAILED):
            again = "Send the same request again to save it; the model is not asked again."
            code, why, retryable = "save_failed", f"The answer could not be saved. {why} {again}", True
        elif self._move(Signal.ANSWER_FAILED):
            code, why = "internal", f"{why} Nothing was saved."
        else:
            return
        request_id = self.request_id if code == "save_failed" else None
        self.ended_with = ErrorEvent(code=code, message=why, retryable=retryable, request_id=request_id)

    def _end(self) -> None:
        """Close the log with the turn's one ending."""
        self._watch.ended(self.ended_with)
        self._log.close(event_json(self.ended_with) if self.ended_with else None)


async def refused(error: ErrorEvent, sink: EventSink) -> None:
    """Write an answer that is an error from the start: the model is not asked."""
    await sink.put(error)


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
