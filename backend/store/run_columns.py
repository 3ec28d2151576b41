"""An imported run as the body of the call that saves it: columns, encoded one at a time.

A million rows as row objects are some 300 MB of JSON and a gigabyte of Python dicts; as columns they are a third of the
bytes, and only one column's list is alive at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import orjson

from backend.importers.base import ImportedPosition
from backend.importers.position_columns import NUMBERS, TEXTS, columns_of

_COLUMNS = ("ts", "action", "symbol", *TEXTS[:3], *NUMBERS, TEXTS[3])
_CHUNK_ROWS = 100_000


async def import_body(
    model_id: int, run: dict[str, Any], positions: Sequence[ImportedPosition], *, again: bool
) -> AsyncIterator[bytes]:
    """The JSON arguments of `import_run`, in chunks; encoding runs in a thread, off the event loop."""
    head = orjson.dumps({"p_model_id": model_id, "p_run": run, "p_again": again})
    yield head[:-1]
    columns = columns_of(positions)
    for name in _COLUMNS:
        column = columns.column(name)
        if column is None:
            continue
        for at in range(0, max(len(column), 1), _CHUNK_ROWS):
            part = await asyncio.to_thread(_encoded, column[at : at + _CHUNK_ROWS])
            opening = b',"p_%s":[' % name.encode() if at == 0 else b","
            yield opening + part
        yield b"]"
    yield b"}"


def _encoded(values: Sequence[Any]) -> bytes:
    """A part of a column, without its brackets."""
    return orjson.dumps([dict(value) if isinstance(value, Mapping) else value for value in values])[1:-1]
