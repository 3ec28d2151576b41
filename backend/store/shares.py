"""Read-only links to conversations: made and ended by their owner, opened by whoever has one."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from postgrest import AsyncPostgrestClient
from pydantic import BaseModel, ConfigDict

from backend.errors import NotFound
from backend.store.client import execute

_MOST = 200
_ENDED = "This link is not valid: it has expired, was revoked, or was not copied whole."


class ShareRow(BaseModel):
    """One row of `chat_shares`, without what could be matched with a token."""

    model_config = ConfigDict(extra="ignore")

    id: int
    session_id: int
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class SharedFigure(BaseModel):
    """A figure's place in a shared answer (UTF-16 code units) and whether it was traced."""

    text: str
    start: int
    end: int
    status: Literal["verified", "derived", "found", "sourced", "unverified"]


class SharedMessage(BaseModel):
    """A message as a link shows it; `id` counts from 1 within the conversation."""

    id: int
    role: Literal["user", "assistant"]
    content: str
    tool_calls: list[str]
    checks: list[SharedFigure]
    stopped: bool
    timestamp: datetime


class SharedChat(BaseModel):
    """All that a link opens."""

    title: str
    run_name: str | None
    created_at: datetime
    expires_at: datetime
    messages: list[SharedMessage]


class ShareStore:
    """Links of the caller."""

    def __init__(self, client: AsyncPostgrestClient) -> None:
        self._client = client

    async def add_share(self, session_id: int, *, days: int) -> tuple[ShareRow, str]:
        """A new link to a conversation of the caller and its token, which can't be had again.

        Raises:
            NotFound: there is no such conversation, or it is not the caller's.
        """
        token = secrets.token_urlsafe(32)
        row = {
            "session_id": session_id,
            "token_hash": hashlib.sha256(token.encode()).hexdigest(),
            "expires_at": (datetime.now(UTC) + timedelta(days=days)).isoformat(),
        }
        rows = await execute(self._client.table("chat_shares").insert(row))
        return ShareRow.model_validate(rows[0]), token

    async def list_shares(self, session_id: int | None) -> list[ShareRow]:
        """The newest links, of one conversation or of all; ended ones too."""
        query = self._client.table("chat_shares").select("id, session_id, created_at, expires_at, revoked_at")
        if session_id is not None:
            query = query.eq("session_id", session_id)
        return [ShareRow.model_validate(row) for row in await execute(query.order("id", desc=True).limit(_MOST))]

    async def revoke_share(self, share_id: int) -> None:
        """End a link now; one that was revoked before keeps its time."""
        changes: dict[str, Any] = {"revoked_at": datetime.now(UTC).isoformat()}
        table = self._client.table("chat_shares")
        if await execute(table.update(changes).eq("id", share_id).is_("revoked_at", "null")):
            return
        if not await execute(table.select("id").eq("id", share_id)):
            raise NotFound("There is no such link in your account.")


async def read_shared_chat(client: AsyncPostgrestClient, token: str) -> SharedChat:
    """What a link opens; `client` needs no account.

    Raises:
        NotFound: the link is unknown, expired or revoked; which of them is not told.
    """
    found = await execute(client.rpc("read_shared_chat", {"p_token": token}))
    if found is None:
        raise NotFound(_ENDED, code="link_ended")
    return SharedChat.model_validate(found)
