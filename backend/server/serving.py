"""Serving over HTTP: the listening socket, the server, and the app on whatever database it has."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI
from uvicorn.loops.auto import auto_loop_factory

from backend.errors import Misconfigured
from backend.local.accounts import Accounts
from backend.local.auth_service import AUDIENCE
from backend.local.database import Database as LocalDatabase
from backend.local.keys import SigningKeys, load_or_create_signing_keys
from backend.local.signin import create_signin_router
from backend.local.stack import EmbeddedStack
from backend.local.throttle import Throttle
from backend.main import Backing, create_app, finish_app
from backend.server.demo import seed_demo
from backend.server.http_protocol import BoundedHttpProtocol
from backend.settings import DEMO_EMAIL, DEMO_PASSWORD, Settings
from backend.store.client import Database
from backend.terminal import echo

log = structlog.get_logger(__name__)

# Longer than clients and proxies keep an idle line (5 to 60 s): it must not be us who close it, for the other side may
# be sending its next question on it in that very moment.
_KEEP_ALIVE_S = 75
_GRACE_S = 5
_SEED_TOKEN_S = 600


@dataclass(frozen=True, slots=True)
class SignInParts:
    """What embedded sign-in needs, besides the settings; can be handed to another process."""

    database: LocalDatabase
    home: Path
    issuer_url: str


@dataclass(frozen=True, slots=True)
class Foundation:
    """What an app stands on: an embedded stack that runs, or, with both None, the settings' Supabase project."""

    url: str
    backing: Backing | None = None
    sign_in: SignInParts | None = None


@asynccontextmanager
async def foundation(settings: Settings, url: str) -> AsyncIterator[Foundation]:
    """The database and sign-in; in embedded mode they live as long as this does."""
    if not settings.embedded:
        yield Foundation(url)
        return
    stack = EmbeddedStack(settings.home, public_url=url)
    await stack.start()
    try:
        backing = embedded_backing(stack, settings, url)
        if settings.demo_enabled:
            await _seed(stack, backing, settings)
            if not settings.on_loopback:
                log.warning("demo_for_everybody", hint="its password is public; RUNDOWN_DEMO=false ends it")
        elif await stack.disable_user(DEMO_EMAIL):
            log.info("demo_disabled")
        yield Foundation(url, backing, SignInParts(stack.database, settings.home, stack.issuer_url))
    finally:
        await stack.stop()


def embedded_backing(stack: EmbeddedStack, settings: Settings, url: str) -> Backing:
    """The embedded stack as the app sees it; a server key from the settings goes before the one made on first start."""
    own = settings.secret_key.get_secret_value() if settings.secret_key else ""
    keys = ",".join(filter(None, (own, stack.secret_key)))
    accounts = Accounts(stack.database)
    return Backing(
        url,
        stack.anon_key,
        keys,
        rest_url=stack.rest_url,
        jwks=stack.jwks,
        session_lives=accounts.session_lives,
    )


def application(settings: Settings, on: Foundation) -> FastAPI:
    """The whole app: API, embedded sign-in where there is one, page."""
    app = create_app(settings, on.backing)
    if on.sign_in is not None:
        keys: SigningKeys = load_or_create_signing_keys(on.sign_in.home)
        throttle = Throttle(app.state.shared.counters, settings.limits.sign_ins)
        app.include_router(
            create_signin_router(
                on.sign_in.database,
                keys,
                on.sign_in.issuer_url,
                throttle=throttle,
                signup=settings.signup,
                shared_accounts=(DEMO_EMAIL,),
            )
        )
    return finish_app(app, settings)


async def _seed(stack: EmbeddedStack, backing: Backing, settings: Settings) -> None:
    user_id = await stack.ensure_user(DEMO_EMAIL, DEMO_PASSWORD)
    now = int(time.time())
    token = stack.keys.sign(
        {"sub": user_id, "aud": AUDIENCE, "role": "authenticated", "iat": now, "exp": now + _SEED_TOKEN_S}
    )
    database = Database(supabase_url=backing.supabase_url, anon_key=backing.anon_key, rest_url=backing.rest_url)
    try:
        await seed_demo(database, token, settings.home)
    finally:
        await database.aclose()


class Server(uvicorn.Server):
    """uvicorn whose signals are ours, so that the stack is stopped after the last response and not before."""

    def __init__(self, app: FastAPI, settings: Settings, *, on_start: Callable[[], None]) -> None:
        """`on_start` is called once, when requests are taken."""
        trusted = [part for each in settings.trusted_proxies.split(",") if (part := each.strip())]
        super().__init__(
            uvicorn.Config(
                app,
                http=BoundedHttpProtocol,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=_GRACE_S,
                timeout_keep_alive=_KEEP_ALIVE_S,
                server_header=False,
                # Nobody's word for a client's address is taken but that of the proxies named.
                proxy_headers=bool(trusted),
                forwarded_allow_ips=trusted,
            )
        )
        self._app = app
        self._on_start = on_start
        self._ending: asyncio.Task[None] | None = None

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the handlers that were set before."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        if self.started:
            self._on_start()

    def end(self, number: int = signal.SIGTERM) -> None:
        """Begin a graceful end: open streams are told, what is being saved is saved."""
        self.handle_exit(number, None)
        services: Any = getattr(self._app.state, "services", None)
        if services is not None and self._ending is None:
            self._ending = asyncio.create_task(_end_streams(services))


async def _end_streams(services: Any) -> None:
    await services.turns.stop_all()
    await services.sockets.close_all()


def run_server(main: Coroutine[Any, Any, None]) -> None:
    """`asyncio.run` on the loop that uvicorn would choose: uvloop's, where it is installed."""
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(main)


async def serve_alone(settings: Settings) -> None:
    """One process with everything in it, until it is told to end."""
    listener = listen(settings.host, settings.port)
    url = url_of(settings.host, listener)
    servers: list[Server] = []
    task = asyncio.current_task()

    def on_signal(number: int) -> None:
        if servers:
            servers[0].end(number)
        elif task is not None:
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, on_signal, number)
    async with foundation(settings, url) as on:
        server = Server(application(settings, on), settings, on_start=lambda: announce(url))
        servers.append(server)
        await server.serve(sockets=[listener])
        if not server.started:
            raise Misconfigured("The server did not start; the lines above say why.")


def announce(url: str) -> None:
    """Say where it is."""
    echo(f"Rundown is ready: {url}   (Ctrl-C stops it)")
    sys.stdout.flush()


def url_of(host: str, listener: socket.socket) -> str:
    """The address to open, with the port that was really taken."""
    return f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, taken before anything else is started.

    Raises:
        Misconfigured: the port is taken, not allowed, or the host is not this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        raise Misconfigured(
            f"Can't listen on {host} port {port}: {error.strerror or error}. Stop what uses it, "
            "or choose another with RUNDOWN_PORT (RUNDOWN_HOST for the address).",
            code="port_in_use",
        ) from error
    listener.setblocking(False)
    return listener
