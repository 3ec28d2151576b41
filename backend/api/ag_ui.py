"""A second wire: AG-UI over the same agent and the same saving, for assistant-ui and CopilotKit clients.

A thread of AG-UI's is a conversation of ours: its id may be a session's number, or any id of the client's own, which
the first saved turn ties to the session it made. The stored history is the truth: of what the client posts only its
newest message is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator
from typing import Any, assert_never

import orjson
from ag_ui import core
from ag_ui.encoder import EventEncoder
from fastapi import APIRouter
from sse_starlette import EventSourceResponse

from backend.agents.core.events import (
    ArtifactEvent,
    ChatEvent,
    CheckEvent,
    DoneEvent,
    ErrorEvent,
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
)
from backend.api.connection import CallerAddress, CurrentUser, ServicesDep, SessionStoreDep, path_subject
from backend.api.sse import stream_response
from backend.conversations.sse_frames import events_in
from backend.conversations.start import ChatRequest, begin_turn
from backend.errors import InvalidRequest
from backend.store.conversations import SessionStore

router = APIRouter(prefix="/api/models/{model_id}/runs/{run_id}", tags=["chat"])


@router.post("/ag-ui", response_class=EventSourceResponse)
async def ag_ui(
    model_id: int,
    run_id: int,
    body: core.RunAgentInput,
    user: CurrentUser,
    address: CallerAddress,
    sessions: SessionStoreDep,
    services: ServicesDep,
) -> EventSourceResponse:
    """Ask in AG-UI's terms; closing the connection stops the answer."""
    request = ChatRequest(
        message=_newest_question(body),
        session_id=await _session_of(sessions, body.thread_id),
        request_id=f"{_thread_prefix(body.thread_id)}{_digest(body.run_id)}",
    )
    turn = await begin_turn(services, user, address, path_subject("run", run_id), request, of_model=model_id)
    return stream_response(_encoded(turn.frames(), body), on_close=turn.reader_left)


async def _encoded(chunks: AsyncIterator[bytes], body: core.RunAgentInput) -> AsyncIterator[bytes]:
    encoder, translator = EventEncoder(), AgUiTranslator(thread_id=body.thread_id, run_id=body.run_id)
    async for chunk in chunks:
        translated = (encoder.encode(ours) for event in events_in(chunk) for ours in translator.translate(event))
        if text := "".join(translated):
            yield text.encode()


class AgUiTranslator:
    """Our events → AG-UI's. What is open (a text, a thought) is closed before anything else begins. Pure."""

    def __init__(self, *, thread_id: str, run_id: str) -> None:
        self._thread_id, self._run_id = thread_id, run_id
        self._messages = 0
        self._open: tuple[str, str] | None = None

    def translate(self, event: ChatEvent) -> Iterator[core.BaseEvent]:
        """The AG-UI events that say what `event` says; none for what AG-UI has no place for."""
        match event:
            case TokenEvent():
                yield from self._say("text", event.content)
            case ReasoningEvent():
                yield from self._say("reasoning", event.content)
            case _:
                yield from self._close()
                yield from self._whole(event)

    def _whole(self, event: ChatEvent) -> Iterator[core.BaseEvent]:
        match event:
            case StartEvent():
                yield core.RunStartedEvent(thread_id=self._thread_id, run_id=self._run_id)
            case ToolEvent():
                yield core.ToolCallStartEvent(tool_call_id=event.id, tool_call_name=event.tool)
                yield core.ToolCallArgsEvent(tool_call_id=event.id, delta=orjson.dumps(event.args).decode())
                yield core.ToolCallEndEvent(tool_call_id=event.id)
            case ToolResultEvent():
                content = orjson.dumps(event.data).decode()
                yield core.ToolCallResultEvent(message_id=f"{event.id}-result", tool_call_id=event.id, content=content)
            case RouteEvent() | StepEvent() | SourceEvent() | ArtifactEvent():
                yield self._custom(event)
            case CheckEvent() | UsageEvent() | SuggestionsEvent():
                yield self._custom(event)
            case DoneEvent():
                yield self._finished(event.model_dump(exclude={"type"}))
            case StoppedEvent():
                yield self._finished({"stopped": True})
            case ErrorEvent():
                yield core.RunErrorEvent(message=event.message, code=event.code)
            case TokenEvent() | ReasoningEvent():
                pass  # said as text, above
            case _:
                assert_never(event)

    @staticmethod
    def _custom(event: ChatEvent) -> core.CustomEvent:
        """What AG-UI has no event of its own for."""
        return core.CustomEvent(name=f"rundown.{event.type}", value=event.model_dump(mode="json", exclude={"type"}))

    def _finished(self, result: dict[str, Any]) -> core.RunFinishedEvent:
        return core.RunFinishedEvent(thread_id=self._thread_id, run_id=self._run_id, result=result)

    def _say(self, kind: str, content: str) -> Iterator[core.BaseEvent]:
        if self._open is None or self._open[0] != kind:
            yield from self._close()
            self._messages += 1
            message_id = f"{self._run_id}-{self._messages}"
            self._open = (kind, message_id)
            if kind == "text":
                yield core.TextMessageStartEvent(message_id=message_id, role="assistant")
            else:
                yield core.ReasoningStartEvent(message_id=message_id)
                yield core.ReasoningMessageStartEvent(message_id=message_id, role="reasoning")
        message_id = self._open[1]
        if kind == "text":
            yield core.TextMessageContentEvent(message_id=message_id, delta=content)
        else:
            yield core.ReasoningMessageContentEvent(message_id=message_id, delta=content)

    def _close(self) -> Iterator[core.BaseEvent]:
        if self._open is None:
            return
        (kind, message_id), self._open = self._open, None
        if kind == "text":
            yield core.TextMessageEndEvent(message_id=message_id)
        else:
            yield core.ReasoningMessageEndEvent(message_id=message_id)
            yield core.ReasoningEndEvent(message_id=message_id)


def _newest_question(body: core.RunAgentInput) -> str:
    newest = body.messages[-1] if body.messages else None
    if newest is None or newest.role != "user":
        raise InvalidRequest("The newest message must be the user's question.")
    if isinstance(newest.content, str):
        return newest.content
    return "\n".join(part.text for part in newest.content if part.type == "text")


async def _session_of(sessions: SessionStore, thread_id: str) -> int | None:
    if thread_id.isascii() and thread_id.isdigit() and len(thread_id) < 19:
        return int(thread_id)
    return await sessions.find_session_id_by_request(_thread_prefix(thread_id))


def _thread_prefix(thread_id: str) -> str:
    # Request ids are short and plain; a client's thread id may be anything.
    return f"agui.{_digest(thread_id)}."


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
