"""freqtrade backtest results: the JSON of any version since 2021, or the ZIP that versions since 2025 write.

Of a ZIP only the result JSON is read; the strategy's code and the configuration in it are never opened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from backend.importers.archives import is_zip, list_members, read_member
from backend.importers.base import NET, ImportedPosition, ImportedRun, ImportOptions, ImportProblem
from backend.importers.freqtrade_trades import ReadTrade, read_trade
from backend.importers.parsing import (
    MAX_LABEL_CHARS,
    check_rows,
    clean_text,
    decode_text,
    finite,
    parse_json,
    to_utc,
    zone_of,
)
from backend.importers.progress import counted

_RESULT = re.compile(rb'"strategy"\s*:\s*\{')
_TRADES = re.compile(rb'"trades"\s*:\s*\[')
_META = re.compile(rb'"run_id"\s*:.{0,400}"backtest_start_time"\s*:', re.DOTALL)
_META_BYTES = 64 * 1024
_NOT_RESULTS = ("_config.json", ".meta.json")

_SETTINGS = (
    "strategy_name", "timeframe", "timeframe_detail", "timerange", "trading_mode", "margin_mode", "stoploss",
    "trailing_stop", "trailing_stop_positive", "trailing_stop_positive_offset", "trailing_only_offset_is_reached",
    "use_custom_stoploss", "minimal_roi", "use_exit_signal", "exit_profit_only", "exit_profit_offset",
    "ignore_roi_if_entry_signal", "stake_amount", "stake_currency", "max_open_trades", "max_open_trades_setting",
    "enable_protections", "pairlist", "freqai_identifier", "backtest_start", "backtest_end", "dry_run_wallet",
    "starting_balance",
)  # fmt: skip
_STATISTICS = (
    "total_trades", "trade_count_long", "trade_count_short", "wins", "losses", "draws", "winrate", "profit_mean",
    "profit_median", "profit_total", "profit_total_abs", "profit_total_long", "profit_total_short",
    "profit_total_long_abs", "profit_total_short_abs", "profit_factor", "expectancy", "expectancy_ratio", "cagr",
    "sharpe", "sortino", "calmar", "sqn", "max_drawdown", "max_drawdown_account", "max_relative_drawdown",
    "max_drawdown_abs", "max_drawdown_low", "max_drawdown_high", "drawdown_start", "drawdown_end", "csum_min",
    "csum_max", "total_volume", "avg_stake_amount", "trades_per_day", "market_change", "final_balance",
    "backtest_days", "backtest_best_day", "backtest_worst_day", "backtest_best_day_abs",
    "backtest_worst_day_abs", "winning_days", "draw_days", "losing_days", "holding_avg", "holding_avg_s",
    "winner_holding_avg", "winner_holding_avg_s", "loser_holding_avg", "loser_holding_avg_s",
    "max_consecutive_wins", "max_consecutive_losses", "rejected_signals", "timedout_entry_orders",
    "timedout_exit_orders", "canceled_trade_entries", "canceled_entry_orders", "replaced_entry_orders",
)  # fmt: skip


class FreqtradeImporter:
    """freqtrade backtesting results."""

    name = "freqtrade"

    def recognises(self, filename: str, data: bytes) -> bool:
        """A JSON object with `strategy` and `trades`, as the file or within the ZIP; also its `.meta.json`."""
        if is_zip(data):
            return any(_is_result(read_member(data, name)) for name in _json_names(data))
        return _is_result(data) or _is_meta(data)

    def read(self, filename: str, data: bytes, options: ImportOptions) -> ImportedRun:
        """Read one strategy's trades.

        Raises:
            ImportProblem: `strategy_required` or `unknown_strategy` naming the strategies; `bad_value` naming the
                trade; `not_a_run` for the `.meta.json` beside a result.
        """
        if is_zip(data):
            data = _result_in_zip(data)
        if not _is_result(data) and _is_meta(data):
            raise ImportProblem(
                "This is freqtrade's .meta.json, which holds no trades. Upload the result file beside it.",
                code="not_a_run",
            )
        name, strategy = _choose(_strategies(parse_json(decode_text(data)[0])), options.strategy)
        records = strategy["trades"]
        check_rows(2 * len(records))
        is_futures = strategy.get("trading_mode") == "futures" or any(_is_futures_trade(item) for item in records)
        numbered = enumerate(counted(records, "reading"), 1)
        trades = [read_trade(record, number, is_futures=is_futures) for number, record in numbered]
        rows = sorted((row for trade in trades for row in trade.rows), key=lambda row: row.ts)
        check_rows(len(rows))
        balance = finite(strategy.get("starting_balance"))
        balance = finite(strategy.get("dry_run_wallet")) if balance is None else balance
        balance = balance if balance is None or balance >= 0 else None
        return ImportedRun(
            name=options.name or f"freqtrade {name}"[:MAX_LABEL_CHARS],
            source=self.name,
            currency=options.currency or clean_text(strategy.get("stake_currency"), 12) or "USD",
            positions=rows,
            initial_cash=options.initial_cash if options.initial_cash is not None else balance,
            started_at=_edge(strategy, "backtest_start", [row.ts for row in rows[:1]]),
            ended_at=_edge(strategy, "backtest_end", [row.ts for row in rows[-1:]]),
            settings={"strategy": name, **_plain(strategy, _SETTINGS), **_drawn(records, trades)},
            published=_published(strategy),
            warnings=_warnings(trades, strategy, rows),
            evidence=NET,
        )


def _drawn(records: Sequence[Any], trades: Sequence[ReadTrade]) -> dict[str, list[str]]:
    """The trades that freqtrade counts as draws: a profit ratio of zero, whatever the profit in money rounds to."""
    drawn = [
        trade.rows[-1].trade_ref
        for record, trade in zip(records, trades, strict=True)
        if trade.profit is not None and finite(record.get("profit_ratio")) == 0
    ]
    return {"drawn": [ref for ref in drawn if ref is not None]} if drawn else {}


def _is_result(data: bytes) -> bool:
    # Only the first and last characters are looked at by shape; UTF-16 and a BOM are not what freqtrade writes.
    return data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and bool(
        _RESULT.search(data) and _TRADES.search(data)
    )


def _is_meta(data: bytes) -> bool:
    return len(data) <= _META_BYTES and data.lstrip()[:1] == b"{" and bool(_META.search(data))


def _json_names(data: bytes) -> list[str]:
    return [
        member.name
        for member in list_members(data)
        if member.name.lower().endswith(".json") and not member.name.lower().endswith(_NOT_RESULTS)
    ]


def _result_in_zip(data: bytes) -> bytes:
    results = [content for name in _json_names(data) if _is_result(content := read_member(data, name))]
    if not results:
        raise ImportProblem(
            "The archive holds no freqtrade backtest result. Upload the ZIP that freqtrade wrote.", code="bad_archive"
        )
    if len(results) > 1:
        raise ImportProblem(
            f"The archive holds {len(results)} backtest results. Import each by itself.", code="several_runs"
        )
    return results[0]


def _strategies(result: object) -> dict[str, Mapping[str, Any]]:
    found = result.get("strategy") if isinstance(result, dict) else None
    strategies: dict[str, Mapping[str, Any]] = {
        clean_text(name, MAX_LABEL_CHARS) or "strategy": strategy
        for name, strategy in (found.items() if isinstance(found, dict) else ())
        if isinstance(strategy, dict) and isinstance(strategy.get("trades"), list)
    }
    if not strategies:
        raise ImportProblem(
            "The file holds no strategy with trades. Run the backtest with --export trades.", code="empty_file"
        )
    return strategies


def _choose(strategies: Mapping[str, Mapping[str, Any]], wanted: str | None) -> tuple[str, Mapping[str, Any]]:
    names = ", ".join(list(strategies)[:50])
    if wanted is not None:
        if wanted not in strategies:
            raise ImportProblem(f"The file holds no strategy of that name. It holds: {names}.", code="unknown_strategy")
        return wanted, strategies[wanted]
    if len(strategies) > 1:
        raise ImportProblem(
            f"The file holds several strategies; choose one: {names}.",
            code="strategy_required",
            choices=list(strategies),
        )
    return next(iter(strategies.items()))


def _is_futures_trade(record: object) -> bool:
    """Results of 2022 name no trading mode; futures pairs carry their settlement currency after a colon."""
    return isinstance(record, dict) and ":" in str(record.get("pair", ""))


def _edge(strategy: Mapping[str, Any], key: str, rows: Sequence[datetime]) -> datetime | None:
    """The backtest's stated edge, UTC; else that of its rows."""
    text = strategy.get(key)
    if isinstance(text, str):
        try:
            stated = to_utc(datetime.fromisoformat(text), zone_of("UTC"))
        except ValueError:
            stated = None
        if stated is not None:
            return stated
    return rows[0] if rows else None


def _plain(strategy: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """The named values that are scalars, or flat lists and objects of scalars; what is not finite is left out."""
    result: dict[str, Any] = {}
    for key in keys:
        value = strategy.get(key)
        if isinstance(value, list):
            value = [item for entry in value[:200] if (item := _scalar(entry)) is not None]
        elif isinstance(value, dict):
            value = {
                label: item
                for name, entry in list(value.items())[:200]
                if (item := _scalar(entry)) is not None and (label := clean_text(name, 60)) is not None
            }
        else:
            value = _scalar(value)
        if value is not None:
            result[key] = value
    return result


def _published(strategy: Mapping[str, Any]) -> dict[str, Any]:
    """The statistics the file states, without the placeholders freqtrade writes where a ratio is undefined."""
    stated = _plain(strategy, _STATISTICS)
    undefined = {name for name in ("sortino", "calmar", "sharpe") if stated.get(name) == -100}
    if stated.get("losses") == 0 and stated.get("profit_factor") == 0:
        undefined.add("profit_factor")
    return {name: value for name, value in stated.items() if name not in undefined}


def _scalar(value: object) -> str | int | float | bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return clean_text(value, MAX_LABEL_CHARS)
    number = finite(value)
    return int(number) if number is not None and isinstance(value, int) else number


def _warnings(trades: Sequence[ReadTrade], strategy: Mapping[str, Any], rows: Sequence[ImportedPosition]) -> list[str]:
    said = []
    implied = [trade.implied_funding for trade in trades if trade.implied_funding]
    if implied:
        said.append(
            f"The file leaves funding out of its trades though their profit includes it; for {len(implied)} futures "
            "trades open over a full hour it was taken as profit less prices and fees "
            f"({-sum(implied):+.8g} in total, positive is received)."
        )
    residuals = [abs(trade.residual) for trade in trades if trade.residual]
    if residuals:
        said.append(
            f"In {len(residuals)} trades the stated profit differs from prices and fees, by {max(residuals):.3g} at "
            "most."
        )
    if ignored := sum(trade.orders_ignored for trade in trades):
        said.append(f"In {ignored} trades the orders don't add up to the trade; one entry and one exit were taken.")
    stated, summed = finite(strategy.get("profit_total_abs")), sum(trade.profit or 0.0 for trade in trades)
    if stated is not None and abs(stated - summed) > 0.01 + 1e-4 * abs(stated):
        said.append(f"The trades' profits sum to {summed:.8g}, the file states {stated:.8g}.")
    if not rows:
        said.append("The backtest made no trades.")
    return said
