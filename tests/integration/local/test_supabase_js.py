"""The unmodified supabase-js in Node against the served sign-in: what the page will do."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import fastapi
import pytest
import uvicorn

from backend.local.ports import LOOPBACK, free_ports
from backend.local.signin import create_signin_router
from backend.local.stack import SUPABASE_DIR, EmbeddedStack

pytestmark = pytest.mark.integration

SCRIPT = Path(__file__).with_name("supabase_js_flow.mjs")


@pytest.fixture
async def origin(stack: EmbeddedStack) -> AsyncIterator[str]:
    """The address of a real HTTP server with the sign-in routes."""
    app = fastapi.FastAPI()
    app.include_router(create_signin_router(stack.database, stack.keys, stack.issuer_url, bcrypt_cost=4))
    (port,) = free_ports(1)
    server = uvicorn.Server(uvicorn.Config(app, host=LOOPBACK, port=port, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        assert not serving.done()
        await asyncio.sleep(0.01)
    yield f"http://{LOOPBACK}:{port}"
    server.should_exit = True
    await serving


async def test_supabase_js_signs_up_in_refreshes_and_out(origin: str, stack: EmbeddedStack) -> None:
    node = shutil.which("node")
    assert node, "Node.js 20 or newer is needed: it also brings PostgREST"
    arguments = [str(SCRIPT), str(SUPABASE_DIR), origin, stack.anon_key, "js@example.com", "correct horse battery"]
    process = await asyncio.create_subprocess_exec(
        node, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, err.decode()
    assert json.loads(out.splitlines()[-1]) == {
        "signUp": {"code": None, "email": "js@example.com", "hasSession": True},
        "signUpAgain": None,
        "weak": {"name": "AuthWeakPasswordError", "reasons": ["length"]},
        "wrongPassword": "invalid_credentials",
        "signIn": {"code": None, "sameUser": True},
        "getUser": {"code": None, "name": "Ada"},
        "claims": {"code": None, "alg": "ES256", "role": "authenticated"},
        "refresh": {"code": None, "rotated": True},
        "forgedRefresh": "refresh_token_not_found",
        "update": {"code": None, "name": "Grace"},
        "otherAfterUpdate": "refresh_token_not_found",
        "signOut": None,
        "afterSignOut": None,
        "tokenAfterSignOut": "AuthSessionMissingError",
        "refreshAfterSignOut": "refresh_token_not_found",
    }
