"""A layout's table of fills or of a ledger → positions, and what the rest of its rows say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from backend.importers.base import Flow, Skipped, Split
from backend.importers.contracts import is_option
from backend.importers.layouts.costs import CoinCosts, costs_beside, read_costs
from backend.importers.layouts.currencies import settle_currency
from backend.importers.layouts.instruments import contract_name
from backend.importers.layouts.layout import Layout, Side
from backend.importers.layouts.legs import Legs, parted_legs
from backend.importers.layouts.moments import MISSING, Stamps
from backend.importers.layouts.numerals import Floats, Unreadable, number_and_unit
from backend.importers.layouts.points import RowPoints, row_points
from backend.importers.layouts.sheet import LayoutSheet, Mask
from backend.importers.parsing import MAX_LABEL_CHARS, MAX_TEXT_CHARS, clean_text
from backend.importers.position_columns import ACTIONS, PositionColumns, whole_columns

_BUY, _SELL, _SHORT, _COVER, _HOLD = (ACTIONS.index(name) for name in ("buy", "sell", "short", "cover", "hold"))
_MAX_SYMBOL_CHARS = 60
_FILL_WORDS: Final[Mapping[str, tuple[int, str | None]]] = {
    "buy": (_BUY, None),
    "sell": (_SELL, None),
    "buy open": (_BUY, "open"),
    "sell close": (_SELL, "close"),
    "sell open": (_SHORT, "open"),
    "buy close": (_COVER, "close"),
}
_RIGHTS: Final = {"c": "C", "call": "C", "calls": "C", "p": "P", "put": "P", "puts": "P"}
_PRICE_IN_WORDS = re.compile(r"@\s*\$?([\d.,]+)")
_SECOND = 1_000_000
# What is missing beyond this is no cost, but a price or multiplier that was read wrong.
_MOST_IMPLIED, _MOST_IMPLIED_SHARE = 1.0, 0.01
_SETTLED_ROUNDING, _SETTLED_SHARE = 1e-6, 1e-4


@dataclass(slots=True)
class ReadRows:
    """What the table gives: rows in order of time, and what the stage of reconciliation needs beside them."""

    positions: PositionColumns
    currency: str
    splits: list[Split] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    stated_pnl: float | None = None
    points: RowPoints = field(default_factory=RowPoints)
    costs: CoinCosts | None = None


def read_layout_fills(sheet: LayoutSheet) -> ReadRows:
    """All fills, in order of time; rows of one moment as the account saw them.

    Raises:
        ImportProblem: `bad_value` with line and column.
    """
    what, unknown = _kinds(sheet)
    leave_out_unwanted(sheet, what)
    quantity = sheet.numbers("quantity", where=what == "trade")
    actions, effects = _actions(sheet, what, quantity, unknown)
    is_fill = what == "trade"
    stamps = _moments(sheet, is_fill)
    symbols = symbols_of(sheet)
    size = np.abs(quantity)
    _leave_out_empty(sheet, what, is_fill, size)
    is_fill = what == "trade"
    legs = parted_legs(sheet, is_fill, stamps, symbols)
    is_fill &= ~legs.mirrors
    symbols = legs.named(symbols)
    settled = settle_currency(sheet, symbols, is_fill, legs.spot)
    what[(what == "trade") & ~settled.kept] = "other"
    is_fill = settled.kept
    points = row_points(sheet, symbols, is_fill)
    price = _prices(sheet, is_fill, size, points) * settled.factor
    is_fill = _checked(sheet, what, is_fill, stamps, symbols, size, price)
    costs = read_costs(sheet, is_fill, settled.currency, legs)
    expired = what == "expire"
    _expire(sheet, expired, stamps, symbols, size, price, actions, effects, is_fill)
    kept = is_fill | expired
    if sheet.beside is not None:
        costs.fees += costs_beside(sheet, sheet.beside, kept, stamps, size)
    if sheet.layout.on_margin:
        _check_settled(sheet, is_fill & ~legs.spot, costs)
    if sheet.layout.costs_implied:
        costs.fees += _implied_costs(sheet, is_fill & ~expired, actions, size * price, points)
    money = _row_money(sheet, kept, legs, symbols)
    funding = _funding_rows(sheet, what, stamps, symbols, kept, costs)
    take = np.flatnonzero(kept)
    rows = whole_columns(
        stamps[take],
        actions[take],
        [symbols[at] or "" for at in take.tolist()],
        {
            "quantity": size[take],
            "price": price[take],
            "fees": costs.fees[take],
            "funding": (costs.funding + funding)[take],
            "multiplier": points.values[take],
            **{name: values[take] for name, values in money.items()},
        },
        {name: [column[at] for at in take] for name, column in _texts(sheet, effects, costs, symbols).items()},
    )
    turned = _newest_first(sheet, stamps[take])
    if turned:
        rows = rows.taken(np.arange(len(rows))[::-1])
    rows.sort_by_time()
    splits, flows = _splits(sheet, what, stamps, symbols), _flows(sheet, what, stamps)
    pnl = money.get("realized_pnl")
    stated = None if pnl is None or np.isnan(pnl[kept]).all() else float(np.nansum(pnl[kept]))
    return ReadRows(rows, settled.currency, splits, flows, stated, points, costs)


def _kinds(sheet: LayoutSheet) -> tuple[np.ndarray[Any, Any], list[str]]:
    """What each row is: `trade`, a kind of event, `pass`, or `unknown`."""
    layout = sheet.layout
    what = np.full(len(sheet), "trade", dtype=object)
    if layout.kinds and sheet.has("kind"):
        words, which = sheet.words("kind")
        known = [layout.kinds.get(word, layout.kinds.get("*", "unknown")) for word in words]
        what = np.array(known, dtype=object)[which]
        if sheet.has("subkind"):
            closer, which_closer = sheet.words("subkind")
            for at, word in enumerate(words):
                for other, second in enumerate(closer):
                    own = layout.kinds.get(f"{word}: {second}")
                    if own is not None:
                        what[(which == at) & (which_closer == other)] = own
    words, which = sheet.words("side")
    if not layout.sides or not sheet.has("side"):
        return what, []
    sides: list[Side | None] = [layout.sides.get(word, _by_pattern(layout, word)) for word in words]
    events = np.array([_event(side, word) for side, word in zip(sides, words, strict=True)], dtype=object)
    return np.where(what == "trade", events[which], what), words


def _event(side: Side | None, word: str) -> str:
    if side is None:
        return "unknown" if word else "pass"
    return "trade" if side in _FILL_WORDS else side


def _by_pattern(layout: Layout, word: str) -> Side | None:
    """Words that stand with others (`buy apple inc`): the longest of the layout's words that end with `*`."""
    starts = [start for start in layout.sides if start.endswith("*") and word.startswith(start[:-1])]
    return layout.sides[max(starts, key=len)] if starts else None


def leave_out_unwanted(sheet: LayoutSheet, what: np.ndarray[Any, Any]) -> None:
    """Mark rows that hold none of the words that a fill has as `pass`, and note why."""
    for meaning, wanted in sheet.layout.wants.items():
        if not sheet.has(meaning):
            continue
        words, which = sheet.words(meaning)
        for at, word in enumerate(words):
            if word in wanted:
                continue
            rows = (which == at) & (what == "trade")
            if rows.any():
                sheet.leave_out(rows, f"its {meaning} is {clean_text(word, 40)!r}, so it is no fill")
                what[rows] = "pass"


def _actions(
    sheet: LayoutSheet, what: np.ndarray[Any, Any], quantity: Floats, words: Sequence[str]
) -> tuple[np.ndarray[Any, Any], list[str | None]]:
    """Each row's action, and what it says that it did."""
    layout = sheet.layout
    actions = np.where(quantity < 0, _SELL, _BUY)
    effects = np.full(len(sheet), None, dtype=object)
    if words:
        _, which = sheet.words("side")
        told = [
            _FILL_WORDS.get(layout.sides.get(word, _by_pattern(layout, word)) or "", (_BUY, None)) for word in words
        ]
        actions = np.array([action for action, _ in told])[which]
        effects = np.array([effect for _, effect in told], dtype=object)[which]
    if layout.effects and sheet.has("effect"):
        said, which = sheet.words("effect")
        own = np.array([_effect(layout, word) for word in said], dtype=object)[which]
        effects = np.where(effects == None, own, effects)  # noqa: E711
    if layout.books and sheet.has("book"):
        said, which = sheet.words("book")
        book = np.array([layout.books.get(word) for word in said], dtype=object)[which]
        buys = (actions == _BUY) | (actions == _COVER)
        opens = np.where(book == "long", buys, ~buys)
        effects = np.where((book != None) & (effects == None), np.where(opens, "open", "close"), effects)  # noqa: E711
    actions = np.where((actions == _SELL) & (effects == "open"), _SHORT, actions)
    actions = np.where((actions == _BUY) & (effects == "close"), _COVER, actions)
    return actions, effects.tolist()


def _effect(layout: Layout, word: str) -> str | None:
    """What the words of a cell say together (`c;p`); None where they say both, or neither."""
    if word in layout.effects:
        return layout.effects[word]
    said = {layout.effects[part] for part in re.split(r"[;,/\s]+", word) if part in layout.effects}
    return said.pop() if len(said) == 1 else None


def _moments(sheet: LayoutSheet, is_fill: Mask) -> Stamps:
    stamps = sheet.moments("time", where=is_fill)
    if "time" in sheet.layout.fills_down and len(stamps):
        known = np.where(stamps == MISSING, 0, np.arange(len(stamps)))
        stamps = stamps[np.maximum.accumulate(known)]
    return stamps


def symbols_of(sheet: LayoutSheet) -> list[str | None]:
    """Each row's symbol; an option's with its expiry, strike and side, so that no two contracts are one book."""
    inside = re.compile(sheet.layout.symbol_in) if sheet.layout.symbol_in else None
    names = sheet.labels("symbol", MAX_LABEL_CHARS)
    if inside is not None:
        names = [found[1] if name and (found := inside.fullmatch(name)) else name for name in names]
    names = [name[:_MAX_SYMBOL_CHARS] if name else name for name in names]
    if not sheet.has("symbol"):
        names = [sheet.options.symbol] * len(sheet)
    if sheet.has("right"):
        rights = [_RIGHTS.get((cell or "").casefold()) for cell in sheet.labels("right")]
        parts = zip(names, sheet.labels("expiry"), sheet.labels("strike"), rights, strict=True)
        names = [
            contract_name(name, expiry or "", strike or "", right) if right and name and not is_option(name) else name
            for name, expiry, strike, right in parts
        ]
    if sheet.has("description"):
        texts, which = sheet.mapped("description", lambda cell: " ".join((clean_text(cell, 400) or "").split()))
        told = [_option_in(text) for text in texts]
        pairs = zip(names, which, strict=True)
        names = [told[at] if told[at] and not (name and is_option(name)) else name for name, at in pairs]
    return names


def _option_in(text: str) -> str | None:
    """The option that a description names."""
    found = _OPTION_TEXT.search(text)
    if found is None:
        return None
    if found["first"]:
        return contract_name(found["symbol"], found["day"], _strike(found["strike"]), found["first"][0].upper())
    return contract_name(found["name"], found["date"], _strike(found["price"]), found["right"][0].upper())


_OPTION_TEXT = re.compile(
    r"(?:\b(?P<name>[A-Z.]{1,6})\s+(?P<date>\d{1,2}/\d{1,2}/\d{2,4})\s+(?P<right>CALL|PUT)\s+\$?(?P<price>[\d.,]+))"
    r"|(?:\b(?P<first>CALL|PUT)\s+(?P<symbol>[A-Z.]{1,6})\s+(?P<day>\d{1,2}/\d{1,2}/\d{2,4})\s+\$?(?P<strike>[\d.,]+))",
    re.IGNORECASE,
)


def _strike(text: str) -> str:
    try:
        return f"{number_and_unit(text.rstrip('.,'), '.')[0]:g}"
    except Unreadable:
        return text


def _leave_out_empty(sheet: LayoutSheet, what: np.ndarray[Any, Any], is_fill: Mask, size: Floats) -> None:
    nothing = is_fill & (size == 0)
    sheet.leave_out(nothing, "its quantity is zero")
    empty = is_fill & np.isnan(size)
    sheet.leave_out(empty, "it names no quantity")
    what[nothing | empty] = "pass"
    noted = {row.line for row in sheet.skipped}
    for kind, why in (("pass", "it is no fill"), ("unknown", "what it did is not known to this layout")):
        places = [at for at in np.flatnonzero(what == kind).tolist() if sheet.line(at) not in noted]
        sheet.skipped += [Skipped(sheet.line(at), why) for at in places]
    unknown = np.flatnonzero(what == "unknown")
    if len(unknown):
        words, which = sheet.words("side" if sheet.has("side") else "kind")
        kinds = sorted({words[which[at]] or "nothing" for at in unknown})[:6]
        sheet.warnings.append(
            f"{len(unknown):,} rows say {', '.join(repr(word[:40]) for word in kinds)}, which is not known here; they "
            f"were left out (the first on line {sheet.line(int(unknown[0]))})."
        )


def _prices(sheet: LayoutSheet, is_fill: Mask, size: Floats, points: RowPoints) -> Floats:
    layout = sheet.layout
    price = np.abs(sheet.numbers("price", where=is_fill)) if layout.price_is == "price" else np.full(len(sheet), np.nan)
    worth = np.where(np.isnan(points.values), 1.0, points.values)
    if layout.price_is == "amount":
        amount = np.abs(sheet.numbers("amount", where=is_fill))
        with np.errstate(divide="ignore", invalid="ignore"):
            price = np.where(amount > 0, amount / (size * worth), np.nan)
    if layout.price_is == "unit_price":
        price = np.abs(sheet.numbers("unit_price", where=is_fill)) / worth
    missing = is_fill & (np.isnan(price) | (price == 0))
    if missing.any() and sheet.has("description"):
        texts = sheet.labels("description", 400)
        for at in np.flatnonzero(missing):
            found = _PRICE_IN_WORDS.search(texts[at] or "")
            if found:
                price[at] = float(found[1].replace(",", "").rstrip("."))
    return _converted(sheet, is_fill, price) if sheet.has("rate") else price


def _converted(sheet: LayoutSheet, is_fill: Mask, price: Floats) -> Floats:
    """Prices in the account's currency: by the row's rate; without one they are in it, or in hundredths of it."""
    rate = sheet.numbers("rate", where=is_fill)
    words, which = sheet.mapped("currency", lambda cell: cell.strip().upper() in ("GBX", "GBP.", "ZAC", "ILA"))
    rate = np.where(rate > 0, rate, np.where(np.array(words)[which], 100.0, 1.0))
    return price / rate


def _checked(
    sheet: LayoutSheet,
    what: np.ndarray[Any, Any],
    is_fill: Mask,
    stamps: Stamps,
    symbols: Sequence[str | None],
    size: Floats,
    price: Floats,
) -> Mask:
    """The fills that have all a fill has; one that lacks its time or symbol is refused, one without a price is left
    out and said.
    """
    is_fill = what == "trade"
    bare = np.array([symbol is None for symbol in symbols], dtype=bool) & is_fill
    if bare.any():
        raise sheet.bad(int(bare.argmax()), "symbol", "the symbol is missing")
    timeless = is_fill & (stamps == MISSING)
    if timeless.any():
        raise sheet.bad(int(timeless.argmax()), "time", "the time is missing")
    unpriced = is_fill & np.isnan(price)
    if unpriced.any():
        sheet.leave_out(unpriced, "it names no price")
        sheet.warnings.append(
            f"{int(unpriced.sum()):,} fills name no price and were left out (the first on line "
            f"{sheet.line(int(unpriced.argmax()))})."
        )
    return is_fill & ~unpriced


def _expire(
    sheet: LayoutSheet,
    expired: Mask,
    stamps: Stamps,
    symbols: Sequence[str | None],
    size: Floats,
    price: Floats,
    actions: np.ndarray[Any, Any],
    effects: list[str | None],
    is_fill: Mask,
) -> None:
    """Options that expired, were assigned or exercised close what is held of them, at nothing."""
    places = [int(at) for at in np.flatnonzero(expired)]
    if not places:
        return
    signed = np.where(np.isin(actions, (_BUY, _COVER)), size, -size)
    book = pd.factorize(np.array(symbols, dtype=object))[0]
    for at in places:
        same = np.flatnonzero(is_fill & (book == book[at]))
        held = float(np.nansum(signed[same][stamps[same] <= stamps[at]]))
        if not symbols[at] or stamps[at] == MISSING or held == 0:
            expired[at] = False
            sheet.leave_out(np.arange(len(expired)) == at, "it ends an option that the file does not open")
            continue
        size[at] = min(abs(held), size[at]) if size[at] > 0 else abs(held)
        price[at], actions[at], effects[at] = 0.0, _SELL if held > 0 else _COVER, "close"
        signed[at] = -size[at] if held > 0 else size[at]
        is_fill[at] = True


def _implied_costs(
    sheet: LayoutSheet, kept: Mask, actions: np.ndarray[Any, Any], value: Floats, points: RowPoints
) -> Floats:
    """What the account saw less than price × quantity, where the file lists no costs."""
    worth = value * np.where(np.isnan(points.values), 1.0, points.values)
    paid = np.where(np.isin(actions, (_BUY, _COVER)), worth, -worth)
    cost = -sheet.numbers("cash_change", where=kept) - paid
    is_cost = kept & (np.abs(cost) <= np.maximum(_MOST_IMPLIED, _MOST_IMPLIED_SHARE * worth))
    return np.where(is_cost, np.round(cost, 6), 0.0)


def _check_settled(sheet: LayoutSheet, kept: Mask, costs: CoinCosts) -> None:
    """On margin the account sees a fill's profit less its costs: where it saw something else, that is said."""
    if not (sheet.has("cash_change") and sheet.has("pnl")):
        return
    change, pnl = sheet.numbers("cash_change", where=kept), sheet.numbers("pnl", where=kept)
    expected = np.nan_to_num(pnl) - costs.fees - costs.funding
    apart = kept & (np.abs(change - expected) > np.maximum(_SETTLED_ROUNDING, _SETTLED_SHARE * np.abs(change)))
    if apart.any():
        at = int(apart.argmax())
        sheet.warnings.append(
            f"{sheet.header('cash_change')} is not {sheet.header('pnl')} less costs on {int(apart.sum()):,} rows (the "
            f"first on line {sheet.line(at)}: {change[at]:,.8g}, not {expected[at]:,.8g}): costs may be missing."
        )


def _row_money(sheet: LayoutSheet, kept: Mask, legs: Legs, symbols: Sequence[str | None]) -> dict[str, Floats]:
    """What the rows state beside price and quantity; what a row of a spot fill states is of the coin, and not money."""
    money: dict[str, Floats] = {}
    for meaning, name in (
        ("amount", "amount"), ("cash_change", "cash_change"), ("cash", "cash"), ("position", "position_after"),
        ("leverage", "leverage"), ("stop", "stop_price"),
    ):  # fmt: skip
        if sheet.has(meaning):
            money[name] = sheet.numbers(meaning, where=kept)
    if sheet.layout.on_margin:
        for name in ("cash_change", "cash"):
            money.pop(name, None)
    if sheet.has("pnl"):
        pnl = sheet.numbers("pnl", where=kept)
        money["realized_pnl"] = np.where(pnl == 0, np.nan, pnl) if sheet.layout.pnl_rows == "closing" else pnl
    # A future is not paid for: what its row says that the account saw is no price × quantity.
    unpaid = np.array([symbol is not None and symbol.startswith("/") for symbol in symbols], dtype=bool)
    if unpaid.any():
        for name in {"amount", "cash_change"} & money.keys():
            money[name] = np.where(unpaid, np.nan, money[name])
    if legs.spot.any():
        money = {name: np.where(legs.spot, np.nan, values) for name, values in money.items()}
    if "stop_price" in money:
        money["stop_price"] = np.where(money["stop_price"] > 0, money["stop_price"], np.nan)
    return money


def _funding_rows(
    sheet: LayoutSheet,
    what: np.ndarray[Any, Any],
    stamps: Stamps,
    symbols: Sequence[str | None],
    kept: Mask,
    costs: CoinCosts,
) -> Floats:
    """Funding that stands in rows of its own, put to the next fill of its symbol (or the last before it), as a cost."""
    cost = np.zeros(len(sheet))
    rows = np.flatnonzero(what == "funding").tolist()
    if not rows:
        return cost
    received = np.nan_to_num(sheet.numbers(sheet.layout.event_money, where=what == "funding"))
    by_symbol: dict[str | None, list[int]] = {}
    for at in np.flatnonzero(kept).tolist():
        by_symbol.setdefault(symbols[at], []).append(at)
    lost = 0.0
    for places in by_symbol.values():
        places.sort(key=lambda place: stamps[place])
    for at in rows:
        places = by_symbol.get(symbols[at], [])
        if not places:
            lost -= received[at]
            continue
        after = np.searchsorted([stamps[place] for place in places], stamps[at], side="left")
        cost[places[min(int(after), len(places) - 1)]] -= received[at]
    if lost:
        sheet.warnings.append(f"Funding of {-lost:,.2f} is of symbols that the file does not trade; left out.")
    return cost


def _texts(
    sheet: LayoutSheet, effects: list[str | None], costs: CoinCosts, symbols: Sequence[str | None]
) -> dict[str, list[Any]]:
    texts: dict[str, list[Any]] = {"open_close": effects}
    if costs.coins is not None:
        texts["fee_currency"] = costs.coins
    if sheet.has("account"):
        texts["account"] = sheet.labels("account")
    if sheet.has("tag"):
        texts["tag"] = sheet.labels("tag")
    if sheet.has("reasoning"):
        texts["reasoning"] = sheet.labels("reasoning", MAX_TEXT_CHARS)
    return texts


def _newest_first(sheet: LayoutSheet, stamps: Stamps) -> bool:
    """Whether the newest row stands first: as the times show, else as the layout's files do."""
    if len(stamps) > 1 and stamps[0] != stamps[-1]:
        return bool(stamps[0] > stamps[-1])
    return sheet.layout.newest_first


def _ratios(
    what: npt.NDArray[np.object_], stamps: Stamps, symbols: Sequence[str | None], size: Floats
) -> dict[int, float]:
    """The row of each holding after a split → shares after ÷ shares before, from the row of the holding before it."""
    before: dict[str | None, list[int]] = {}
    for at in np.flatnonzero((what == "split from") & (size > 0)).tolist():
        before.setdefault(symbols[at], []).append(at)
    ratios = {}
    for at in np.flatnonzero((what == "split to") & (size > 0)).tolist():
        places = before.get(symbols[at], [])
        if places:
            nearest = min(places, key=lambda place: abs(int(stamps[place]) - int(stamps[at])))
            ratios[at] = float(size[at] / size[nearest])
    return ratios


def _splits(
    sheet: LayoutSheet, what: np.ndarray[Any, Any], stamps: Stamps, symbols: Sequence[str | None]
) -> list[Split]:
    is_split = np.isin(what, ("split", "split from", "split to"))
    added, ratio = sheet.numbers("quantity", where=is_split), sheet.numbers("ratio", where=is_split)
    ratios = _ratios(what, stamps, symbols, np.abs(added))
    ratio[list(ratios)] = list(ratios.values())
    wanted = (what == "split") | np.isin(np.arange(len(what)), list(ratios))
    places = [at for at in np.flatnonzero(wanted & (stamps != MISSING)).tolist() if symbols[at]]
    accounts = sheet.labels("account") if sheet.has("account") else [None] * len(sheet)
    return [
        Split(
            _moment(stamps[at]),
            symbols[at] or "",
            ratio=None if np.isnan(ratio[at]) else float(ratio[at]),
            added=None if np.isnan(added[at]) or not np.isnan(ratio[at]) else float(added[at]),
            account=accounts[at],
        )
        for at in places
    ]


_FLOW_NAMES: Final = {"flow": "deposit", "income": "income", "cost": "charge"}


def _flows(sheet: LayoutSheet, what: np.ndarray[Any, Any], stamps: Stamps) -> list[Flow]:
    """Money that moved without a fill; what of it was earned or charged is said."""
    is_flow = np.isin(what, list(_FLOW_NAMES)) & (stamps != MISSING)
    if not is_flow.any():
        return []
    money = np.nan_to_num(sheet.numbers(sheet.layout.event_money, where=is_flow))
    for kind, words in (("income", "dividends and interest"), ("cost", "charges that belong to no fill")):
        rows = (what == kind) & (money != 0)
        if rows.any():
            sheet.warnings.append(
                f"{int(rows.sum()):,} rows of {words} ({money[rows].sum():,.2f} in all) are in no trade's result."
            )
    places = np.flatnonzero(is_flow & (money != 0))
    return [Flow(_moment(stamps[at]), float(money[at]), _FLOW_NAMES[what[at]]) for at in places]


def _moment(stamp: int) -> datetime:
    return datetime.fromtimestamp(int(stamp) / _SECOND, UTC)
