"""Every earlier version's database, filled with data, migrated to the newest: nothing lost, the same schema as new."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from backend.local.database import Database
from backend.local.migrate import migrate, read_migrations
from backend.local.postgres import PostgresServer
from backend.local.stack import SUPABASE_DIR
from tests.integration.local.test_backup import _SHAPE

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

MIGRATIONS = read_migrations(SUPABASE_DIR / "migrations")
USER = uuid.UUID("00000000-0000-4000-8000-000000000001")
# Values where the type alone does not tell what the table takes.
_VALUES: dict[str, Any] = {
    "subject_kind": "run",
    "open_close": "open",
    "user_id": USER,
    "role": "user",
    "action": "buy",
    "status": "completed",
    "symbol": "BTC",
    # Rows of one table that hang on another of it: the first has none.
    "parent_id": None,
    "expires_at": datetime.now(UTC) + timedelta(days=30),
}
_FILLED = 3


@pytest.fixture
async def database(server: PostgresServer) -> AsyncIterator[Database]:
    yield server.database
    await _empty(server.database)


async def _empty(database: Database) -> None:
    async with database.connect("supabase_admin") as connection:
        await connection.execute("drop schema if exists supabase_migrations, auth, private cascade")
        await connection.execute("drop schema public cascade")
        await connection.execute("create schema public authorization pg_database_owner")


def _prefix(folder: Path, count: int) -> Path:
    folder.mkdir()
    for migration in MIGRATIONS[:count]:
        shutil.copy(migration.path, folder)
    return folder


async def _tables(connection: psycopg.AsyncConnection[Any]) -> list[str]:
    """Tables of the schema, parents before children: the order they were made in."""
    found = await connection.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by oid"
    )
    return [row["relname"] for row in await found.fetchall()]


async def _fill(connection: psycopg.AsyncConnection[Any], table: str, ids: dict[str, int], number: int) -> None:
    """One row with a value in every column that takes one, as an earlier version would have written it."""
    columns = await (
        await connection.execute(
            "select column_name as name, data_type as type, is_nullable = 'YES' as optional from"
            " information_schema.columns where table_schema = 'public' and table_name = %s and is_identity = 'NO'"
            " and is_generated = 'NEVER'"
            " and column_default is distinct from 'now()'",
            (table,),
        )
    ).fetchall()
    row = {column["name"]: _value(column["name"], column["type"], ids, number) for column in columns}
    query = sql.SQL("insert into public.{} ({}) values ({}) returning id").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Placeholder() * len(row)),
    )
    made = await (await connection.execute(query, list(row.values()))).fetchone()
    assert made is not None
    ids[table] = made["id"]


def _value(name: str, kind: str, ids: dict[str, int], number: int) -> Any:
    if name in _VALUES:
        return _VALUES[name]
    if name.endswith(("_sha256", "_hash")):
        return f"{number:064x}"
    if parent := re.fullmatch(r"(?:source_)?(model|run|session|message)_id", name):
        table = {"session": "chat_sessions", "message": "chat_messages"}.get(parent[1], f"{parent[1]}s")
        return ids[table]
    by_type = {
        "boolean": True,
        "jsonb": "[]" if name in {"tool_calls", "tool_results", "checks", "warnings"} else '{"a": 1}',
        "timestamp with time zone": "2026-01-01T00:00:00Z",
        "uuid": str(uuid.uuid4()),
    }
    if kind in {"integer", "bigint", "numeric"}:
        return number + 1
    return by_type.get(kind, f"text {number}")


async def _rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    async with database.connect("supabase_admin") as connection:
        return {
            table: await (
                await connection.execute(sql.SQL("select * from public.{} order by id").format(sql.Identifier(table)))
            ).fetchall()
            for table in await _tables(connection)
        }


async def _shape(database: Database) -> list[str]:
    async with database.connect("supabase_admin") as connection:
        return [next(iter(row.values())) for row in await (await connection.execute(_SHAPE)).fetchall()]


@pytest.mark.parametrize("count", range(1, len(MIGRATIONS)), ids=lambda count: MIGRATIONS[count - 1].path.stem)
async def test_data_of_an_earlier_version_survives_and_the_schema_is_as_new(
    count: int, database: Database, tmp_path: Path
) -> None:
    await migrate(database, SUPABASE_DIR / "migrations")
    newest = await _shape(database)
    await _empty(database)
    await migrate(database, _prefix(tmp_path / "old", count))
    async with database.connect("supabase_admin") as connection:
        await connection.execute(
            "insert into auth.users (id, email, encrypted_password) values (%s, 'a@b.c', 'x')", (USER,)
        )
        ids: dict[str, int] = {}
        for number in range(_FILLED):
            for table in await _tables(connection):
                await _fill(connection, table, ids, number)
    before = await _rows(database)
    assert before
    assert all(len(rows) == _FILLED for rows in before.values())
    report = await migrate(database, SUPABASE_DIR / "migrations")
    assert report.applied == [each.path.name for each in MIGRATIONS[count:]]
    after = await _rows(database)
    for table, rows in before.items():
        kept = [{name: row.get(name) for name in rows[0] if name in row} for row in after[table]]
        assert kept == [{name: row[name] for name in kept[0]} for row in rows], table
    assert await _shape(database) == newest


async def test_a_database_that_is_up_to_date_is_left_alone(database: Database) -> None:
    await migrate(database, SUPABASE_DIR / "migrations")
    before = await _shape(database)
    assert (await migrate(database, SUPABASE_DIR / "migrations")).applied == []
    assert await _shape(database) == before
