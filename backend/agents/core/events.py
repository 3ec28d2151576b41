"""The wire contract of a chat stream: one discriminated union of events.

Each event becomes one SSE frame. Adding a type or a field is fine; renaming or removing one breaks the programs
written against the contract. `start`, `done` and `stopped` belong to the endpoint, which knows sessions and saving; all
the others come from `SystemAgent.chat_stream`.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal, Protocol

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from backend.store.subject import Subject


def _absent(value: object) -> bool:
    return value is None


ErrorCode = Literal[
    "missing_api_key",
    "invalid_api_key",
    "api_key_not_opened",
    "insufficient_credits",
    "model_not_found",
    "model_lacks_tools",
    "context_too_long",
    "content_filtered",
    "rate_limited",
    "upstream_unavailable",
    "upstream_timeout",
    "tool_limit",
    "save_failed",
    "slow_reader",
    "shutting_down",
    "internal",
]
FigureStatus = Literal["verified", "derived", "found", "sourced", "unverified"]


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True)


class StartEvent(_Event):
    """First on the wire, before the model is called; `session_id` is None for a conversation not yet saved.

    `run_id` is set where the subject is a run or trades into one.
    """

    type: Literal["start"] = "start"
    request_id: str
    session_id: int | None
    run_id: int | None
    model: str
    subject: Subject


class TokenEvent(_Event):
    """Answer text as it arrives."""

    type: Literal["token"] = "token"
    content: str


class ReasoningEvent(_Event):
    """Thinking text of models that send it; never part of the saved answer."""

    type: Literal["reasoning"] = "reasoning"
    content: str


class ToolEvent(_Event):
    """A tool call starts; exactly once per call."""

    type: Literal["tool"] = "tool"
    tool: str
    id: str
    args: dict[str, Any]


class ToolResultEvent(_Event):
    """A tool call ended. `data` is the whole structured result; the model saw a compact form of it."""

    type: Literal["tool_result"] = "tool_result"
    tool: str
    id: str
    ok: bool
    duration_ms: float
    summary: str
    data: dict[str, Any]


class CheckedFigure(BaseModel):
    """One figure of the answer; `start` and `end` are UTF-16 code units into it."""

    model_config = ConfigDict(frozen=True)

    text: str
    start: int
    end: int
    status: FigureStatus
    source: dict[str, Any] | None = Field(None, exclude_if=_absent)
    why: Literal["no_match", "label_mismatch", "unit_mismatch"] | None = Field(None, exclude_if=_absent)
    belongs_to: str | None = Field(None, exclude_if=_absent)


class CheckEvent(_Event):
    """Once, after the last token."""

    type: Literal["check"] = "check"
    figures: list[CheckedFigure]


class RouteEvent(_Event):
    """Which kind of question it is taken for and who answers; once, before the model is called."""

    type: Literal["route"] = "route"
    query_type: str
    confidence: float
    role: str
    model: str
    reasoning: str
    keywords: list[str]
    forced: bool
    fallback_from: str | None = Field(None, exclude_if=_absent)


class Understood(BaseModel):
    """What a question was understood as: in one line, by intent, whether it goes on from the turn before, the words
    that nothing was made of, and questions that ask for another reading of it."""

    model_config = ConfigDict(frozen=True)

    text: str
    intents: list[str]
    goes_on: bool
    unread: list[str]
    corrections: list[str]


class StepEvent(_Event):
    """A step of longer work, as it begins and as it ends; the newest event of an `id` says how it stands.

    `understood` comes with the step named "understood" of an analyst that reads questions by a grammar.
    """

    type: Literal["step"] = "step"
    id: str
    name: str
    state: Literal["running", "completed", "failed", "cancelled"]
    started_at: str
    ended_at: str | None = Field(None, exclude_if=_absent)
    tokens: int | None = Field(None, exclude_if=_absent)
    cost_usd: float | None = Field(None, exclude_if=_absent)
    understood: Understood | None = Field(None, exclude_if=_absent)


class SourceEvent(_Event):
    """A page that the answer rests on."""

    type: Literal["source"] = "source"
    id: str
    title: str
    url: str
    host: str
    published_at: str | None = Field(None, exclude_if=_absent)


ArtifactKind = Literal["strategy", "chart", "table", "file", "recommendations", "setting_proposal", "order"]


class ArtifactEvent(_Event):
    """Something that was made beside the text; the newest `version` of an `id` counts."""

    type: Literal["artifact"] = "artifact"
    kind: ArtifactKind
    id: str
    version: int
    data: dict[str, Any]


class UsageEvent(_Event):
    """Once, if the provider reports it: the sum over the turn's model calls."""

    type: Literal["usage"] = "usage"
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None = Field(None, exclude_if=_absent)


class SuggestionsEvent(_Event):
    """Follow-up questions a reader may want to ask next."""

    type: Literal["suggestions"] = "suggestions"
    questions: list[str]


class ErrorEvent(_Event):
    """Ends the stream; nothing is saved."""

    type: Literal["error"] = "error"
    code: ErrorCode
    message: str
    retryable: bool
    retry_after: float | None = Field(None, exclude_if=_absent)
    request_id: str | None = Field(None, exclude_if=_absent)


class DoneEvent(_Event):
    """Last on the wire, after both messages are committed."""

    type: Literal["done"] = "done"
    session_id: int
    message_id: int
    user_message_id: int


class StoppedEvent(_Event):
    """Last on the wire of a stream that was ended by the stop call; nothing is saved."""

    type: Literal["stopped"] = "stopped"
    request_id: str


ChatEvent = Annotated[
    StartEvent
    | TokenEvent
    | ReasoningEvent
    | ToolEvent
    | ToolResultEvent
    | CheckEvent
    | RouteEvent
    | StepEvent
    | SourceEvent
    | ArtifactEvent
    | UsageEvent
    | SuggestionsEvent
    | ErrorEvent
    | DoneEvent
    | StoppedEvent,
    Field(discriminator="type"),
]

_ADAPTER: TypeAdapter[ChatEvent] = TypeAdapter(ChatEvent)


class EventSink(Protocol):
    """Where an answer goes as it comes. Both calls wait while the reader is too far behind: that is what holds the
    provider back."""

    async def put(self, event: ChatEvent) -> None:
        """Hand over one event."""

    async def room(self) -> None:
        """Return when there is room for another event."""


def event_json(event: BaseModel) -> bytes:
    """The event's one line of JSON, as pydantic would write it (which takes four to six times as long)."""
    return orjson.dumps(event, default=_fields, option=orjson.OPT_NON_STR_KEYS)


def parse_event(data: bytes) -> ChatEvent:
    """The event that `event_json` wrote.

    Raises:
        pydantic.ValidationError: it is none.
    """
    return _ADAPTER.validate_json(data)


def _fields(value: object) -> dict[str, Any]:
    if not isinstance(value, BaseModel):
        raise TypeError(f"{type(value).__name__} has no place in an event")
    return present_fields(value)


def present_fields(value: BaseModel) -> dict[str, Any]:
    """Its fields as they go on the wire: without those that are left out when absent."""
    optional = _left_out_when_absent(type(value))
    if not optional:
        return vars(value)
    return {name: field for name, field in vars(value).items() if field is not None or name not in optional}


@cache
def _left_out_when_absent(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(name for name, field in model.model_fields.items() if field.exclude_if is not None)
