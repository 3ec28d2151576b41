"""A turn as an HTTP answer: streamed, whole, stopped; for a conversation about anything."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import Header, Request
from pydantic import BaseModel
from sse_starlette import EventSourceResponse

from backend.agents.core.events import DoneEvent, ErrorEvent
from backend.api.connection import Services
from backend.api.sse import stream_response
from backend.conversations.start import ChatRequest, begin_turn
from backend.conversations.turn import Turn
from backend.errors import Conflict, RundownError, UpstreamFailed
from backend.store.client import User
from backend.store.subject import Subject

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


async def streamed_turn(
    services: Services,
    user: User,
    address: str,
    subject: Subject,
    body: ChatRequest,
    last_event_id: str | None,
    *,
    of_model: int | None = None,
) -> EventSourceResponse:
    """The answer as it comes, or the rest of one whose line was lost."""
    after = _number(last_event_id)
    if body.resume and body.request_id:
        key = (user.id, body.request_id)
        held = services.turns.find(*key)
        chunks = await services.turns.resume(key, str(subject), after)
        if chunks is not None:
            return stream_response(chunks, on_close=held.reader_left if held else _nothing)
        if after:
            # The text the client has and a replay of the saved answer would not fit; and the model must not be paid
            # twice.
            raise Conflict(
                "This stream can't be resumed any more. If its answer was completed, it is in the history.",
                code="stream_lost",
            )
    turn = await begin_turn(services, user, address, subject, body, of_model=of_model)
    return stream_response(turn.frames(), on_close=turn.reader_left)


async def stopped_turn(services: Services, user: User, request_id: str) -> Stopped:
    """The answer of this request, stopped."""
    outcome = await services.turns.stop((user.id, request_id))
    return Stopped(stopped=outcome == "stopped", saved=outcome == "saved")


async def whole_turn(
    services: Services,
    user: User,
    address: str,
    subject: Subject,
    body: ChatRequest,
    request: Request,
    *,
    of_model: int | None = None,
) -> ChatAnswer:
    """The whole answer at once; a caller who closes the connection stops it.

    Raises:
        UpstreamFailed: with the code of the error that ended it.
    """
    turn = await begin_turn(services, user, address, subject, body, of_model=of_model)
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
