"""Accounts, sessions and refresh tokens in the `auth` schema: what sign-in keeps, and the only SQL it speaks."""

from __future__ import annotations

import secrets
import unicodedata
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from backend.local.database import Database

# A client that lost the answer to its refresh may ask once more with the token it has; a thief comes later.
REUSE_GRACE = timedelta(seconds=10)

_BY_EMAIL = {"provider": "email", "providers": ["email"]}

LogoutScope = Literal["global", "local", "others"]

_USER_COLUMNS = """id, aud, role, email, encrypted_password, email_confirmed_at, last_sign_in_at, raw_app_meta_data,
                   raw_user_meta_data, created_at, updated_at"""


@dataclass(frozen=True, slots=True)
class User:
    """One row of `auth.users`; times are in UTC."""

    id: UUID
    aud: str
    role: str
    email: str
    encrypted_password: str
    email_confirmed_at: datetime | None
    last_sign_in_at: datetime | None
    raw_app_meta_data: dict[str, Any]
    raw_user_meta_data: dict[str, Any]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in: what its refresh tokens belong to. `created_at` is when the password was given."""

    id: UUID
    user_id: UUID
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """What a client gets for a password or a refresh token: its user, its session, its next refresh token."""

    user: User
    session: Session
    refresh_token: str


class EmailTaken(Exception):
    """There is an account of this address."""


class RefreshTokenUnknown(Exception):
    """No such refresh token, or its session ended."""


class RefreshTokenSpent(Exception):
    """The token was used before; every token of its session is revoked now."""


def canonical_email(email: str) -> str:
    """The one form of an address: for looking it up, for counting attempts and for keeping it."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", email.strip()).lower())


class Accounts:
    """The accounts of one embedded database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_user(self, email: str, encrypted_password: str, data: dict[str, Any]) -> User:
        """Make an account whose address counts as confirmed; raises EmailTaken."""
        try:
            async with self._connect() as connection:
                cursor = await connection.execute(
                    "insert into auth.users (email, encrypted_password, email_confirmed_at, raw_app_meta_data,"  # noqa: S608 - columns are ours
                    f" raw_user_meta_data) values (%s, %s, now(), %s, %s) returning {_USER_COLUMNS}",
                    (
                        canonical_email(email),
                        encrypted_password,
                        Jsonb(_BY_EMAIL),
                        Jsonb(data),
                    ),
                )
                return _user(await cursor.fetchone())
        except psycopg.errors.UniqueViolation as error:
            raise EmailTaken from error

    async def find_user(self, email: str) -> User | None:
        """The account of an address, whatever its case.

        Compared as it is, with the index's own form beside it: PostgreSQL's `lower` takes letters for one another that
        the counts of attempts hold apart.
        """
        canonical = canonical_email(email)
        async with self._connect() as connection:
            cursor = await connection.execute(
                f"select {_USER_COLUMNS} from auth.users where lower(email) = lower(%s) and email = %s",  # noqa: S608
                (canonical, canonical),
            )
            row = await cursor.fetchone()
        return _user(row) if row else None

    async def find_signed_in(self, user_id: UUID, session_id: UUID) -> User | None:
        """The account of a session that has not ended."""
        async with self._connect() as connection:
            cursor = await connection.execute(
                f"select {_USER_COLUMNS} from auth.users where id = %s"  # noqa: S608
                " and exists (select 1 from auth.sessions s where s.id = %s and s.user_id = users.id)",
                (user_id, session_id),
            )
            row = await cursor.fetchone()
        return _user(row) if row else None

    async def session_lives(self, user_id: str, session_id: str) -> bool:
        """Whether a session has not ended; ids as tokens carry them."""
        async with self._connect() as connection:
            cursor = await connection.execute(
                "select 1 from auth.sessions where id::text = %s and user_id::text = %s", (session_id, user_id)
            )
            return await cursor.fetchone() is not None

    async def open_session(self, user_id: UUID, *, user_agent: str | None = None) -> Grant:
        """Begin a session after a password was right."""
        async with self._connect() as connection:
            cursor = await connection.execute(
                f"update auth.users set last_sign_in_at = now() where id = %s returning {_USER_COLUMNS}",  # noqa: S608
                (user_id,),
            )
            user = _user(await cursor.fetchone())
            cursor = await connection.execute(
                "insert into auth.sessions (user_id, user_agent) values (%s, %s) returning id, user_id, created_at",
                (user_id, user_agent[:500] if user_agent else None),
            )
            session = _session(await cursor.fetchone())
            token = await _issue(connection, session, parent=None)
        return Grant(user, session, token)

    async def refresh(self, token: str) -> Grant:
        """Spend a refresh token for the next one.

        The parent of the session's current token may come again within REUSE_GRACE and gets that current token. Any
        other spent token revokes all of its session. Raises RefreshTokenUnknown or RefreshTokenSpent.
        """
        async with self._connect() as connection:
            # Both rows are locked: of two that come at once, the second sees what the first did.
            cursor = await connection.execute(
                """
                select t.revoked, t.updated_at > now() - %s as fresh, s.id, s.user_id, s.created_at
                from auth.refresh_tokens t join auth.sessions s on s.id = t.session_id
                where t.token = %s for update
                """,
                (REUSE_GRACE, token),
            )
            row = await cursor.fetchone()
            if row is None:
                raise RefreshTokenUnknown
            session = Session(row["id"], row["user_id"], row["created_at"].astimezone(UTC))
            if not row["revoked"]:
                following: str | None = await self._rotate(connection, session, token)
            else:
                following = await self._current_child(connection, session, token) if row["fresh"] else None
                if following is None:
                    await connection.execute(
                        "update auth.refresh_tokens set revoked = true, updated_at = now()"
                        " where session_id = %s and not revoked",
                        (session.id,),
                    )
            cursor = await connection.execute(
                f"select {_USER_COLUMNS} from auth.users where id = %s",  # noqa: S608
                (session.user_id,),
            )
            user = _user(await cursor.fetchone())
        # Raised after the transaction: the revocation has to stay.
        if following is None:
            raise RefreshTokenSpent
        return Grant(user, session, following)

    async def update_user(
        self,
        user_id: UUID,
        *,
        encrypted_password: str | None = None,
        data: dict[str, Any] | None = None,
        keep_session: UUID | None = None,
    ) -> User:
        """Change the password, the user's own metadata, or both; None leaves as it is.

        A new password ends every session but `keep_session`.
        """
        async with self._connect() as connection:
            cursor = await connection.execute(
                "update auth.users set encrypted_password = coalesce(%s, encrypted_password),"  # noqa: S608
                " raw_user_meta_data = coalesce(%s, raw_user_meta_data), updated_at = now()"
                f" where id = %s returning {_USER_COLUMNS}",
                (encrypted_password, None if data is None else Jsonb(data), user_id),
            )
            user = _user(await cursor.fetchone())
            if encrypted_password is not None:
                await connection.execute(
                    "delete from auth.sessions where user_id = %s and id is distinct from %s", (user_id, keep_session)
                )
        return user

    async def close_sessions(self, user_id: UUID, session_id: UUID, scope: LogoutScope) -> None:
        """End this session, every other one, or all; refresh tokens go with their session."""
        which = {
            "global": "true",
            "local": "id = %(session)s",
            "others": "id <> %(session)s",
        }[scope]
        async with self._connect() as connection:
            await connection.execute(
                f"delete from auth.sessions where user_id = %(user)s and {which}",  # noqa: S608 - one of three texts above
                {"user": user_id, "session": session_id},
            )

    async def _rotate(self, connection: psycopg.AsyncConnection[dict[str, Any]], session: Session, token: str) -> str:
        await connection.execute(
            "update auth.refresh_tokens set revoked = true, updated_at = now() where token = %s", (token,)
        )
        await connection.execute(
            "update auth.sessions set refreshed_at = now(), updated_at = now() where id = %s", (session.id,)
        )
        return await _issue(connection, session, parent=token)

    async def _current_child(
        self, connection: psycopg.AsyncConnection[dict[str, Any]], session: Session, token: str
    ) -> str | None:
        cursor = await connection.execute(
            "select token from auth.refresh_tokens where session_id = %s and parent = %s and not revoked",
            (session.id, token),
        )
        row = await cursor.fetchone()
        return str(row["token"]) if row else None

    def _connect(self) -> AbstractAsyncContextManager[psycopg.AsyncConnection[dict[str, Any]]]:
        return self._database.connect("supabase_auth_admin")


async def _issue(connection: psycopg.AsyncConnection[dict[str, Any]], session: Session, *, parent: str | None) -> str:
    token = secrets.token_urlsafe(24)
    await connection.execute(
        "insert into auth.refresh_tokens (token, user_id, session_id, parent) values (%s, %s, %s, %s)",
        (token, session.user_id, session.id, parent),
    )
    return token


def _user(row: dict[str, Any] | None) -> User:
    if row is None:
        raise LookupError("the account is gone")
    values: dict[str, Any] = {
        name: value.astimezone(UTC) if isinstance(value, datetime) else value for name, value in row.items()
    }
    return User(**values)


def _session(row: dict[str, Any] | None) -> Session:
    if row is None:
        raise LookupError("the session was not made")
    return Session(row["id"], row["user_id"], row["created_at"].astimezone(UTC))
