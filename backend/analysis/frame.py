"""A run's facts and positions in columns, with the trades and the equity curve made from them on first use."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pandas as pd

from backend.analysis.arrays import FloatArray, IntArray, ObjectArray
from backend.analysis.equity import EquityCurve, build_equity
from backend.analysis.run_settings import ALL_COSTS, StatedAfter, costs_in, flows_in, texts_in
from backend.analysis.trades import Trades, build_trades

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
    the P&L that the source states is after. `flows` are moments (microseconds) and money paid in (above zero) or out.
    `warnings` is what the import must go on saying.
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


def _is_empty(values: Sequence[Any]) -> bool:
    """Whether there is nothing but None; far quicker than reading each."""
    return isinstance(values, list) and values.count(None) == len(values)


def _numbers(values: Sequence[Any]) -> FloatArray:
    """Any mix of numbers, numerals and None as floats; what is not finite becomes NaN."""
    if _is_empty(values):
        return np.full(len(values), np.nan)
    try:
        column = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        as_series = pd.to_numeric(pd.Series(list(values), dtype=object).map(_plain, na_action="ignore"))
        column = as_series.to_numpy(dtype=np.float64, na_value=np.nan)
    column[~np.isfinite(column)] = np.nan
    return column


def _plain(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{value!r} is not a number") from error


def _integers(values: Sequence[Any]) -> IntArray:
    return np.array(values, dtype=np.int64) if len(values) else np.empty(0, dtype=np.int64)


def _objects(values: Sequence[Any]) -> ObjectArray:
    if _is_empty(values):
        return np.full(len(values), None, dtype=object)
    return np.fromiter(values, dtype=object, count=len(values))


def _codes(values: Sequence[Any]) -> tuple[IntArray, tuple[str, ...]]:
    """(code of each value, the distinct values by code); −1 for None."""
    codes, names = pd.factorize(_objects(values), use_na_sentinel=True)
    return codes.astype(np.int64), tuple(map(str, names))


def _apart(fees: FloatArray, coins: Sequence[Any] | None) -> tuple[FloatArray, Mapping[str, float]]:
    """The fees that are in the run's currency, and the sum of the others by coin."""
    if coins is None or _is_empty(coins):
        return fees, {}
    which, names = _codes(coins)
    other = which >= 0
    sums = np.bincount(which[other], weights=fees[other], minlength=len(names))
    return np.where(other, 0.0, fees), dict(zip(names, sums.tolist(), strict=True))


def _actions(values: Sequence[Any]) -> IntArray:
    """Indices into ACTIONS; −1 for what is none."""
    codes, names = pd.factorize(_objects(values), use_na_sentinel=True)
    known = [ACTIONS.index(name) if name in ACTIONS else -1 for name in names]
    return np.array([*known, -1], dtype=np.int64)[codes]


class RunFrame:
    """One run, ready to be analysed; trades and equity are computed once, when first asked for.

    Safe to share between threads that only read: the worst that can happen is that a figure is computed twice.
    """

    def __init__(self, facts: RunFacts, positions: Positions) -> None:
        self.facts = facts
        self.positions = positions

    @classmethod
    def from_columns(cls, facts: RunFacts, columns: Mapping[str, Sequence[Any] | None]) -> RunFrame:
        """Read columns named as those of the positions table, all of one length, `ts` in microseconds.

        `seq`, `ts` and `action` must be there; a column that is not, or is None, is taken as empty.

        Raises:
            ValueError: if lengths differ, an action is unknown, or a number can't be read.
        """
        given = {name: values for name, values in columns.items() if values is not None}
        count = len(given["seq"])
        uneven = sorted(name for name, values in given.items() if len(values) != count)
        if uneven:
            raise ValueError(f"columns differ in length from seq ({count} rows): {', '.join(uneven)}")
        empty: Sequence[Any] = [None] * count
        action = _actions(given["action"])
        if (action < 0).any():
            row = int(np.argmax(action < 0))
            raise ValueError(f"row {row + 1}: unknown action {given['action'][row]!r}; one of {', '.join(ACTIONS)}")
        symbol, symbols = _codes([name or "" for name in given.get("symbol", empty)])
        ref, refs = _codes([ref or None for ref in given.get("trade_ref", empty)])
        numbers = {name: _numbers(given.get(name, empty)) for name in NUMBERS}
        texts = {name: _objects(given.get(name, empty)) for name in ("holdings", "tag", "reasoning")}
        for name in ("fees", "funding"):
            numbers[name] = np.nan_to_num(numbers[name])
        account, accounts = _codes(given.get("account", empty))
        numbers["fees"], other_fees = _apart(numbers["fees"], given.get("fee_currency"))
        positions = Positions(
            seq=_integers(given["seq"]),
            ts=_integers(given["ts"]),
            action=action,
            symbol=symbol,
            symbols=symbols,
            trade_ref=ref,
            refs=refs,
            holdings=texts["holdings"],
            tag=texts["tag"],
            reasoning=texts["reasoning"],
            account=account,
            accounts=accounts,
            other_fees=other_fees,
            **numbers,
        )
        return cls(facts, positions)

    @cached_property
    def trades(self) -> Trades:
        """Round trips by `trade_ref`, else flat-to-flat episodes."""
        facts = self.facts
        return build_trades(
            self.positions,
            facts.multipliers,
            inverse=facts.inverse,
            pnl_is_stated=facts.pnl_is_stated,
            stated_after=facts.stated_after,
        )

    @cached_property
    def equity(self) -> EquityCurve:
        """Equity after each row that says something of it."""
        return build_equity(self.facts, self.positions, self.trades)

    @cached_property
    def cache(self) -> dict[Hashable, Any]:
        """Results that are costly and that no question changes (pattern tests, replays)."""
        return {}

    @cached_property
    def nbytes(self) -> int:
        """About how much memory the run takes with its trades and equity, in bytes."""
        columns = [getattr(self.positions, column.name) for column in fields(self.positions)]
        arrays = sum(column.nbytes for column in columns if isinstance(column, np.ndarray))
        texts = sum(
            sys.getsizeof(value)
            for column in (self.positions.tag, self.positions.reasoning, self.positions.holdings)
            for value in column[column != None]  # noqa: E711  (elementwise)
        )
        # Trades, equity, groupings, and the draws that replays keep.
        derived = len(self.positions) * 32 * 8 + 2000 * min(len(self.positions), 1000)
        return arrays + texts + derived
