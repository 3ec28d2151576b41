"""The names that this server answers to.

A page elsewhere can let its own name point to this machine (DNS rebinding): a browser then takes our answers for that
page's own. What it can't change is the name in the `Host` header.
"""

from __future__ import annotations

import ipaddress
import re

from starlette.types import ASGIApp, Receive, Scope, Send

from backend.api.problems import problem_of
from backend.errors import UnknownHost

# Orchestrators ask by whatever address a process has; these say nothing of anybody.
_PROBES = ("/healthz", "/readyz")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[^:\[\]/@\s]{1,253}?)\.?(?::\d{1,5})?")


class KnownHosts:
    """Plain ASGI, so that streams pass through untouched."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str], *, any_address: bool) -> None:
        """`hosts`: names in lower case, besides those of the loopback interface. `any_address`: also bare addresses,
        which no name server can point elsewhere."""
        self._app = app
        self._hosts = hosts
        self._any_address = any_address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 421."""
        if scope["type"] not in ("http", "websocket") or self._knows(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            error = UnknownHost(
                "This server does not answer to the name in the request's address. Its operator can add the name to "
                "RUNDOWN_HOSTS."
            )
            await problem_of(error)(scope, receive, send)

    def _knows(self, scope: Scope) -> bool:
        if scope["path"] in _PROBES:
            return True
        named = [value for name, value in scope["headers"] if name == b"host"]
        return len(named) == 1 and self._is_ours(named[0].decode("latin-1"))

    def _is_ours(self, host: str) -> bool:
        found = _HOST.fullmatch(host)
        if found is None:
            return False
        name = found[1].strip("[]").lower()
        if name in self._hosts or name == "localhost" or name.endswith(".localhost"):
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return self._any_address or address.is_loopback
