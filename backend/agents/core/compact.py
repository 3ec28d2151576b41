"""Tool results as the model reads them: short, rounded sensibly, and with everything from the run fenced as data.

Each result stays within a budget by giving fewer rows, never by cutting JSON in the middle.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BUDGET_CHARS = 5200  # about 1,500 tokens
_NAME = 60  # characters of a symbol, a tag or another short text

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Size:
    rows: int
    trades: int
    text: int


_SIZES = (_Size(8, 5, 240), _Size(6, 5, 120), _Size(4, 4, 80), _Size(3, 3, 40), _Size(2, 2, 40), _Size(1, 1, 24))


def money(value: float | None) -> str:
    """An amount for a line of text: 1,234.56, or – when there is none."""
    return "–" if value is None else f"{value:,.2f}"


def fence(content: Any) -> str:
    """JSON between data marks; what stands in it can't close them."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return f"<data>{text.replace('<', chr(92) + 'u003c')}</data>"


def compact_analysis(data: Json) -> str:
    """A trade analysis."""

    def at(size: _Size) -> dict[str, Any]:
        return {
            "filter": data["filter"],
            "currency": data["currency"],
            "selection": _summary(data["selection"]),
            "rest": _summary(data["complement"]),
            "covers": _rounded(data["covers"]),
            "bridge": _bridge(data["bridge"], size),
            "causes": _causes(data.get("causes"), size),
            "loss_concentration_pct": _rounded(data["concentration"]),
            "columns": ["key", "trades", "wins", "losses", "net_pnl", "average_net", "open_pnl"],
            "by": {name: _rows(rows, size.rows) for name, rows in data["breakdowns"].items()},
            "worst_trades": [_trade(trade, size) for trade in data["worst_trades"][: size.trades]],
            "best_trades": [_trade(trade, size) for trade in data["best_trades"][: min(2, size.trades)]],
            "open_trades": [_trade(trade, size) for trade in data["open_trades"][: min(2, size.trades)]],
            "patterns": _rounded({**data["patterns"], "found": data["patterns"]["found"][: size.rows]}),
            "warnings": data["warnings"][:3],
        }

    return _within_budget(at)


def compact_metrics(data: Json) -> str:
    """Figures as name: value, with the reason where there is none."""
    figures = data["figures"]
    units: dict[str, list[str]] = {}
    for name, figure in figures.items():
        units.setdefault(figure["unit"], []).append(name)
    return fence(
        {
            "figures": {
                name: _number(figure["value"]) for name, figure in figures.items() if figure["value"] is not None
            },
            "not_available": {name: figure["why"] for name, figure in figures.items() if figure["value"] is None},
            "low_sample": [name for name, figure in figures.items() if figure.get("low_sample")],
            "units": {unit: names for unit, names in units.items() if unit in ("pct", "seconds")},
            "basis": data["basis"],
            "warnings": data["warnings"][:3],
        }
    )


def compact_rules(data: Json) -> str:
    """Rules with their replays; code for the first ones, as far as the budget goes."""
    order = range(len(data["rules"]), 0, -1)

    def with_code(count: int) -> Callable[[_Size], dict[str, Any]]:
        def at(size: _Size) -> dict[str, Any]:
            return {
                "problem": _cut(data["problem"], 200),
                "currency": data["currency"],
                "rules_tried": data["rules_tried"],
                "parameter_values_tried": data["parameter_values_tried"],
                "rules": [
                    _rule(rule, size, with_code=index < count) for index, rule in enumerate(data["rules"][: size.rows])
                ],
                "warnings": data["warnings"][:3],
            }

        return at

    for count in order:
        text = fence(with_code(count)(_SIZES[0]))
        if len(text) <= BUDGET_CHARS:
            return text
    return _within_budget(with_code(1))


def _within_budget(at: Callable[[_Size], dict[str, Any]]) -> str:
    text = ""
    for size in _SIZES:
        text = fence(at(size))
        if len(text) <= BUDGET_CHARS:
            return text
    return text


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, float):
        return value
    if abs(value) >= 1:
        return round(value, 2)
    return float(f"{value:.4g}")


def _short(value: Any) -> Any:
    """A number sensibly rounded, a name no longer than names are."""
    return _cut(value, _NAME) if isinstance(value, str) else _number(value)


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(held) for key, held in value.items()}
    if isinstance(value, list):
        return [_rounded(held) for held in value]
    return _short(value)


def _cut(text: str, length: int) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= length else f"{line[:length]}…"


def _summary(summary: Json) -> dict[str, Any]:
    kept = {name: _number(value) for name, value in summary.items() if name != "trade_ids" and value is not None}
    return {**kept, "trade_ids": summary["trade_ids"][:10]}


def _bridge(bridge: Json, size: _Size) -> dict[str, Any]:
    totals = {name: _number(value) for name, value in bridge.items() if not isinstance(value, list)}
    legs = sorted(bridge["by_tag"], key=lambda leg: leg["net_pnl"])[: size.rows]
    return {**totals, "by_exit_tag": [[_short(leg["key"]), *map(_number, list(leg.values())[1:])] for leg in legs]}


def _rows(rows: Sequence[Json], limit: int) -> list[list[Any]]:
    """The rows that cost or earned most: of few all, of many the worst and a third as many of the best."""
    ordered = sorted(rows, key=lambda row: row["net_pnl"] + row["open_pnl"])
    best = max(1, limit // 3)
    chosen = ordered if len(ordered) <= limit else [*ordered[: limit - best], *ordered[-best:]]
    names = ("key", "trade_count", "win_count", "loss_count", "net_pnl", "average_net", "open_pnl")
    return [[_short(row[name]) for name in names] for row in chosen]


def _causes(causes: Json | None, size: _Size) -> dict[str, Any] | None:
    """The causes that explain most money, each with its statement, and what none of them explains."""
    if causes is None:
        return None
    names = ("name", "statement", "money", "share_pct", "confidence")
    shown = [
        {name: _cut(one[name], 400) if name == "statement" else _number(one[name]) for name in names}
        | {"trades": one["trades"][:5]}
        for one in causes["causes"][: max(3, size.rows)]
    ]
    kept = {"statement": _cut(causes["statement"], 400), "unexplained": _number(causes["unexplained"])}
    return {**kept, "total_pnl": _number(causes["total_pnl"]), "causes": shown}


_TRADE_FIELDS = (
    *("trade_id", "symbol", "side", "status", "opened_at", "closed_at", "quantity", "entry_price", "exit_price"),
    *(
        "gross_pnl",
        "fees",
        "funding",
        "net_pnl",
        "return_pct",
        "holding_seconds",
        "mae",
        "mfe",
        "r",
        "entry_tag",
        "exit_tag",
    ),
)


def _trade(trade: Json, size: _Size) -> dict[str, Any]:
    kept = {name: _short(trade[name]) for name in _TRADE_FIELDS if trade.get(name) not in (None, "")}
    quoted = {
        moment: _cut(trade[f"{moment}_reasoning"], size.text)
        for moment in ("entry", "exit")
        if trade.get(f"{moment}_reasoning")
    }
    # The run's own words, not ours: the name says so wherever the model looks.
    return kept | ({"quoted_from_the_run": quoted} if quoted else {})


def _rule(rule: Json, size: _Size, *, with_code: bool) -> dict[str, Any]:
    replay = {name: _number(value) for name, value in rule["replay"].items() if value not in (None, [])}
    replay["other_runs"] = _rounded(rule["replay"]["other_runs"][:3])
    kept = {name: rule[name] for name in ("kind", "name", "params", "plain")}
    kept |= {"rationale": _cut(rule["rationale"], size.text or 80), "replay": replay}
    if with_code:
        kept["code"] = rule["code"]
    return kept
