"""An access token → the user it stands for.

Tokens signed by the project's asymmetric keys are verified here, against its cached JWKS: no call per request. Tokens
of projects that still sign with the legacy shared secret can't be verified without that secret, which this server does
not want: the auth server is asked. Either way the answer is kept for a minute, and no longer than the token is good. So
a token of the embedded sign-in ends within a minute of its session's end; a Supabase project's with its own time.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import jwt

from backend.errors import NotSignedIn, StoreUnavailable
from backend.store.client import User

_ASYMMETRIC = ["ES256", "RS256", "EdDSA"]
_JWKS_LIFETIME_S = 600.0
_JWKS_RETRY_S = 10.0
_KNOWN_LIFETIME_S = 60.0
_KNOWN_KEPT = 10_000
_LEEWAY_S = 10
_SIGN_IN_AGAIN = "Your sign-in is not valid any more. Sign in again."


# (user's id, session's id) → whether it has not ended.
SessionLives = Callable[[str, str], Awaitable[bool]]


class TokenVerifier:
    """Verifies access tokens of one Supabase project (or of the embedded sign-in)."""

    def __init__(
        self,
        *,
        supabase_url: str,
        anon_key: str,
        http: httpx.AsyncClient,
        jwks: dict[str, Any] | None = None,
        session_lives: SessionLives | None = None,
    ) -> None:
        """`session_lives` tells whether the session of a token has not ended: asked once a minute for each token."""
        self._session_lives = session_lives
        self._auth_url = f"{supabase_url}/auth/v1"
        self._anon_key = anon_key
        self._http = http
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = float("-inf")
        self._fixed = jwks is not None
        self._lock = asyncio.Lock()
        # By the tokens' digests; the tokens themselves are not kept.
        self._known: dict[bytes, tuple[float, str]] = {}
        if jwks is not None:
            self._keys = _keys_of(jwks)

    async def verify(self, token: str) -> User:
        """The user of `token`.

        Raises:
            NotSignedIn: it is malformed, expired, not ours, or not a signed-in user's.
            StoreUnavailable: the auth server is needed and does not answer.
        """
        digest = hashlib.sha256(token.encode()).digest()
        known_until, user_id = self._known.get(digest, (0.0, ""))
        if time.monotonic() < known_until:
            return User(user_id, token)
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError as error:
            raise NotSignedIn(_SIGN_IN_AGAIN) from error
        good_for_s = _KNOWN_LIFETIME_S
        if header.get("alg") == "HS256":
            user_id = await self._legacy_user_id(token)
        else:
            claims = await self._claims(token, str(header.get("kid", "")))
            user_id = str(claims["sub"])
            good_for_s = min(good_for_s, claims["exp"] + _LEEWAY_S - time.time())
            session_id = claims.get("session_id")
            if self._session_lives and session_id and not await self._session_lives(user_id, str(session_id)):
                raise NotSignedIn(_SIGN_IN_AGAIN)
        if len(self._known) >= _KNOWN_KEPT:
            self._known.clear()
        self._known[digest] = (time.monotonic() + good_for_s, user_id)
        return User(user_id, token)

    async def _claims(self, token: str, key_id: str) -> dict[str, Any]:
        key = await self._key(key_id)
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=_ASYMMETRIC,
                audience="authenticated",
                leeway=_LEEWAY_S,
                options={"require": ["exp", "sub"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise NotSignedIn("Your sign-in has expired. Sign in again.", code="token_expired") from error
        except jwt.PyJWTError as error:
            raise NotSignedIn(_SIGN_IN_AGAIN) from error
        if claims.get("role") != "authenticated":
            raise NotSignedIn("Sign in first.")
        return claims

    async def warm(self) -> None:
        """Fetch the keys before the first request needs them; an auth server that is down now may be up then."""
        if not self._fixed:
            try:
                await self._refresh()
            except StoreUnavailable:
                return

    async def _key(self, key_id: str) -> jwt.PyJWK:
        age = time.monotonic() - self._fetched_at
        known = self._keys.get(key_id)
        if not self._fixed and (age > _JWKS_LIFETIME_S or (known is None and age > _JWKS_RETRY_S)):
            await self._refresh()
            known = self._keys.get(key_id)
        if known is None:
            raise NotSignedIn(_SIGN_IN_AGAIN)
        return known

    async def _refresh(self) -> None:
        async with self._lock:
            if time.monotonic() - self._fetched_at <= _JWKS_RETRY_S:
                return
            try:
                answer = await self._http.get(
                    f"{self._auth_url}/.well-known/jwks.json", headers={"apikey": self._anon_key}, timeout=10.0
                )
                answer.raise_for_status()
                self._keys = _keys_of(answer.json())
            except (httpx.HTTPError, ValueError, jwt.PyJWTError) as error:
                if not self._keys:
                    raise StoreUnavailable("The sign-in service can't be reached. Try again in a moment.") from error
            self._fetched_at = time.monotonic()

    async def _legacy_user_id(self, token: str) -> str:
        try:
            answer = await self._http.get(
                f"{self._auth_url}/user",
                headers={"apikey": self._anon_key, "Authorization": f"Bearer {token}"},
                timeout=10.0,
            )
        except httpx.HTTPError as error:
            raise StoreUnavailable("The sign-in service can't be reached. Try again in a moment.") from error
        if answer.status_code >= 500:
            raise StoreUnavailable("The sign-in service does not answer. Try again in a moment.")
        if answer.status_code != 200:
            raise NotSignedIn(_SIGN_IN_AGAIN)
        return str(answer.json()["id"])


def _keys_of(jwks: dict[str, Any]) -> dict[str, jwt.PyJWK]:
    # A project on the legacy secret publishes an empty set; PyJWKSet refuses that.
    usable = [key for key in jwks.get("keys", []) if key.get("kty") in ("EC", "RSA", "OKP")]
    return {str(key["kid"]): jwt.PyJWK(key) for key in usable if "kid" in key}
