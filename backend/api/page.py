"""Serves the built page (`frontend-v2/out`) under a strict Content-Security-Policy.

Next's static export has inline scripts; their hashes are computed from the files that are served, so that the policy
allows these and no others.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
_NOT_BUILT = "The page is not built. Run `make run`, or `npm ci && npm run build` in frontend-v2.\n"
# What only those are to find who were given its address.
_UNLISTED = ("/share", "/print")
_NOT_PAGES = ("/api/", "/auth/")
_IMMUTABLE = "public, max-age=31536000, immutable"


def mount_page(app: FastAPI, folder: Path, *, connect_to: str | None) -> None:
    """Serve `folder` at `/`; `connect_to` is the Supabase origin the page signs in at, if it is not this one."""
    if not (folder / "index.html").is_file():

        @app.get("/", include_in_schema=False)
        async def not_built() -> Response:
            return PlainTextResponse(_NOT_BUILT, 503)

        return
    # Here and not around the whole application: a stream must not wait for a compressor's buffer to fill.
    files = GZipMiddleware(_Pages(directory=folder, html=True), compresslevel=6)
    app.mount("/", _SecurityHeaders(files, content_security_policy(folder, connect_to)))


class _Pages(StaticFiles):
    """Static files, where `/share` is the file `share.html`: that is how the export names its routes."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        # First, because the export keeps a folder of the route's name beside it.
        if path != "." and not Path(path).suffix:
            full, found = super().lookup_path(f"{path}.html")
            if found is not None:
                return full, found
        return super().lookup_path(path)


def content_security_policy(folder: Path, connect_to: str | None) -> str:
    """The policy that holds with the page as built."""
    hashes = sorted(
        {
            f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
            for page in folder.rglob("*.html")
            for script in _INLINE_SCRIPT.findall(page.read_text())
            if script
        }
    )
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(connect_to)) if connect_to else ""
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(["script-src 'self'", *hashes]),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            f"connect-src 'self' {origin}".rstrip(),
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class _SecurityHeaders:
    def __init__(self, app: ASGIApp, policy: str) -> None:
        self._app = app
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a file; the API's own paths get the API's errors and never a page."""
        if scope["path"].startswith(_NOT_PAGES):
            raise HTTPException(404)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = self._policy
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                # Files under /_next/static carry a hash in their names; the documents do not.
                if scope["path"].startswith(_UNLISTED):
                    headers["X-Robots-Tag"] = "noindex, nofollow"
                headers["Cache-Control"] = _IMMUTABLE if scope["path"].startswith("/_next/static/") else "no-cache"
            await send(message)

        await self._app(scope, receive, with_headers)
