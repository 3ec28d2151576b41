"""What the numbers of each kind of result are: trade analyses, metrics and suggested rules."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from backend.analysis.arrays import WEEKDAYS
from backend.analysis.breakdown import OTHERS, BreakdownRow, Bridge, Concentration, Leg
from backend.analysis.declared_answers import ANSWERS, OF_OPEN, causes, covers, stated, summary
from backend.analysis.dimensions import DIMENSIONS, condition_of
from backend.analysis.measures import MEASURES, MeasureUnit
from backend.analysis.named_numbers import Condition, Data, NamedNumber, Numbers, Scope, TradeQuery, fields_of
from backend.analysis.patterns import Pattern
from backend.analysis.replay import Replay
from backend.analysis.rows import TradeRow
from backend.analysis.selection import criteria_text
from backend.analysis.steps import Steps
from backend.analysis.suggest import Power
from backend.analysis.where import json_scope

# An address holds no more; a longer choice is had by its ids alone.
MAX_CRITERIA_CHARS = 4_000
_NUMBERS_A_STEP = 200
_WHOLE: TradeQuery = (("filter_type", "all"),)
_OPEN: TradeQuery = (("filter_type", "open"),)
_LOSERS: TradeQuery = (("filter_type", "losers"),)
_ROW = tuple(one for one in fields_of(BreakdownRow, average_net="expectancy") if one[0] not in OF_OPEN)
_ROW_OPEN = tuple(one for one in fields_of(BreakdownRow) if one[0] in OF_OPEN)
_LEG = fields_of(Leg)
_BRIDGE = fields_of(Bridge)
_CONCENTRATION = fields_of(Concentration)
_TRADE = fields_of(TradeRow)
_PATTERN = fields_of(Pattern, average_net="expectancy")
_REPLAY = fields_of(Replay, net_pnl_after_low="net_pnl_after", net_pnl_after_high="net_pnl_after")
_POWER = fields_of(Power, trades="trade_count", share_pct="share_of_trades")
# What a filter of an analysis is as a condition.
_CONDITIONS = {"winners": ("result", "win"), "losers": ("result", "loss"), "open": ("open", "true")}
_PARAMETER_UNITS: tuple[tuple[str, MeasureUnit], ...] = (
    ("pct", "pct"),
    ("hours", "seconds"),
    ("minutes", "seconds"),
    ("money", "money"),
    ("loss", "money"),
    ("limit", "money"),
)


def declared_numbers(data: Data) -> Steps[list[NamedNumber]]:
    """The numbers of one result, by its `kind`; none of a kind that nobody declared. In steps of a millisecond."""
    declare = DECLARATIONS.get(str(data.get("kind")))
    numbers = Numbers(data)
    if declare is not None:
        _basis(data, numbers)
        taken = 0
        for _ in declare(data, numbers):
            if len(numbers.found) - taken >= _NUMBERS_A_STEP:
                taken = len(numbers.found)
                yield
    return numbers.found


def _analysis(data: Data, numbers: Numbers) -> Iterator[None]:
    chosen, scope = _choice(data)
    only_open = ("open", "true") in scope
    summary(data.get("selection"), "selection", numbers, scope, trades=chosen, only_open=only_open)
    covers(data.get("covers"), "covers", numbers, scope)
    whole = data.get("causes")
    if isinstance(whole, Mapping):
        yield from causes(whole, numbers, "causes.")
    if scope:
        # Of the whole run there is no rest; what the open trades leave is all that was closed.
        rest: Scope = tuple((f"not {key}", value) for key, value in scope if key != "open")
        complement = (*chosen, ("complement", "true")) if chosen is not None else None
        summary(data.get("complement"), "complement", numbers, rest, trades=complement)
    yield from _breakdowns(data, numbers, chosen, scope)
    yield from _bridge(data.get("bridge"), numbers)
    concentration = data.get("concentration")
    if isinstance(concentration, Mapping):
        shares = [one for one in _CONCENTRATION if one[0] != "worst_symbol_share"]
        numbers.fields(concentration, "concentration", shares, trades=_LOSERS)
        worst = concentration.get("worst_symbol")
        of_worst: Scope = (("symbol", worst),) if isinstance(worst, str) else ()
        share = concentration.get("worst_symbol_share")
        numbers.one(share, "worst_symbol_share", "concentration.worst_symbol_share", of_worst)
    for name in ("worst_trades", "best_trades", "open_trades"):
        for place, trade in enumerate(_list(data.get(name))):
            _one_trade(trade, f"{name}[{place}]", numbers)
            yield
    _patterns(data.get("patterns"), numbers)
    yield


def _choice(data: Data) -> tuple[TradeQuery | None, Scope]:
    """How an analysis chose: as a question to the list of trades, None if that can't be said, and as a scope."""
    asked = data.get("filter")
    if not isinstance(asked, Mapping) or not isinstance(asked.get("filter_type"), str):
        return None, ()
    filter_type, where = asked["filter_type"], asked.get("where")
    composed = filter_type == "where" and isinstance(where, list)
    criteria = json.dumps(where) if composed else criteria_text(asked.get("criteria"))
    query: TradeQuery | None = (("filter_type", filter_type), *((("criteria", criteria),) if criteria else ()))
    if len(criteria) > MAX_CRITERIA_CHARS:
        query = None
    if filter_type == "all":
        return query, ()
    if isinstance(where, list):
        return query, json_scope(where)
    # Saved before conditions composed.
    return query, (_CONDITIONS.get(filter_type, (filter_type, criteria.lower())),)


def _breakdowns(data: Data, numbers: Numbers, chosen: TradeQuery | None, scope: Scope) -> Iterator[None]:
    breakdowns = data.get("breakdowns")
    if not isinstance(breakdowns, Mapping):
        return
    for name, rows in breakdowns.items():
        for place, row in enumerate(_list(rows)):
            key = row.get("key")
            if name in DIMENSIONS and isinstance(key, str) and key != OTHERS:
                query = (*chosen, ("dimension", name), ("key", key)) if chosen is not None else None
                path = f"breakdowns.{name}[{place}]"
                within = _within(scope, _row_condition(name, key))
                numbers.fields(row, path, _ROW, within, trades=query)
                numbers.fields({**row, "trade_ids": ()}, path, _ROW_OPEN, within)
            yield


def _row_condition(dimension: str, key: str) -> Condition:
    """The condition that chooses a row of a breakdown; the dimension itself where none does."""
    found = json_scope([condition_of(dimension, key)]) if dimension in DIMENSIONS else ()
    name, value = found[0] if len(found) == 1 else (dimension, key)
    return name, value.lower() if name.endswith("weekday") else value


def _within(scope: Scope, row: Condition) -> Scope:
    """The conditions of a choice and of a row of it; said once where they are the same."""
    return scope if row in scope else (*scope, row)


def _bridge(bridge: Any, numbers: Numbers) -> Iterator[None]:
    if not isinstance(bridge, Mapping):
        return
    of_open = ("open_pnl", "total_pnl")
    numbers.fields(bridge, "bridge", [one for one in _BRIDGE if one[0] not in of_open], trades=_WHOLE)
    numbers.fields(bridge, "bridge", (("total_pnl", "total_pnl"),))
    numbers.fields(bridge, "bridge", (("open_pnl", "open_pnl"),), trades=_OPEN)
    for by, legs in bridge.items():
        name = by.removeprefix("by_")
        for place, leg in enumerate(_list(legs)):
            key = leg.get("key")
            if isinstance(key, str) and key != OTHERS:
                query = (*_WHOLE, ("dimension", name), ("key", key)) if name in DIMENSIONS else None
                numbers.fields(leg, f"bridge.{by}[{place}]", _LEG, (_row_condition(name, key),), trades=query)
            yield


def _one_trade(trade: Data, path: str, numbers: Numbers) -> None:
    opened = _moment(trade.get("opened_at"))
    said = [("trade", trade.get("trade_id")), ("side", trade.get("side")), ("symbol", trade.get("symbol"))]
    said += [
        ("tag", trade.get("exit_tag") or trade.get("entry_tag")),
        ("open", "true" if trade.get("status") == "open" else None),
    ]
    if opened is not None:
        said += [
            ("hour", f"{opened.hour:02d}"),
            ("weekday", WEEKDAYS[opened.weekday()].lower()),
            ("date", f"{opened:%Y-%m-%d}"),
        ]
    scope: Scope = tuple((key, str(value)) for key, value in said if value is not None)
    numbers.fields(trade, path, _TRADE, scope)


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if isinstance(text, str) else None
    except ValueError:
        return None


def _patterns(patterns: Any, numbers: Numbers) -> None:
    if not isinstance(patterns, Mapping):
        return
    numbers.one(patterns.get("tested"), "patterns_tested", "patterns.tested")
    numbers.one(patterns.get("alpha"), "alpha", "patterns.alpha")
    found = _list(patterns.get("found"))
    if isinstance(patterns.get("found"), list):
        numbers.one(len(found), "patterns_found", "patterns.found.length")
    for place, one in enumerate(found):
        dimension, key = one.get("dimension"), one.get("key")
        scope: Scope = (_row_condition(dimension, key),) if isinstance(dimension, str) and isinstance(key, str) else ()
        query = (*_WHOLE, ("dimension", dimension), ("key", key)) if scope and dimension in DIMENSIONS else None
        path = f"patterns.found[{place}]"
        numbers.fields(one, path, _PATTERN, scope, trades=query)
        rest = tuple((f"not {name}", value) for name, value in scope)
        numbers.one(one.get("rest_average_net"), "expectancy", f"{path}.rest_average_net", rest)


def _basis(data: Data, numbers: Numbers) -> None:
    basis = data.get("basis")
    if isinstance(basis, Mapping):
        numbers.one(basis.get("day_ends_open"), "day_ends_open", "basis.day_ends_open")


def _metrics(data: Data, numbers: Numbers) -> Iterator[None]:
    figures = data.get("figures")
    if not isinstance(figures, Mapping):
        return
    for name, figure in figures.items():
        if name in MEASURES and isinstance(figure, Mapping):
            ids = figure.get("trade_ids")
            of_open = MEASURES[name].listed and name in ("open_count", "open_pnl")
            numbers.one(
                figure.get("value"),
                name,
                f"figures.{name}.value",
                trade_ids=tuple(ids[:50]) if isinstance(ids, list) else (),
                trades=_OPEN if of_open else _WHOLE,
            )
        yield


def _rules(data: Data, numbers: Numbers) -> Iterator[None]:
    numbers.one(data.get("rules_tried"), "rules_tried", "rules_tried")
    numbers.one(data.get("parameter_values_tried"), "values_tried", "parameter_values_tried")
    _power(data.get("power"), numbers)
    for place, rule in enumerate(_list(data.get("rules"))):
        path = f"rules[{place}]"
        scope: Scope = (("rule", str(rule.get("kind") or rule.get("name"))),)
        numbers.fields(rule.get("replay"), f"{path}.replay", _REPLAY, scope)
        for name, value in (rule.get("params") or {}).items():
            unit = next((unit for word, unit in _PARAMETER_UNITS if word in name), None)
            scale = 3600.0 if "hours" in name else 60.0 if "minutes" in name else 1.0
            if isinstance(value, (int, float)):
                numbers.one(value * scale, "rule_parameter", f"{path}.params.{name}", scope, unit=unit)
        for name in ("name", "plain", "rationale"):
            stated(rule.get(name), f"{path}.{name}", scope, numbers)
        stated((rule.get("replay") or {}).get("verdict_why"), f"{path}.replay.verdict_why", scope, numbers)
        yield


def _power(power: Any, numbers: Numbers) -> None:
    if isinstance(power, Mapping):
        numbers.fields(power, "power", _POWER)
        stated(power.get("plain"), "power.plain", (), numbers)


def _list(node: Any) -> list[Data]:
    return [one for one in node if isinstance(one, Mapping)] if isinstance(node, (list, tuple)) else []


# By the `kind` of a result.
DECLARATIONS: dict[str, Callable[[Data, Numbers], Iterator[None]]] = {
    "trade_analysis": _analysis,
    "metrics": _metrics,
    "rule_suggestions": _rules,
    **ANSWERS,
}
