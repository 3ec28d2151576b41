"""How far an import is: said by the loops that go through rows, heard by whoever set `told_to` around them.

Importers stay pure: they say numbers to a listener that the context holds, and without one nothing happens. Who listens
decides what to do with it and how often; here nothing is timed, written or kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import islice
from typing import Literal, TypeVar

Stage = Literal["waiting", "reading", "converting", "computing", "saving", "storing"]
_T = TypeVar("_T")

# So many rows are some tens of milliseconds of reading; asking for each row would cost more than it tells.
EVERY_ROWS = 4_096


@dataclass(frozen=True, slots=True)
class Progress:
    """`rows` of `rows_total` (None while it is not known) in a stage; each stage counts from 0.

    `waiting`: for another import to end. `reading`: rows (in some formats trades) of the file. `converting`: rows of
    the file made into positions. `computing`: the headline figures. `saving`: positions sent to the database; they go
    by columns, so this is the share of all values, in rows. `storing`: all is sent, the database is at work on it.
    """

    stage: Stage
    rows: int = 0
    rows_total: int | None = None


Listener = Callable[[Progress], None]
_listener: ContextVar[Listener | None] = ContextVar("import_progress", default=None)


@contextmanager
def told_to(listener: Listener) -> Iterator[None]:
    """Tell `listener` of all that is said within the block, in threads and tasks begun in it too.

    It is called in whichever thread reads, and must not raise.
    """
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)


def tell(progress: Progress) -> None:
    """Say how far it is, to whoever listens."""
    listener = _listener.get()
    if listener is not None:
        listener(progress)


def row_read(rows: int, total: int | None = None) -> None:
    """Say, after each row, how many are read: every 4,096th time it is passed on."""
    if rows % EVERY_ROWS == 0:
        tell(Progress("reading", rows, total))


def counted(rows: Collection[_T], stage: Stage) -> Iterator[_T]:
    """The same rows, counted as they are gone through."""
    return iter(rows) if _listener.get() is None else _counting(rows, stage)


def _counting(rows: Collection[_T], stage: Stage) -> Iterator[_T]:
    left, total = iter(rows), len(rows)
    for done in range(0, total, EVERY_ROWS):
        tell(Progress(stage, done, total))
        yield from islice(left, EVERY_ROWS)
    tell(Progress(stage, total, total))
