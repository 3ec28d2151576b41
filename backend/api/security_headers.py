"""What every answer says to browsers, unless it says otherwise itself, as the page's files do.

An answer of the API is data: nothing in it runs, is framed, is guessed to be of another type, or is kept.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

DATA_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_RAW = tuple((name.lower().encode(), value.encode()) for name, value in DATA_HEADERS.items())


class SecurityHeaders:
    """Plain ASGI, so that streams pass through untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and complete the headers of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"] = list(message.get("headers", ()))
                named = {name.lower() for name, _ in headers}
                headers += [each for each in _RAW if each[0] not in named]
            await send(message)

        await self._app(scope, receive, completed)
