"""A page of the caller's conversations, searched or not, for each route that lists them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from backend.api.connection import CurrentUser, ServicesDep, SessionStoreDep
from backend.errors import InvalidRequest
from backend.store.conversations import SessionRow
from backend.store.pages import Page
from backend.store.subject import SubjectKind

_MOST_WORDS = 10


class SessionList:
    """Lists the caller's conversations."""

    def __init__(self, store: SessionStoreDep, services: ServicesDep, user: CurrentUser) -> None:
        self._store = store
        self._services = services
        self._user = user

    async def page(
        self,
        *,
        search: str | None,
        kind: SubjectKind | None,
        subject_id: int | None,
        limit: int,
        before: tuple[bool, str, int] | None,
    ) -> Page[SessionRow]:
        """As the store has it. A search goes through all that the user has said, so a user has few at once.

        Raises:
            InvalidRequest: `too_many_words`.
            TooManyRequests: as `Slots` says.
        """
        words = list(dict.fromkeys((search or "").split()))
        if len(words) > _MOST_WORDS:
            raise InvalidRequest(f"A search takes at most {_MOST_WORDS} words.", code="too_many_words")
        if not words:
            return await self._store.list_sessions(
                search=None, kind=kind, subject_id=subject_id, limit=limit, before=before
            )
        async with self._services.searches.taken(self._user.id):
            return await self._store.list_sessions(
                search=" ".join(words), kind=kind, subject_id=subject_id, limit=limit, before=before
            )


async def get_session_list(store: SessionStoreDep, services: ServicesDep, user: CurrentUser) -> SessionList:
    """The caller's list."""
    return SessionList(store, services, user)


SessionListDep = Annotated[SessionList, Depends(get_session_list)]
