"""An import outlives the statement timeout of the role it runs as: hosted Supabase gives signed-in users 8 s."""

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from backend.local.stack import EmbeddedStack

pytestmark = pytest.mark.integration

ROWS = 200_000


@pytest.mark.long
async def test_import_takes_the_functions_own_timeout(tmp_path: Path) -> None:
    stack = EmbeddedStack(tmp_path / "home", public_url="http://127.0.0.1:1")
    await stack.start()
    try:
        user_id = await stack.ensure_user("trader@example.com", "a-long-enough-password")
        now = int(time.time())
        claims = {"sub": user_id, "aud": "authenticated", "role": "authenticated", "iat": now, "exp": now + 600}
        headers = {"Authorization": f"Bearer {stack.keys.sign(claims)}"}
        async with httpx.AsyncClient(base_url=stack.rest_url, headers=headers, timeout=60) as rest:
            made = await rest.post(
                "/models",
                json={"name": "m", "ai_model": "offline/analyst"},
                headers={"Prefer": "return=representation"},
            )
            body = {
                "p_model_id": made.json()[0]["id"],
                "p_run": {"name": "r", "source": "csv"},
                "p_ts": list(range(1_700_000_000_000_000, 1_700_000_000_000_000 + ROWS)),
                "p_action": ["hold"] * ROWS,
                "p_reasoning": ["held, since nothing said otherwise; " * 5] * ROWS,
            }
            await _limit_statements(stack, "300ms")
            began_at = time.monotonic()
            answer = await rest.post("/rpc/import_run", json=body)
            assert answer.status_code == 200, answer.text
            assert time.monotonic() - began_at > 0.3
            frame = await rest.post("/rpc/get_run_frame", json={"p_run_id": answer.json()["id"]})
            assert frame.status_code == 500, "the role's own limit holds elsewhere"
            assert frame.json()["code"] == "57014"
    finally:
        await stack.stop()


async def _limit_statements(stack: EmbeddedStack, limit: str) -> None:
    async with stack.database.connect("supabase_admin") as connection:
        await connection.execute(f"alter role authenticator set statement_timeout = '{limit}'".encode())
    async with stack.database.connect("supabase_admin") as connection:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'authenticator'"
        )
    await asyncio.sleep(1)
