"""The one door to the database: Supabase's client for each request, under the caller's own token.

Built from nothing one costs tens of milliseconds (a TLS context for each part of it); over one shared `httpx` pool next
to nothing. Only its PostgREST part is kept: a turn holds it as long as its answer streams, and needs no sign-in,
storage or realtime client beside it. Row-level security decides what is seen; the server holds no key that could
bypass it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
import orjson
import structlog
from postgrest import AsyncPostgrestClient
from postgrest.exceptions import APIError
from yarl import URL

from backend.errors import Conflict, InvalidRequest, NotFound, NotSignedIn, RundownError, StoreUnavailable, TooLarge
from supabase import AsyncClient, AsyncClientOptions

log = structlog.get_logger(__name__)

_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
# PostgreSQL and PostgREST codes that are the caller's doing; all else is the database's.
_EXPIRED_TOKEN = {"PGRST301", "PGRST302", "PGRST303"}
_NOT_THEIRS = {"P0002", "23503", "42501", "PGRST116"}
_BEYOND_QUOTA = "54000"
_BAD_VALUE_CLASSES = ("22", "23")


class _Request(Protocol):
    async def execute(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class User:
    """Who is asking, and the token that carries it to the database."""

    id: str
    access_token: str


@dataclass(frozen=True, slots=True)
class _Answer:
    data: Any


class Database:
    """Where PostgREST is and the HTTP pool that all requests share."""

    def __init__(self, *, supabase_url: str, anon_key: str, rest_url: str | None = None) -> None:
        self.supabase_url = supabase_url
        self.anon_key = anon_key
        # The embedded PostgREST answers at its root; Supabase's gateway answers at /rest/v1.
        self._rest_url = URL(rest_url or f"{supabase_url}/rest/v1")
        self._http = httpx.AsyncClient(
            timeout=_TIMEOUT, limits=httpx.Limits(max_connections=100, max_keepalive_connections=20)
        )

    def as_user(self, access_token: str) -> AsyncPostgrestClient:
        """A client whose every request carries `access_token`."""
        client = AsyncClient(
            self.supabase_url,
            self.anon_key,
            AsyncClientOptions(
                headers={"Authorization": f"Bearer {access_token}"},
                httpx_client=self._http,
                auto_refresh_token=False,
                persist_session=False,
            ),
        )
        client.rest_url = self._rest_url
        return client.postgrest

    @property
    def http(self) -> httpx.AsyncClient:
        """The shared pool, for the auth server's own endpoints."""
        return self._http

    async def is_ready(self) -> bool:
        """Whether the database answers and has our tables; that anonymous callers are refused is as it should be."""
        try:
            answer = await self._http.get(
                str(self._rest_url / "models"), params={"limit": 0}, headers={"apikey": self.anon_key}, timeout=5.0
            )
        except httpx.HTTPError:
            return False
        return answer.status_code in (200, 401, 403)

    async def aclose(self) -> None:
        """Close the pool."""
        await self._http.aclose()


async def execute(request: _Request) -> Any:
    """Run one PostgREST request and return its data.

    Raises:
        NotSignedIn: the token is expired or refused.
        NotFound: the row, its parent or the function's subject is not there, or not the caller's.
        Conflict: a unique key stands in the way.
        InvalidRequest: a value the tables don't take.
        StoreUnavailable: the database failed, timed out or dropped the line.
    """
    try:
        answer = await request.execute()
    except APIError as error:
        raise _explain(error) from error
    except httpx.TimeoutException as error:
        raise StoreUnavailable("The database took too long to answer. Try again in a moment.") from error
    except httpx.TransportError as error:
        raise StoreUnavailable("The database can't be reached. Try again in a moment.") from error
    return answer.data


async def call_function(
    client: AsyncPostgrestClient, function: str, body: AsyncIterator[bytes] | bytes, *, timeout_s: float = 30.0
) -> Any:
    """Call a database function whose body is large, and return its data; a body given in pieces is sent as it is made.

    Raises:
        As `execute`.
    """
    return orjson.loads(await fetch_function(client, function, body, timeout_s=timeout_s))


async def fetch_function(
    client: AsyncPostgrestClient, function: str, body: AsyncIterator[bytes] | bytes, *, timeout_s: float = 30.0
) -> bytes:
    """As `call_function`; its data as the JSON that it came as, for whoever reads that elsewhere.

    Raises:
        As `execute`.
    """
    headers = {**client.headers, "Content-Type": "application/json"}

    class _Call:
        async def execute(self) -> _Answer:
            answer = await client.session.post(
                str(client.base_url / "rpc" / function),
                content=body,
                headers=headers,
                timeout=httpx.Timeout(timeout_s, connect=5.0),
            )
            if answer.is_success:
                return _Answer(answer.content)
            try:
                raise APIError(answer.json())
            except ValueError as error:
                raise APIError({"code": str(answer.status_code)}) from error

    content: bytes = await execute(_Call())
    return content


def _explain(error: APIError) -> RundownError:
    code = str(error.code or "")
    if code in _EXPIRED_TOKEN or code == "401":
        return NotSignedIn("Your sign-in has expired. Sign in again.", code="token_expired")
    if code in _NOT_THEIRS:
        return NotFound("There is no such thing in your account.")
    if code == _BEYOND_QUOTA:
        return TooLarge("Your account holds as much of this as it may. Delete some first.", code="quota")
    if code == "23505":
        return Conflict("That already exists.")
    if code[:2] in _BAD_VALUE_CLASSES and len(code) == 5:
        return InvalidRequest("A value is outside what can be stored. Check the fields and try again.")
    # The database's own words may hold row values: the log gets the code alone.
    log.error("database_error", code=code)
    return StoreUnavailable("The database could not carry this out. Try again in a moment.")
