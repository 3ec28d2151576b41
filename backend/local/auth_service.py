"""What sign-in does, without HTTP: passwords and refresh tokens in, access tokens and users out.

Names of errors, claims and fields are Supabase Auth's, so that supabase-js works unchanged.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, get_args
from uuid import UUID, uuid4

import jwt
import orjson
from pydantic import BaseModel, ConfigDict, field_validator

from backend.local.accounts import (
    Accounts,
    EmailTaken,
    Grant,
    LogoutScope,
    RefreshTokenSpent,
    RefreshTokenUnknown,
    Session,
    User,
    canonical_email,
)
from backend.local.database import Database
from backend.local.keys import SigningKeys
from backend.local.passwords import DEFAULT_COST, MAX_BYTES, MIN_LENGTH, Passwords

AUDIENCE = "authenticated"
ACCESS_TOKEN_SECONDS = 3600
# Metadata travels in every token, and a token in a header.
_METADATA_LIMIT_BYTES = 4 * 1024
_NAME = r"[^@\s\x00-\x1f\x7f\"<>(),:;\[\]\\]"
_EMAIL = re.compile(rf"{_NAME}+@(?!\.){_NAME}+(?<!\.)")


class SignInError(Exception):
    """An answer in Supabase Auth's shape: `{"code", "error_code", "msg"}` with the status as code."""

    def __init__(self, status: int, error_code: str, message: str, **more: object) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, object] = {"code": status, "error_code": error_code, "msg": message} | more


class Body(BaseModel):
    """The JSON body of a request."""

    # supabase-js sends fields for what we do not have (captcha, PKCE); they are not errors.
    model_config = ConfigDict(extra="ignore", strict=True)


class Credentials(Body):
    """Who signs up or in; `data` becomes the new user's metadata."""

    email: str = ""
    password: str = ""
    data: dict[str, Any] | None = None

    @field_validator("email")
    @classmethod
    def _canonical(cls, value: str) -> str:
        return canonical_email(value)


class RefreshRequest(Body):
    """A session that goes on."""

    refresh_token: str = ""


class UserChange(Body):
    """What a user changes of their own account; None leaves as it is.

    A new `password` wants the `current_password`.
    """

    email: str | None = None
    password: str | None = None
    current_password: str | None = None
    data: dict[str, Any] | None = None


def access_claims(user: User, session: Session, *, issuer: str) -> dict[str, Any]:
    """The claims of an access token that is issued now, as Supabase Auth names them."""
    now = int(time.time())
    return {
        "iss": issuer,
        "sub": str(user.id),
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + ACCESS_TOKEN_SECONDS,
        "email": user.email,
        "phone": "",
        "app_metadata": user.raw_app_meta_data,
        "user_metadata": user.raw_user_meta_data,
        "role": user.role,
        "aal": "aal1",
        "amr": [{"method": "password", "timestamp": int(session.created_at.timestamp())}],
        "session_id": str(session.id),
        "is_anonymous": False,
    }


class SignIn:
    """What the routes do, without HTTP: passwords and tokens in, sessions and users out."""

    def __init__(
        self,
        database: Database,
        keys: SigningKeys,
        issuer_url: str,
        *,
        bcrypt_cost: int = DEFAULT_COST,
        signup: bool = True,
        shared_accounts: Collection[str] = (),
    ) -> None:
        """`signup`: whether accounts can be made. `shared_accounts`: addresses whose password is everybody's: it can't
        be changed, and nobody ends the others' sessions."""
        self.signup = signup
        self._shared = frozenset(shared_accounts)
        self._accounts = Accounts(database)
        self._passwords = Passwords(cost=bcrypt_cost)
        self._passwords.prepare()
        self._keys = keys
        self._issuer = issuer_url

    async def sign_up(self, body: Credentials, user_agent: str | None) -> dict[str, Any]:
        """Make an account and sign it in.

        Where there is an account already, its password signs in, and any other is answered with a user that is none,
        as Supabase Auth does. The same is computed either way.
        """
        if not self.signup:
            raise SignInError(422, "signup_disabled", "Signups not allowed for this instance")
        email = _valid_email(body.email)
        _require_strong(body.password)
        data = _valid_metadata(body.data)
        user = await self._accounts.find_user(email)
        right = await self._passwords.matches(body.password, user.encrypted_password if user else None)
        hashed = await self._passwords.hash(body.password)
        if user is None:
            try:
                user = await self._accounts.add_user(email, hashed, data)
            except EmailTaken:
                # Another request was faster.
                return user_object(_nobody(email, data))
        elif not right:
            return user_object(_nobody(email, data))
        return self._session(await self._accounts.open_session(user.id, user_agent=user_agent))

    async def with_password(self, body: Credentials, user_agent: str | None) -> dict[str, Any]:
        """Sign in; a wrong password and an unknown account are one answer, after one time."""
        if not body.email:
            raise SignInError(400, "validation_failed", "missing email or phone")
        # PostgreSQL's text holds no NUL; such an address is nobody's.
        user = None if "\x00" in body.email else await self._accounts.find_user(body.email)
        right = await self._passwords.matches(body.password, user.encrypted_password if user else None)
        if user is None or not right:
            raise SignInError(400, "invalid_credentials", "Invalid login credentials")
        return self._session(await self._accounts.open_session(user.id, user_agent=user_agent))

    async def with_refresh_token(self, body: RefreshRequest) -> dict[str, Any]:
        """Go on with a session: the token is spent, the next one comes with the answer."""
        if not body.refresh_token:
            raise SignInError(400, "validation_failed", "refresh_token required")
        try:
            if "\x00" in body.refresh_token:
                raise RefreshTokenUnknown
            return self._session(await self._accounts.refresh(body.refresh_token))
        except RefreshTokenUnknown:
            message = "Invalid Refresh Token: Refresh Token Not Found"
            raise SignInError(400, "refresh_token_not_found", message) from None
        except RefreshTokenSpent:
            raise SignInError(400, "refresh_token_already_used", "Invalid Refresh Token: Already Used") from None

    async def caller(self, authorization: str | None) -> tuple[User, UUID]:
        """The user and session of a Bearer token whose session has not ended."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise SignInError(401, "no_authorization", "This endpoint requires a valid Bearer token")
        try:
            claims = self._keys.verify(token.strip(), audience=AUDIENCE, issuer=self._issuer)
            user_id, session_id = UUID(claims["sub"]), UUID(claims["session_id"])
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError) as error:
            message = f"invalid JWT: unable to parse or verify signature, {error}"
            raise SignInError(403, "bad_jwt", message) from None
        user = await self._accounts.find_signed_in(user_id, session_id)
        if user is None:
            message = "Session from session_id claim in JWT does not exist"
            raise SignInError(403, "session_not_found", message)
        return user, session_id

    async def change(self, user: User, session_id: UUID, body: UserChange) -> dict[str, Any]:
        """Change the password (which ends the other sessions) or the user's own metadata."""
        if body.email is not None and canonical_email(body.email) != user.email:
            message = "The address of an embedded account can't be changed: sign up with the new one"
            raise SignInError(422, "validation_failed", message)
        hashed = None
        if body.password is not None:
            if user.email in self._shared:
                raise SignInError(403, "shared_account", "The password of the demo account can't be changed.")
            _require_strong(body.password)
            current = body.current_password
            if current is None:
                raise SignInError(400, "current_password_required", "Give the current password too.")
            if not await self._passwords.matches(current, user.encrypted_password):
                raise SignInError(400, "invalid_credentials", "The current password is not right.")
            if await self._passwords.matches(body.password, user.encrypted_password):
                message = "New password should be different from the old password."
                raise SignInError(422, "same_password", message)
            hashed = await self._passwords.hash(body.password)
        data = None
        if body.data is not None:
            merged = user.raw_user_meta_data | body.data
            data = _valid_metadata({name: value for name, value in merged.items() if value is not None})
        changed = await self._accounts.update_user(
            user.id, encrypted_password=hashed, data=data, keep_session=session_id
        )
        return user_object(changed)

    async def sign_out(self, user: User, session_id: UUID, scope: str) -> None:
        """End sessions: `global` all, `local` this one, `others` all but this one."""
        if user.email in self._shared and scope in get_args(LogoutScope):
            scope = "local"
        for known in get_args(LogoutScope):
            if scope == known:
                await self._accounts.close_sessions(user.id, session_id, known)
                return
        raise SignInError(400, "validation_failed", f"Unsupported logout scope {scope[:40]!r}")

    def _session(self, grant: Grant) -> dict[str, Any]:
        claims = access_claims(grant.user, grant.session, issuer=self._issuer)
        return {
            "access_token": self._keys.sign(claims),
            "token_type": "bearer",
            "expires_in": ACCESS_TOKEN_SECONDS,
            "expires_at": claims["exp"],
            "refresh_token": grant.refresh_token,
            "user": user_object(grant.user),
        }


def user_object(user: User) -> dict[str, Any]:
    """A user as Supabase Auth shows it to its owner."""
    created, confirmed = _moment(user.created_at), _moment(user.email_confirmed_at)
    signed_in = _moment(user.last_sign_in_at)
    identity = {
        "identity_id": str(user.id),
        "id": str(user.id),
        "user_id": str(user.id),
        "identity_data": {"email": user.email, "email_verified": True, "phone_verified": False, "sub": str(user.id)},
        "provider": "email",
        "last_sign_in_at": signed_in,
        "created_at": created,
        "updated_at": _moment(user.updated_at),
        "email": user.email,
    }
    return {
        "id": str(user.id),
        "aud": user.aud,
        "role": user.role,
        "email": user.email,
        "email_confirmed_at": confirmed,
        "phone": "",
        "confirmed_at": confirmed,
        "last_sign_in_at": signed_in,
        "app_metadata": user.raw_app_meta_data,
        "user_metadata": user.raw_user_meta_data,
        "identities": [identity],
        "created_at": created,
        "updated_at": _moment(user.updated_at),
        "is_anonymous": False,
    }


def _nobody(email: str, data: dict[str, Any]) -> User:
    """What a new user of this address would look like."""
    now = datetime.now(UTC)
    metadata = {"provider": "email", "providers": ["email"]}
    return User(uuid4(), AUDIENCE, AUDIENCE, email, "", now, now, metadata, data, now, now)


def _valid_email(email: str) -> str:
    address = canonical_email(email)
    if len(address) > 255 or not _EMAIL.fullmatch(address):
        raise SignInError(400, "validation_failed", "Unable to validate email address: invalid format")
    return address


def _require_strong(password: str) -> None:
    if len(password) < MIN_LENGTH:
        message = f"Password should be at least {MIN_LENGTH} characters."
        raise SignInError(422, "weak_password", message, weak_password={"reasons": ["length"]})
    if len(password.encode()) > MAX_BYTES:
        message = f"Password cannot be longer than {MAX_BYTES} bytes (letters beyond a–z take two to four each)"
        raise SignInError(422, "validation_failed", message)


def _valid_metadata(data: dict[str, Any] | None) -> dict[str, Any]:
    try:
        text = orjson.dumps(data or {})
    except TypeError:
        # Nested too deeply to be written.
        text = b"\\u0000"
    if len(text) > _METADATA_LIMIT_BYTES or b"\\u0000" in text:
        kilobytes = _METADATA_LIMIT_BYTES // 1024
        message = f"User metadata may take {kilobytes} KB of JSON, without NUL characters or deep nesting"
        raise SignInError(400, "validation_failed", message)
    return data or {}


def _moment(value: datetime | None) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if value else None
