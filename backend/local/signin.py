"""Sign-in for embedded mode: the part of Supabase Auth's HTTP API that supabase-js uses, over our own accounts."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import ValidationError

from backend.coordination.addresses import address_of
from backend.errors import StoreUnavailable
from backend.local.auth_service import (
    Body,
    Credentials,
    RefreshRequest,
    SignIn,
    SignInError,
    UserChange,
    user_object,
)
from backend.local.database import Database
from backend.local.devices import KnownDevices
from backend.local.keys import SigningKeys
from backend.local.passwords import DEFAULT_COST
from backend.local.throttle import Throttle, TooManyAttempts

_TOO_MANY = "Request rate limit reached: too many attempts. Wait before you try again."
_BODY_LIMIT_BYTES = 64 * 1024

Model = TypeVar("Model", bound=Body)


class _Route(APIRoute):
    """A route whose errors leave in Supabase Auth's shape, not in the rest of the API's."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handle(request)
            except SignInError as error:
                response = JSONResponse(error.body, error.status)
            except TooManyAttempts as error:
                body = {"code": 429, "error_code": "over_request_rate_limit", "msg": _TOO_MANY}
                response = JSONResponse(body, 429, headers={"Retry-After": str(max(1, math.ceil(error.wait_s)))})
            except StoreUnavailable as error:
                body = {"code": 503, "error_code": "unexpected_failure", "msg": error.message}
                response = JSONResponse(body, 503, headers={"Retry-After": "2"})
            response.headers["Cache-Control"] = "no-store"
            return response

        return answer


def create_signin_router(
    database: Database,
    keys: SigningKeys,
    issuer_url: str,
    *,
    throttle: Throttle | None = None,
    bcrypt_cost: int = DEFAULT_COST,
    signup: bool = True,
    shared_accounts: Collection[str] = (),
) -> APIRouter:
    """Routes under `/auth/v1`; `issuer_url` is their public address (`<origin>/auth/v1`), the `iss` of tokens.

    `throttle` slows attempts; without one they are as many as come.
    """
    slowed = throttle or Throttle()
    router = APIRouter(prefix="/auth/v1", tags=["sign-in"], route_class=_Route)
    signin = SignIn(
        database,
        keys,
        issuer_url.rstrip("/"),
        bcrypt_cost=bcrypt_cost,
        signup=signup,
        shared_accounts=shared_accounts,
    )
    attempts = _Attempts(slowed, KnownDevices(keys.derived("known devices")))

    @router.post("/signup")
    async def sign_up(request: Request, response: Response) -> dict[str, Any]:
        """Make an account and sign it in."""
        body = await _read(request, Credentials)
        await slowed.admit_new(_address(request))
        # Where there is an account it is a guess at its password.
        async with attempts.counted(request, response, body.email) as succeeded:
            answer = await signin.sign_up(body, request.headers.get("user-agent"))
            if "access_token" in answer:
                await succeeded()
            return answer

    @router.post("/token")
    async def token(request: Request, response: Response, grant_type: str = "") -> dict[str, Any]:
        """Sign in with a password, or go on with a refresh token."""
        if grant_type == "password":
            body = await _read(request, Credentials)
            async with attempts.counted(request, response, body.email) as succeeded:
                session = await signin.with_password(body, request.headers.get("user-agent"))
                await succeeded()
                return session
        if grant_type == "refresh_token":
            return await signin.with_refresh_token(await _read(request, RefreshRequest))
        raise SignInError(400, "validation_failed", "unsupported_grant_type")

    @router.get("/user")
    async def get_user(request: Request) -> dict[str, Any]:
        """The signed-in user."""
        user, _ = await signin.caller(request.headers.get("authorization"))
        return user_object(user)

    @router.put("/user")
    async def put_user(request: Request, response: Response) -> dict[str, Any]:
        """Change the signed-in user's password or metadata."""
        user, session_id = await signin.caller(request.headers.get("authorization"))
        body = await _read(request, UserChange)
        if body.password is None:
            return await signin.change(user, session_id, body)
        async with attempts.counted(request, response, user.email) as succeeded:
            changed = await signin.change(user, session_id, body)
            await succeeded()
            return changed

    @router.post("/logout", status_code=204)
    async def logout(request: Request, scope: str = "global") -> None:
        """End sessions of the signed-in user."""
        user, session_id = await signin.caller(request.headers.get("authorization"))
        await signin.sign_out(user, session_id, scope)

    _add_public_routes(router, keys, signup=signup)
    return router


@dataclass(frozen=True, slots=True)
class _Attempts:
    """Attempts to give a password, counted; a device that gave the right one is known from then on."""

    throttle: Throttle
    devices: KnownDevices

    @asynccontextmanager
    async def counted(
        self, request: Request, response: Response, email: str
    ) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        """Count one; call what is given when the password was right."""
        name, address = self.devices.cookie_name(email), _address(request)
        device = self.devices.recognised(email, request.cookies.get(name))
        await self.throttle.admit(email, address, device)

        async def succeeded() -> None:
            await self.throttle.succeeded(email, address, device)
            response.set_cookie(
                name,
                self.devices.made(email),
                max_age=self.devices.lifetime_s,
                path="/auth/v1",
                httponly=True,
                samesite="strict",
                secure=request.url.scheme == "https",
            )

        yield succeeded


def _add_public_routes(router: APIRouter, keys: SigningKeys, *, signup: bool) -> None:
    """What anybody may know."""

    @router.get("/.well-known/jwks.json")
    async def jwks() -> dict[str, list[dict[str, str]]]:
        """The public keys that verify access tokens."""
        return keys.jwks

    @router.get("/settings")
    async def settings() -> dict[str, Any]:
        """What kinds of sign-in there are."""
        return {
            "external": {"email": True, "phone": False, "anonymous_users": False},
            "disable_signup": not signup,
            "mailer_autoconfirm": True,
            "phone_autoconfirm": False,
            "saml_enabled": False,
        }

    @router.get("/health")
    async def health() -> dict[str, str]:
        """That sign-in is there."""
        return {"name": "Rundown", "description": "Rundown speaks a part of the Supabase Auth API"}


def _address(request: Request) -> str:
    return address_of(request.client.host if request.client else None)


async def _read(request: Request, model: type[Model]) -> Model:
    """The request's JSON body, of bounded size, as `model`."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > _BODY_LIMIT_BYTES:
            raise SignInError(413, "validation_failed", "The request is too large")
    try:
        content = orjson.loads(bytes(raw) or b"{}")
    except ValueError:
        raise SignInError(400, "bad_json", "Could not parse request body as JSON") from None
    try:
        return model.model_validate(content)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "body"
        raise SignInError(400, "validation_failed", f"{where}: {error.errors()[0]['msg']}") from None
