"""Alive, ready, measured; and what the page must know before anyone signs in."""

from __future__ import annotations

import asyncio
from typing import Literal

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from pydantic import BaseModel

from backend.api.connection import ServicesDep
from backend.settings import DEMO_EMAIL, DEMO_PASSWORD

router = APIRouter(tags=["health"])


class Demo(BaseModel):
    """The demo account's sign-in."""

    email: str
    password: str


class Config(BaseModel):
    """What a client needs to sign in."""

    mode: Literal["embedded", "supabase"]
    supabase_url: str
    supabase_anon_key: str
    demo: Demo | None
    signup: bool


class Ready(BaseModel):
    """Whether requests can be served, and what is missing if not."""

    ready: bool
    checks: dict[str, bool]


@router.get("/api/config")
async def get_config(request: Request, services: ServicesDep) -> Config:
    """Public: where to sign in, and the demo account where there is one."""
    settings = services.settings
    # Embedded sign-in is on the origin the caller used, whatever name it has for this machine.
    own_origin = str(request.base_url).rstrip("/")
    return Config(
        mode="embedded" if settings.embedded else "supabase",
        supabase_url=own_origin if settings.embedded else services.database.supabase_url,
        supabase_anon_key=services.database.anon_key,
        demo=Demo(email=DEMO_EMAIL, password=DEMO_PASSWORD) if settings.demo_enabled else None,
        # A Supabase project decides for itself.
        signup=settings.signup,
    )


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process is alive."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"model": Ready, "description": "Something is missing, and named"}})
async def readyz(services: ServicesDep, response: Response) -> Ready:
    """200 when the database answers, and Redis where one is set; 503 naming what does not."""
    database, shared = await asyncio.gather(services.database.is_ready(), services.turns.is_ready())
    checks = {"database": database} | ({"redis": shared} if services.settings.redis_url else {})
    ready = all(checks.values())
    response.status_code = 200 if ready else 503
    return Ready(ready=ready, checks=checks)


@router.get("/metrics", include_in_schema=False)
async def prometheus_metrics(services: ServicesDep) -> Response:
    """Prometheus's text format; of all workers together, where there are several."""
    if services.settings.metrics_dir is None:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
    together = CollectorRegistry()
    MultiProcessCollector(together, str(services.settings.metrics_dir))  # type: ignore[no-untyped-call]
    return Response(generate_latest(together), media_type=CONTENT_TYPE_LATEST)
