"""A run's facts, and its positions as columns: what trades and equity are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from backend.analysis.arrays import FloatArray, IntArray, ObjectArray
from backend.analysis.run_settings import ALL_COSTS, StatedAfter, costs_in, flows_in, texts_in

ACTIONS = ("buy", "sell", "short", "cover", "hold")
NUMBERS = (
    "quantity", "price", "fees", "funding", "realized_pnl", "low_price", "high_price", "stop_price", "cash", "equity",
    "leverage", "multiplier",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is known of a run besides its positions. Money is in `currency`; datetimes are UTC.

    `multipliers` gives the money value of one point of price for one unit, by symbol (1 where not named).
    `inverse` are the symbols whose P&L is quantity × multiplier × (1/entry − 1/exit).
    `pnl_is_stated` says that closed trades made what the source states (see `build_trades`); `stated_after` which costs
    the P&L that the source states is after; `drawn` the `trade_ref`s it counts as neither won nor lost. `flows` are
    moments (microseconds) and money paid in (above zero) or out. `warnings` is what the import must go on saying.
    `periods_per_year` overrides the convention of 252 (365 where the run trades on weekends). `settings` is what the
    source says of how the run was set up, as it says it.
    """

    run_id: int
    model_id: int
    run_number: int
    name: str
    version: int = 1
    source: str = ""
    currency: str = "USD"
    initial_cash: float | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    periods_per_year: int | None = None
    multipliers: Mapping[str, float] = field(default_factory=dict)
    inverse: frozenset[str] = frozenset()
    pnl_is_stated: bool = False
    stated_after: frozenset[StatedAfter] = ALL_COSTS
    drawn: frozenset[str] = frozenset()
    flows: tuple[tuple[int, float], ...] = ()
    warnings: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


class _DescribedRun(Protocol):
    """A run with what its source says of it: saved, or read from a file and not saved yet."""

    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def initial_cash(self) -> float | None: ...
    @property
    def started_at(self) -> datetime | None: ...
    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def periods_per_year(self) -> int | None: ...
    @property
    def settings(self) -> Mapping[str, Any]: ...
    @property
    def warnings(self) -> Sequence[str]: ...


def facts_of(run: _DescribedRun, *, run_id: int, model_id: int, run_number: int, version: int) -> RunFacts:
    """The facts of a run that is saved, or was read and is not yet."""
    multipliers = run.settings.get("multipliers")
    return RunFacts(
        run_id=run_id,
        model_id=model_id,
        run_number=run_number,
        name=run.name,
        version=version,
        source=run.source,
        currency=run.currency,
        initial_cash=run.initial_cash,
        started_at=run.started_at,
        ended_at=run.ended_at,
        periods_per_year=run.periods_per_year,
        multipliers=multipliers if isinstance(multipliers, Mapping) else {},
        inverse=texts_in(run.settings.get("inverse")),
        pnl_is_stated=run.settings.get("pnl_basis") == "stated",
        stated_after=costs_in(run.settings.get("stated_after")),
        drawn=texts_in(run.settings.get("drawn")),
        flows=flows_in(run.settings.get("flows")),
        warnings=tuple(run.warnings),
        settings=run.settings,
    )


@dataclass(frozen=True, slots=True)
class Positions:
    """Position rows as columns, in order of seq; `ts` in microseconds, NaN or None for what is missing.

    `action` indexes ACTIONS, `symbol` indexes `symbols`; `trade_ref` indexes `refs`, −1 where a row has none.
    `account` parts books that are never netted together, −1 where a row names none. `fees` are in the run's currency:
    those in another coin are 0 here, and summed by coin in `other_fees`.
    """

    seq: IntArray
    ts: IntArray
    action: IntArray
    symbol: IntArray
    symbols: tuple[str, ...]
    quantity: FloatArray
    price: FloatArray
    fees: FloatArray
    funding: FloatArray
    trade_ref: IntArray
    refs: tuple[str, ...]
    realized_pnl: FloatArray
    low_price: FloatArray
    high_price: FloatArray
    stop_price: FloatArray
    cash: FloatArray
    equity: FloatArray
    holdings: ObjectArray
    tag: ObjectArray
    reasoning: ObjectArray
    leverage: FloatArray
    multiplier: FloatArray
    account: IntArray
    accounts: tuple[str, ...]
    other_fees: Mapping[str, float]

    def __len__(self) -> int:
        return len(self.seq)
