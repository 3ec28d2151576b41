"""A plain CSV or TSV of fills (one row, one action) or of round trips (one row, one whole trade).

Quantities may be signed instead of having a side. Fees above zero are costs; a column that is never above zero is read
as costs written negative. `swap` and `funding fee` columns are what the account received, so a negative one is a cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from backend.importers.base import Action, ImportedPosition, ImportedRun, ImportOptions, ImportProblem
from backend.importers.csv_columns import FILL_REQUIRED, SYNONYMS, TRIP_REQUIRED, bind, is_round_trips, missing
from backend.importers.csv_sheet import Sheet, open_sheet
from backend.importers.csv_tables import Table, looks_tabular, read_table
from backend.importers.csv_values import is_zoneless
from backend.importers.parsing import MAX_LABEL_CHARS, MAX_TEXT_CHARS, clean_text, stem_of, zone_of

_ACTIONS: Final[Mapping[str, Action]] = {
    **dict.fromkeys(("buy", "b", "bot", "bought", "bto", "buy to open", "open long", "enter long", "long"), "buy"),
    **dict.fromkeys(("sell", "s", "sld", "sold", "stc", "sell to close", "close long", "exit long"), "sell"),
    **dict.fromkeys(("short", "sell short", "ss", "sto", "sell to open", "open short", "enter short"), "short"),
    **dict.fromkeys(("cover", "buy to cover", "btc", "buy to close", "close short", "exit short"), "cover"),
    **dict.fromkeys(("hold", "no trade", "none"), "hold"),
}
_LONG = frozenset(("long", "buy", "b", "bot", "bought", "l", "1"))
_SHORT = frozenset(("short", "sell", "s", "sld", "sold", "sell short", "-1"))
_DONE = frozenset(
    ("", "filled", "fill", "closed", "done", "complete", "completed", "executed", "partially filled", "3")
)
_OPEN = frozenset(("open", "opened", "active"))


class PlainCsvImporter:
    """A table of fills or round trips with tolerant headers."""

    name = "csv"

    def recognises(self, filename: str, data: bytes) -> bool:
        """Delimited text with at least two columns whose names a run may have."""
        return looks_tabular(data)

    def read(self, filename: str, data: bytes, options: ImportOptions) -> ImportedRun:
        """Read all rows.

        Raises:
            ImportProblem: `missing_columns` naming what was seen and what is needed; `bad_value` with line and column;
                `ambiguous_time`, `ambiguous_number`, `bad_table`, `bad_encoding`.
        """
        table = read_table(data)
        bound = bind(table.headers)
        _require(table, bound)
        zone = zone_of(options.timezone or "UTC")
        sheet = open_sheet(table, bound, zone)
        positions = _trips(sheet) if is_round_trips(bound) else _fills(sheet)
        positions.sort(key=lambda position: position.ts)
        return ImportedRun(
            name=options.name or stem_of(filename)[:MAX_LABEL_CHARS] or "Imported run",
            source=self.name,
            currency=options.currency or _currency(sheet),
            positions=positions,
            initial_cash=options.initial_cash,
            started_at=positions[0].ts if positions else None,
            ended_at=positions[-1].ts if positions else None,
            settings={
                "columns": {name: table.headers[at] for name, at in bound.items()},
                "rows": "round trips" if is_round_trips(bound) else "fills",
                "timezone": zone.key,
            },
            skipped=sheet.skipped,
            warnings=[*_assumptions(sheet, options), *sheet.warnings],
        )


def _require(table: Table, bound: Mapping[str, int]) -> None:
    lacking = missing(bound)
    if not lacking:
        return
    needed = ", ".join(f"{name.replace('_', ' ')} (such as {SYNONYMS[name][0]!r})" for name in lacking)
    seen = ", ".join(repr(header[:40]) for header in table.headers[:40])
    fills, trips = (", ".join(name.replace("_", " ") for name in names) for names in (FILL_REQUIRED, TRIP_REQUIRED))
    raise ImportProblem(
        f"The table lacks: {needed}. Its columns are: {seen}. A table of fills needs {fills} and a side or signed "
        f"quantities; a table of round trips needs {trips}. Rename or add the columns.",
        code="missing_columns",
    )


def _assumptions(sheet: Sheet, options: ImportOptions) -> list[str]:
    said = []
    clock = next((name for name in ("time", "entry_time") if name in sheet.bound), None)
    if options.timezone is None and clock is not None and is_zoneless(sheet.cells(clock)):
        said.append("The times name no zone and were read as UTC. Name the time zone when importing if that is wrong.")
    if sheet.table.encoding == "cp1252":
        said.append("The file is not UTF-8 and was read as Windows-1252; names with accents may be wrong.")
    unused = [header for at, header in enumerate(sheet.table.headers) if header and at not in set(sheet.bound.values())]
    if unused:
        said.append(f"Columns not used: {', '.join(header[:40] for header in unused[:20])}.")
    if options.initial_cash is None:
        said.append("The initial cash is not in the file; name it when importing to get returns.")
    return said


def _currency(sheet: Sheet) -> str:
    found = {label.upper() for label in sheet.labels("currency", 12) if label}
    if len(found) > 1:
        raise ImportProblem(
            f"The rows are in several currencies ({', '.join(sorted(found)[:8])}). Import one currency at a time.",
            column=sheet.header("currency"),
            code="several_currencies",
        )
    if not found:
        sheet.warnings.append("The file names no currency; USD was assumed.")
    return found.pop() if found else "USD"


def _fills(sheet: Sheet) -> list[ImportedPosition]:
    quantities = sheet.numbers("quantity")
    actions = _fill_actions(sheet, quantities)
    times, prices, symbols = sheet.times("time"), sheet.numbers("price"), sheet.labels("symbol", 60)
    fees, funding, profits = sheet.costs("fees"), sheet.funding(), sheet.numbers("pnl")
    cash, equity, refs = sheet.numbers("cash"), sheet.numbers("equity"), sheet.labels("trade_ref")
    tags, reasons = sheet.labels("tag"), sheet.labels("reasoning", MAX_TEXT_CHARS)
    states = sheet.words("status")
    rows: list[ImportedPosition] = []
    for at, action in enumerate(actions):
        if states[at] not in _DONE:
            sheet.skip(at, f"its status is {clean_text(states[at], 40)!r}, so it was not filled")
            continue
        moment, quantity, price, symbol = times[at], quantities[at], prices[at], symbols[at]
        if moment is None:
            raise sheet.bad(at, "time", "the time is missing")
        if action == "hold":
            quantity = None
        elif quantity == 0:
            sheet.skip(at, "its quantity is zero")
            continue
        else:
            _check_fill(sheet, at, symbol, quantity, price)
        rows.append(
            ImportedPosition(
                ts=moment,
                action=action,
                symbol=symbol or "",
                quantity=None if quantity is None else abs(quantity),
                price=None if price is None else abs(price),
                fees=fees[at],
                funding=funding[at],
                trade_ref=refs[at],
                realized_pnl=profits[at],
                cash=cash[at],
                equity=equity[at],
                tag=tags[at],
                reasoning=reasons[at],
            )
        )
    return rows


def _check_fill(sheet: Sheet, at: int, symbol: str | None, quantity: float | None, price: float | None) -> None:
    if symbol is None:
        raise sheet.bad(at, "symbol", "the symbol is missing")
    if quantity is None:
        raise sheet.bad(at, "quantity", "the quantity is missing")
    if price is None or price < 0:
        raise sheet.bad(at, "price", "the price is missing" if price is None else "the price is below zero")


def _fill_actions(sheet: Sheet, quantities: Sequence[float | None]) -> list[Action]:
    """The side column's words; without one, the sign of the quantity."""
    words = sheet.words("side")
    known = [_ACTIONS.get(word) for word in words]
    signed = any(quantity is not None and quantity < 0 for quantity in quantities)
    if "side" in sheet.bound and (any(known) or not signed):
        for at, action in enumerate(known):
            if action is None:
                raise sheet.bad(at, "side", f"{words[at][:40]!r} is no action; use buy, sell, short, cover or hold")
        return [action for action in known if action is not None]
    if "side" in sheet.bound:
        sheet.warnings.append(f"Column {sheet.header('side')!r} holds no action; the sign of the quantity was taken.")
    elif not signed:
        raise ImportProblem(
            "The table has neither a side column nor a negative quantity, so buys and sells can't be told apart. "
            "Add a column 'side' with buy and sell, or sign the quantities.",
            column=sheet.header("quantity"),
            code="missing_columns",
        )
    return ["sell" if quantity is not None and quantity < 0 else "buy" for quantity in quantities]


def _trips(sheet: Sheet) -> list[ImportedPosition]:
    quantities = sheet.numbers("quantity")
    shorts = _trip_sides(sheet, quantities)
    opened, closed = sheet.times("entry_time"), sheet.times("exit_time")
    entries, exits, symbols = sheet.numbers("entry_price"), sheet.numbers("exit_price"), sheet.labels("symbol", 60)
    states = sheet.words("status")
    build = _TripBuilder(sheet)
    rows: list[ImportedPosition] = []
    for at, quantity in enumerate(quantities):
        if quantity == 0:
            sheet.skip(at, "its quantity is zero")
            continue
        _check_fill(sheet, at, symbols[at], quantity, entries[at])
        start, end = opened[at], closed[at]
        if start is None:
            raise sheet.bad(at, "entry_time", "the entry time is missing")
        if end is not None and end < start:
            raise sheet.bad(at, "exit_time", "the trade closes before it opens")
        exit_price = exits[at]
        if exit_price is not None and exit_price < 0:
            raise sheet.bad(at, "exit_price", "the price is below zero")
        is_open = states[at] in _OPEN or end is None or exit_price is None
        rows += build.rows(
            at,
            symbol=symbols[at] or "",
            short=shorts[at],
            quantity=abs(quantity or 0.0),
            entry=(start, entries[at]),
            exit_=None if is_open or end is None else (end, exit_price),
        )
    return rows


class _TripBuilder:
    """Two rows per trade, one while it is open. Costs not given by side stand on the closing row."""

    def __init__(self, sheet: Sheet) -> None:
        self._entry_fees, self._exit_fees = sheet.costs("entry_fees"), sheet.costs("exit_fees")
        self._fees, self._funding, self._profits = sheet.costs("fees"), sheet.funding(), sheet.numbers("pnl")
        self._lows, self._highs = sheet.numbers("low_price"), sheet.numbers("high_price")
        self._entry_tags, self._exit_tags, self._tags = (sheet.labels(n) for n in ("entry_tag", "exit_tag", "tag"))
        self._reasons = sheet.labels("reasoning", MAX_TEXT_CHARS)
        self._entry_reasons = sheet.labels("entry_reasoning", MAX_TEXT_CHARS)
        self._exit_reasons = sheet.labels("exit_reasoning", MAX_TEXT_CHARS)
        self._refs = self._references(sheet)

    @staticmethod
    def _references(sheet: Sheet) -> list[str]:
        """The file's own trade ids where each row has another; else the rows' numbers."""
        for name in ("trade_ref", "trade_id"):
            labels = sheet.labels(name, 60)
            given = [label for label in labels if label is not None]
            if len(given) == len(labels) and len(set(given)) == len(given):
                return given
        return [str(number) for number in range(1, len(sheet.table.rows) + 1)]

    def rows(
        self,
        at: int,
        *,
        symbol: str,
        short: bool,
        quantity: float,
        entry: tuple[datetime, float | None],
        exit_: tuple[datetime, float | None] | None,
    ) -> list[ImportedPosition]:
        """The trade's rows, opening first."""
        shared = self._fees[at]
        opening = ImportedPosition(
            ts=entry[0],
            action="short" if short else "buy",
            symbol=symbol,
            quantity=quantity,
            price=entry[1],
            fees=self._entry_fees[at] + (shared if exit_ is None else 0.0),
            funding=self._funding[at] if exit_ is None else 0.0,
            trade_ref=self._refs[at],
            tag=self._entry_tags[at] or self._tags[at],
            reasoning=self._entry_reasons[at] or self._reasons[at],
        )
        if exit_ is None:
            return [opening]
        closing = ImportedPosition(
            ts=exit_[0],
            action="cover" if short else "sell",
            symbol=symbol,
            quantity=quantity,
            price=exit_[1],
            fees=self._exit_fees[at] + shared,
            funding=self._funding[at],
            trade_ref=self._refs[at],
            realized_pnl=self._profits[at],
            low_price=self._lows[at],
            high_price=self._highs[at],
            tag=self._exit_tags[at],
            reasoning=self._exit_reasons[at],
        )
        return [opening, closing]


def _trip_sides(sheet: Sheet, quantities: Sequence[float | None]) -> list[bool]:
    """Per trade, whether it is short: by the side's word, else by the sign of the quantity, else long."""
    if "side" in sheet.bound:
        words = sheet.words("side")
        for at, word in enumerate(words):
            if word not in _LONG and word not in _SHORT:
                raise sheet.bad(at, "side", f"{word[:40]!r} is no side; use long or short")
        return [word in _SHORT for word in words]
    shorts = [quantity is not None and quantity < 0 for quantity in quantities]
    if not any(shorts):
        sheet.warnings.append("The table has no side column; all trades were read as long.")
    return shorts
