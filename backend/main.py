"""The application: services, routers, error handlers, the page."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import structlog
from fastapi import FastAPI

from backend.agents.core.graph import agent_graph
from backend.agents.openrouter.catalog import OpenRouterCatalog
from backend.agents.openrouter.chat import Timeouts
from backend.agents.openrouter.direct_stream import model_http_client, trace_in_place
from backend.agents.profiles import PROFILES
from backend.api import (
    ag_ui,
    chat,
    comparisons,
    conversations,
    docs_page,
    health,
    history,
    imports,
    models,
    published,
    runs,
    shares,
    trades,
)
from backend.api.admission import AddressAdmission
from backend.api.auth import SessionLives, TokenVerifier
from backend.api.body_limits import BodyLimits
from backend.api.connection import Services
from backend.api.hosts import KnownHosts
from backend.api.openapi import describe
from backend.api.page import mount_page
from backend.api.problems import add_problem_handlers
from backend.api.security_headers import SecurityHeaders
from backend.conversations.registry import TurnRegistry
from backend.conversations.turn import TurnTimes
from backend.coordination.limits import Limits
from backend.coordination.shared_state import Shared, shared_state
from backend.coordination.slots import Slots
from backend.errors import Misconfigured
from backend.settings import Settings, secret_keys
from backend.store.cache import FrameCache
from backend.store.client import Database
from backend.store.vault import Vault
from backend.telemetry.access_log import AccessLog
from backend.telemetry.tracing import Tracer, make_tracer, watch_database

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Backing:
    """The database and sign-in to use: a Supabase project's, or those of the embedded stack."""

    supabase_url: str
    anon_key: str
    secret_key: str
    rest_url: str | None = None
    jwks: dict[str, Any] | None = None
    session_lives: SessionLives | None = None


def supabase_backing(settings: Settings) -> Backing:
    """What `SUPABASE_URL`, `SUPABASE_ANON_KEY` and `RUNDOWN_SECRET_KEY` name.

    Raises:
        Misconfigured: one of them is not set.
    """
    if not (settings.supabase_url and settings.supabase_anon_key and settings.secret_key):
        raise Misconfigured("Set SUPABASE_URL, SUPABASE_ANON_KEY and RUNDOWN_SECRET_KEY, or none of the first two.")
    return Backing(settings.supabase_url, settings.supabase_anon_key, settings.secret_key.get_secret_value())


# Looked through in this order for each request: the one whose time to the first byte is looked at comes first.
_ROUTERS = (
    chat,
    conversations,
    health,
    models,
    runs,
    published,
    trades,
    imports,
    comparisons,
    ag_ui,
    history,
    shares,
    docs_page,
)


def create_app(settings: Settings, backing: Backing | None = None) -> FastAPI:
    """The API and the page. `backing` is the embedded stack's; without it the settings name a Supabase project."""
    backing = backing or supabase_backing(settings)
    tracer = make_tracer(settings.otlp_endpoint)
    vault = Vault(secret_keys(backing.secret_key))
    shared = shared_state(settings.redis_url.get_secret_value() if settings.redis_url else None)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _services(settings, backing, vault, shared, tracer) as services:
            app.state.services = services
            await services.verifier.warm()
            await services.turns.open()
            for profile in PROFILES:
                agent_graph(profile)
            if settings.stream_path == "direct":
                trace_in_place()
            _settle_interpreter()
            yield
            await services.turns.close()
        await shared.aclose()
        await asyncio.to_thread(tracer.close)

    app = FastAPI(
        title="Rundown",
        version="0.1.0",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    app.state.shared = shared
    # The last added is the outermost.
    app.add_middleware(BodyLimits)
    app.add_middleware(AddressAdmission)
    app.add_middleware(KnownHosts, hosts=settings.host_names, any_address=not settings.on_loopback)
    app.add_middleware(AccessLog, tracer=tracer)
    app.add_middleware(SecurityHeaders)
    add_problem_handlers(app)
    for module in _ROUTERS:
        app.include_router(module.router)
    describe(app)
    return app


@asynccontextmanager
async def _services(
    settings: Settings, backing: Backing, vault: Vault, shared: Shared, tracer: Tracer
) -> AsyncIterator[Services]:
    """Everything the routes use, with the connections it holds, which are closed at the end."""
    times = Timeouts(silence=settings.silence_s, thinking=settings.thinking_s)
    database = Database(supabase_url=backing.supabase_url, anon_key=backing.anon_key, rest_url=backing.rest_url)
    watch_database(database.http, tracer)
    async with httpx.AsyncClient() as openrouter, model_http_client(settings.stream_path, times) as model_http:
        yield Services(
            settings=settings,
            database=database,
            verifier=TokenVerifier(
                supabase_url=backing.supabase_url,
                anon_key=backing.anon_key,
                http=database.http,
                jwks=backing.jwks,
                session_lives=backing.session_lives,
            ),
            vault=vault,
            frames=FrameCache(),
            catalog=OpenRouterCatalog(
                base_url=settings.openrouter_base_url,
                http=openrouter,
                cache_file=settings.home / "cache" / "openrouter-models.json",
            ),
            turns=TurnRegistry(
                shared.board, times=TurnTimes(slow_reader=settings.slow_reader_s, whole=settings.answer_s)
            ),
            limits=Limits(settings.limits, shared.counters),
            openrouter_base_url=settings.openrouter_base_url,
            model_http=model_http,
            model_times=times,
            tracer=tracer,
            # PostgREST has ten connections: searches, which may take seconds, are given less than half of them.
            searches=Slots(each=2, waiting=6, whole=max(1, 4 // settings.workers)),
        )
    await database.aclose()


def _settle_interpreter() -> None:
    """Keep what is not the event loop's from holding it, in the midst of somebody's answer."""
    # Going through half a million objects that were loaded at start and will never be garbage takes a quarter second.
    gc.collect()
    gc.freeze()
    # A thread that computes hands the interpreter over after this long; 5 ms otherwise, for each turn of the loop.
    sys.setswitchinterval(0.0002)


def finish_app(app: FastAPI, settings: Settings) -> FastAPI:
    """Mount the page last: it answers every path that no router took."""
    mount_page(app, settings.page_dir, connect_to=settings.supabase_url)
    return app
