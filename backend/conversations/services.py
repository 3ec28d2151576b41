"""What a turn needs of the process."""

from __future__ import annotations

from dataclasses import dataclass

from backend.agents.openrouter.chat import Timeouts
from backend.agents.openrouter.direct_stream import ModelClient
from backend.conversations.registry import TurnRegistry
from backend.coordination.limits import Limits
from backend.store.cache import FrameCache
from backend.store.client import Database
from backend.store.vault import Vault
from backend.telemetry.tracing import Tracer


@dataclass(slots=True, kw_only=True)
class TurnServices:
    """What a turn needs of the process: its connections, caches and counts."""

    database: Database
    vault: Vault
    frames: FrameCache
    turns: TurnRegistry
    limits: Limits
    openrouter_base_url: str
    model_http: ModelClient
    model_times: Timeouts
    tracer: Tracer
