"""What is seen of a turn from outside: counts for Prometheus, two lines in the log. No text of it, and no key."""

from __future__ import annotations

import time

import structlog

from backend.agents.core.events import (
    ChatEvent,
    DoneEvent,
    ErrorEvent,
    StoppedEvent,
    TokenEvent,
    ToolEvent,
    ToolResultEvent,
    UsageEvent,
)
from backend.telemetry import prometheus
from backend.telemetry.tracing import Span, Tracer

log = structlog.get_logger(__name__)

Ending = DoneEvent | StoppedEvent | ErrorEvent


class TurnWatch:
    """Watches one turn; `paid` says whether its usage is real, and not that of a replay."""

    def __init__(
        self, *, request_id: str, subject: str, run_id: int | None, model: str, paid: bool, tracer: Tracer
    ) -> None:
        self._names: dict[str, str | int] = {"request_id": request_id, "subject": subject}
        if run_id is not None:
            self._names["run_id"] = run_id
        self._model = model
        self._paid = paid
        self._tracer = tracer
        self._span: Span | None = None
        self._began_at = time.monotonic()
        self._first_token_s: float | None = None
        self._saving_since: float | None = None
        self._tools = 0
        self._tokens = 0

    def began(self) -> None:
        """The turn's task begins; from here on every line of the log that it writes names the stream and the run."""
        structlog.contextvars.bind_contextvars(**self._names)
        self._span = self._answer_span()
        log.info("turn_began", model=self._model)

    def event(self, event: ChatEvent) -> None:
        """Count one event of the answer."""
        if isinstance(event, TokenEvent):  # by far the most
            if self._first_token_s is None:
                self._first_token_s = self._elapsed()
                prometheus.FIRST_TOKEN_S.observe(self._first_token_s)
                self._child("first text", self._first_token_s)
            return
        match event:
            case ToolEvent():
                self._tools += 1
            case ToolResultEvent():
                # A tool's name is the model's word: only one that worked is surely one of ours.
                tool = event.tool if event.ok else "refused"
                prometheus.TOOL_S.labels(tool).observe(event.duration_ms / 1000)
                self._child("tool", event.duration_ms / 1000, tool=tool)
            case UsageEvent() if self._paid:
                self._tokens = event.prompt_tokens + event.completion_tokens
                prometheus.TOKENS.labels("prompt").inc(event.prompt_tokens)
                prometheus.TOKENS.labels("completion").inc(event.completion_tokens)
                prometheus.COST_USD.inc(max(event.cost_usd or 0.0, 0.0))

    def saving(self) -> None:
        """The answer is whole; its saving begins."""
        self._saving_since = time.monotonic()

    def cancelled(self) -> None:
        """The provider's stream was closed before its end: what the provider would still have written is not paid."""
        prometheus.UPSTREAM_CANCELS.inc()

    def ended(self, ending: Ending | None) -> None:
        """Count the turn's ending, and say it in the log."""
        how, code = _named(ending)
        prometheus.STREAMS_ENDED.labels(how).inc()
        if code is not None:
            prometheus.ERRORS.labels(code).inc()
        if self._saving_since is not None:
            prometheus.SAVES.labels("saved" if how == "done" else "failed").inc()
            saving_s = time.monotonic() - self._saving_since
            prometheus.SAVE_S.observe(saving_s)
            self._child("save", saving_s)
        first = None if self._first_token_s is None else round(self._first_token_s * 1000)
        figures = {"ms": round(self._elapsed() * 1000), "first_text_ms": first, "tools": self._tools}
        # One that was cancelled before its first step has none yet.
        (self._span or self._answer_span()).end(how=how, code=code or "")
        log.info("turn_ended", how=how, code=code, used=self._tokens, **figures, **self._names)

    def _answer_span(self) -> Span:
        return self._tracer.begin("answer", model=self._model, **self._names)

    def _child(self, name: str, seconds: float, **attributes: str) -> None:
        """A part of the turn that is over: a child of its span, whichever task hears of its end."""
        if self._span is not None:
            self._span.past(name, seconds, **attributes, **self._names)

    def _elapsed(self) -> float:
        return time.monotonic() - self._began_at


def _named(ending: Ending | None) -> tuple[str, str | None]:
    match ending:
        case DoneEvent():
            return "done", None
        case StoppedEvent():
            return "stopped", None
        case ErrorEvent(code=code):
            return "error", code
    return "lost", None
