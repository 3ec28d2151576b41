"""Fixtures that more than one folder of tests uses: one embedded stack for the whole session, and its users."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from uuid import UUID

import httpx
import pytest

from backend.local.accounts import Accounts
from backend.local.auth_service import access_claims
from backend.local.stack import EmbeddedStack, embedded_stack
from tests.support.fakes.openrouter import FakeOpenRouter

PASSWORD = "correct horse battery"

MakeUser = Callable[[str], Awaitable[str]]


@pytest.fixture(scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedStack]:
    """Real PostgreSQL and PostgREST with all migrations, for the whole session. Tests keep apart by their users."""
    async with embedded_stack(tmp_path_factory.mktemp("stack") / "home", durable=False) as running:
        yield running


@pytest.fixture(scope="session")
async def make_user(stack: EmbeddedStack) -> MakeUser:
    """`await make_user(email)` makes the account if need be (password PASSWORD) and returns an access token of it."""

    accounts = Accounts(stack.database)
    known: dict[str, UUID] = {}

    async def make(email: str) -> str:
        # Checking a password takes a while by design; once an address is enough.
        if email not in known:
            known[email] = UUID(await stack.ensure_user(email, PASSWORD))
        grant = await accounts.open_session(known[email])
        return stack.keys.sign(access_claims(grant.user, grant.session, issuer=stack.issuer_url))

    return make


@pytest.fixture(scope="session")
async def rest(stack: EmbeddedStack) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the stack's PostgREST that sends no token of its own."""
    async with httpx.AsyncClient(base_url=stack.rest_url, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def openrouter() -> Iterator[FakeOpenRouter]:
    """A provider that says what a test has it say, over HTTP."""
    with FakeOpenRouter() as server:
        yield server
