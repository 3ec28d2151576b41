"""What every importer makes of a file's bytes: an `ImportedRun`, or an `ImportProblem` that says what to do.

Importers are pure: bytes in, values out; no clock, network or disk. Columns and units are those of the table
`positions`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, Protocol

Action = Literal["buy", "sell", "short", "cover", "hold"]
OpenClose = Literal["open", "close"]
Field = Literal["multipliers", "date_order", "timezone", "long_only", "account", "currency", "mapping", "symbol"]
Netting = Literal["done", "signed", "long_only"]


@dataclass(frozen=True, slots=True)
class ImportedPosition:
    """One row, one action. `quantity` > 0, the action gives the direction; `ts` is timezone-aware UTC.

    `hold` rows carry reasoning or a mark (symbol and price, no quantity). Rows of one trade share `trade_ref` where the
    source lists whole trades; `realized_pnl` is the net P&L the source states for the trade, on its closing row.
    `low_price` and `high_price` are the extremes while the trade was open, on the closing row.
    `stop_price` > 0 is the protective stop that stood at the entry, on the opening row; None where it is not known.
    `fees` > 0 is a cost; `funding` > 0 is a cost. `fee_currency` is the coin of `fees` where it is not the run's
    currency. `multiplier` is the money that one point of price is worth for one unit, where the row itself says it.
    `account` parts books that are never netted together; `open_close` is what the source says that the fill did.

    `amount` (money that the row states for the fill, of any sign), `cash_change` (signed, as the account saw it) and
    `position_after` (what is held after the row, signed) are evidence: held against what is read, and not saved.
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
    leverage: float | None = None
    multiplier: float | None = None
    fee_currency: str | None = None
    account: str | None = None
    open_close: OpenClose | None = None
    amount: float | None = None
    cash_change: float | None = None
    position_after: float | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """A split: one share became `ratio`; or the holding changed by `added` shares, from which the ratio follows."""

    ts: datetime
    symbol: str
    ratio: float | None = None
    added: float | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """Money that came into the account (above zero) or left it, and was no trade's result."""

    ts: datetime
    amount: float
    what: str = "deposit"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the stage of reconciliation needs beside the rows.

    `digits`: decimals that the file prints, by column of the positions ("realized_pnl", "amount", "cash_change",
    "cash", "equity", "fees"); where a column is not named they are found from its values. `labels`: what the file calls
    those columns. `inverse`: symbols whose P&L is quantity × multiplier × (1/entry − 1/exit). `base_coins` and
    `quote_coins`: symbol → the coin that is bought, and the one it is paid with. `linear`: whether a fee in the coin
    that is bought changes what is held (spot), which it does not for contracts. `pnl_after`: which costs the stated
    P&L is after, where the source's nature says it; else it is found. `may_be_short`: whether the source's nature says
    that a sale of more than is held is a short; None where that is an assumption, which is said.
    """

    digits: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    splits: Sequence[Split] = ()
    flows: Sequence[Flow] = ()
    inverse: frozenset[str] = frozenset()
    base_coins: Mapping[str, str] = field(default_factory=dict)
    quote_coins: Mapping[str, str] = field(default_factory=dict)
    linear: bool = True
    pnl_after: frozenset[str] | None = None
    may_be_short: bool | None = None


NET: Final = Evidence(pnl_after=frozenset(("fees", "funding")))
"""Of a source whose P&L is known to be after all costs."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the reconciliation: something that the file states, held against what was read.

    `applied`: a multiplier was found and is used. `offered`: one would fit, but the evidence is not enough. `rows` were
    held against, `apart` of them differ.
    """

    what: Literal["pnl", "amount", "cash", "position", "equity", "fees", "openings", "multiplier"]
    outcome: Literal["agrees", "applied", "offered", "differs", "unchecked"]
    message: str
    symbol: str | None = None
    rows: int = 0
    apart: int = 0
    multiplier: float | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What the file can't say and a person can: `field` is the option that answers it (of `ImportOptions`)."""

    field: Field
    message: str
    symbol: str | None = None
    choices: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What came of holding the file against what was read."""

    checks: Sequence[Check] = ()
    questions: Sequence[Question] = ()

    @property
    def agrees(self) -> bool:
        """Whether nothing that was held against differs or is left to be asked."""
        return not self.questions and all(check.outcome in ("agrees", "applied") for check in self.checks)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that was left out, and why; `line` counts from 1 (or is the record's number where there are no lines)."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class ImportedRun:
    """A run as read from a file: positions in order of time, and what the source says of itself.

    `netting` says what `buy` and `sell` mean in rows without `trade_ref` and `open_close`: `done` what they say,
    `signed` the sign alone (what is sold beyond what is held opens a short), `long_only` that the source can't be
    short. `import_run` nets, and reconciles what `evidence` and the rows state; `reconciliation` is what came of it.
    """

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
    netting: Netting = "done"
    evidence: Evidence = field(default_factory=Evidence)
    reconciliation: Reconciliation = field(default_factory=Reconciliation)
    questions: Sequence[Question] = ()


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
    multipliers: Mapping[str, float] | None = None
    """Money per point of price and unit, by symbol; `*` stands for every symbol that is not named."""
    date_order: Literal["day", "month"] | None = None
    """Whether 4/6/26 is the fourth of June (`day` first) or the sixth of April (`month` first)."""
    long_only: bool | None = None
    """Whether the account can't be short, so that selling more than is held is a fault or an opening before the file;
    None leaves it to the source's nature."""
    account: str | None = None
    """Which account's rows to read, where the file holds several; None reads all, kept apart."""
    answers_of: str | None = None
    """Which run some of these answers were first given for; None where all are given now."""


ANSWERS: Final = ("mapping", "multipliers", "date_order", "timezone", "long_only", "account", "currency", "symbol")
"""The options that say how to read a layout, and hold for the next file of it; the others are of one file."""


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
