"""Fees in coins: one in a coin that was bought or sold changes what is held, one in a third coin is kept apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backend.importers.base import Evidence
from backend.importers.contracts import pair_of
from backend.importers.netting import BoolArray, FloatArray, IntArray
from backend.importers.position_columns import ACTIONS, PositionColumns

_BUY, _COVER = ACTIONS.index("buy"), ACTIONS.index("cover")


def settle_fees(rows: PositionColumns, evidence: Evidence, currency: str) -> tuple[PositionColumns, list[str]]:
    """The rows with fees in the run's currency wherever a price is known, and what was done or could not be.

    A fee in the coin that is bought makes the purchase smaller and costs its worth at the fill's price; on a sale it
    makes what leaves the holding larger. A fee in another coin is worth that coin's last price in the file, else it
    stays in its coin. Rows are in order of time.
    """
    coins, fees = rows.column("fee_currency"), rows.floats("fees")
    if coins is None or fees is None:
        return rows, []
    coin, names = pd.factorize(np.array(coins, dtype=object))
    symbol, symbols = pd.factorize(np.array(rows.column("symbol"), dtype=object))
    money = currency.upper()
    bases, quotes = zip(*(_coins_of(str(name), evidence) for name in symbols), strict=True)
    place = {str(name): at for at, name in enumerate(names)}
    charged = (coin >= 0) & (fees != 0)
    base = np.array([place.get(each, -2) for each in bases])[symbol]
    quote = np.array([place.get(each, -2) for each in quotes])[symbol]
    in_money = (coin == place.get(money, -2)) | ((coin == quote) & np.isin(quotes, ["", money])[symbol])
    price = rows.floats("price")
    prices = np.full(len(rows), np.nan) if price is None else price
    in_base = charged & ~in_money & (coin == base) & (prices > 0)
    third = charged & ~in_money & ~in_base
    settled = fees.copy()
    settled[in_base] = fees[in_base] * prices[in_base]
    said, left = [], np.zeros(len(rows), dtype=np.bool_)
    for code in np.unique(coin[third]).tolist():
        own = np.flatnonzero(third & (coin == code))
        worth = _price_at(rows.stamps, own, prices, symbol, bases, quotes, str(names[code]), money)
        priced = ~np.isnan(worth)
        settled[own[priced]] = fees[own[priced]] * worth[priced]
        left[own[~priced]] = True
        said += _said(str(names[code]), fees[own], priced, money)
    numbers = {"fees": settled}
    quantity = rows.floats("quantity")
    if evidence.linear and quantity is not None and in_base.any():
        numbers["quantity"] = _held(rows, quantity, fees, in_base)
        said.append(
            f"{int(in_base.sum()):,} fees were paid in the coin that was traded: they change what is held, and cost "
            "their worth at the fill's price."
        )
    kept = [name if stays else None for name, stays in zip(coins, left.tolist(), strict=True)] if left.any() else None
    return rows.replaced(numbers=numbers, texts={"fee_currency": kept}), said


def _coins_of(symbol: str, evidence: Evidence) -> tuple[str, str]:
    pair = pair_of(symbol)
    base = evidence.base_coins.get(symbol, pair.base if pair else "")
    return base.upper(), evidence.quote_coins.get(symbol, pair.quote if pair else "").upper()


def _held(rows: PositionColumns, quantity: FloatArray, fees: FloatArray, in_base: BoolArray) -> FloatArray:
    codes = rows.action_codes
    bought = (codes == _BUY) | (codes == _COVER)
    changed = np.where(bought, quantity - fees, quantity + fees)
    # A fee as large as the purchase leaves nothing to hold; what can't be is left as it was read.
    return np.where(in_base & (changed > 0), changed, quantity)


def _price_at(
    stamps: IntArray,
    own: IntArray,
    prices: FloatArray,
    symbol: IntArray,
    bases: tuple[str, ...],
    quotes: tuple[str, ...],
    coin: str,
    money: str,
) -> FloatArray:
    """The coin's last price in the run's currency at these rows, NaN where no row before has one."""
    pairs = [at for at, (base, quote) in enumerate(zip(bases, quotes, strict=True)) if (base, quote) == (coin, money)]
    known = np.flatnonzero(np.isin(symbol, pairs) & (prices > 0))
    if not len(known):
        return np.full(len(own), np.nan)
    last = np.searchsorted(stamps[known], stamps[own], side="right") - 1
    return np.where(last >= 0, prices[known[np.maximum(last, 0)]], np.nan)


def _said(coin: str, fees: FloatArray, priced: BoolArray, money: str) -> list[str]:
    said = []
    if priced.any():
        said.append(
            f"Fees of {fees[priced].sum():,.10g} {coin} were counted in {money} at {coin}'s last price in the file."
        )
    if not priced.all():
        rest = fees[~priced]
        said.append(
            f"Fees of {rest.sum():,.10g} {coin} on {len(rest):,} rows are kept apart: the file holds no price of "
            f"{coin} in {money}, so they are in no P&L."
        )
    return said
