"""Each tool on a run that is only in the database: read in one round trip, parsed, computed. Elapsed seconds.

Real PostgreSQL and PostgREST, the caller's token, row-level security: what a question about a run costs that nobody
asked about before.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from backend.analysis import summarise_run
from backend.importers.base import ImportedPosition, ImportedRun
from backend.ingest.imported_frame import imported_frame
from backend.ingest.run_columns import import_body, made_in_threads
from backend.local.accounts import Accounts
from backend.local.auth_service import access_claims
from backend.local.stack import EmbeddedStack, embedded_stack
from backend.store.client import Database
from backend.store.models import ModelStore
from backend.store.runs import RunStore
from tests.bench.analysis import SIZES, TOOLS, Tool, columns_of
from tests.bench.measure import Row, interleave

ROUNDS = 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def bench_database() -> AsyncIterator[list[Row]]:
    """Each tool from the database, by size; the ratios are to the smallest."""
    with tempfile.TemporaryDirectory() as home:
        async with embedded_stack(Path(home) / "home", durable=False) as stack:
            database = Database(supabase_url=stack.rest_url, anon_key=stack.anon_key, rest_url=stack.rest_url)
            try:
                async for rows in _measured(database, await _token(stack)):
                    yield rows
            finally:
                await database.aclose()


async def _measured(database: Database, token: str) -> AsyncIterator[list[Row]]:
    client = database.as_user(token)
    runs = RunStore(client)
    model = await ModelStore(client).add_model({"name": "bench", "ai_model": "offline/analyst"})
    ids = {}
    for size in SIZES:
        imported = run_of(size)
        summary = summarise_run(imported_frame(imported))
        body = import_body(model.id, imported, summary, content_sha256=None, again=False)
        ids[size] = (await runs.save_import(made_in_threads(body))).id

    def from_database(size: int, tool: Tool) -> Callable[[], Awaitable[object]]:
        async def run() -> object:
            return tool(await runs.get_frame(ids[size]))

        return run

    for name, (tool, _) in TOOLS.items():
        contenders = {f"{name}, from the database, {size:,} positions": from_database(size, tool) for size in SIZES}
        yield await interleave(contenders, ROUNDS, time.perf_counter)


def run_of(size: int) -> ImportedRun:
    """The synthetic run as an importer would hand it over."""
    columns = columns_of(size)
    names = ("ts", "action", "symbol", "quantity", "price", "fees", "trade_ref")
    positions = [
        ImportedPosition(ts=_EPOCH + timedelta(microseconds=ts), **dict(zip(names[1:], rest, strict=True)))
        for ts, *rest in zip(*(columns[name] for name in names), strict=True)
    ]
    return ImportedRun(name="bench", source="csv", currency="USD", positions=positions, initial_cash=100_000.0)


async def _token(stack: EmbeddedStack) -> str:
    user_id = await stack.ensure_user("bench@example.com", "a bench of its own")
    grant = await Accounts(stack.database).open_session(UUID(user_id))
    return stack.keys.sign(access_claims(grant.user, grant.session, issuer=stack.issuer_url))
