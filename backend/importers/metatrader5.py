"""MetaTrader 5: strategy tester reports and account history reports, as HTML in any language (most are UTF-16).

The deals are read by the shape of their rows. A deal's net is its profit + swap + commission + fee, to the cent. Each
closing deal is one trade, as MetaTrader itself counts them; see `metatrader5_deals` for what it is matched with.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from backend.importers.base import ImportedRun, ImportOptions, ImportProblem
from backend.importers.html_rows import HtmlReport, read_html
from backend.importers.metatrader5_deals import Deals, is_deal_row, is_position_row, read_deals, read_positions
from backend.importers.metatrader_values import inputs_of, labelled, page_text, statistic, zone_warning
from backend.importers.parsing import MAX_LABEL_CHARS, check_rows, clean_text, decode_text, stem_of, zone_of
from backend.importers.whole_trades import point_values, rows_of, stated_settings

_DEAL = re.compile(
    r"<td[^>]{0,200}>\s*\d{4}\.\d\d\.\d\d \d\d:\d\d:\d\d\s*</td>\s*<td[^>]{0,200}>\s*\d+\s*</td>", re.IGNORECASE
)
_TITLE = re.compile(
    r"<title>[^<]{0,100}(?:Strategy Tester Report|Trade History Report|: Trade (?:Account )?Report)", re.IGNORECASE
)
_ACCOUNT_CURRENCY = re.compile(r".*\(([A-Z]{3}),.*")
_THREE_CAPITALS = re.compile(r"[A-Z]{3}")
_AMOUNT_AND_PCT = re.compile(r"[+-]?[\d\s\u00a0.]+ \([\d\s\u00a0.]+%\)")
# The tester's results, row by row from the net profit: the values' names, in order.
_RESULTS: Final[Sequence[Sequence[str]]] = (
    ("total_net_profit", "balance_drawdown_absolute", "equity_drawdown_absolute"),
    ("gross_profit", "balance_drawdown_maximal", "equity_drawdown_maximal"),
    ("gross_loss", "balance_drawdown_relative", "equity_drawdown_relative"),
    ("profit_factor", "expected_payoff", "margin_level"),
    ("recovery_factor", "sharpe_ratio", "z_score"),
    ("ahpr", "lr_correlation", "on_tester_result"),
    ("ghpr", "lr_standard_error"),
    ("total_trades", "short_trades", "long_trades"),
    ("total_deals", "profit_trades", "loss_trades"),
    ("largest_profit_trade", "largest_loss_trade"),
    ("average_profit_trade", "average_loss_trade"),
    ("maximum_consecutive_wins", "maximum_consecutive_losses"),
    ("maximal_consecutive_profit", "maximal_consecutive_loss"),
    ("average_consecutive_wins", "average_consecutive_losses"),
)
_CENT = 0.015


class MetaTrader5Importer:
    """MetaTrader 5 strategy tester and account history reports."""

    name = "metatrader5"

    def recognises(self, filename: str, data: bytes) -> bool:
        """A page with rows that begin with a moment to the second and a number, or with MetaTrader 5's title."""
        text = page_text(data)
        return text is not None and bool(_DEAL.search(text) or _TITLE.search(text))

    def read(self, filename: str, data: bytes, options: ImportOptions) -> ImportedRun:
        """Read all deals; where the report has none, its positions.

        Raises:
            ImportProblem: naming the row.
        """
        report = read_html(decode_text(data)[0])
        zone = zone_of(options.timezone or "UTC")
        if any(is_deal_row(row) for row in report.rows):
            found = read_deals(report.rows, zone)
        elif any(is_position_row(row) for row in report.rows):
            found = read_positions(report.rows, zone)
        else:
            raise ImportProblem(
                "The report lists no deals and no positions. Save the tester's or the history's whole report.",
                code="empty_file",
            )
        check_rows(sum(len(trade.entries) + 1 for trade in found.trades))
        multipliers = point_values(found.trades)
        rows = rows_of(found.trades, multipliers)
        settings, currency = _settings(report), _currency(report)
        published = _published(report)
        return ImportedRun(
            name=options.name
            or f"MetaTrader 5 {settings.get('strategy') or stem_of(filename) or 'report'}"[:MAX_LABEL_CHARS],
            source=self.name,
            currency=options.currency or currency or "USD",
            positions=rows,
            initial_cash=options.initial_cash if options.initial_cash is not None else found.deposit,
            started_at=rows[0].ts if rows else None,
            ended_at=rows[-1].ts if rows else None,
            settings={"timezone": zone.key, **settings, **stated_settings(multipliers)},
            published=published,
            skipped=found.skipped,
            warnings=[
                *zone_warning(options),
                *([] if options.currency or currency else ["The report names no currency; USD was assumed."]),
                *_warnings(found, published.get("total_net_profit")),
            ],
        )


def _head(report: HtmlReport) -> list[list[str]]:
    first = next((at for at, row in enumerate(report.rows) if is_deal_row(row) or is_position_row(row)), 0)
    return [cells for row in report.rows[:first] if (cells := [cell for cell in row if cell])]


def _settings(report: HtmlReport) -> dict[str, Any]:
    """Expert, symbol and period stand in the first three labelled rows of a tester report; then its inputs."""
    head = _head(report)
    inputs = inputs_of(row[-1] for row in head)
    if not inputs and not any(label.endswith("=") or "Expert" in label for row in head[:8] for label in row):
        return {}
    pairs = [row[1] for row in head if len(row) == 2 and row[0].endswith(":")][:3]
    found: dict[str, Any] = {
        name: clean_text(value, MAX_LABEL_CHARS)
        for name, value in zip(("strategy", "symbol", "period"), pairs, strict=False)
    }
    return found | ({"inputs": inputs} if inputs else {})


def _currency(report: HtmlReport) -> str | None:
    """Three capitals as a row's only value, or in the brackets behind the account's number."""
    for row in _head(report):
        match = _ACCOUNT_CURRENCY.fullmatch(row[-1])
        if match:
            return match[1]
        if len(row) == 2 and _THREE_CAPITALS.fullmatch(row[1]):
            return row[1]
    return None


def _published(report: HtmlReport) -> dict[str, float]:
    """The tester's statistics by their place, whatever the language; a history's by their English labels."""
    found = labelled(report.rows)
    rows = [cells for row in report.rows if (cells := [cell for cell in row if cell])]
    start = next((at for at in range(1, len(rows)) if _is_drawdown_row(rows[at])), None)
    if start is None:
        return found
    for row, names in zip(rows[start - 1 :], _RESULTS, strict=False):
        # Labels and values take turns; where a row has a heading before them, the values end the pairs all the same.
        values = row[-1::-2][::-1]
        for name, value in zip(names, values[-len(names) :], strict=False):
            found.update(statistic(name, value))
    return found


def _is_drawdown_row(row: Sequence[str]) -> bool:
    """Gross profit, and two drawdowns as `12.80 (68.49%)`: the one row of this shape, in every language."""
    return len(row) == 6 and all(_AMOUNT_AND_PCT.fullmatch(row[at]) for at in (3, 5))


def _warnings(found: Deals, stated: float | None) -> list[str]:
    said = list(found.warnings)
    net = sum(trade.net_pnl or 0.0 for trade in found.trades)
    if stated is not None and abs(net - stated) > _CENT:
        said.append(f"The closed trades' net sums to {net:.2f}, the report states {stated:.2f}.")
    return said
