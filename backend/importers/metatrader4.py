"""MetaTrader 4: strategy tester reports and account statements, as HTML in any language.

Labels are translated and often in an unstated encoding; the reports are therefore read by their shape. Quantities are
lots; what a lot's point is worth follows from the stated profits. A tester row's profit includes swap and commission,
which the tester does not list; a statement lists commission, taxes and swap, each negative where it is a cost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from backend.importers.base import ImportedRun, ImportOptions, ImportProblem
from backend.importers.html_rows import HtmlReport, read_html
from backend.importers.metatrader4_statement import is_statement_row, read_statement
from backend.importers.metatrader4_tester import is_tester_row, read_tester
from backend.importers.metatrader_values import inputs_of, labelled, number, page_text, statistic, zone_warning
from backend.importers.parsing import MAX_LABEL_CHARS, check_rows, clean_text, decode_text, stem_of, zone_of
from backend.importers.whole_trades import WholeTrade, point_values, rows_of, stated_settings, unexplained

_MARKS = re.compile(r"<td[^>]{0,200}class=[\"']?ms(?:date|pt)\b", re.IGNORECASE)
_TITLE = re.compile(r"<title>[^<]{0,40}(?:Strategy Tester:|Statement:)", re.IGNORECASE)
_CURRENCY = re.compile(r"\S[^:]{0,30}:\s*([A-Z]{3})")
# The summary of a tester report, from its last row up: (cell, name) of each row's values.
_SUMMARY: Final[Sequence[Sequence[tuple[int, str]]]] = (
    ((2, "average_consecutive_wins"), (4, "average_consecutive_losses")),
    ((2, "maximal_consecutive_profit"), (4, "maximal_consecutive_loss")),
    ((2, "maximum_consecutive_wins"), (4, "maximum_consecutive_losses")),
    ((2, "average_profit_trade"), (4, "average_loss_trade")),
    ((2, "largest_profit_trade"), (4, "largest_loss_trade")),
    ((2, "profit_trades"), (4, "loss_trades")),
    ((1, "total_trades"), (3, "short_trades"), (5, "long_trades")),
    ((1, "absolute_drawdown"), (3, "maximal_drawdown"), (5, "relative_drawdown")),
    ((1, "profit_factor"), (3, "expected_payoff")),
    ((1, "total_net_profit"), (3, "gross_profit"), (5, "gross_loss")),
    ((1, "initial_deposit"),),
)
_CENT = 0.015


class MetaTrader4Importer:
    """MetaTrader 4 strategy tester reports and account statements."""

    name = "metatrader4"

    def recognises(self, filename: str, data: bytes) -> bool:
        """A page with MetaTrader 4's cell classes, or its title."""
        text = page_text(data)
        return text is not None and bool(_MARKS.search(text) or _TITLE.search(text))

    def read(self, filename: str, data: bytes, options: ImportOptions) -> ImportedRun:
        """Read all trades.

        Raises:
            ImportProblem: naming the row.
        """
        report = read_html(decode_text(data)[0])
        zone = zone_of(options.timezone or "UTC")
        if any(is_tester_row(row) for row in report.rows):
            trades, skipped = read_tester(report.rows, _symbol(report), zone)
            kind, published = "tester", _summary(report.rows)
        elif any(is_statement_row(row) for row in report.rows):
            trades, skipped, deposit = read_statement(report.rows, zone)
            kind, published = "statement", {**labelled(report.rows), **deposit}
        else:
            raise ImportProblem(
                "The report lists no trades. Save the tester's report, or the account history as a detailed report.",
                code="empty_file",
            )
        check_rows(2 * len(trades))
        multipliers = point_values(trades)
        rows = rows_of(trades, multipliers)
        deposited = published.pop("initial_deposit", None)
        return ImportedRun(
            name=options.name or _name(report, filename),
            source=self.name,
            currency=options.currency or _currency(report) or "USD",
            positions=rows,
            initial_cash=options.initial_cash if options.initial_cash is not None else deposited,
            started_at=rows[0].ts if rows else None,
            ended_at=rows[-1].ts if rows else None,
            settings={"report": kind, "timezone": zone.key, **_settings(report), **stated_settings(multipliers)},
            published=published,
            skipped=skipped,
            warnings=[
                *zone_warning(options),
                *_warnings(trades, multipliers, published, kind),
                *([] if options.currency or _currency(report) else ["The report names no currency; USD was assumed."]),
            ],
        )


def _head(report: HtmlReport) -> list[list[str]]:
    """The rows above the first trade that say anything, without the table's header."""
    first = next((at for at, row in enumerate(report.rows) if is_tester_row(row)), len(report.rows))
    return [row for row in report.rows[: max(0, first - 1)] if any(row)]


def _symbol(report: HtmlReport) -> str:
    first = next((row for row in _head(report) if len(row) == 2 and row[1]), ["", ""])
    return clean_text(first[1].split(" (")[0], 60) or "unknown"


def _summary(rows: Sequence[Sequence[str]]) -> dict[str, float]:
    """The tester's own statistics, by their place; nothing where the summary has another shape."""
    first = next(at for at, row in enumerate(rows) if is_tester_row(row))
    above = [row for row in rows[: max(0, first - 1)] if any(row)][::-1]
    found: dict[str, float] = {}
    for row, places in zip(above, _SUMMARY, strict=False):
        for at, name in places:
            values = statistic(name, row[at]) if at < len(row) else {}
            if not values and name in ("total_net_profit", "total_trades", "initial_deposit"):
                return {}
            found.update(values)
    return found if "total_net_profit" in found else {}


def _name(report: HtmlReport, filename: str) -> str:
    title = clean_text(report.title.split(":", 1)[-1], 80) if ":" in report.title else None
    return f"MetaTrader 4 {title or stem_of(filename) or 'report'}"[:MAX_LABEL_CHARS].strip()


def _currency(report: HtmlReport) -> str | None:
    """The only cell of a statement's head that is a label and three capitals; testers don't say."""
    for row in report.rows[:10]:
        for cell in row:
            match = _CURRENCY.fullmatch(cell)
            if match:
                return match[1]
    return None


def _settings(report: HtmlReport) -> dict[str, Any]:
    head = [row[1] for row in _head(report) if len(row) == 2 and row[1]]
    found: dict[str, Any] = {}
    if ":" in report.title:
        found["strategy"] = clean_text(report.title.split(":", 1)[1], MAX_LABEL_CHARS)
    inputs = inputs_of(part for text in head if "=" in text and ";" in text for part in text.split(";"))
    if len(head) > 1 and not any(number(cell) is not None for cell in head[:2]):
        found |= {"symbol": head[0][:MAX_LABEL_CHARS], "period": head[1][:MAX_LABEL_CHARS]}
    return found | ({"inputs": inputs} if inputs else {})


def _warnings(
    trades: Sequence[WholeTrade], multipliers: Mapping[str, float], published: Mapping[str, float], kind: str
) -> list[str]:
    said = []
    if kind == "tester" and (odd := unexplained(trades, multipliers)):
        said.append(
            f"In {odd} trades the stated profit is not price × lots: the tester includes swap, commission and currency "
            "conversion in it without listing them. The stated profit was taken."
        )
    net, stated = sum(trade.net_pnl or 0.0 for trade in trades), published.get("total_net_profit")
    if stated is not None and abs(net - stated) > _CENT:
        said.append(f"The rows' profits sum to {net:.2f}, the report states {stated:.2f}: rows are rounded to cents.")
    return said
