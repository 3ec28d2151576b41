"""The one currency of a run: what headers, a column, symbols or the layout say; rows in others are left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from backend.importers.base import ImportProblem
from backend.importers.layouts.headers import plain
from backend.importers.layouts.instruments import coins_of
from backend.importers.layouts.sheet import LayoutSheet, Mask

# Hundredths that markets quote in, by the code that brokers give them.
_HUNDREDTHS = {"GBX": "GBP", "GBP.": "GBP", "ZAC": "ZAR", "ILA": "ILS"}
_MONEY = ("pnl", "cash_change", "amount", "cash")
_CURRENCY_NAMES = frozenset(("base currency", "account currency", "currency"))
_CODE = re.compile(r"[A-Z]{3}")
_NAME = re.compile(r"[\w.$€£ -]{1,12}")
_UNNAMED_QUOTE = "USDT"


@dataclass(frozen=True, slots=True)
class Settled:
    """The run's currency, the rows that are in it, and what their prices are multiplied by (pence are hundredths)."""

    currency: str
    kept: Mask
    factor: float = 1.0


def settle_currency(
    sheet: LayoutSheet, symbols: Sequence[str | None], kept: Mask, is_spot: Mask | None = None
) -> Settled:
    """The run's currency. `is_spot` are rows of a spot fill, which are paid in the symbol's quote coin.

    Raises:
        ImportProblem: `several_currencies` where the rows are in several and nobody named one, `bad_value` where what
            stands for one is none.
    """
    settled = _settled(sheet, symbols, kept, is_spot)
    if not _NAME.fullmatch(settled.currency):
        column = sheet.header("currency" if sheet.has("currency") else "symbol")
        raise ImportProblem(
            f"Column {column!r}: {settled.currency[:40]!r} is no currency. Write its code, as in USD.",
            column=column,
            code="bad_value",
        )
    return settled


def _settled(sheet: LayoutSheet, symbols: Sequence[str | None], kept: Mask, is_spot: Mask | None) -> Settled:
    own = _one_of_all(sheet)
    if own is not None:
        return Settled(own, kept)
    by_row = _by_row(sheet, symbols, np.zeros(len(sheet), dtype=bool) if is_spot is None else is_spot)
    if by_row is None:
        named = _in_preamble(sheet)
        if named is not None:
            return Settled(named, kept)
        if sheet.layout.currency is not None:
            return Settled(sheet.options.currency or sheet.layout.currency, kept)
        if sheet.options.currency is None:
            sheet.warnings.append("The file names no currency; USD was assumed.")
        return Settled(sheet.options.currency or "USD", kept)
    names = np.array([name or "" for name in by_row], dtype=object)
    counts = Counter(name for name in names[kept].tolist() if name)
    return _chosen(sheet, names, counts, kept)


def _chosen(sheet: LayoutSheet, names: npt.NDArray[np.object_], counts: Counter[str], kept: Mask) -> Settled:
    wanted = sheet.options.currency.upper() if sheet.options.currency else None
    if wanted is None and len(counts) > 1:
        told = ", ".join(name for name, _ in counts.most_common(8))
        raise ImportProblem(
            f"The rows are in several currencies ({told}). Name one as the currency when importing; the others are "
            "left out.",
            column=sheet.header("currency" if sheet.has("currency") else "symbol"),
            code="several_currencies",
            choices=[name for name, _ in counts.most_common(20)],
        )
    if wanted is None or len(counts) < 2:
        only = next(iter(counts), sheet.options.currency or "USD")
        if wanted is not None and wanted not in (only, _HUNDREDTHS.get(only, only)):
            sheet.warnings.append(f"The file says {only}, not {wanted}; its numbers are in {only}.")
        return _in_whole(sheet, only, kept)
    if wanted not in counts:
        told = ", ".join(counts)
        raise ImportProblem(
            f"No row is in {wanted}; the file holds {told}. Name one of these as the currency.",
            column=sheet.header("currency" if sheet.has("currency") else "symbol"),
            code="several_currencies",
            choices=list(counts),
        )
    foreign = kept & (names != wanted)
    for name in sorted(set(names[foreign].tolist())):
        sheet.leave_out(foreign & (names == name), f"it is in {name or 'no named currency'}, not in {wanted}")
    return _in_whole(sheet, wanted, kept & ~foreign)


def _in_whole(sheet: LayoutSheet, name: str, kept: Mask) -> Settled:
    if name not in _HUNDREDTHS:
        return Settled(name, kept)
    sheet.warnings.append(f"Prices are in {name}, hundredths of {_HUNDREDTHS[name]}; they were divided by 100.")
    return Settled(_HUNDREDTHS[name], kept, 0.01)


def _one_of_all(sheet: LayoutSheet) -> str | None:
    """What a header names (`Net USD`), or the account's currency where prices are converted into it."""
    for meaning in _MONEY:
        if meaning in sheet.bound.currencies:
            return sheet.bound.currencies[meaning]
    if not sheet.has("account_currency"):
        return None
    words, _ = sheet.mapped("account_currency", lambda cell: cell.strip().upper())
    known = sorted({word for word in words if word})
    return known[0] if len(known) == 1 else None


def _in_preamble(sheet: LayoutSheet) -> str | None:
    """The account's currency, as the lines above the table name it."""
    cells = sheet.found.located.preamble
    return next(
        (code for name, code in pairwise(cells) if plain(name) in _CURRENCY_NAMES and _CODE.fullmatch(code)), None
    )


def _by_row(sheet: LayoutSheet, symbols: Sequence[str | None], is_spot: Mask) -> list[str | None] | None:
    if sheet.has("currency"):
        found, which = sheet.mapped("currency", lambda cell: cell.strip() or None)
        plain = [None if name is None else name.upper() if name != "GBp" else "GBX" for name in found]
        by_row = [plain[at] for at in which]
        return by_row if any(by_row) else None
    if sheet.layout.currency not in ("quote", "settled"):
        return None
    inverse = re.compile(sheet.layout.inverse) if sheet.layout.inverse else None
    known = {symbol: _coin(symbol, inverse) for symbol in set(symbols) if symbol}
    by_row = [known.get(symbol or "") for symbol in symbols]
    if sheet.layout.currency == "settled" and sheet.has("balance_unit"):
        coins = [coin and coin.upper() for coin in sheet.labels("balance_unit", 12)]
        return [own if spot else coin or own for own, coin, spot in zip(by_row, coins, is_spot, strict=True)]
    return by_row


def _coin(symbol: str, inverse: re.Pattern[str] | None) -> str:
    match = inverse.match(symbol.upper()) if inverse else None
    return match[1] if match else coins_of(symbol)[1] or _UNNAMED_QUOTE
