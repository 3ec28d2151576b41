"""LEAN (QuantConnect) backtest results: the JSON of today (camelCase) and of 2022 and before (PascalCase).

Closed trades are read where the file has them; `profitLoss` is before fees there. Without them the filled orders are,
which carry no fees. Times are UTC.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from backend.importers.base import ImportedPosition, ImportedRun, ImportOptions, ImportProblem, Skipped
from backend.importers.lean_fields import entry, number, obj, text
from backend.importers.lean_trades import read_closed_trades, read_orders, still_open
from backend.importers.parsing import (
    MAX_LABEL_CHARS,
    check_rows,
    clean_text,
    decode_text,
    finite,
    from_epoch,
    parse_json,
    stem_of,
    to_utc,
    zone_of,
)
from backend.importers.whole_trades import point_values, rows_of, stated_settings

_MARK = re.compile(rb'"[rR]untimeStatistics"\s*:|"[aA]lphaRuntimeStatistics"\s*:')
_PARTS = re.compile(rb'"(?:[cC]harts|[oO]rders|[rR]ollingWindow|[tT]otalPerformance)"\s*:')
_VALUE = re.compile(r"([+-]?)\s*+(?:[$€£¥₮฿]\s*+)?([+-]?\d[\d,]*+(?:\.\d*+)?(?:[eE][+-]?\d{1,3})?)\s*+(%?)")
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_MOST_STATISTICS = 200
_CONFIGURATION: Final = ("name", "brokerage", "accountType", "startDate", "endDate", "tradingDaysPerYear")


class LeanImporter:
    """LEAN backtest results."""

    name = "lean"

    def recognises(self, filename: str, data: bytes) -> bool:
        """A JSON object with LEAN's statistics beside its charts, orders or performance; a summary counts too."""
        starts = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
        return starts and bool(_MARK.search(data)) and bool(_PARTS.search(data))

    def read(self, filename: str, data: bytes, options: ImportOptions) -> ImportedRun:
        """Read the closed trades and what is still open, or the orders.

        Raises:
            ImportProblem: `not_a_run` for a summary; `bad_value` naming the trade or order.
        """
        result = parse_json(decode_text(data)[0])
        if not isinstance(result, dict):
            raise ImportProblem("The file is not a LEAN result: it holds no JSON object.", code="not_a_run")
        orders, closed = _orders(result), _closed_trades(result)
        if orders is None and not closed:
            raise ImportProblem(
                "This LEAN file holds statistics but neither orders nor trades, as LEAN's -summary.json does. Upload "
                "the result beside it: the file of the same name without -summary.",
                code="not_a_run",
            )
        configuration = obj(result, "algorithmConfiguration")
        currency = options.currency or clean_text(text(configuration, "accountCurrency"), 12)
        skipped: list[Skipped] = []
        warnings: list[str] = []
        settings: dict[str, Any]
        if closed:
            trades = read_closed_trades(closed, orders or [])
            multipliers = point_values(trades)
            trades += still_open(trades, orders or [])
            rows = rows_of(trades, multipliers)
            settings = stated_settings(multipliers)
        else:
            rows, multipliers, skipped, warnings = read_orders(orders or [], currency)
            settings = {"multipliers": multipliers} if multipliers else {}
        marks = _equity(result)
        check_rows(len(rows) + len(marks))
        if not rows:
            warnings.append("The backtest filled no orders.")
        published = _published(result)
        every = sorted([*rows, *marks], key=lambda row: row.ts)
        return ImportedRun(
            name=options.name or _name(configuration, filename),
            source=self.name,
            currency=currency or "USD",
            positions=every,
            initial_cash=options.initial_cash if options.initial_cash is not None else _start(published, marks),
            started_at=_edge(configuration, "startDate") or (every[0].ts if every else None),
            ended_at=_edge(configuration, "endDate") or (every[-1].ts if every else None),
            periods_per_year=_periods(configuration),
            settings={**_settings(configuration), **settings},
            published=published,
            skipped=skipped,
            warnings=[*warnings, *([] if currency else ["The file names no account currency; USD was assumed."])],
        )


def _orders(result: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """The orders by id; None where the file has no such part at all."""
    found = entry(result, "orders")
    if isinstance(found, dict):
        found = list(found.values())
    return [order for order in found if isinstance(order, dict)] if isinstance(found, list) else None


def _closed_trades(result: Mapping[str, Any]) -> list[Any]:
    found = entry(obj(result, "totalPerformance"), "closedTrades")
    return found if isinstance(found, list) else []


def _name(configuration: Mapping[str, Any], filename: str) -> str:
    stated = clean_text(text(configuration, "name"), 80)
    own = stated if stated and stated.lower() != "local" else stem_of(filename)
    return f"LEAN {own or 'backtest'}"[:MAX_LABEL_CHARS].strip()


def _settings(configuration: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in _CONFIGURATION:
        value = entry(configuration, key)
        kept = clean_text(value, MAX_LABEL_CHARS) if isinstance(value, str) else _whole(value)
        if kept is not None:
            found["strategy" if key == "name" else _snake(key)] = kept
    parameters = {
        label: value
        for key, raw in list(obj(configuration, "parameters").items())[:_MOST_STATISTICS]
        if (label := clean_text(key, 60)) and (value := clean_text(str(raw)[:1000], MAX_LABEL_CHARS)) is not None
    }
    return found | ({"inputs": parameters} if parameters else {})


def _whole(value: object) -> int | float | None:
    number = finite(value)
    return int(number) if number is not None and isinstance(value, int) else number


def _published(result: Mapping[str, Any]) -> dict[str, Any]:
    """Statistics as numbers: `24.110%` becomes `…_pct`. Those of closed trades, gross of fees, begin with `trades_`."""
    found: dict[str, Any] = {}
    performance = obj(result, "totalPerformance")
    for prefix, part in (
        ("trades_", obj(performance, "tradeStatistics")),
        ("", obj(result, "statistics")),
        ("", obj(performance, "portfolioStatistics")),
    ):
        for key, raw in list(part.items())[:_MOST_STATISTICS]:
            name = prefix + _snake(key)[:80]
            value = _whole(raw)
            if value is not None:
                found[name] = value
            elif isinstance(raw, str):
                found |= _typed(name, raw)
    return found


def _typed(name: str, raw: str) -> dict[str, Any]:
    match = _VALUE.fullmatch(raw.strip()) if len(raw) < 60 else None
    if match is None:
        kept = clean_text(raw, MAX_LABEL_CHARS)
        return {name: kept} if kept else {}
    value = finite(float(match[2].replace(",", "")))
    if value is None:
        return {}
    signed = -value if match[1] == "-" else value
    if not match[3] and signed.is_integer() and "." not in match[2]:
        return {name: int(signed)}
    return {f"{name}_pct" if match[3] else name: signed}


def _snake(key: str) -> str:
    return "_".join(word.lower() for word in _WORDS.split(clean_text(key, 80) or "") if word)


def _equity(result: Mapping[str, Any]) -> list[ImportedPosition]:
    """The equity curve of the charts as `hold` rows: close of each sample, in time."""
    series = obj(obj(obj(obj(result, "charts"), "Strategy Equity"), "series"), "Equity")
    values = entry(series, "values")
    marks: list[ImportedPosition] = []
    for point in values if isinstance(values, list) else []:
        if isinstance(point, list) and len(point) > 1:
            at, equity = finite(point[0]), finite(point[-1])
        elif isinstance(point, dict):
            at, equity = number(point, "x"), number(point, "y")
        else:
            continue
        ts = from_epoch(at) if at is not None else None
        if ts is not None and equity is not None:
            marks.append(ImportedPosition(ts=ts, action="hold", equity=equity))
    return marks


def _start(published: Mapping[str, Any], marks: Sequence[ImportedPosition]) -> float | None:
    stated = finite(published.get("start_equity"))
    if stated is None and marks:
        stated = min(marks, key=lambda mark: mark.ts).equity
    return stated if stated is not None and stated >= 0 else None


def _periods(configuration: Mapping[str, Any]) -> int | None:
    value = number(configuration, "tradingDaysPerYear")
    return int(value) if value is not None and 1 <= value <= 366 else None


def _edge(configuration: Mapping[str, Any], key: str) -> datetime | None:
    stated = text(configuration, key)
    try:
        return to_utc(datetime.fromisoformat(stated), zone_of("UTC")) if stated else None
    except ValueError:
        return None
