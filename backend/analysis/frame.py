"""A run's facts and positions in columns, with the trades and the equity curve made from them on first use."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import fields
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from backend.analysis.arrays import FloatArray, IntArray, ObjectArray
from backend.analysis.equity import EquityCurve, build_equity
from backend.analysis.positions import ACTIONS, NUMBERS, Positions, RunFacts
from backend.analysis.trades import Trades, build_trades


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
            currency=facts.currency,
            drawn=facts.drawn,
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
