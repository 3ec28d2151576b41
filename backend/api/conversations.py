"""Conversations about any subject: asking, stopping, reading, and the messages one pinned."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, StrictBool
from sse_starlette import EventSourceResponse

from backend.api.connection import CallerAddress, CurrentUser, Cursor, Limit, PathId, ServicesDep, SessionStoreDep
from backend.api.history import History, Search, list_cursor
from backend.api.session_list import SessionListDep
from backend.api.turn_responses import ChatAnswer, LastEventId, Stopped, stopped_turn, streamed_turn, whole_turn
from backend.conversations.start import ChatRequest
from backend.store.conversations import PinnedMessage, SessionRow
from backend.store.pages import MAX_ID, Page, decode_id_cursor
from backend.store.subject import Subject, SubjectKind

router = APIRouter(prefix="/api", tags=["conversations"])


class SubjectRequest(ChatRequest):
    """A question, and what it is about."""

    subject: Subject


class MessageChanges(BaseModel):
    """What can be changed of a message."""

    model_config = ConfigDict(extra="forbid")

    pinned: StrictBool


@router.post("/conversations/stream", response_class=EventSourceResponse)
async def stream_conversation(
    body: SubjectRequest,
    user: CurrentUser,
    address: CallerAddress,
    services: ServicesDep,
    last_event_id: LastEventId = None,
) -> EventSourceResponse:
    """Ask and read the answer as it comes; closing the connection stops it, unless the request said `resume`."""
    return await streamed_turn(services, user, address, body.subject, body, last_event_id)


@router.post("/conversations/chat")
async def ask_conversation(
    body: SubjectRequest, request: Request, user: CurrentUser, address: CallerAddress, services: ServicesDep
) -> ChatAnswer:
    """Ask and get the whole answer at once; closing the connection stops it here too."""
    return await whole_turn(services, user, address, body.subject, body, request)


@router.post("/conversations/{request_id}/stop")
async def stop_conversation(request_id: str, user: CurrentUser, services: ServicesDep) -> Stopped:
    """Stop an answer: the model's request is closed at once and nothing is saved.

    A stop that comes while the answer is being saved waits for that, and says `saved`.
    """
    return await stopped_turn(services, user, request_id)


@router.get("/conversations/history", response_model_exclude_unset=True)
async def get_conversation(
    store: SessionStoreDep,
    session_id: Annotated[int, Query(ge=1, le=MAX_ID)],
    message_id: Annotated[int | None, Query(ge=1, le=MAX_ID)] = None,
) -> History:
    """One conversation: its newest branch, or the newest one through `message_id`."""
    branch = await store.get_branch(session_id, message_id=message_id)
    return History(session_id=session_id, messages=branch.messages, usage=branch.usage)


@router.get("/conversations")
async def list_conversations(
    sessions: SessionListDep,
    kind: SubjectKind | None = None,
    subject_id: Annotated[int | None, Query(alias="id", ge=1, le=MAX_ID)] = None,
    search: Search = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[SessionRow]:
    """The caller's conversations, pinned first, then the newest; of one kind, or about one subject of it."""
    before = list_cursor(cursor)
    return await sessions.page(search=search, kind=kind, subject_id=subject_id, limit=limit, before=before)


@router.patch("/chat-messages/{message_id}")
async def update_message(message_id: PathId, body: MessageChanges, store: SessionStoreDep) -> PinnedMessage:
    """Pin a message, or no longer."""
    return await store.pin_message(message_id, pinned=body.pinned)


@router.get("/chat-messages")
async def list_pinned_messages(store: SessionStoreDep, limit: Limit = 50, cursor: Cursor = None) -> Page[PinnedMessage]:
    """The caller's pinned messages, newest first."""
    return await store.list_pinned(limit=limit, before_id=decode_id_cursor(cursor))
