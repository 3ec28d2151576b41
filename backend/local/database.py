"""Connections to the embedded PostgreSQL: sign-in, migrations and health checks are the only ones who use SQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg.conninfo import make_conninfo

from backend.errors import StoreUnavailable

# As in Supabase: `supabase_admin` is the superuser, `postgres` owns what migrations make, `supabase_auth_admin` owns
# the accounts.
DatabaseRole = Literal["supabase_admin", "postgres", "supabase_auth_admin"]


@dataclass(frozen=True, slots=True)
class Database:
    """Where the database listens; who may reach the socket's folder (mode 0700) needs no password."""

    socket_dir: Path
    name: str = "postgres"

    def conninfo(self, role: DatabaseRole) -> str:
        """A libpq connection string for `role`."""
        return make_conninfo(
            host=str(self.socket_dir), user=role, dbname=self.name, connect_timeout=5, application_name="rundown"
        )

    @asynccontextmanager
    async def connect(self, role: DatabaseRole) -> AsyncIterator[psycopg.AsyncConnection[dict[str, Any]]]:
        """One connection as `role`, in one transaction: committed at the end, rolled back on an error.

        Connecting over the socket takes a few milliseconds, next to a password's seventy; that is why there is no pool.
        Raises StoreUnavailable when the database can't be reached, or is lost meanwhile.
        """
        try:
            async with await psycopg.AsyncConnection.connect(
                self.conninfo(role), row_factory=psycopg.rows.dict_row
            ) as connection:
                yield connection
        except psycopg.OperationalError as error:
            raise StoreUnavailable("The embedded database does not answer; it may be starting again.") from error

    async def answers(self) -> bool:
        """Whether the database accepts a connection and answers a query."""
        try:
            async with self.connect("supabase_admin") as connection:
                await connection.execute("select 1")
        except (StoreUnavailable, psycopg.Error):
            return False
        return True
