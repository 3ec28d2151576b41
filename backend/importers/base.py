"""What every importer makes of a file's bytes: an `ImportedRun`, or an `ImportProblem` that says what to do.

Importers are pure: bytes in, values out; no clock, network or disk. Columns and units are those of the table
`positions`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

Action = Literal["buy", "sell", "short", "cover", "hold"]


@dataclass(frozen=True, slots=True)
class ImportedPosition:
    """One row, one action. `quantity` > 0, the action gives the direction; `ts` is timezone-aware UTC.

    `hold` rows carry reasoning or a mark (symbol and price, no quantity). Rows of one trade share `trade_ref` where the
    source lists whole trades; `realized_pnl` is the net P&L the source states for the trade, on its closing row.
    `low_price` and `high_price` are the extremes while the trade was open, on the closing row.
    `stop_price` > 0 is the protective stop that stood at the entry, on the opening row; None where it is not known.
    `fees` > 0 is a cost; `funding` > 0 is a cost.
    """

    ts: datetime
    action: Action
    symbol: str = ""
    quantity: float | None = None
    price: float | None = None
    fees: float = 0.0
    funding: float = 0.0
    trade_ref: str | None = None
    realized_pnl: float | None = None
    low_price: float | None = None
    high_price: float | None = None
    stop_price: float | None = None
    cash: float | None = None
    equity: float | None = None
    holdings: Mapping[str, float] | None = None
    tag: str | None = None
    reasoning: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that was left out, and why; `line` counts from 1 (or is the record's number where there are no lines)."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class ImportedRun:
    """A run as read from a file: positions in order of time, and what the source says of itself."""

    name: str
    source: str
    currency: str
    positions: Sequence[ImportedPosition]
    initial_cash: float | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    periods_per_year: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    published: Mapping[str, Any] = field(default_factory=dict)
    skipped: Sequence[Skipped] = ()
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the person importing says; None leaves it to the file."""

    name: str | None = None
    initial_cash: float | None = None
    currency: str | None = None
    timezone: str | None = None
    strategy: str | None = None
    symbol: str | None = None
    """What was traded, where the file does not say."""
    mapping: Mapping[str, str | None] | None = None
    """For plain tables: a column's name → what it means (a field of `csv_columns.SYNONYMS`), None for nothing."""


class ImportProblem(Exception):
    """A file that can't be read whole. `status` is 413, 415 or 422; the message says what to do.

    `choices` are the strategies to choose from, where the file holds several and none was named.
    """

    def __init__(
        self,
        message: str,
        *,
        line: int | None = None,
        column: str | None = None,
        status: int = 422,
        code: str,
        choices: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.status = status
        self.code = code
        self.choices = tuple(choices)


class Importer(Protocol):
    """One format. `name` is what `runs.source` says."""

    name: str

    def recognises(self, filename: str, data: bytes) -> bool:
        """Whether the bytes look like this format (the content decides; the file name only breaks ties)."""
        ...

    def read(self, filename: str, data: bytes, options: ImportOptions) -> ImportedRun:
        """Read the whole file.

        Raises:
            ImportProblem: naming the line and what to do about it.
        """
        ...
