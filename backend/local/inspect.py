"""What an embedded home is like, looked at without changing it: for `rundown doctor`."""

from __future__ import annotations

import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from backend.errors import StoreUnavailable
from backend.local.database import Database
from backend.local.errors import LocalStackError
from backend.local.migrate import read_migrations
from backend.local.postgres import MAJOR_VERSION, find_binaries, running_socket_dir
from backend.local.postgrest import find_postgrest


@dataclass(slots=True)
class HomeState:
    """`exists`, `open_to_others` (files that others may read), `free_bytes` where it is (or would be), `version` of the
    database's files, None when there are none."""

    exists: bool
    free_bytes: int
    open_to_others: list[str] = field(default_factory=list)
    version: str | None = None


def look_at_home(home: Path) -> HomeState:
    """The state of `home`; raises OSError where it can't even be looked at."""
    standing = next(folder for folder in (home, *home.parents) if folder.is_dir())
    state = HomeState(home.is_dir(), shutil.disk_usage(standing).free)
    if not state.exists:
        return state
    private = [home, home / "secret.key", home / "keys" / "signing.pem"]
    state.open_to_others = [
        str(path) for path in private if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    version = home / "postgres" / "PG_VERSION"
    state.version = version.read_text("ascii").strip() if version.is_file() else None
    return state


def missing_programs(supabase_dir: Path) -> list[str]:
    """Why the embedded database can't run here; empty when its programs are there."""
    reasons = []
    for find in (find_binaries, lambda: find_postgrest(supabase_dir)):
        try:
            find()
        except LocalStackError as error:
            reasons.append(error.message)
    return reasons


@dataclass(frozen=True, slots=True)
class MigrationState:
    """Migrations that the next start will apply, and those that a newer Rundown applied."""

    pending: list[str]
    unknown: list[str]


async def look_at_migrations(home: Path, folder: Path) -> MigrationState | None:
    """How far the running database is; None when it is not running.

    Raises:
        LocalStackError: it runs, but can't be asked.
    """
    try:
        database = Database(running_socket_dir(home))
    except LocalStackError:
        return None
    try:
        async with database.connect("postgres") as connection:
            found = await connection.execute("select version from supabase_migrations.schema_migrations")
            applied = {row["version"] for row in await found.fetchall()}
    except StoreUnavailable:
        return None
    except psycopg.Error as error:
        raise LocalStackError(f"The database does not say which migrations it has: {error}") from error
    known = {each.version: each.path.name for each in read_migrations(folder)}
    return MigrationState(
        pending=[name for version, name in known.items() if version not in applied],
        unknown=sorted(applied - known.keys()),
    )


__all__ = ["MAJOR_VERSION", "HomeState", "MigrationState", "look_at_home", "look_at_migrations", "missing_programs"]
