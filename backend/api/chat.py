"""Asking about a run: streamed, or in one piece; stopping; keeping a stopped answer."""

from __future__ import annotations

import asyncio
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette import EventSourceResponse

from backend.agents.core.events import DoneEvent, ErrorEvent
from backend.api.connection import CallerAddress, CurrentUser, CurrentUserAlsoByQuery, PathId, ServicesDep
from backend.api.sse import stream_response
from backend.conversations.branch_position import BranchRequest, SessionId, list_context_messages, position_question
from backend.conversations.start import MAX_MESSAGE, ChatRequest, RequestId, begin_turn
from backend.conversations.turn import Turn
from backend.errors import Conflict, RundownError, UpstreamFailed
from backend.store.conversations import NewAnswer, SavedTurn, SessionStore
from backend.store.runs import RunStore

router = APIRouter(prefix="/api/models/{model_id}/runs/{run_id}", tags=["chat"])

# How often a caller that waits for a whole answer is looked for; it can only be asked, it does not tell.
_LOOK_S = 0.1
_STATUS = {
    "missing_api_key": 422,
    "invalid_api_key": 422,
    "api_key_not_opened": 422,
    "insufficient_credits": 402,
    "model_not_found": 422,
    "model_lacks_tools": 422,
    "context_too_long": 413,
    "content_filtered": 422,
    "rate_limited": 429,
    "upstream_timeout": 504,
    "save_failed": 503,
    "shutting_down": 503,
    "internal": 500,
}

LastEventId = Annotated[str | None, Header(max_length=40)]


class KeepRequest(BranchRequest):
    """A stopped answer that the reader wants kept."""

    model_config = ConfigDict(extra="ignore")

    message: str = Field(min_length=1, max_length=MAX_MESSAGE)
    content: str = Field(min_length=1, max_length=400_000)
    request_id: RequestId | None = None
    tool_calls: list[Annotated[str, Field(max_length=100)]] = Field(default_factory=list, max_length=50)


class ChatAnswer(BaseModel):
    """A whole answer, for callers that do not stream."""

    response: str
    suggested_rules: list[dict[str, Any]]
    tool_calls: list[str]
    session_id: int
    message_id: int
    user_message_id: int
    usage: dict[str, Any] | None


class Stopped(BaseModel):
    """Whether there was something to stop; `saved` when it came too late: the answer was being saved, and is kept."""

    stopped: bool
    saved: bool


@router.get(
    "/chat-stream",
    response_class=EventSourceResponse,
    responses={204: {"description": "EventSource asks again by itself: there is nothing more"}},
)
async def chat_stream_by_get(
    model_id: int,
    run_id: int,
    user: CurrentUserAlsoByQuery,
    address: CallerAddress,
    services: ServicesDep,
    message: Annotated[str, Query()],
    session_id: Annotated[SessionId | None, Query()] = None,
    request_id: Annotated[RequestId | None, Query()] = None,
    resume: Annotated[bool, Query()] = False,
    last_event_id: LastEventId = None,
) -> Response:
    """Ask and read the answer as it comes, for plain EventSource clients."""
    if last_event_id is not None and request_id is None:
        # EventSource asks again by itself when a stream has ended; this status tells it that there is nothing more.
        return Response(status_code=status.HTTP_204_NO_CONTENT)
    body = ChatRequest(message=message, session_id=session_id, request_id=request_id, resume=resume)
    return await chat_stream_endpoint(model_id, run_id, body, user, address, services, last_event_id)


@router.post("/chat-stream", response_class=EventSourceResponse)
async def chat_stream_endpoint(
    model_id: int,
    run_id: int,
    body: ChatRequest,
    user: CurrentUser,
    address: CallerAddress,
    services: ServicesDep,
    last_event_id: LastEventId = None,
) -> EventSourceResponse:
    """Ask and read the answer as it comes; closing the connection stops it, unless the request said `resume`."""
    after = _number(last_event_id)
    if body.resume and body.request_id:
        key = (user.id, body.request_id)
        held = services.turns.find(*key)
        chunks = await services.turns.resume(key, run_id, after)
        if chunks is not None:
            return stream_response(chunks, on_close=held.reader_left if held else _nothing)
        if after:
            # The text the client has and a replay of the saved answer would not fit; and the model must not be paid
            # twice.
            raise Conflict(
                "This stream can't be resumed any more. If its answer was completed, it is in the history.",
                code="stream_lost",
            )
    turn = await begin_turn(services, user, address, model_id, run_id, body)
    return stream_response(turn.frames(), on_close=turn.reader_left)


@router.post("/chat-stream/{request_id}/stop")
async def stop_chat_stream(
    model_id: PathId, run_id: PathId, request_id: str, user: CurrentUser, services: ServicesDep
) -> Stopped:
    """Stop an answer: the model's request is closed at once and nothing is saved.

    A stop that comes while the answer is being saved waits for that, and says `saved`.
    """
    outcome = await services.turns.stop((user.id, request_id))
    return Stopped(stopped=outcome == "stopped", saved=outcome == "saved")


@router.post("/chat")
async def chat(
    model_id: int,
    run_id: int,
    body: ChatRequest,
    request: Request,
    user: CurrentUser,
    address: CallerAddress,
    services: ServicesDep,
) -> ChatAnswer:
    """Ask and get the whole answer at once; closing the connection stops it here too."""
    turn = await begin_turn(services, user, address, model_id, run_id, body)
    watcher = asyncio.create_task(_stop_when_gone(request, turn))
    try:
        await turn.wait()
    finally:
        watcher.cancel()
        turn.reader_left()
    transcript, done = turn.transcript, turn.ended_with
    if isinstance(done, ErrorEvent):
        raise _as_problem(done)
    if not isinstance(done, DoneEvent):
        raise UpstreamFailed("The answer was stopped before it was complete. Nothing was saved.", code="stopped")
    rules = [
        rule
        for result in transcript.tool_results
        if result.tool == "suggest_rules" and result.ok
        for rule in result.data.get("rules", [])
    ]
    return ChatAnswer(
        response=transcript.content,
        suggested_rules=rules,
        tool_calls=list(transcript.tool_calls),
        session_id=done.session_id,
        message_id=done.message_id,
        user_message_id=done.user_message_id,
        usage=transcript.usage.model_dump() if transcript.usage else None,
    )


@router.post("/chat-keep", status_code=status.HTTP_201_CREATED)
async def keep_stopped_answer(
    model_id: int, run_id: int, body: KeepRequest, user: CurrentUser, services: ServicesDep
) -> SavedTurn:
    """Save the part of a stopped answer that the reader saw, marked as stopped."""
    client = services.database.as_user(user.access_token)
    sessions = SessionStore(client)
    _, messages = await asyncio.gather(
        RunStore(client).get_run(model_id, run_id), list_context_messages(sessions, run_id, body)
    )
    question, _, place = position_question(body, body.message, messages)
    return await sessions.save_turn(
        run_id,
        session_id=body.session_id,
        request_id=body.request_id or str(uuid.uuid4()),
        question=question,
        place=place,
        answer=NewAnswer(content=body.content, tool_calls=body.tool_calls, stopped=True),
    )


def _nothing() -> None:
    """A stream of another worker's: that one notices by itself that nobody reads."""


def _number(last_event_id: str | None) -> int:
    """The number of the last event a client saw; 0, which sends all, for what is no number of ours."""
    return int(last_event_id) if last_event_id and last_event_id.isascii() and last_event_id.isdigit() else 0


async def _stop_when_gone(request: Request, turn: Turn) -> None:
    while not await request.is_disconnected():  # noqa: ASYNC110 - a request can only be asked
        await asyncio.sleep(_LOOK_S)
    turn.stop()


def _as_problem(event: ErrorEvent) -> RundownError:
    return UpstreamFailed(
        event.message, code=event.code, status=_STATUS.get(event.code, 502), retry_after=event.retry_after
    )
