"""Past conversations: read, list, search, rename, pin, delete, export."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response, status
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from backend.api.connection import Cursor, Limit, RunDep, SessionStoreDep
from backend.api.markdown_export import harmless_markdown
from backend.api.session_list import SessionListDep
from backend.errors import InvalidRequest
from backend.store.conversations import BranchMessage, MessageRow, SessionRow, SessionUsage
from backend.store.pages import MAX_ID, Page, decode_cursor
from backend.store.subject import SubjectKind, run_subject

router = APIRouter(prefix="/api", tags=["history"])

Search = Annotated[str | None, Query(max_length=200, description="At most 10 words, all of which are looked for")]


class History(BaseModel):
    """One branch of a conversation, oldest message first; `usage` is of the whole conversation."""

    session_id: int | None
    messages: list[BranchMessage]
    usage: SessionUsage | None = None


class SessionChanges(BaseModel):
    """What to change of a conversation."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1})

    session_title: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")] | None = None
    pinned: StrictBool | None = None


@router.get("/models/{model_id}/runs/{run_id}/chat-history", response_model_exclude_unset=True)
async def get_chat_history(
    run: RunDep,
    store: SessionStoreDep,
    session_id: Annotated[int | None, Query(ge=1, le=MAX_ID)] = None,
    message_id: Annotated[int | None, Query(ge=1, le=MAX_ID)] = None,
) -> History:
    """The named conversation, or the run's newest; empty when the run has none.

    Its newest branch, or the newest one through `message_id`.
    """
    wanted = session_id or await store.find_newest_session_id(run_subject(run.id))
    if wanted is None:
        return History(session_id=None, messages=[])
    branch = await store.get_branch(wanted, subject=run_subject(run.id), message_id=message_id)
    return History(session_id=wanted, messages=branch.messages, usage=branch.usage)


@router.get("/models/{model_id}/runs/{run_id}/chat-sessions")
async def list_run_sessions(
    run: RunDep,
    sessions: SessionListDep,
    search: Search = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[SessionRow]:
    """The run's conversations, pinned first, then the newest."""
    return await sessions.page(search=search, kind="run", subject_id=run.id, limit=limit, before=list_cursor(cursor))


@router.get("/chat-sessions")
async def list_sessions(
    sessions: SessionListDep,
    search: Search = None,
    run_id: Annotated[int | None, Query(ge=1, le=MAX_ID)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[SessionRow]:
    """All conversations of the caller; `search` looks into titles and messages."""
    kind: SubjectKind | None = None if run_id is None else "run"
    return await sessions.page(search=search, kind=kind, subject_id=run_id, limit=limit, before=list_cursor(cursor))


@router.patch("/chat-sessions/{session_id}")
async def update_session(session_id: int, body: SessionChanges, store: SessionStoreDep) -> SessionRow:
    """Rename or pin."""
    changes = body.model_dump(exclude_unset=True, exclude_none=True)
    if not changes:
        raise InvalidRequest("Nothing to change: name session_title or pinned.")
    return await store.update_session(session_id, changes)


@router.delete("/chat-sessions/{session_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_session(session_id: int, store: SessionStoreDep) -> None:
    """Delete a conversation with its messages."""
    await store.delete_session(session_id)


@router.get(
    "/chat-sessions/{session_id}/export",
    response_class=Response,
    responses={200: {"description": "The file", "content": {"text/markdown": {}, "application/json": {}}}},
)
async def export_session(
    session_id: int,
    store: SessionStoreDep,
    format: Literal["md", "json"] = "md",  # noqa: A002 - the wire's name
) -> Response:
    """The conversation as a file."""
    session, messages = await store.get_session(session_id), await store.list_messages(session_id)
    if format == "json":
        whole = _Export(session=session, messages=messages)
        body = await asyncio.to_thread(whole.model_dump_json, indent=2)
        return _file(body, "application/json", f"rundown-conversation-{session_id}.json")
    body = await asyncio.to_thread(_markdown, session, messages)
    return _file(body, "text/markdown", f"rundown-conversation-{session_id}.md")


class _Export(BaseModel):
    session: SessionRow
    messages: list[BranchMessage]


def _file(body: str, media_type: str, name: str) -> Response:
    return Response(body, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _markdown(session: SessionRow, messages: Sequence[MessageRow]) -> str:
    title, run_name, model_name = (
        " ".join(harmless_markdown(name or "").split())
        for name in (session.session_title, session.run_name, session.model_name)
    )
    about = f"Run #{session.run_number} ({run_name}) of {model_name}, exported" if session.run_id else "Exported"
    parts = [f"# {title}", f"{about} {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"]
    for message in messages:
        who = "You" if message.role == "user" else "Rundown"
        stopped = ", stopped by the reader" if message.stopped else ""
        parts.append(f"## {who} ({message.timestamp:%Y-%m-%d %H:%M} UTC{stopped})")
        if message.tool_calls:
            parts.append(f"*Tools used: {', '.join(message.tool_calls)}*")
        parts.append(harmless_markdown(message.content))
    return "\n\n".join(parts) + "\n"


def list_cursor(cursor: str | None) -> tuple[bool, str, int] | None:
    """Where in the list of conversations to go on."""
    if cursor is None:
        return None
    match decode_cursor(cursor):
        case [bool() as pinned, str() as updated_at, int() as session_id]:
            return pinned, updated_at, session_id
    raise InvalidRequest("The cursor is not one this list gave. Start again without it.")
