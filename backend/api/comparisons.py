"""Runs side by side, of one model or of several."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query

from backend.analysis import RunComparison, compare_runs
from backend.analysis.compare import FEWEST, MOST
from backend.api.connection import RunStoreDep, ServicesDep
from backend.errors import InvalidRequest, TooLarge
from backend.store.cache import load_frame
from backend.store.pages import MAX_ID

# About what the runs may take in memory together.
_MOST_BYTES = 2 * 2**30

router = APIRouter(prefix="/api/runs", tags=["runs"])

Ids = Annotated[
    str, Query(pattern=r"^\d{1,19}(,\d{1,19})*$", max_length=400, description="Ids of runs, separated by commas.")
]


@router.get("/compare")
async def compare(ids: Ids, services: ServicesDep, store: RunStoreDep) -> RunComparison:
    """The same figures of two to ten runs, what changed in settings, and whether their trades differ beyond noise."""
    wanted = [int(part) for part in ids.split(",")]
    if not FEWEST <= len(wanted) <= MOST or len(set(wanted)) < len(wanted):
        raise InvalidRequest(f"Name {FEWEST} to {MOST} runs, each once: ?ids=3,5.")
    if max(wanted) > MAX_ID:
        raise InvalidRequest("There is no id that large.")
    runs = await store.get_runs(wanted)
    frames, held = [], 0
    # One after the other: what they take together is known before it is all there.
    for run in runs:
        frame = await load_frame(services.frames, store, run)
        held += await asyncio.to_thread(lambda loaded: loaded.nbytes, frame)
        if held > _MOST_BYTES:
            raise TooLarge("These runs together are too large to compare. Name fewer of them.")
        frames.append(frame)
    return await asyncio.to_thread(compare_runs, frames)
