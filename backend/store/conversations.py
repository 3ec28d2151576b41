"""Conversations and their messages."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Literal

import orjson
from postgrest import AsyncPostgrestClient
from pydantic import BaseModel, ConfigDict, Field, computed_field

from backend.errors import NotFound
from backend.store.client import call_function, execute
from backend.store.pages import Page, page_of
from backend.store.subject import Subject, SubjectKind

_NO_SUCH_SESSION = "There is no such conversation in your account."
_NO_SUCH_MESSAGE = "There is no such message in this conversation."
_TITLE_LENGTH = 80


class SessionRow(BaseModel):
    """What a list shows of a conversation; `snippet` is of the newest message that a search found.

    Model and run are None where the conversation is about neither.
    """

    model_config = ConfigDict(extra="ignore")

    id: int
    subject_kind: SubjectKind = Field(exclude=True)
    subject_id: int | None = Field(None, exclude=True)
    model_id: int | None
    model_name: str | None
    run_id: int | None
    run_number: int | None
    run_name: str | None
    session_title: str
    pinned: bool
    created_at: datetime
    updated_at: datetime
    message_count: int
    snippet: str | None = None
    found_message_id: int | None = None

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own form
    @property
    def subject(self) -> Subject:
        """What the conversation is about."""
        return Subject.model_construct(kind=self.subject_kind, id=self.subject_id)


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
    pinned: bool = False
    request_id: str | None
    timestamp: datetime


class PinnedMessage(BaseModel):
    """A message that was pinned, as a list of such shows it."""

    model_config = ConfigDict(extra="ignore")

    id: int
    session_id: int
    session_title: str | None = None
    role: Literal["user", "assistant"]
    content: str
    pinned: bool
    timestamp: datetime


class BranchMessage(MessageRow):
    """A message with its place in the conversation's tree; `siblings` share its parent, and it is among them."""

    parent_id: int | None
    siblings: list[int]


class SessionUsage(BaseModel):
    """What all answers of a conversation used, those of older branches too."""

    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None


class Branch(BaseModel):
    """One way through a conversation, oldest message first."""

    messages: list[BranchMessage]
    usage: SessionUsage


class BranchPosition(BaseModel):
    """Where a turn goes: after `parent_id`, beside the question `edit_of`, or as one more answer to `question_id`.

    With none of them it goes after the newest message.
    """

    model_config = ConfigDict(frozen=True)

    parent_id: int | None = None
    edit_of: int | None = None
    question_id: int | None = None


# With the backslashes before it in pairs, so that it is not the text of one.
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*+)\\u0000")


class NewAnswer(BaseModel):
    """An assistant's message as it is saved."""

    content: str
    tool_calls: list[str] = []
    tool_results: list[dict[str, Any]] = []
    checks: list[dict[str, Any]] = []
    usage: dict[str, Any] | None = None
    stopped: bool = False

    def as_json(self) -> bytes:
        """What `model_validate_json` reads; pydantic's own way takes four times as long.

        PostgreSQL's text holds no U+0000: a model that writes one does not cost its reader the answer.
        """
        text = orjson.dumps(vars(self), option=orjson.OPT_NON_STR_KEYS)
        return _NUL.sub(rb"\1\\ufffd", text) if b"\\u0000" in text else text


class SavedTurn(BaseModel):
    """Where a saved question and its answer are."""

    session_id: int
    message_id: int
    user_message_id: int


_AT_THE_END = BranchPosition()


class SessionStore:
    """Conversations of the caller."""

    def __init__(self, client: AsyncPostgrestClient) -> None:
        self._client = client

    async def list_sessions(
        self,
        *,
        search: str | None,
        kind: SubjectKind | None = None,
        subject_id: int | None = None,
        limit: int,
        before: tuple[bool, str, int] | None,
    ) -> Page[SessionRow]:
        """Pinned first, then the newest; `search` looks into titles and messages."""
        about = {"p_kind": kind, "p_subject_id": subject_id}
        arguments: dict[str, Any] = {"p_search": search, **about, "p_limit": limit + 1}
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

    async def find_newest_session_id(self, subject: Subject) -> int | None:
        """The subject's conversation that was used last, if it has one."""
        query = self._client.table("chat_sessions").select("id").eq("subject_kind", subject.kind)
        query = query.is_("subject_id", "null") if subject.id is None else query.eq("subject_id", subject.id)
        rows = await execute(query.order("updated_at", desc=True).order("id", desc=True).limit(1))
        return rows[0]["id"] if rows else None

    async def get_branch(
        self, session_id: int, *, subject: Subject | None = None, message_id: int | None = None, below: bool = True
    ) -> Branch:
        """The branch through `message_id` down to the newest message under it (not `below`: that ends there).

        Without `message_id` the branch that was added to last. NotFound for a conversation that is not the caller's
        (or not the subject's), and for a message that is not in it.
        """
        return await self._branch(session_id, subject, p_message_id=message_id, p_below=below)

    async def list_messages(self, session_id: int) -> list[BranchMessage]:
        """All messages of the newest branch, oldest first; NotFound as `get_branch`."""
        return (await self.get_branch(session_id)).messages

    async def list_last_messages(
        self, session_id: int, *, subject: Subject, count: int, up_to: int | None = None
    ) -> list[BranchMessage]:
        """The last `count` messages of the branch that ends in `up_to`, or of the newest; oldest first."""
        branch = await self._branch(session_id, subject, p_message_id=up_to, p_below=False, p_limit=count)
        return branch.messages

    async def _branch(self, session_id: int, subject: Subject | None, **arguments: Any) -> Branch:
        arguments["p_session_id"] = session_id
        if subject is not None:
            arguments |= {"p_kind": subject.kind, "p_subject_id": subject.id}
        found = await execute(self._client.rpc("get_chat_branch", arguments))
        if not found:
            raise NotFound(_NO_SUCH_SESSION)
        branch = Branch.model_validate(found)
        if arguments["p_message_id"] is not None and not branch.messages:
            raise NotFound(_NO_SUCH_MESSAGE)
        return branch

    async def find_answer(self, request_id: str) -> tuple[MessageRow, SavedTurn] | None:
        """The answer that was saved for a request, with where it and its question are."""
        query = self._client.table("chat_messages").select("*").eq("request_id", request_id).eq("role", "assistant")
        rows = await execute(query)
        if not rows:
            return None
        answer, row = MessageRow.model_validate(rows[0]), rows[0]
        turn = SavedTurn(session_id=row["session_id"], message_id=answer.id, user_message_id=row["parent_id"])
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
        self,
        subject: Subject,
        *,
        session_id: int | None,
        request_id: str,
        question: str,
        answer: NewAnswer,
        place: BranchPosition = _AT_THE_END,
    ) -> SavedTurn:
        """Save question and answer in one transaction, in a new conversation if there is none yet."""
        arguments = {
            "p_kind": subject.kind,
            "p_subject_id": subject.id,
            "p_session_id": session_id,
            "p_title": title_from(question),
            "p_request_id": request_id,
            "p_user": {"content": question},
            "p_assistant": orjson.Fragment(answer.as_json()),
            **{f"p_{name}": value for name, value in place.model_dump(exclude_none=True).items()},
        }
        saved = await call_function(self._client, "save_chat_turn", orjson.dumps(arguments))
        return SavedTurn.model_validate(saved)

    async def update_session(self, session_id: int, changes: dict[str, Any]) -> SessionRow:
        """Rename or pin. A rename does not count as use: `updated_at` stays."""
        query = self._client.table("chat_sessions").update(changes).eq("id", session_id)
        if not await execute(query):
            raise NotFound(_NO_SUCH_SESSION)
        return await self.get_session(session_id)

    async def pin_message(self, message_id: int, *, pinned: bool) -> PinnedMessage:
        """Pin a message, or no longer; NotFound when it is not the caller's."""
        query = self._client.table("chat_messages").update({"pinned": pinned}).eq("id", message_id)
        rows = await execute(query)
        if not rows:
            raise NotFound("There is no such message in your account.")
        return PinnedMessage.model_validate(rows[0])

    async def list_pinned(self, *, limit: int, before_id: int | None) -> Page[PinnedMessage]:
        """The caller's pinned messages, newest first."""
        query = self._client.table("chat_messages").select("*, chat_sessions(session_title)").eq("pinned", "true")
        if before_id is not None:
            query = query.lt("id", before_id)
        rows = await execute(query.order("id", desc=True).limit(limit + 1))
        pinned = [PinnedMessage(**row, session_title=row["chat_sessions"]["session_title"]) for row in rows]
        return page_of(pinned, limit, lambda message: message.id)

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


def _only(rows: list[dict[str, Any]]) -> SessionRow:
    if not rows:
        raise NotFound(_NO_SUCH_SESSION)
    row = rows[0]
    run, model = row["runs"] or {}, row["models"] or {}
    return SessionRow(
        **{key: value for key, value in row.items() if key not in ("runs", "models", "chat_messages")},
        run_number=run.get("run_number"),
        run_name=run.get("name"),
        model_name=model.get("name"),
        message_count=row["chat_messages"][0]["count"],
    )
