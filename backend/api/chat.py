"""Asking about a run: streamed, or in one piece; stopping; keeping a stopped answer.

The same as `conversations`, for a subject that the path names.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status
from pydantic import ConfigDict, Field
from sse_starlette import EventSourceResponse

from backend.api.connection import (
    CallerAddress,
    CurrentUser,
    CurrentUserAlsoByQuery,
    PathId,
    ServicesDep,
    path_subject,
)
from backend.api.turn_responses import (
    ChatAnswer,
    LastEventId,
    Stopped,
    stopped_turn,
    streamed_turn,
    whole_turn,
)
from backend.conversations.branch_position import (
    BranchRequest,
    SessionId,
    list_context_messages,
    position_question,
)
from backend.conversations.start import MAX_MESSAGE, ChatRequest, RequestId
from backend.store.conversations import NewAnswer, SavedTurn, SessionStore
from backend.store.runs import RunStore

router = APIRouter(prefix="/api/models/{model_id}/runs/{run_id}", tags=["chat"])


class KeepRequest(BranchRequest):
    """A stopped answer that the reader wants kept."""

    model_config = ConfigDict(extra="ignore")

    message: str = Field(min_length=1, max_length=MAX_MESSAGE)
    content: str = Field(min_length=1, max_length=400_000)
    request_id: RequestId | None = None
    tool_calls: list[Annotated[str, Field(max_length=100)]] = Field(default_factory=list, max_length=50)


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
    subject = path_subject("run", run_id)
    return await streamed_turn(services, user, address, subject, body, last_event_id, of_model=model_id)


@router.post("/chat-stream/{request_id}/stop")
async def stop_chat_stream(
    model_id: PathId, run_id: PathId, request_id: str, user: CurrentUser, services: ServicesDep
) -> Stopped:
    """Stop an answer: the model's request is closed at once and nothing is saved.

    A stop that comes while the answer is being saved waits for that, and says `saved`.
    """
    return await stopped_turn(services, user, request_id)


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
    subject = path_subject("run", run_id)
    return await whole_turn(services, user, address, subject, body, request, of_model=model_id)


@router.post("/chat-keep", status_code=status.HTTP_201_CREATED)
async def keep_stopped_answer(
    model_id: int, run_id: int, body: KeepRequest, user: CurrentUser, services: ServicesDep
) -> SavedTurn:
    """Save the part of a stopped answer that the reader saw, marked as stopped."""
    client = services.database.as_user(user.access_token)
    sessions, subject = SessionStore(client), path_subject("run", run_id)
    _, messages = await asyncio.gather(
        RunStore(client).get_run(model_id, run_id), list_context_messages(sessions, subject, body)
    )
    question, _, place = position_question(body, body.message, messages)
    return await sessions.save_turn(
        subject,
        session_id=body.session_id,
        request_id=body.request_id or str(uuid.uuid4()),
        question=question,
        place=place,
        answer=NewAnswer(content=body.content, tool_calls=body.tool_calls, stopped=True),
    )
