"""An imported run as the body of the call that saves it: columns, encoded one at a time.

A million rows as row objects are some 300 MB of JSON and a gigabyte of Python dicts; as columns they are a third of the
bytes, and only one column's list is alive at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from backend.importers.base import ImportedPosition

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TEXTS = ("action", "symbol", "trade_ref", "tag", "reasoning")
_NUMBERS = ("quantity", "price", "fees", "funding", "realized_pnl", "low_price", "high_price", "cash", "equity")
_CHUNK_ROWS = 100_000


def microseconds(moment: datetime) -> int:
    """Microseconds since the epoch."""
    return (moment - _EPOCH) // _MICROSECOND


async def import_body(
    model_id: int, run: dict[str, Any], positions: Sequence[ImportedPosition], *, again: bool
) -> AsyncIterator[bytes]:
    """The JSON arguments of `import_run`, in chunks; encoding runs in a thread, off the event loop."""
    head = orjson.dumps({"p_model_id": model_id, "p_run": run, "p_again": again})
    yield head[:-1]
    for name in ("ts", *_TEXTS, *_NUMBERS, "holdings"):
        if name not in ("ts", "action") and all(getattr(position, name) is None for position in positions):
            continue
        for at in range(0, max(len(positions), 1), _CHUNK_ROWS):
            part = await asyncio.to_thread(_encoded, name, positions[at : at + _CHUNK_ROWS])
            opening = b',"p_%s":[' % name.encode() if at == 0 else b","
            yield opening + part
        yield b"]"
    yield b"}"


def _encoded(name: str, positions: Sequence[ImportedPosition]) -> bytes:
    """A part of a column, without its brackets."""
    values: list[Any]
    if name == "ts":
        values = [microseconds(position.ts) for position in positions]
    elif name == "holdings":
        values = [None if item.holdings is None else dict(item.holdings) for item in positions]
    else:
        values = [getattr(position, name) for position in positions]
    return orjson.dumps(values)[1:-1]
