"""Conversations and their messages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from supabase import AsyncClient

from backend.errors import NotFound
from backend.store.client import execute
from backend.store.pages import Page, page_of

_NO_SUCH_SESSION = "There is no such conversation in your account."
_TITLE_LENGTH = 80


class SessionRow(BaseModel):
    """What a list shows of a conversation; `snippet` is the newest message that a search found."""

    model_config = ConfigDict(extra="ignore")

    id: int
    model_id: int
    model_name: str
    run_id: int
    run_number: int
    run_name: str
    session_title: str
    pinned: bool
    created_at: datetime
    updated_at: datetime
    message_count: int
    snippet: str | None = None


class MessageRow(BaseModel):
    """One row of `chat_messages`."""

    model_config = ConfigDict(extra="ignore")

    id: int
    role: Literal["user", "assistant"]
    content: str
    tool_calls: list[str]
    tool_results: list[dict[str, Any]]
    checks: list[dict[str, Any]]
    usage: dict[str, Any] | None
    stopped: bool
    request_id: str | None
    timestamp: datetime


class NewAnswer(BaseModel):
    """An assistant's message as it is saved."""

    content: str
    tool_calls: list[str] = []
    tool_results: list[dict[str, Any]] = []
    checks: list[dict[str, Any]] = []
    usage: dict[str, Any] | None = None
    stopped: bool = False


class SavedTurn(BaseModel):
    """Where a saved question and its answer are."""

    session_id: int
    message_id: int
    user_message_id: int


class SessionStore:
    """Conversations of the caller."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def list_sessions(
        self, *, search: str | None, run_id: int | None, limit: int, before: tuple[bool, str, int] | None
    ) -> Page[SessionRow]:
        """Pinned first, then the newest; `search` looks into titles and messages."""
        arguments: dict[str, Any] = {"p_search": search, "p_run_id": run_id, "p_limit": limit + 1}
        if before is not None:
            arguments |= dict(zip(("p_before_pinned", "p_before_updated_at", "p_before_id"), before, strict=True))
        rows = await execute(self._client.rpc("list_chat_sessions", arguments))
        return page_of(
            [SessionRow.model_validate(row) for row in rows],
            limit,
            lambda row: (row.pinned, row.updated_at.isoformat(), row.id),
        )

    async def get_session(self, session_id: int) -> SessionRow:
        """One conversation."""
        return _only(await execute(self._client.table("chat_sessions").select(_SESSION).eq("id", session_id)))

    async def find_newest_session_id(self, run_id: int) -> int | None:
        """The run's conversation that was used last, if it has one."""
        query = (
            self._client.table("chat_sessions")
            .select("id")
            .eq("run_id", run_id)
            .order("updated_at", desc=True)
            .order("id", desc=True)
            .limit(1)
        )
        rows = await execute(query)
        return rows[0]["id"] if rows else None

    async def list_messages(self, session_id: int, *, run_id: int | None = None) -> list[MessageRow]:
        """All messages of one conversation, oldest first; NotFound when it is not the caller's (or not the run's)."""
        query = (
            self._client.table("chat_sessions")
            .select("id, chat_messages(*)")
            .eq("id", session_id)
            .order("id", foreign_table="chat_messages")
        )
        if run_id is not None:
            query = query.eq("run_id", run_id)
        return _messages(await execute(query))

    async def list_last_messages(self, session_id: int, *, run_id: int, count: int) -> list[MessageRow]:
        """The last `count` messages of one conversation of the run, oldest first."""
        query = (
            self._client.table("chat_sessions")
            .select("id, chat_messages(*)")
            .eq("id", session_id)
            .eq("run_id", run_id)
            .order("id", desc=True, foreign_table="chat_messages")
            .limit(count, foreign_table="chat_messages")
        )
        return _messages(await execute(query))[::-1]

    async def find_answer(self, request_id: str) -> tuple[MessageRow, SavedTurn] | None:
        """The answer that was saved for a request, with where it and its question are."""
        messages = self._client.table("chat_messages")
        rows = await execute(messages.select("*").eq("request_id", request_id).eq("role", "assistant"))
        if not rows:
            return None
        answer, session_id = MessageRow.model_validate(rows[0]), rows[0]["session_id"]
        asked = await execute(
            messages.select("id")
            .eq("session_id", session_id)
            .eq("role", "user")
            .lt("id", answer.id)
            .order("id", desc=True)
            .limit(1)
        )
        turn = SavedTurn(session_id=session_id, message_id=answer.id, user_message_id=asked[0]["id"])
        return answer, turn

    async def find_session_id_by_request(self, prefix: str) -> int | None:
        """The conversation of the newest answer whose request id begins with `prefix` (plain letters, digits, dots)."""
        query = (
            self._client.table("chat_messages")
            .select("session_id")
            .like("request_id", f"{prefix}%")
            .order("id", desc=True)
            .limit(1)
        )
        rows = await execute(query)
        return rows[0]["session_id"] if rows else None

    async def save_turn(
        self, run_id: int, *, session_id: int | None, request_id: str, question: str, answer: NewAnswer
    ) -> SavedTurn:
        """Save question and answer in one transaction, in a new conversation if there is none yet."""
        arguments = {
            "p_run_id": run_id,
            "p_session_id": session_id,
            "p_title": title_from(question),
            "p_request_id": request_id,
            "p_user": {"content": question},
            "p_assistant": answer.model_dump(mode="json"),
        }
        return SavedTurn.model_validate(await execute(self._client.rpc("save_chat_turn", arguments)))

    async def update_session(self, session_id: int, changes: dict[str, Any]) -> SessionRow:
        """Rename or pin. A rename does not count as use: `updated_at` stays."""
        query = self._client.table("chat_sessions").update(changes).eq("id", session_id)
        if not await execute(query):
            raise NotFound(_NO_SUCH_SESSION)
        return await self.get_session(session_id)

    async def delete_session(self, session_id: int) -> None:
        """Delete a conversation with its messages."""
        if not await execute(self._client.table("chat_sessions").delete().eq("id", session_id)):
            raise NotFound(_NO_SUCH_SESSION)


_SESSION = "*, runs(run_number, name), models(name), chat_messages(count)"


def title_from(question: str) -> str:
    """A conversation's title: the first question on one line, cut at a word."""
    line = " ".join(question.split())
    if len(line) <= _TITLE_LENGTH:
        return line or f"Conversation of {datetime.now(UTC):%Y-%m-%d}"
    return line[: _TITLE_LENGTH - 1].rsplit(" ", 1)[0] + "…"


def _messages(rows: list[dict[str, Any]]) -> list[MessageRow]:
    if not rows:
        raise NotFound(_NO_SUCH_SESSION)
    return [MessageRow.model_validate(row) for row in rows[0]["chat_messages"]]


def _only(rows: list[dict[str, Any]]) -> SessionRow:
    if not rows:
        raise NotFound(_NO_SUCH_SESSION)
    row = rows[0]
    return SessionRow(
        **{key: value for key, value in row.items() if key not in ("runs", "models", "chat_messages")},
        run_number=row["runs"]["run_number"],
        run_name=row["runs"]["name"],
        model_name=row["models"]["name"],
        message_count=row["chat_messages"][0]["count"],
    )
