"""The command line: `rundown serve` and `rundown import`."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import typer
import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from backend.demo import seed_demo
from backend.errors import Misconfigured, RundownError
from backend.import_command import import_files
from backend.local.sessions import AUDIENCE
from backend.local.signin import create_signin_router
from backend.local.stack import EmbeddedStack
from backend.local.throttle import Throttle
from backend.logs import configure_logs
from backend.main import Backing, create_app, finish_app
from backend.settings import DEMO_EMAIL, DEMO_PASSWORD, Settings
from backend.store.client import Database

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Ask a finished trading run why it lost money.")

_GRACE_S = 5
_SEED_TOKEN_S = 600


app.command("import")(import_files)


@app.callback()
def main() -> None:
    """Ask a finished trading run why it lost money."""


@app.command()
def serve() -> None:
    """Serve the page and the API; with no Supabase set, on an embedded database."""
    try:
        settings = load_settings()
        configure_logs(settings.log_level)
        asyncio.run(_serve(settings))
    except RundownError as error:
        typer.echo(f"rundown: {error.message}", err=True)
        raise typer.Exit(1) from error
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise typer.Exit(130) from None


def load_settings() -> Settings:
    """Settings from the environment and `.env`.

    Raises:
        Misconfigured: naming each setting that is wrong.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, item['loc'])) or 'settings'}: {item['msg']}" for item in error.errors()]
        raise Misconfigured("These settings are wrong. " + "; ".join(faults)) from error


async def _serve(settings: Settings) -> None:
    listener = _listen(settings.host, settings.port)
    port = listener.getsockname()[1]
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"http://{shown}:{port}"
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    servers: list[_Server] = []

    def on_signal(number: int) -> None:
        if servers:
            servers[0].end(number)
        elif task is not None:
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal, number)
    async with _application(settings, url) as application:
        finish_app(application, settings)
        server = _Server(application, url)
        servers.append(server)
        await server.serve(sockets=[listener])
        if not server.started:
            raise Misconfigured("The server did not start; the lines above say why.")


@asynccontextmanager
async def _application(settings: Settings, url: str) -> AsyncIterator[FastAPI]:
    """The app on its Supabase project, or on an embedded stack that lives as long as it does."""
    if not settings.embedded:
        yield create_app(settings)
        return
    stack = EmbeddedStack(settings.home, public_url=url)
    await stack.start()
    try:
        backing = embedded_backing(stack, settings, url)
        if settings.demo_enabled:
            await _seed(stack, backing, settings)
        application = create_app(settings, backing)
        throttle = Throttle(application.state.shared.counters, settings.limits.sign_ins)
        application.include_router(
            create_signin_router(stack.database, stack.keys, stack.issuer_url, throttle=throttle)
        )
        yield application
    finally:
        await stack.stop()


def embedded_backing(stack: EmbeddedStack, settings: Settings, url: str) -> Backing:
    """The embedded stack as the app sees it; a server key from the settings goes before the one made on first start."""
    own = settings.secret_key.get_secret_value() if settings.secret_key else ""
    keys = ",".join(filter(None, (own, stack.secret_key)))
    return Backing(url, stack.anon_key, keys, rest_url=stack.rest_url, jwks=stack.jwks)


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


class _Server(uvicorn.Server):
    """uvicorn whose signals are ours, so that the stack is stopped after the last response and not before."""

    def __init__(self, application: FastAPI, url: str) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=_GRACE_S,
                server_header=False,
            )
        )
        self._application = application
        self._url = url
        self._ending: asyncio.Task[None] | None = None

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the handlers that `_serve` set."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say where."""
        await super().startup(sockets)
        if self.started:
            typer.echo(f"Rundown is ready: {self._url}   (Ctrl-C stops it)")
            sys.stdout.flush()

    def end(self, number: int) -> None:
        """Begin a graceful end: open streams are told, what is being saved is saved."""
        self.handle_exit(number, None)
        services: Any = getattr(self._application.state, "services", None)
        if services is not None and self._ending is None:
            self._ending = asyncio.create_task(services.turns.stop_all())


def _listen(host: str, port: int) -> socket.socket:
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


if __name__ == "__main__":
    app()
