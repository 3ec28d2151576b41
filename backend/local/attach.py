"""The embedded database for a command: the one that is running, or one started for as long as the command takes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from backend.local.database import Database
from backend.local.errors import LocalStackError
from backend.local.home import HomeLock, prepare_home
from backend.local.postgres import PostgresServer, running_socket_dir


@asynccontextmanager
async def attached_database(home: Path, *, exclusive: bool = False) -> AsyncIterator[Database]:
    """The database of `home` (absolute); `exclusive` refuses to work beside a running server.

    Raises:
        LocalStackError: `no_database` when there is none, `already_running` when `exclusive` and a server runs.
    """
    if not (home / "postgres" / "PG_VERSION").is_file():
        raise LocalStackError(
            f"There is no database in {home}. Name its folder with RUNDOWN_HOME, or start Rundown once.",
            code="no_database",
        )
    home = prepare_home(home, minimum_free_bytes=0)
    lock = HomeLock(home)
    try:
        lock.acquire()
    except LocalStackError as error:
        if exclusive or error.code != "already_running":
            raise
        database = Database(running_socket_dir(home))
        if not await database.answers():
            raise LocalStackError(
                "A server runs on this home, but its database does not answer. Try again in a moment.",
                code="start_failed",
            ) from error
        yield database
        return
    try:
        postgres = PostgresServer(home)
        await postgres.start()
        try:
            yield postgres.database
        finally:
            await postgres.stop()
    finally:
        lock.release()
