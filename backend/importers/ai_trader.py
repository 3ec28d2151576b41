"""AI-Trader runs: position.jsonl alone, or a ZIP of it with the merged price file and its performance metrics.

Conventions, checked against AI-Trader's own published results:
- An agent trades at the open of the row's bar; the price is recovered from the change in cash.
- `equity` is marked as AI-Trader's metrics mark it: holdings at the close of the row's own bar (for a date, that day's
  close). It is None without a price file.
- Times are exchange-local and carry no zone. A date alone stands for the session's opening, so that the day stays the
  same day in UTC; rows that share a date share the time, and their order is the file's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from pathlib import PurePosixPath
from typing import Any, Final
from zoneinfo import ZoneInfo

from backend.importers.ai_trader_account import Row, Step, replay
from backend.importers.ai_trader_prices import PriceBook, looks_like_prices, read_prices
from backend.importers.archives import is_zip, list_members, read_head, read_member
from backend.importers.base import Action, ImportedPosition, ImportedRun, ImportOptions, ImportProblem, Skipped
from backend.importers.parsing import (
    MAX_LABEL_CHARS,
    check_rows,
    clean_text,
    decode_text,
    finite,
    parse_json,
    stem_of,
    to_utc,
    zone_of,
)
from backend.importers.progress import counted

_FIRST_LINE_BYTES = 1024 * 1024
_SIDES: Final[Mapping[str, int]] = {"buy": 1, "buy_crypto": 1, "sell": -1, "sell_crypto": -1, "no_trade": 0, "hold": 0}
_A_SHARE = re.compile(r"\d{6}\.(SH|SZ|BJ)")
_CRYPTO = re.compile(r"[A-Z0-9]+-(USDT|USDC|USD)")
_PUBLISHED_GROUPS = ("analysis_period", "performance_metrics", "portfolio_summary")
_NAMED_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class _Market:
    """A variant of the format: what its rows leave unsaid. `opens_at` is exchange-local."""

    label: str
    currency: str
    zone: str
    opens_at: time


_US = _Market("US stocks", "USD", "America/New_York", time(9, 30))
_CHINA = _Market("A-shares", "CNY", "Asia/Shanghai", time(9, 30))


@dataclass(frozen=True, slots=True)
class _Sources:
    """The texts a run is made of."""

    name: str
    positions: str
    prices: PriceBook | None
    published: Mapping[str, Any]


class AiTraderImporter:
    """HKUDS AI-Trader: US stocks, A-shares and crypto."""

    name = "ai-trader"

    def recognises(self, filename: str, data: bytes) -> bool:
        """A first JSON line with `positions` that hold `CASH`, as the file or within the ZIP."""
        if is_zip(data):
            return any(
                _is_positions(_first_line(read_head(data, member.name, _FIRST_LINE_BYTES)))
                for member in list_members(data)
                if member.name.lower().endswith((".jsonl", ".json"))
            )
        return _is_positions(_first_line(data[:_FIRST_LINE_BYTES]))

    def read(self, filename: str, data: bytes, options: ImportOptions) -> ImportedRun:
        """Read the account's rows, recover prices, mark equity when there is a price file.

        Raises:
            ImportProblem: naming the line.
        """
        sources = _from_zip(filename, data) if is_zip(data) else _Sources(_run_name(filename), _text(data), None, {})
        rows = _read_rows(sources.positions)
        market = _market_of(rows)
        zone = zone_of(options.timezone or market.zone)
        moments = [_moment(row, zone, market.opens_at) for row in rows]
        steps = replay(rows)
        positions = [
            _position(row, step, moment, sources.prices) for row, step, moment in zip(rows, steps, moments, strict=True)
        ]
        marks = _closing_marks(rows[-1], max(moments), sources.prices) if sources.prices else []
        first = rows[0]
        return ImportedRun(
            name=options.name or f"AI-Trader {sources.name or market.label}",
            source=self.name,
            currency=options.currency or market.currency,
            positions=[*sorted(positions, key=lambda position: position.ts), *marks],
            initial_cash=options.initial_cash if options.initial_cash is not None else first.cash,
            started_at=min(moments),
            ended_at=max(moments),
            settings={"market": market.label, "timezone": zone.key},
            published=dict(sources.published),
            skipped=[
                Skipped(row.line, step.why)
                for row, step in zip(rows, steps, strict=True)
                if step.outcome == "unexplained" or (step.outcome == "superseded" and step.quantity)
            ],
            warnings=[
                *_time_warnings(rows, market, zone, assumed=options.timezone is None),
                *_outcome_warnings(rows, steps),
                *_price_warnings(positions, sources.prices),
            ],
        )


def _text(data: bytes) -> str:
    return decode_text(data)[0]


def _first_line(head: bytes) -> object:
    """The head's first JSON line; None when it is none. A line longer than the head is none either."""
    line = head.lstrip(b"\xef\xbb\xbf \t\r\n").split(b"\n", 1)[0]
    if not line.startswith(b"{"):
        return None
    try:
        return parse_json(line.decode("utf-8"))
    except (ImportProblem, UnicodeDecodeError):
        return None


def _is_positions(first: object) -> bool:
    if not isinstance(first, dict) or "date" not in first:
        return False
    held = first.get("positions")
    return isinstance(held, dict) and "CASH" in held


def _from_zip(filename: str, data: bytes) -> _Sources:
    position_names: list[str] = []
    prices: PriceBook | None = None
    published: Mapping[str, Any] = {}
    for member in list_members(data):
        if not member.name.lower().endswith((".jsonl", ".json")):
            continue
        first = _first_line(read_head(data, member.name, _FIRST_LINE_BYTES))
        if _is_positions(first):
            position_names.append(member.name)
        elif looks_like_prices(first):
            prices = read_prices(_text(read_member(data, member.name)))
        elif isinstance(first, dict) and "performance_metrics" in first:
            published = _published(_text(read_member(data, member.name)))
    if not position_names:
        raise ImportProblem("The archive holds no AI-Trader position.jsonl.", code="bad_archive")
    if len(position_names) > 1:
        raise ImportProblem(
            f"The archive holds {len(position_names)} position files. Import each agent's run by itself.",
            code="several_runs",
        )
    model = clean_text(published.get("model_name"), 80)
    return _Sources(
        model or _run_name(position_names[0]) or _run_name(filename),
        _text(read_member(data, position_names[0])),
        prices,
        published,
    )


def _published(text: str) -> dict[str, Any]:
    """The newest line of performance_metrics.jsonl, flattened one level: scalars only."""
    line = next((line for line in reversed(text.split("\n")) if line.strip()), "{}")
    record = parse_json(line)
    if not isinstance(record, dict):
        return {}
    result: dict[str, Any] = {}
    for part in (record, *(record[group] for group in _PUBLISHED_GROUPS if isinstance(record.get(group), dict))):
        for key, value in part.items():
            scalar = finite(value) if not isinstance(value, str) else clean_text(value, MAX_LABEL_CHARS)
            label = clean_text(key, 60)
            if scalar is not None and label is not None and label != "id":
                result[label] = scalar
    return result


def _run_name(path: str) -> str:
    """The agent's name: the file's own, else the folder above `position/position.jsonl`."""
    parts = [stem_of(part) for part in PurePosixPath(path.replace("\\", "/")).parts]
    meaningful = [part for part in parts if part and part not in ("position", "positions", "/")]
    return meaningful[-1][:80] if meaningful else ""


def _read_rows(text: str) -> list[Row]:
    rows: list[Row] = []
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    for number, line in enumerate(counted(lines, "reading"), 1):
        if line.strip():
            rows.append(_read_row(parse_json(line, line=number), number))
            check_rows(len(rows))
    if not rows:
        raise ImportProblem("The file holds no rows.", code="empty_file")
    return rows


def _read_row(record: object, line: int) -> Row:
    if not isinstance(record, dict):
        raise _bad(line, "is not a JSON object")
    held = record.get("positions")
    if not isinstance(held, dict):
        raise _bad(line, "has no positions", "positions")
    stamp = record.get("date")
    if not isinstance(stamp, str):
        raise _bad(line, "has no date", "date")
    holdings: dict[str, float] = {}
    for key, value in held.items():
        quantity = finite(value)
        symbol = clean_text(key, 60)
        if quantity is None or symbol is None:
            raise _bad(line, f"holds a quantity that is no finite number ({symbol})", "positions")
        if quantity or symbol == "CASH":
            holdings[symbol] = quantity
    if "CASH" not in holdings:
        raise _bad(line, "states no CASH", "positions")
    action = record.get("this_action") or {}
    if not isinstance(action, dict):
        raise _bad(line, "has an action that is not an object", "this_action")
    side, symbol, amount = _read_action(action, line)
    return Row(
        line=line,
        stamp=stamp.strip().replace("T", " "),
        side=side,
        symbol=symbol,
        amount=amount,
        cash=holdings.pop("CASH"),
        holdings=holdings,
        reasoning=clean_text(record.get("reasoning")) or clean_text(action.get("reasoning")),
    )


def _read_action(action: Mapping[str, object], line: int) -> tuple[Any, str, float]:
    verb = action.get("action", "no_trade")
    side = _SIDES.get(verb) if isinstance(verb, str) else None
    if side is None:
        raise _bad(
            line, f"has the action {clean_text(str(verb)[:60])!r}; known are {', '.join(_SIDES)}", "this_action.action"
        )
    if side == 0:
        return 0, "", 0.0
    amount, symbol = finite(action.get("amount")), clean_text(action.get("symbol"), 60)
    if amount is None or amount <= 0:
        raise _bad(line, "trades an amount that is no number above zero", "this_action.amount")
    if symbol is None:
        raise _bad(line, "trades but names no symbol", "this_action.symbol")
    return side, symbol, amount


def _market_of(rows: Sequence[Row]) -> _Market:
    """The variant, by the symbols held and traded."""
    symbols = {symbol for row in rows for symbol in (*row.holdings, row.symbol) if symbol}
    if any(_A_SHARE.fullmatch(symbol) for symbol in symbols):
        return _CHINA
    quotes = sorted(match[1] for symbol in symbols if (match := _CRYPTO.fullmatch(symbol)))
    return _Market("crypto", quotes[0], "UTC", time(0)) if quotes else _US


def _moment(row: Row, zone: ZoneInfo, opens_at: time) -> datetime:
    try:
        local = datetime.fromisoformat(row.stamp)
    except ValueError as error:
        raise _bad(
            row.line, f"has the date {clean_text(row.stamp, 40)!r}; write YYYY-MM-DD HH:MM:SS", "date"
        ) from error
    if len(row.stamp) <= len("YYYY-MM-DD"):
        local = datetime.combine(local.date(), opens_at)
    moment = to_utc(local, zone)
    if moment is None:
        raise _bad(row.line, f"has the impossible date {clean_text(row.stamp, 40)!r}", "date")
    return moment


def _position(row: Row, step: Step, moment: datetime, prices: PriceBook | None) -> ImportedPosition:
    common = ImportedPosition(
        ts=moment,
        action="hold",
        cash=row.cash,
        equity=prices.value(row.holdings, row.cash, row.stamp) if prices else None,
        holdings=dict(row.holdings),
        reasoning=row.reasoning,
    )
    if step.outcome in ("trade", "corrected"):
        action: Action = "buy" if step.side > 0 else "sell"
        return replace(common, action=action, symbol=step.symbol, quantity=step.quantity, price=step.price)
    if step.outcome in ("superseded", "unexplained"):
        return replace(common, tag=step.outcome)
    return common


def _closing_marks(last: Row, moment: datetime, prices: PriceBook) -> list[ImportedPosition]:
    """One `hold` row per open symbol at its last close; the final equity stands on the last of them."""
    marks = [
        ImportedPosition(ts=moment, action="hold", symbol=symbol, price=price, tag="mark")
        for symbol in last.holdings
        if (price := prices.close_at(symbol, last.stamp)) is not None
    ]
    if marks:
        equity = prices.value(last.holdings, last.cash, last.stamp)
        marks[-1] = replace(marks[-1], cash=last.cash, equity=equity, holdings=dict(last.holdings))
    return marks


def _time_warnings(rows: Sequence[Row], market: _Market, zone: ZoneInfo, *, assumed: bool) -> list[str]:
    said = []
    if assumed:
        said.append(f"The file names no time zone; times were read as {zone.key} ({market.label}).")
    if any(len(row.stamp) <= len("YYYY-MM-DD") for row in rows):
        said.append(f"Dates without a time stand for {market.opens_at:%H:%M} local time; rows keep the file's order.")
    return said


def _price_warnings(positions: Sequence[ImportedPosition], prices: PriceBook | None) -> list[str]:
    if prices is None:
        return [
            "No price file: equity is not known from the source. Import a ZIP of position.jsonl with AI-Trader's "
            "merged price file to mark what is held."
        ]
    unmarked = sum(position.equity is None for position in positions)
    if not unmarked:
        return []
    return [f"{unmarked} rows hold a symbol that the price file has no price for; their equity is unknown."]


def _outcome_warnings(rows: Sequence[Row], steps: Sequence[Step]) -> list[str]:
    pairs = list(zip(rows, steps, strict=True))
    said = []
    if rows[0].side or rows[0].holdings:
        said.append("The first row already trades or holds something; initial cash is what that row states.")
    undone = [row.line for row, step in pairs if step.outcome == "superseded" and step.quantity]
    if undone:
        said.append(
            f"{len(undone)} trades were undone by the source itself: a later session started from an older state of "
            f"the account (lines {_listed(undone)}). They are kept as hold rows and count as no trades."
        )
    for outcome, meaning in (
        ("corrected", "the action and the account disagree; the account was believed"),
        ("unexplained", "no trade could be made out; kept as hold rows"),
    ):
        found = [(row.line, step.why) for row, step in pairs if step.outcome == outcome]
        if found:
            shown = "; ".join(f"line {line}: {why}" for line, why in found[:_NAMED_AT_MOST])
            said.append(f"In {len(found)} rows {meaning} ({shown}).")
    return said


def _listed(lines: Sequence[int]) -> str:
    return ", ".join(map(str, lines[:20])) + (" and more" if len(lines) > 20 else "")


def _bad(line: int, what: str, column: str | None = None) -> ImportProblem:
    return ImportProblem(f"Line {line} {what}.", line=line, column=column, code="bad_value")
