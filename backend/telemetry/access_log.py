"""One line per request, and per socket when it ends: method, path, status, time.

Never the query string: EventSource clients put tokens there.

Each request gets an id, which every line logged for it carries and the answer's `X-Request-Id` names.
"""

from __future__ import annotations

import secrets
import time

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.telemetry.tracing import Tracer

log = structlog.get_logger(__name__)
_QUIET = ("/healthz", "/readyz", "/metrics", "/_next/")


class AccessLog:
    """Plain ASGI, so that streams pass through untouched."""

    def __init__(self, app: ASGIApp, tracer: Tracer) -> None:
        self._app = app
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and log how it was answered."""
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith(_QUIET):
            await self._app(scope, receive, send)
            return
        began_at = time.perf_counter()
        status = 500
        http_id = secrets.token_hex(8)
        method = scope.get("method", "WEBSOCKET")

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = http_id
            elif message["type"] == "websocket.accept":
                status = 101
                MutableHeaders(scope=message)["X-Request-Id"] = http_id
            elif message["type"] == "websocket.close" and status != 101:
                status = 403
            await send(message)

        # Bound to the request's own task, and not unbound: the handler of unexpected errors runs outside of us. A turn
        # begun here takes it along.
        structlog.contextvars.bind_contextvars(http_id=http_id)
        try:
            with self._tracer.span("request", method=method, path=scope["path"], http_id=http_id) as span:
                await self._app(scope, receive, watch)
                span.set(status=status)
        finally:
            log.info(
                "request",
                method=method,
                path=scope["path"],
                status=status,
                ms=round((time.perf_counter() - began_at) * 1000, 1),
            )
