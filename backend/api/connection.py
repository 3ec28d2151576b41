"""What routes ask for, as Annotated aliases.

All are `async def`, also those that wait for nothing: FastAPI calls the others in a thread each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Query
from fastapi.requests import HTTPConnection
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BeforeValidator

from backend.agents.openrouter.catalog import OpenRouterCatalog
from backend.analysis import RunFrame
from backend.api.auth import TokenVerifier
from backend.api.import_queue import ImportQueue
from backend.api.open_sockets import OpenSockets
from backend.conversations.services import TurnServices
from backend.coordination.addresses import address_of
from backend.coordination.slots import Slots
from backend.errors import NotFound, NotSignedIn
from backend.settings import Settings
from backend.store.cache import load_frame
from backend.store.client import User
from backend.store.conversations import SessionStore
from backend.store.models import ModelStore
from backend.store.pages import MAX_ID
from backend.store.runs import RunRow, RunStore
from backend.store.subject import Subject, SubjectKind

MAX_PAGE = 200
_BARE_NUMBER = re.compile(r"\s*[-+]?[\d.]+(?:[eE][-+]?\d+)?\s*")
_bearer = HTTPBearer(auto_error=False, description="A Supabase access token")


def _no_bare_number(value: Any) -> Any:
    if isinstance(value, str) and _BARE_NUMBER.fullmatch(value):
        raise ValueError("write a time as 2026-01-31T13:00:00Z")
    return value


def path_subject(kind: SubjectKind, subject_id: int) -> Subject:
    """The subject that a path names; an id that no row can have is not found."""
    if not 1 <= subject_id <= MAX_ID:
        raise NotFound(f"There is no such {kind} in your account.")
    return Subject(kind=kind, id=subject_id)


# For a route that looks nothing up by the id; everywhere else one beyond is not found.
PathId = Annotated[int, Path(ge=1, le=MAX_ID)]
# pydantic would take a bare number for seconds or milliseconds since 1970, by its size: nobody means both.
Time = Annotated[datetime, BeforeValidator(_no_bare_number)]


@dataclass(slots=True, kw_only=True)
class Services(TurnServices):
    """What one process shares between requests."""

    settings: Settings
    verifier: TokenVerifier
    catalog: OpenRouterCatalog
    searches: Slots
    import_queue: ImportQueue = field(default_factory=ImportQueue)
    sockets: OpenSockets = field(default_factory=OpenSockets)


async def get_services(connection: HTTPConnection) -> Services:
    """The process's services, for a request as for a socket."""
    services: Services = connection.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(get_services)]


async def get_address(connection: HTTPConnection) -> str:
    """What stands for the caller's address in counts; behind a trusted proxy it is the one that the proxy names."""
    return address_of(connection.client.host if connection.client else None)


CallerAddress = Annotated[str, Depends(get_address)]


async def get_user(
    services: ServicesDep, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> User:
    """The signed-in caller."""
    if credentials is None:
        raise NotSignedIn("Sign in first: send the access token as 'Authorization: Bearer …'.")
    return await admitted(services, credentials.credentials)


async def get_user_also_by_query(
    services: ServicesDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    token: Annotated[str | None, Query(description="For EventSource, which can't set headers")] = None,
) -> User:
    """The signed-in caller, for the one route that EventSource calls."""
    if credentials is None and token:
        return await admitted(services, token)
    return await get_user(services, credentials)


async def admitted(services: Services, token: str) -> User:
    """The user of an access token, counted among the requests of a minute.

    Raises:
        NotSignedIn: the token is not good (any more).
        TooManyRequests: the user asks too often.
    """
    user = await services.verifier.verify(token)
    await services.limits.admit_user(user.id)
    return user


CurrentUser = Annotated[User, Depends(get_user)]
CurrentUserAlsoByQuery = Annotated[User, Depends(get_user_also_by_query)]


async def get_model_store(services: ServicesDep, user: CurrentUser) -> ModelStore:
    """The caller's models."""
    return ModelStore(services.database.as_user(user.access_token))


async def get_run_store(services: ServicesDep, user: CurrentUser) -> RunStore:
    """The caller's runs."""
    return RunStore(services.database.as_user(user.access_token))


async def get_session_store(services: ServicesDep, user: CurrentUser) -> SessionStore:
    """The caller's conversations."""
    return SessionStore(services.database.as_user(user.access_token))


ModelStoreDep = Annotated[ModelStore, Depends(get_model_store)]
RunStoreDep = Annotated[RunStore, Depends(get_run_store)]
SessionStoreDep = Annotated[SessionStore, Depends(get_session_store)]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]
Cursor = Annotated[str | None, Query(max_length=400)]


async def get_run(model_id: int, run_id: int, store: RunStoreDep) -> RunRow:
    """The run named in the path, if it is the caller's."""
    return await store.get_run(model_id, run_id)


RunDep = Annotated[RunRow, Depends(get_run)]


async def get_frame(services: ServicesDep, store: RunStoreDep, run: RunDep) -> RunFrame:
    """The frame of the run named in the path."""
    return await load_frame(services.frames, store, run)


FrameDep = Annotated[RunFrame, Depends(get_frame)]
