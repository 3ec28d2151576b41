"""A link opens one conversation's text and nothing else: at the database as anon, and over the API."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.local.stack import EmbeddedStack
from tests.conftest import MakeUser
from tests.integration.rls_cases import FUNCTIONS, Person, make_person
from tests.support.product import Account, Product

pytestmark = pytest.mark.integration

SECRET = "sk-or-v1-nobody-may-see-this"


@pytest.fixture(scope="module")
async def alice(rest: httpx.AsyncClient, make_user: MakeUser) -> Person:
    return await make_person("sharing-alice@example.com", rest, make_user)


@pytest.fixture(scope="module")
async def mallory(rest: httpx.AsyncClient, make_user: MakeUser) -> Person:
    return await make_person("sharing-mallory@example.com", rest, make_user)


@pytest.fixture
def anon(stack: EmbeddedStack, rest: httpx.AsyncClient) -> Person:
    return Person(rest, stack.anon_key)


async def _share(person: Person, **changed: Any) -> tuple[str, dict[str, Any]]:
    token = f"token-{time.monotonic_ns()}"
    made = await person.insert("chat_shares", token_hash=hashlib.sha256(token.encode()).hexdigest(), **changed)
    assert made.status_code == 201, made.text
    return token, made.json()[0]


async def _open(person: Person, token: str | None) -> Any:
    answer = await person.ask("POST", "/rpc/read_shared_chat", {"p_token": token})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_anon_with_the_token_reads_that_conversation_and_no_other(
    stack: EmbeddedStack, anon: Person, alice: Person
) -> None:
    async with stack.database.connect("supabase_admin") as connection:
        await connection.execute(
            "update public.models set api_key_ciphertext = %s, api_key_hint = 'this', custom_instructions = %s"
            " where id = %s",
            (SECRET, SECRET, alice.ids["models"]),
        )
    turn = FUNCTIONS["save_chat_turn"](alice.ids) | {
        "p_user": {"content": "why?"},
        "p_assistant": {
            "content": "It lost 8.2 %.",
            "tool_calls": ["analyze_trades"],
            "tool_results": [{"data": {"trades": [{"net_pnl": SECRET}]}}],
            "checks": [{"text": "8.2", "start": 8, "end": 11, "status": "verified", "source": {"trade_ids": [SECRET]}}],
            "usage": {"cost_usd": 0.25},
        },
    }
    session_id = (await alice.ask("POST", "/rpc/save_chat_turn", turn)).json()["session_id"]
    token, _ = await _share(alice, session_id=session_id)
    shared = await _open(anon, token)
    assert set(shared) == {"title", "run_name", "created_at", "expires_at", "messages"}
    assert [(each["id"], each["role"], each["content"]) for each in shared["messages"]] == [
        (1, "user", "why?"),
        (2, "assistant", "It lost 8.2 %."),
    ]
    answer = shared["messages"][1]
    assert set(answer) == {"id", "role", "content", "tool_calls", "checks", "stopped", "timestamp"}
    assert answer["checks"] == [{"text": "8.2", "start": 8, "end": 11, "status": "verified"}]
    told = json.dumps(shared)
    assert SECRET not in told
    assert alice.user_id not in told
    assert "cost_usd" not in told


async def test_link_shows_the_branch_of_the_newest_message_alone(anon: Person, alice: Person) -> None:
    async def say(question: str, answer: str, **place: Any) -> dict[str, Any]:
        named = {"request_id": f"branch-{time.monotonic_ns()}", "user": {"content": question}}
        turn = FUNCTIONS["save_chat_turn"](alice.ids) | {"p_assistant": {"content": answer}}
        turn |= {f"p_{key}": value for key, value in (named | place).items()}
        saved: dict[str, Any] = (await alice.ask("POST", "/rpc/save_chat_turn", turn)).json()
        return saved

    first = await say("first", "one", session_id=None)
    session_id = first["session_id"]
    second = await say("secnod", "two", session_id=session_id)
    await say("second", "three", session_id=session_id, edit_of=second["user_message_id"])
    token, _ = await _share(alice, session_id=session_id)

    async def told() -> list[tuple[int, str]]:
        return [(each["id"], each["content"]) for each in (await _open(anon, token))["messages"]]

    assert await told() == [(1, "first"), (2, "one"), (3, "second"), (4, "three")]
    await say("first", "four", session_id=session_id, question_id=first["user_message_id"])
    assert await told() == [(1, "first"), (2, "four")]


async def test_link_that_is_revoked_expired_or_false_opens_nothing(
    stack: EmbeddedStack, anon: Person, alice: Person
) -> None:
    token, row = await _share(alice)
    assert await _open(anon, token) is not None
    for guess in (None, "", row["token_hash"], token[:-1], f"{token} ", "%", "' or true --"):
        assert await _open(anon, guess) is None, guess
    async with stack.database.connect("supabase_admin") as connection:
        aged = "update public.chat_shares set created_at = now() - interval '2 days', expires_at = now() where id = %s"
        await connection.execute(aged, (row["id"],))
    assert await _open(anon, token) is None
    token, row = await _share(alice)
    await alice.ask("PATCH", "/chat_shares", {"revoked_at": "2026-01-01T00:00:00Z"}, id=f"eq.{row['id']}")
    assert await _open(anon, token) is None


async def test_link_ends_with_its_conversation(anon: Person, alice: Person) -> None:
    turn = (await alice.ask("POST", "/rpc/save_chat_turn", FUNCTIONS["save_chat_turn"](alice.ids))).json()
    token, _ = await _share(alice, session_id=turn["session_id"])
    assert await _open(anon, token) is not None
    await alice.ask("DELETE", "/chat_sessions", id=f"eq.{turn['session_id']}")
    assert await _open(anon, token) is None


async def test_nobody_shares_anothers_conversation_nor_prolongs_a_link(alice: Person, mallory: Person) -> None:
    made = await mallory.insert("chat_shares", session_id=alice.ids["chat_sessions"])
    assert made.status_code in {403, 409}
    _, row = await _share(alice)
    for change in ({"expires_at": "2027-01-01T00:00:00Z"}, {"token_hash": "0" * 64}, {"session_id": 1}):
        refused = await alice.ask("PATCH", "/chat_shares", change, id=f"eq.{row['id']}")
        assert refused.json()["code"] == "42501"
    endless = await alice.insert("chat_shares", expires_at="2999-01-01T00:00:00Z")
    assert endless.json()["code"] == "23514"


# Over the API.


@pytest.fixture(scope="module")
def sharer(product: Product) -> Account:
    return product.account("sharer@example.com")


@pytest.fixture(scope="module")
def conversation(sharer: Account, crypto_zip: Path) -> int:
    model_id = sharer.add_model(name="Crypto")
    run_id = sharer.import_file(model_id, crypto_zip)["run"]["id"]
    session_id: int = sharer.ask(f"/api/models/{model_id}/runs/{run_id}", "Why did this run lose money?")[-1][
        "session_id"
    ]
    return session_id


def test_link_is_made_opened_without_an_account_listed_and_revoked(sharer: Account, conversation: int) -> None:
    shares = f"/api/chat-sessions/{conversation}/shares"
    made = sharer.post(shares, {"expires_in_days": 7})
    path, _, token = made.pop("path").partition("#")
    assert path == "/share"
    visitor = httpx.Client(base_url=sharer.base_url)
    opened = visitor.post("/api/shared", json={"token": token})
    assert opened.status_code == 200
    assert opened.headers["cache-control"] == "no-store"
    assert [message["role"] for message in opened.json()["messages"]] == ["user", "assistant"]
    assert {figure["status"] for figure in opened.json()["messages"][1]["checks"]} >= {"verified"}
    listed = sharer.get("/api/chat-shares", session_id=conversation)["items"]
    assert listed == [made]
    assert token not in json.dumps(listed)
    for _ in range(2):
        assert sharer.http.delete(f"/api/chat-shares/{made['id']}").status_code == 204
    closed = visitor.post("/api/shared", json={"token": token})
    assert (closed.status_code, closed.json()["code"]) == (404, "link_ended")
    assert sharer.get("/api/chat-shares")["items"][0]["revoked_at"]


def test_stranger_neither_makes_lists_nor_revokes_links(sharer: Account, conversation: int, bob: Account) -> None:
    shares = f"/api/chat-sessions/{conversation}/shares"
    made = sharer.post(shares, {})
    assert bob.http.post(shares, json={}).status_code == 404
    assert bob.get("/api/chat-shares", session_id=conversation)["items"] == []
    assert bob.http.delete(f"/api/chat-shares/{made['id']}").status_code == 404
    token = made["path"].partition("#")[2]
    assert httpx.post(f"{bob.base_url}/api/shared", json={"token": token}).status_code == 200


@pytest.mark.parametrize("days", [0, 366, "soon"])
def test_link_without_an_end_is_refused(days: object, sharer: Account, conversation: int) -> None:
    answer = sharer.http.post(f"/api/chat-sessions/{conversation}/shares", json={"expires_in_days": days})
    assert answer.status_code == 422


def test_search_finds_words_in_any_order_and_shows_the_place(sharer: Account, conversation: int) -> None:
    def found(search: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = sharer.get("/api/chat-sessions", search=search)["items"]
        return [item for item in items if item["id"] == conversation]

    (hit,) = found("LANGUAGE  no")
    assert "language" in hit["snippet"].lower()
    assert len(hit["snippet"]) <= 240
    assert "**" not in hit["snippet"]
    run = f"/api/models/{hit['model_id']}/runs/{hit['run_id']}"
    branch = sharer.get(f"{run}/chat-history", session_id=conversation, message_id=hit["found_message_id"])["messages"]
    (message,) = [one for one in branch if one["id"] == hit["found_message_id"]]
    assert "language" in message["content"].lower()
    (title,) = found("money lose")
    assert title["session_title"].startswith("Why did")
    assert found("language zebra") == []
    assert found("100%_\\") == []
    (listed,) = found("   ")
    assert listed["snippet"] is None
    assert listed["found_message_id"] is None
