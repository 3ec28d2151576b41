"""What the numbers of the answers to single questions are: trades, replays, comparisons, terms and causes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from backend.analysis.breakdown import Summary
from backend.analysis.coverage import Coverage
from backend.analysis.measures import MEASURES, MeasureUnit
from backend.analysis.named_numbers import Data, Numbers, Scope, TradeQuery, fields_of
from backend.analysis.numerals import read_numerals
from backend.analysis.rows import TradeRow
from backend.analysis.steps import made_by
from backend.analysis.what_if import KINDS, Outcome, TradeChange
from backend.analysis.where import json_scope

Declare = Callable[[Data, Numbers], Iterator[None]]
SUMMARY = fields_of(
    Summary, average_net="expectancy", average_holding_seconds="average_holding", median_net="median_trade",
    average_return_pct="average_return", median_holding_seconds="median_holding", deviation_net="trade_deviation",
)  # fmt: skip
OF_OPEN = ("open_count", "open_pnl", "total_pnl", "average_leverage", "max_leverage")
_CLOSED = tuple(one for one in SUMMARY if one[0] not in OF_OPEN)
_OPEN = tuple(one for one in SUMMARY if one[0] in OF_OPEN)
_COVERS = fields_of(Coverage, trade_count="trades_covered", of_trades="all_trades", pnl="total_pnl", of_pnl="total_pnl")
_TRADE = fields_of(TradeRow)
_OUTCOME = fields_of(Outcome)
_BEFORE = tuple((name, {"net_pnl": "net_pnl_before", "max_drawdown": "max_drawdown_before",
                        "sharpe": "sharpe_before"}.get(measure, measure)) for name, measure in _OUTCOME)  # fmt: skip
_AFTER = tuple((name, {"net_pnl": "net_pnl_after", "max_drawdown": "max_drawdown_after",
                       "sharpe": "sharpe_after"}.get(measure, measure)) for name, measure in _OUTCOME)  # fmt: skip
_CHANGE = fields_of(TradeChange, before="net_pnl_before", after_low="net_pnl_after", after_high="net_pnl_after")
_TEXT_UNITS: dict[str, MeasureUnit] = {
    "pct": "pct", "money": "money", "seconds": "seconds", "times": "ratio", "count": "count",
}  # fmt: skip


def summary(
    node: Any, path: str, numbers: Numbers, scope: Scope, *, trades: TradeQuery | None = None, only_open: bool = False
) -> None:
    """The numbers of a set of trades: those of its closed trades, and those that its open ones are a part of."""
    numbers.fields(node, path, SUMMARY if only_open else _CLOSED, scope, trades=trades)
    if not only_open:
        numbers.fields({**node, "trade_ids": ()} if isinstance(node, Mapping) else node, path, _OPEN, scope)


def covers(node: Any, path: str, numbers: Numbers, scope: Scope) -> None:
    """How much of the run an answer is about."""
    if isinstance(node, Mapping):
        whole = ("of_trades", "of_pnl")
        numbers.fields(node, path, [one for one in _COVERS if one[0] not in whole], scope)
        numbers.fields(node, path, [one for one in _COVERS if one[0] in whole])


def stated(text: Any, path: str, scope: Scope, numbers: Numbers) -> None:
    """The numbers of a sentence that the product wrote."""
    if isinstance(text, str):
        for numeral in made_by(read_numerals(text)):
            value = -numeral.value if numeral.sign < 0 else numeral.value
            numbers.one(value, "stated", path, scope, unit=_TEXT_UNITS.get(numeral.unit, "ratio"))


def _trades(data: Data, numbers: Numbers) -> Iterator[None]:
    scope = json_scope(data.get("where"))
    numbers.one(data.get("total"), "trades_covered", "total", scope)
    summary(data.get("summary"), "summary", numbers, scope)
    covers(data.get("covers"), "covers", numbers, scope)
    for place, trade in enumerate(_list(data.get("trades"))):
        numbers.fields(trade, f"trades[{place}]", _TRADE, (("trade", str(trade.get("trade_id"))),))
        yield


def _replay(data: Data, numbers: Numbers) -> Iterator[None]:
    scope: Scope = (("rule", str(data.get("kind"))),)
    numbers.fields(data.get("before"), "before", _BEFORE)
    after = data.get("after")
    cases: list[tuple[str, Any]] = []
    if isinstance(after, Mapping):
        whole = "net_pnl" in after
        cases = [("after", after)] if whole else [(f"after.{name}", after.get(name)) for name in ("low", "high")]
    for path, case in cases:
        numbers.fields(case, path, _AFTER, scope)
    for name in ("gain", "gain_low", "gain_high", "coverage_pct"):
        numbers.one(data.get(name), name if name == "coverage_pct" else "gain", name, scope)
    numbers.one(data.get("removed_count"), "trades_removed", "removed_count", scope)
    numbers.one(data.get("changed_count"), "trades_changed", "changed_count", scope)
    for name, value in (data.get("params") or {}).items():
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            numbers.one(value * (3600 if name == "hours" else 1), "rule_parameter", f"params.{name}", scope,
                        unit=_PARAMETERS.get(name, "ratio"))  # fmt: skip
    for place, change in enumerate(_list(data.get("changes"))):
        of_trade: Scope = (*scope, ("trade", str(change.get("trade_id"))))
        numbers.fields(change, f"changes[{place}]", _CHANGE, of_trade)
        yield
    for name in ("description", "note", "why", "verdict_why"):
        stated(data.get(name), name, scope, numbers)
    yield


_PARAMETERS: dict[str, MeasureUnit] = {
    "pct": "pct", "equity_pct": "pct", "hours": "seconds", "money": "money", "value": "money", "max_value": "money",
    "count": "count", "losses": "count", "worst": "count", "best": "count",
}  # fmt: skip


def _groups(data: Data, numbers: Numbers) -> Iterator[None]:
    scopes: list[Scope] = []
    for name in ("a", "b"):
        group = data.get(name)
        if isinstance(group, Mapping):
            scope = json_scope(group.get("where"))
            if name == "b" and not scope and scopes:
                scope = tuple((f"not {key}", value) for key, value in scopes[0])
            scopes.append(scope)
            summary(group.get("summary"), f"{name}.summary", numbers, scope)
            covers(group.get("covers"), f"{name}.covers", numbers, scope)
        yield
    numbers.one(data.get("in_both"), "trades_covered", "in_both", (("group", "both"),))
    differences = data.get("differences")
    for measure, one in differences.items() if isinstance(differences, Mapping) else ():
        if not isinstance(one, Mapping) or measure not in MEASURES:
            continue
        for side, scope in zip(("a", "b"), scopes, strict=False):
            numbers.one(one.get(side), measure, f"differences.{measure}.{side}", scope)
        for part in ("difference", "low", "high"):
            unit = MEASURES[measure].unit
            numbers.one(one.get(part), "group_difference", f"differences.{measure}.{part}", unit=unit)
        numbers.one(one.get("p_value"), "p_value", f"differences.{measure}.p_value")
    stated(data.get("statement"), "statement", (), numbers)
    yield


def _runs(data: Data, numbers: Numbers) -> Iterator[None]:
    runs = [str(run.get("run_number")) for run in _list(data.get("runs"))]
    figures = data.get("figures")
    for measure, figure in figures.items() if isinstance(figures, Mapping) else ():
        values = figure.get("values") if isinstance(figure, Mapping) else None
        if measure in MEASURES and isinstance(values, list):
            for place, (run, value) in enumerate(zip(runs, values, strict=False)):
                # The first run is the one that is asked about.
                scope: Scope = (("run", run),) if place else ()
                numbers.one(value, measure, f"figures.{measure}.values[{place}]", scope)
        yield
    for place, one in enumerate(_list(data.get("differences"))):
        for part in ("difference", "low", "high"):
            unit: MeasureUnit = "money" if data.get("trade_result") == "net_pnl" else "pct"
            numbers.one(one.get(part), "group_difference", f"differences[{place}].{part}", unit=unit)
        yield


def _term(data: Data, numbers: Numbers) -> Iterator[None]:
    figures = data.get("figures")
    for name, figure in figures.items() if isinstance(figures, Mapping) else ():
        if name in MEASURES and isinstance(figure, Mapping):
            ids = figure.get("trade_ids")
            numbers.one(
                figure.get("value"), name, f"figures.{name}.value",
                trade_ids=tuple(ids[:50]) if isinstance(ids, list) else (),
            )  # fmt: skip
        yield
    for place, trade in enumerate(_list(data.get("example"))):
        numbers.fields(trade, f"example[{place}]", _TRADE, (("trade", str(trade.get("trade_id"))),))
    for name in ("meaning", "formula"):
        stated(data.get(name), name, (), numbers)
    yield


def causes(data: Data, numbers: Numbers, path: str = "") -> Iterator[None]:
    """The causes of a run's result, of their own or as a part of an analysis."""
    numbers.one(data.get("total_pnl"), "total_pnl", f"{path}total_pnl")
    numbers.one(data.get("unexplained"), "unexplained", f"{path}unexplained")
    for place, one in enumerate(_list(data.get("causes"))):
        at = f"{path}causes[{place}]"
        scope: Scope = (("cause", str(one.get("name"))),)
        ids = one.get("trades")
        named = tuple(ids[:50]) if isinstance(ids, list) else ()
        numbers.one(one.get("money"), "cause_money", f"{at}.money", scope, trade_ids=named)
        numbers.one(one.get("share_pct"), "cause_share", f"{at}.share_pct", scope)
        for name, value in (one.get("figures") or {}).items():
            whole = name in MEASURES and one.get("name") in _OF_ALL
            measure = name if name in MEASURES else "stated"
            numbers.one(value, measure, f"{at}.figures.{name}", () if whole else scope, unit=None if measure == name
                        else _unit(name), trade_ids=named)  # fmt: skip
        stated(one.get("statement"), f"{at}.statement", scope, numbers)
        yield
    stated(data.get("statement"), f"{path}statement", (), numbers)
    yield


# Causes whose figures are of the whole run, not of a part of its trades.
_OF_ALL = frozenset({"still_open", "costs", "payoff", "too_few_to_tell", "market", "concentration", "held_losers"})


def _unit(name: str) -> MeasureUnit:
    if name.endswith(("_pct", "_share", "_rate", "_return")):
        return "pct"
    if name.endswith("_count"):
        return "count"
    return "money" if name.endswith(("_pnl", "_net", "_costs", "_equity", "_trade")) else "ratio"


def _list(node: Any) -> list[Data]:
    return [one for one in node if isinstance(one, Mapping)] if isinstance(node, (list, tuple)) else []


ANSWERS: dict[str, Declare] = {
    "trades": _trades,
    "group_comparison": _groups,
    "run_comparison": _runs,
    "term": _term,
    "causes": causes,
    **{kind.name: _replay for kind in KINDS},
}
