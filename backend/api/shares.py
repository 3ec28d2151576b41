"""Sharing a conversation by a read-only link."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response, status
from pydantic import BaseModel, ConfigDict, Field

from backend.api.connection import CurrentUser, ServicesDep
from backend.store.pages import MAX_ID, Page
from backend.store.shares import SharedChat, ShareRow, ShareStore, read_shared_chat

router = APIRouter(prefix="/api", tags=["sharing"])


async def get_share_store(services: ServicesDep, user: CurrentUser) -> ShareStore:
    """The caller's links."""
    return ShareStore(services.database.as_user(user.access_token))


ShareStoreDep = Annotated[ShareStore, Depends(get_share_store)]


class NewShare(BaseModel):
    """How long the link opens the conversation."""

    model_config = ConfigDict(extra="forbid")

    expires_in_days: int = Field(30, ge=1, le=365)


class MadeShare(ShareRow):
    """A new link: `path` is to be put behind the page's address, and is told this once."""

    path: str


class OpenedShare(BaseModel):
    """The part of a link behind its `#`. Sent in the body: an address would be written into logs."""

    model_config = ConfigDict(extra="forbid")

    token: str = Field(min_length=1, max_length=100)


@router.post("/chat-sessions/{session_id}/shares", status_code=status.HTTP_201_CREATED)
async def create_share(session_id: int, body: NewShare, store: ShareStoreDep) -> MadeShare:
    """Make a link that shows this conversation, with what is added to it later, to whoever has the link."""
    share, token = await store.add_share(session_id, days=body.expires_in_days)
    return MadeShare(**share.model_dump(), path=f"/share#{token}")


@router.get("/chat-shares")
async def list_shares(
    store: ShareStoreDep, session_id: Annotated[int | None, Query(ge=1, le=MAX_ID)] = None
) -> Page[ShareRow]:
    """The caller's newest 200 links, of one conversation or of all, with those that have ended."""
    return Page(items=await store.list_shares(session_id))


@router.delete("/chat-shares/{share_id}", status_code=status.HTTP_204_NO_CONTENT)
async def revoke_share(share_id: int, store: ShareStoreDep) -> None:
    """End a link at once."""
    await store.revoke_share(share_id)


@router.post("/shared")
async def open_share(body: OpenedShare, services: ServicesDep, response: Response) -> SharedChat:
    """What a link shows. Needs no sign-in."""
    response.headers["Cache-Control"] = "no-store"
    return await read_shared_chat(services.database.as_user(services.database.anon_key), body.token)
