"""An imported run as the body of the call that saves it: columns, encoded one at a time.

A million rows as row objects are some 300 MB of JSON and a gigabyte of Python dicts; as columns they are a third of the
bytes, and only one column's list is alive at a time.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from backend.analysis import RunSummary
from backend.importers.base import ImportedRun
from backend.importers.position_columns import NUMBERS, TEXTS, columns_of
from backend.importers.progress import Progress, tell

COLUMNS = ("ts", "action", "symbol", *TEXTS[:-1], *NUMBERS, TEXTS[-1])
_CHUNK_ROWS = 100_000


def import_body(
    model_id: int, imported: ImportedRun, summary: RunSummary, *, content_sha256: str | None, again: bool
) -> Iterator[bytes]:
    """The JSON arguments of `import_run`, in chunks; as each is taken, it is said how many rows' worth has gone."""
    run = {
        "name": imported.name,
        "source": imported.source,
        "currency": imported.currency,
        "initial_cash": imported.initial_cash,
        "started_at": _moment(imported.started_at),
        "ended_at": _moment(imported.ended_at),
        "periods_per_year": imported.periods_per_year,
        "settings": _json_safe(imported.settings),
        "published": _json_safe(imported.published),
        "warnings": list(imported.warnings),
        "summary": summary.model_dump(mode="json"),
        "content_sha256": content_sha256,
    }
    yield orjson.dumps({"p_model_id": model_id, "p_run": run, "p_again": again})[:-1]
    columns = columns_of(imported.positions)
    count = len(columns)
    names = [name for name in COLUMNS if columns.has(name)]
    for done, name in enumerate(names):
        column = columns.column(name) or ()
        for at in range(0, max(count, 1), _CHUNK_ROWS):
            tell(Progress("saving", (done * count + at) // len(names), count))
            part = _encoded(column[at : at + _CHUNK_ROWS])
            yield (b',"p_%s":[' % name.encode() if at == 0 else b",") + part
        yield b"]"
    tell(Progress("saving", count, count))
    yield b"}"


async def made_in_threads(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The parts, each made in a thread, off the event loop."""
    while (part := await asyncio.to_thread(next, parts, None)) is not None:
        yield part


def _encoded(values: Sequence[Any]) -> bytes:
    """A part of a column, without its brackets."""
    return orjson.dumps([dict(value) if isinstance(value, Mapping) else value for value in values])[1:-1]


def _json_safe(value: Any) -> Any:
    """JSON has no NaN and no infinity; a source's settings may."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _json_safe(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json_safe(item) for item in value]
    return value


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
