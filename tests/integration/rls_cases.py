"""How every table and function is used, and a person to use them: a new table gets its case here."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt

from tests.conftest import MakeUser

Row = dict[str, Any]
Ids = dict[str, int]


@dataclass(frozen=True)
class Case:
    """How a table is written: a row for given parents, a change its owner may make, and where it hangs."""

    row: Callable[[Ids], Row]
    change: Row | None
    parents: tuple[tuple[str, str], ...] = ()
    key: str = "id"


CASES: dict[str, Case] = {
    "models": Case(lambda ids: {"name": "momentum", "ai_model": "offline/analyst"}, {"name": "renamed"}),
    "runs": Case(
        lambda ids: {
            "model_id": ids["models"],
            "run_number": time.monotonic_ns() % 2_000_000_000 + 1,
            "name": "run",
            "source": "csv",
        },
        {"name": "renamed"},
        (("model_id", "models"),),
    ),
    "positions": Case(
        lambda ids: {
            "run_id": ids["runs"],
            "seq": time.monotonic_ns() % 2_000_000_000 + 1,
            "ts": "2026-01-01T00:00:00Z",
            "action": "buy",
            "symbol": "BTC/USDT",
            "quantity": 1,
            "price": 100,
        },
        {"tag": "annotated"},
        (("run_id", "runs"),),
    ),
    "chat_sessions": Case(
        lambda ids: {"model_id": ids["models"], "run_id": ids["runs"], "session_title": "why"},
        {"session_title": "renamed"},
        (("model_id", "models"), ("run_id", "runs")),
    ),
    "chat_messages": Case(
        lambda ids: {"session_id": ids["chat_sessions"], "role": "user", "content": "why did it lose?"},
        {"pinned": True},
        (("session_id", "chat_sessions"), ("parent_id", "chat_messages")),
    ),
    "model_rules": Case(
        lambda ids: {
            "model_id": ids["models"],
            "source_message_id": ids["chat_messages"],
            "name": "stop loss",
            "kind": "stop_loss",
        },
        {"name": "renamed"},
        (("model_id", "models"), ("source_message_id", "chat_messages")),
    ),
    "chat_shares": Case(
        lambda ids: {
            "session_id": ids["chat_sessions"],
            "token_hash": hashlib.sha256(str(time.monotonic_ns()).encode()).hexdigest(),
            "expires_at": (datetime.now(UTC) + timedelta(days=7)).isoformat(),
        },
        {"revoked_at": "2026-01-01T00:00:00+00:00"},
        (("session_id", "chat_sessions"),),
    ),
}
FUNCTIONS: dict[str, Callable[[Ids], Row]] = {
    "import_run": lambda ids: {
        "p_model_id": ids["models"],
        "p_run": {"name": "x", "source": "csv"},
        "p_ts": [],
        "p_action": [],
    },
    "get_run_frame": lambda ids: {"p_run_id": ids["runs"]},
    "save_chat_turn": lambda ids: {
        "p_kind": "run",
        "p_subject_id": ids["runs"],
        "p_session_id": None,
        "p_title": "t",
        "p_request_id": None,
        "p_user": {"content": "q"},
        "p_assistant": {"content": "a"},
    },
    "get_chat_branch": lambda ids: {"p_session_id": ids["chat_sessions"]},
    "list_chat_sessions": lambda ids: {},
}
# Open to people without an account, and so run as their owner: each needs a test of its own (test_shares.py).
PUBLIC_FUNCTIONS = {"read_shared_chat"}

# Called by their trigger alone.
TRIGGER_FUNCTIONS = {"number_run"}
LINKS = [(table, column, parent) for table, case in CASES.items() for column, parent in case.parents]


@dataclass
class Person:
    """One user at the REST API, with one row in every table."""

    rest: httpx.AsyncClient
    token: str
    user_id: str = ""
    rows: dict[str, Row] = field(default_factory=dict)

    @property
    def ids(self) -> Ids:
        return {table: row[CASES[table].key] for table, row in self.rows.items()}

    async def ask(self, method: str, path: str, body: Any = None, **params: str) -> httpx.Response:
        headers = {"Prefer": "return=representation"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return await self.rest.request(method, path, json=body, params=params, headers=headers)

    async def insert(self, table: str, **changed: Any) -> httpx.Response:
        return await self.ask("POST", f"/{table}", CASES[table].row(self.ids) | changed)

    async def own(self, table: str) -> Row | None:
        """The row this person made in `table`, as it is now."""
        found = (await self.ask("GET", f"/{table}", **self.where(table))).json()
        return found[0] if found else None

    def where(self, table: str) -> dict[str, str]:
        return {CASES[table].key: f"eq.{self.ids[table]}"}


async def make_person(email: str, rest: httpx.AsyncClient, make_user: MakeUser) -> Person:
    token = await make_user(email)
    person = Person(rest, token, jwt.decode(token, options={"verify_signature": False})["sub"])
    for table in CASES:
        made = await person.insert(table)
        assert made.status_code == 201, (table, made.text)
        person.rows[table] = made.json()[0]
    return person
