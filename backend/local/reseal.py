"""Seals every stored key anew, straight in the database: the one thing that no user's own token could do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg

from backend.local.errors import LocalStackError

_BATCH = 500
# (sealed text, owner's id, model's id) → the text to store; None for one that can't be opened.
Reseal = Callable[[str, str, int], str | None]


@dataclass(slots=True)
class ResealReport:
    """How many stored keys were sealed anew, were sealed with the newest key already, and could not be opened."""

    resealed: int = 0
    current: int = 0
    unreadable: int = 0


async def reseal_stored_keys(conninfo: str, reseal: Reseal) -> ResealReport:
    """Pass every stored key through `reseal` and store what comes back, in short transactions.

    A key that its owner replaces meanwhile is left as the owner stored it: the rows of a batch are locked. Run again
    after a failure; what is done stays done.

    Raises:
        LocalStackError: the database can't be reached, or this role may not see every row.
    """
    report = ResealReport()
    last_id = 0
    try:
        async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
            # A role under row-level security would see no row and report success: this makes PostgreSQL say so.
            await connection.execute("set row_security = off")
            while rows := await _batch(connection, last_id, reseal, report):
                last_id = rows
    except psycopg.errors.InsufficientPrivilege as error:
        raise LocalStackError(
            "This database role may not change every owner's stored keys. Use the address of a role that bypasses "
            "row-level security: Supabase's `postgres`.",
            code="role_too_weak",
        ) from error
    except psycopg.errors.UndefinedTable as error:
        raise LocalStackError(
            "This database has no models table: the migrations were not applied.", code="no_database"
        ) from error
    except psycopg.OperationalError as error:
        # libpq's own words may repeat the address, which holds a password.
        raise LocalStackError("The database can't be reached at the address given.", code="no_database") from error
    return report


async def _batch(
    connection: psycopg.AsyncConnection[Any], after_id: int, reseal: Reseal, report: ResealReport
) -> int | None:
    """Seal one batch anew; the last model's id, or None when there was none left."""
    async with connection.transaction():
        found = await connection.execute(
            "select id, user_id::text, api_key_ciphertext from public.models "
            "where id > %s and api_key_ciphertext is not null order by id limit %s for update",
            (after_id, _BATCH),
        )
        rows = await found.fetchall()
        for model_id, user_id, sealed in rows:
            again = reseal(sealed, user_id, model_id)
            if again is None:
                report.unreadable += 1
            elif again == sealed:
                report.current += 1
            else:
                await connection.execute(
                    "update public.models set api_key_ciphertext = %s where id = %s", (again, model_id)
                )
                report.resealed += 1
    return rows[-1][0] if rows else None
