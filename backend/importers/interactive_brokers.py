"""Interactive Brokers: the trades of a Flex query (XML or CSV) and the Trades section of an activity statement (CSV).

Quantities are signed and commissions negative; what opens and what closes is said per execution, else found from what
is held. The run is in one currency: where the file holds several, the person chooses. Contract multipliers are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from backend.importers.base import ImportedPosition, ImportedRun, ImportOptions, ImportProblem
from backend.importers.csv_fills import check_fill
from backend.importers.csv_sheet import Sheet
from backend.importers.engine_tables import chronological, engine_run, open_engine_sheet, required_time
from backend.importers.interactive_brokers_tables import COLUMNS, flex_table, is_flex, is_statement, statement_table
from backend.importers.interactive_brokers_xml import is_flex_xml
from backend.importers.netting import net_fills
from backend.importers.progress import counted

_LEVELS: Final = frozenset(("", "execution", "trade", "order"))
_OPENING: Final = frozenset(("o", "open"))


class InteractiveBrokersImporter:
    """Trades of an Interactive Brokers account."""

    name = "interactive-brokers"

    def recognises(self, filename: str, data: bytes) -> bool:
        """Flex XML, a Flex table with its own columns, or a statement with a Trades section."""
        return is_flex_xml(data) or is_statement(data) or is_flex(data)

    def read(self, filename: str, data: bytes, options: ImportOptions) -> ImportedRun:
        """Read the executions of one currency.

        Raises:
            ImportProblem: `several_currencies` naming them; `empty_file`; `bad_xml`; `bad_value` with line and column.
        """
        table = statement_table(data) if is_statement(data) else flex_table(data)
        sheet = open_engine_sheet(table, COLUMNS, options)
        currency = _currency(sheet, options)
        fills = chronological(_fills(sheet, currency))
        realized = [value for value in sheet.numbers("pnl") if value is not None]
        return engine_run(
            self.name,
            filename,
            replace(options, currency=currency),
            sheet,
            net_fills(fills),
            settings={"rows": "executions", "multipliers": _multipliers(sheet)},
            published={"realized_pnl": sum(realized)} if realized else {},
        )


def _currency(sheet: Sheet, options: ImportOptions) -> str:
    if options.currency:
        return options.currency.upper()
    found = Counter(label.upper() for label in sheet.labels("currency", 12) if label)
    if len(found) > 1:
        raise ImportProblem(
            f"The trades are in several currencies ({', '.join(found)}). Name one as the currency when importing; "
            "the others are left out.",
            column=sheet.header("currency"),
            code="several_currencies",
        )
    return next(iter(found), "USD")


def _fills(sheet: Sheet, currency: str) -> list[ImportedPosition]:
    times, prices, quantities = sheet.times("time"), sheet.numbers("price"), sheet.numbers("quantity")
    symbols, fees, taxes = sheet.labels("symbol", 60), sheet.numbers("fees"), sheet.numbers("taxes")
    words, levels = sheet.words("side"), sheet.words("level")
    currencies, fee_currencies = sheet.labels("currency", 12), sheet.labels("fee_currency", 12)
    detailed = _finest(levels)
    rows, foreign, cancelled = [], 0, 0
    for at, quantity in enumerate(counted(quantities, "converting")):
        if why := _left_out(levels[at], detailed, quantity, currencies[at], currency):
            sheet.skip(at, why)
            continue
        check_fill(sheet, at, symbols[at], quantity, prices[at])
        is_cancel = words[at].endswith(" ca")
        cancelled += is_cancel
        # A cancellation is listed under the side of what it takes back, with the opposite sign.
        is_buy = words[at].startswith("b") if words[at] and not is_cancel else (quantity or 0.0) > 0
        is_foreign = fee_currencies[at] not in (None, currency)
        foreign += is_foreign and bool(fees[at])
        rows.append(
            ImportedPosition(
                ts=required_time(sheet, at, times[at]),
                action="buy" if is_buy else "sell",
                symbol=symbols[at] or "",
                quantity=abs(quantity or 0.0),
                price=prices[at],
                fees=0.0 if is_foreign else -((fees[at] or 0.0) + (taxes[at] or 0.0)),
            )
        )
    if cancelled:
        sheet.warnings.append(f"{cancelled:,} rows cancel earlier executions; each was read as the opposite execution.")
    if foreign:
        sheet.warnings.append(f"{foreign:,} commissions were paid in another currency and left out.")
    return rows


def _finest(levels: Sequence[str]) -> str | None:
    """Executions where the file holds them (an order's row repeats them); else orders."""
    present = set(levels)
    return next((level for level in ("execution", "trade", "order") if level in present), None)


def _left_out(level: str, finest: str | None, quantity: float | None, own: str | None, currency: str) -> str | None:
    if level not in _LEVELS or (finest is not None and level != finest):
        return f"it is a line of level {level[:40]!r}, which repeats others"
    if own is not None and own.upper() != currency:
        return f"it is in {own}, not in {currency}"
    return "its quantity is zero" if quantity == 0 else None


def _multipliers(sheet: Sheet) -> dict[str, float]:
    """Money per point and unit, by symbol, where it is not 1."""
    factors = sheet.numbers("multiplier")
    return {
        symbol: factor
        for symbol, factor in zip(sheet.labels("symbol", 60), factors, strict=True)
        if symbol and factor is not None and factor > 0 and factor != 1
    }
