"""The whole product as a contender, but for the database: in its place rows that are always the same.

    python -m tests.bench.streams.ours PATH PROVIDER_URL          prints URL and access token

Sign-in, routing, validation, the agent with its real tools on a run of 60 trades, the figure check, the turn and its
log are the product's own. The tool of run 2 never ends: `GET /tools` gives the moments when one was cancelled.
`GET /pauses` gives the longest pauses of the loop (seconds) since they were last asked for: `late` by the clock,
`computed` by the CPU time of its thread.
"""

from __future__ import annotations

import asyncio
import base64
import os
import sys
import tempfile
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from backend.local.keys import load_or_create_signing_keys
from backend.logs import configure_logs
from backend.main import Backing, create_app
from backend.settings import Settings
from backend.store.conversations import SavedTurn, SessionStore
from backend.store.models import ModelRow
from backend.store.runs import ChatContext, RunRow, RunStore
from backend.store.vault import Vault
from tests.bench.streams.contenders import KEY, MODEL, cpu, serve
from tests.support.factories import make_row, make_run

USER = str(uuid.uuid4())
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def put_rows_in_place(ciphertext: str) -> None:
    """The store answers without a database. A session of its own would cost the same round trips."""
    model = ModelRow(
        id=1, user_id=USER, name="bench", ai_model=MODEL, model_parameters={}, custom_instructions="",
        api_key_ciphertext=ciphertext, api_key_hint=None, created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    run = RunRow(
        id=1, model_id=1, run_number=1, name="bench", source="csv", status="done", currency="USD", initial_cash=1e5,
        started_at=NOW, ended_at=NOW, periods_per_year=None, settings={}, published={}, summary={}, notes="", version=1,
        created_at=NOW,
    )  # fmt: skip
    rows = [
        make_row(action, at=NOW.replace(hour=i % 24, day=1 + i % 28), price=100.0 + i, quantity=1, trade_ref=str(i))
        for i in range(60)
        for action in ("buy", "sell")
    ]
    frame = make_run(rows, initial_cash=1e5)

    async def get_chat_context(_: object, __: int, run_id: int) -> ChatContext:
        return ChatContext(run=run.model_copy(update={"id": run_id}), model=model, rules=[])

    async def get_frame(_: object, run_id: int) -> Any:
        if run_id == SLOW_RUN:
            try:
                await asyncio.sleep(3600)
            finally:
                tools_left.append(time.monotonic())
        return frame

    async def save_turn(*_: object, **__: object) -> SavedTurn:
        return SavedTurn(session_id=1, message_id=2, user_message_id=1)

    RunStore.get_chat_context = get_chat_context  # type: ignore[assignment,method-assign]
    RunStore.get_frame = get_frame  # type: ignore[method-assign]
    SessionStore.save_turn = save_turn  # type: ignore[method-assign]


SLOW_RUN = 2
tools_left: list[float] = []


class LoopWatch:
    """How late a timer of 1 ms fires is how long something else held the loop, or the machine the process; what the
    loop's own thread computed between two timers is the product's part of it."""

    def __init__(self) -> None:
        self._late = self._computed = 0.0
        self._task: asyncio.Task[None] | None = None

    async def _watch(self) -> None:
        while True:
            began, computed = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.001)
            self._late = max(self._late, time.perf_counter() - began - 0.001)
            self._computed = max(self._computed, time.thread_time() - computed)

    async def longest(self, _: Request) -> Response:
        self._task = self._task or asyncio.create_task(self._watch())
        longest = {"late": self._late, "computed": self._computed}
        self._late = self._computed = 0.0
        return JSONResponse(longest)


async def tools(_: Request) -> Response:
    return JSONResponse(tools_left)


def main(path: str, provider: str) -> None:
    home = Path(tempfile.mkdtemp())
    keys = load_or_create_signing_keys(home)
    secret = base64.b64encode(os.urandom(32)).decode()
    vault = Vault([base64.b64decode(secret)])
    put_rows_in_place(vault.seal(KEY, user_id=USER, model_id=1))
    unlimited = {f"RUNDOWN_LIMIT_{what}": 0 for what in ("REQUESTS", "STREAMS", "TOKENS", "COST_USD")}
    settings = Settings(
        _env_file=None, RUNDOWN_HOME=home, OPENROUTER_BASE_URL=provider, RUNDOWN_STREAM_PATH=path, **unlimited
    )
    configure_logs("error")
    nowhere = "http://127.0.0.1:9"
    app = create_app(settings, Backing(nowhere, "anon", secret, rest_url=nowhere, jwks=keys.jwks))
    app.add_route("/cpu", cpu)
    app.add_route("/pauses", LoopWatch().longest)
    app.add_route("/tools", tools)
    claims = {"sub": USER, "aud": "authenticated", "role": "authenticated", "exp": int(time.time()) + 86400}
    print(keys.sign(claims), flush=True)
    serve(app)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
