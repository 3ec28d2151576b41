"""Brings the embedded database to the schema of `supabase/migrations`: each file once, in order, each whole or not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import structlog

from backend.local.database import Database
from backend.local.errors import LocalStackError

log = structlog.get_logger(__name__)

BOOTSTRAP = Path(__file__).with_name("bootstrap.sql")
_FILE_NAME = re.compile(r"(?P<version>\d+)_(?P<name>.+)\.sql")
# Any fixed number: whoever holds this advisory lock is the only one who migrates.
_LOCK = 0x52554E444F574E

# The history as the Supabase CLI keeps it, so that the CLI can go on from here.
_HISTORY = """
create table if not exists supabase_migrations.schema_migrations (
    version text primary key,
    statements text[],
    name text
)
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of `supabase/migrations`."""

    version: str
    name: str
    sql: str
    path: Path


@dataclass(slots=True)
class MigrationReport:
    """What a run did and noticed.

    `applied`: files that ran now. `changed`: files that differ from what ran when they were applied. `unknown`:
    versions the database has and this code does not, as after going back to an older Rundown.
    """

    applied: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def read_migrations(folder: Path) -> list[Migration]:
    """The migrations of `folder` in the order they apply: by version.

    Raises LocalStackError `migration_failed` for a folder without any, or two files of one version.
    """
    found: dict[str, Migration] = {}
    for path in sorted(folder.glob("*.sql")):
        parts = _FILE_NAME.fullmatch(path.name)
        if parts is None:
            log.warning("not a migration: the name is not <version>_<name>.sql", file=path.name)
            continue
        version = parts["version"]
        if version in found:
            raise LocalStackError(
                f"{path.name} and {found[version].path.name} have one version. Rename one of them.",
                code="migration_failed",
            )
        found[version] = Migration(version, parts["name"], path.read_text("utf-8"), path)
    if not found:
        raise LocalStackError(
            f"No migrations in {folder}: the installation is not complete. Get the files again.",
            code="migration_failed",
        )
    return [found[version] for version in sorted(found)]


async def migrate(database: Database, folder: Path) -> MigrationReport:
    """Bring the database up to date and tell PostgREST to read the schema again if it changed.

    Raises LocalStackError `migration_failed` naming the file, the line and PostgreSQL's own words; the files before
    it stay applied, of it nothing does.
    """
    migrations = read_migrations(folder)
    await bootstrap(database)
    connection = await psycopg.AsyncConnection.connect(database.conninfo("postgres"), autocommit=True)
    async with connection:
        # A session's lock, because each migration is a transaction of its own; it goes when the connection does.
        await connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
        await connection.execute("set client_min_messages = warning")
        await connection.execute(_HISTORY)
        report = await _apply_pending(connection, migrations)
        if report.applied:
            await connection.execute("notify pgrst, 'reload schema'")
    _tell(report)
    return report


async def bootstrap(database: Database) -> None:
    """Make the roles, schemas and tables that a Supabase database has before the first migration."""
    sql = BOOTSTRAP.read_text("utf-8")
    async with database.connect("supabase_admin") as connection:
        await connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        await connection.execute("set local client_min_messages = warning")
        await _run_file(connection, sql, BOOTSTRAP)


async def _apply_pending(connection: psycopg.AsyncConnection[Any], migrations: Sequence[Migration]) -> MigrationReport:
    cursor = await connection.execute("select version, statements from supabase_migrations.schema_migrations")
    history = {version: "".join(statements or ()) for version, statements in await cursor.fetchall()}
    report = MigrationReport(unknown=sorted(history.keys() - {each.version for each in migrations}))
    for migration in migrations:
        if migration.version in history:
            if _essence(history[migration.version]) != _essence(migration.sql):
                report.changed.append(migration.path.name)
            continue
        async with connection.transaction():
            await _run_file(connection, migration.sql, migration.path)
            # A migration may set its own role or path; the history is written as we are.
            await connection.execute("reset role")
            await connection.execute(
                "insert into supabase_migrations.schema_migrations (version, name, statements) values (%s, %s, %s)",
                (migration.version, migration.name, [migration.sql]),
            )
        report.applied.append(migration.path.name)
    return report


def _essence(sql: str) -> str:
    """The text without white space and semicolons, which the Supabase CLI drops when it splits a file."""
    return re.sub(r"[\s;]+", "", sql)


async def _run_file(connection: psycopg.AsyncConnection[Any], sql: str, path: Path) -> None:
    try:
        # No parameters, so the whole file goes as one message of many statements.
        await connection.execute(sql.encode())
    except psycopg.Error as error:
        position = error.diag.statement_position
        line = f", line {sql.count(chr(10), 0, int(position) - 1) + 1}" if position else ""
        detail = f" ({error.diag.message_detail})" if error.diag.message_detail else ""
        raise LocalStackError(
            f"The migration {path.name} failed{line}: {error.diag.message_primary or error}{detail}. Nothing of it was "
            "applied. If the file is as released, report this; the data is as it was before.",
            code="migration_failed",
        ) from error


def _tell(report: MigrationReport) -> None:
    if report.applied:
        log.info("migrations applied", count=len(report.applied), last=report.applied[-1])
    if report.changed:
        log.warning(
            "migrations were edited after they were applied; the database keeps what ran. Put the change in a new file",
            files=report.changed,
        )
    if report.unknown:
        log.warning("the database was made by a newer Rundown: it has migrations unknown here", versions=report.unknown)
