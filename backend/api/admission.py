"""How many requests an address may send, before anything is known of who asks."""

from __future__ import annotations

from starlette.datastructures import State
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.api.problems import problem_of
from backend.coordination.addresses import address_of
from backend.coordination.limits import Limits
from backend.errors import TooManyRequests

_COUNTED = ("/api/", "/auth/", "/ws/")


class AddressAdmission:
    """Plain ASGI, so that streams pass through untouched. The page, its files and the probes are not counted."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429; a socket is not accepted."""
        if scope["type"] not in ("http", "websocket") or not scope["path"].startswith(_COUNTED):
            await self._app(scope, receive, send)
            return
        state: State = scope["app"].state
        limits: Limits = state.services.limits
        client = scope.get("client")
        try:
            await limits.admit_address(address_of(client[0] if client else None))
        except TooManyRequests as error:
            if scope["type"] == "websocket":
                # Closed before it was accepted: the server answers the handshake with 403.
                await receive()
                await send({"type": "websocket.close", "code": 1013, "reason": error.code})
                return
            await _refusal(error, sign_in=scope["path"].startswith("/auth/"))(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _refusal(error: TooManyRequests, *, sign_in: bool) -> Response:
    answer = problem_of(error)
    if not sign_in:
        return answer
    # Clients of sign-in read Supabase Auth's shape.
    body = {"code": 429, "error_code": "over_request_rate_limit", "msg": error.message}
    return JSONResponse(body, 429, {"Retry-After": answer.headers["retry-after"], "Cache-Control": "no-store"})
