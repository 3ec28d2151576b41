"""Events folded into what is saved of a turn."""

from __future__ import annotations

from typing import Any, Protocol, assert_never

from pydantic import BaseModel

from backend.agents.core.events import (
    ArtifactEvent,
    ChatEvent,
    CheckedFigure,
    CheckEvent,
    DoneEvent,
    ErrorEvent,
    EventSink,
    ReasoningEvent,
    RouteEvent,
    SourceEvent,
    StartEvent,
    StepEvent,
    StoppedEvent,
    SuggestionsEvent,
    TokenEvent,
    ToolEvent,
    ToolResultEvent,
    UsageEvent,
    present_fields,
)


class SavedToolResult(BaseModel):
    """One finished tool call, as a message keeps it."""

    tool: str
    id: str
    args: dict[str, Any]
    ok: bool
    duration_ms: float
    summary: str
    data: dict[str, Any]


class SavedUsage(BaseModel):
    """Tokens and cost of the turn."""

    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None = None


class Transcript:
    """The assistant's message so far. Pure: `add` events in order, read the fields at any time.

    `error` is the event that ended the turn without an answer. Steps, sources and artifacts are kept by their ids, the
    newest of each.
    """

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._calls: list[tuple[ToolEvent, ToolResultEvent | None]] = []
        self.checks: list[CheckedFigure] = []
        self.usage: SavedUsage | None = None
        self.suggestions: list[str] = []
        self.route: RouteEvent | None = None
        self.steps: dict[str, StepEvent] = {}
        self.sources: dict[str, SourceEvent] = {}
        self.artifacts: dict[str, ArtifactEvent] = {}
        self.error: ErrorEvent | None = None

    @property
    def content(self) -> str:
        """The answer's text so far."""
        return "".join(self._texts)

    @property
    def has_text(self) -> bool:
        """Whether the answer has begun."""
        return bool(self._texts)

    @property
    def tool_calls(self) -> list[str]:
        """The names of the tools called, in order of start."""
        return [call.tool for call, _ in self._calls]

    @property
    def tool_results(self) -> list[SavedToolResult]:
        """The finished calls, in order of start."""
        return [
            SavedToolResult(
                tool=result.tool,
                id=result.id,
                args=call.args,
                ok=result.ok,
                duration_ms=result.duration_ms,
                summary=result.summary,
                data=result.data,
            )
            for call, result in self._calls
            if result is not None
        ]

    def add(self, event: ChatEvent) -> None:  # noqa: PLR0912 - one case for each event
        """Take in one event."""
        match event:
            case TokenEvent():
                self._texts.append(event.content)
            case ToolEvent():
                self._calls.append((event, None))
            case ToolResultEvent():
                self._end_call(event)
            case CheckEvent():
                self.checks = list(event.figures)
            case UsageEvent():
                self.usage = SavedUsage(**event.model_dump(exclude={"type"}))
            case SuggestionsEvent():
                self.suggestions = list(event.questions)
            case RouteEvent():
                self.route = event
            case StepEvent():
                self.steps[event.id] = event
            case SourceEvent():
                self.sources[event.id] = event
            case ArtifactEvent():
                self.artifacts[event.id] = event
            case ErrorEvent():
                self.error = event
            case StartEvent() | ReasoningEvent() | DoneEvent() | StoppedEvent():
                pass  # they leave nothing to save
            case _:
                assert_never(event)

    def _end_call(self, result: ToolResultEvent) -> None:
        """Ids are the provider's, and some use one again in a later round: the oldest open call is meant."""
        for place, (call, ended) in enumerate(self._calls):
            if call.id == result.id and ended is None:
                self._calls[place] = (call, result)
                return

    def message(self) -> dict[str, Any]:
        """The columns of the assistant's message: content, tool_calls, tool_results, checks, usage.

        What tools and the check found is passed on as it is: going through it takes milliseconds of the event loop.
        """
        return {
            "content": self.content,
            "tool_calls": self.tool_calls,
            "tool_results": [vars(result) for result in self.tool_results],
            "checks": [present_fields(figure) for figure in self.checks],
            "usage": self.usage.model_dump(mode="json", exclude_none=True) if self.usage else None,
        }


class RecordingSink(EventSink, Protocol):
    """A sink that folds what is put into it: the one transcript of a turn."""

    @property
    def transcript(self) -> Transcript:
        """What has been put so far."""
