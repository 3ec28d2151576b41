"""What one user may store: rows, parameters and bytes, whoever talks to the database."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from backend.errors import TooLarge
from backend.local.stack import EmbeddedStack
from backend.store.client import Database
from backend.store.models import ModelStore
from tests.conftest import MakeUser

pytestmark = pytest.mark.integration


async def headers(make_user: MakeUser, email: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {await make_user(email)}", "Prefer": "return=representation"}


def models(count: int, **more: Any) -> list[dict[str, Any]]:
    return [{"name": f"model {number}", "ai_model": "offline/analyst", **more} for number in range(count)]


async def test_models_have_a_bound_that_is_each_users_own(rest: httpx.AsyncClient, make_user: MakeUser) -> None:
    full, other = await headers(make_user, "full@quota.example"), await headers(make_user, "other@quota.example")
    assert (await rest.post("/models", json=models(500), headers=full)).status_code == 201
    beyond = await rest.post("/models", json=models(1), headers=full)
    assert beyond.json()["code"] == "54000"
    assert (await rest.post("/models", json=models(1), headers=other)).status_code == 201
    # Nothing of what was refused is kept, and what is deleted makes room.
    held = (await rest.get("/models?select=id", headers=full)).json()
    assert len(held) == 500
    assert (await rest.delete(f"/models?id=eq.{held[0]['id']}", headers=full)).is_success
    assert (await rest.post("/models", json=models(1), headers=full)).status_code == 201


async def test_rules_have_a_bound_for_each_model(rest: httpx.AsyncClient, make_user: MakeUser) -> None:
    user = await headers(make_user, "rules@quota.example")
    first, second = (row["id"] for row in (await rest.post("/models", json=models(2), headers=user)).json())

    def rules(model_id: int, count: int, **more: Any) -> list[dict[str, Any]]:
        return [{"model_id": model_id, "name": f"rule {n}", "kind": "stop_loss", **more} for n in range(count)]

    assert (await rest.post("/model_rules", json=rules(first, 100), headers=user)).status_code == 201
    assert (await rest.post("/model_rules", json=rules(first, 1), headers=user)).json()["code"] == "54000"
    assert (await rest.post("/model_rules", json=rules(second, 1), headers=user)).status_code == 201
    large = rules(second, 1, params={"note": "x" * 5_000})
    assert (await rest.post("/model_rules", json=large, headers=user)).json()["code"] == "23514"


async def test_messages_have_a_bound_in_bytes_stored(
    rest: httpx.AsyncClient, make_user: MakeUser, stack: EmbeddedStack
) -> None:
    user = await headers(make_user, "messages@quota.example")
    model_id = (await rest.post("/models", json=models(1), headers=user)).json()[0]["id"]
    run = {"model_id": model_id, "run_number": 1, "name": "run", "source": "csv"}
    run_id = (await rest.post("/runs", json=run, headers=user)).json()[0]["id"]
    session = {"model_id": model_id, "run_id": run_id, "session_title": "Session"}
    session_id = (await rest.post("/chat_sessions", json=session, headers=user)).json()[0]["id"]
    message = {"session_id": session_id, "role": "user", "content": "Why?"}
    assert (await rest.post("/chat_messages", json=message, headers=user)).status_code == 201
    async with stack.database.connect("postgres") as connection:
        await connection.execute(
            "create or replace trigger chat_messages_bytes_quota after insert on public.chat_messages"
            " for each statement execute function private.refuse_messages_beyond_quota('400')"
        )
    try:
        answers = [(await rest.post("/chat_messages", json=message, headers=user)) for _ in range(60)]
    finally:
        async with stack.database.connect("postgres") as connection:
            await connection.execute(
                "create or replace trigger chat_messages_bytes_quota after insert on public.chat_messages"
                " for each statement execute function private.refuse_messages_beyond_quota('1073741824')"
            )
    assert answers[0].status_code == 201
    assert answers[-1].json()["code"] == "54000"


async def test_a_full_account_is_answered_as_such(make_user: MakeUser, stack: EmbeddedStack) -> None:
    database = Database(supabase_url="http://nowhere.test", anon_key=stack.anon_key, rest_url=stack.rest_url)
    token = await make_user("answered@quota.example")
    async with httpx.AsyncClient(base_url=stack.rest_url) as rest:
        await rest.post("/models", json=models(500), headers={"Authorization": f"Bearer {token}"})
    try:
        with pytest.raises(TooLarge) as refusal:
            await ModelStore(database.as_user(token)).add_model(models(1)[0])
    finally:
        await database.aclose()
    assert refusal.value.code == "quota"
