"""Every change that can be replayed on a run: its name, its parameters with their other spellings, and what it does."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from backend.analysis.arrays import WEEKDAYS
from backend.analysis.criteria import InvalidCriteria
from backend.analysis.rules import RULES
from backend.analysis.what_if import effects
from backend.analysis.what_if.effects import CannotBeKnown, Effect
from backend.analysis.what_if.exits import exit_at, pct_distance, r_distance, trailing
from backend.analysis.where import read_where
from backend.analysis.where.keys import nth_of_day
from backend.analysis.where.values import read_flag, read_hours, read_number, read_seconds, read_weekdays

if TYPE_CHECKING:
    from backend.analysis.frame import RunFrame

Params = dict[str, Any]
_RULES = {rule.kind: rule for rule in RULES}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of change. `takes` tells models its parameters; `one_of` are those of which exactly one is needed.

    `hindsight` says why it is no rule that could be followed, None where it is one.
    """

    name: str
    takes: str
    read: Callable[[Params], Params]
    apply: Callable[[RunFrame, Params], Effect]
    words: Callable[[RunFrame, Params], str]
    hindsight: str | None = None
    aliases: tuple[str, ...] = ()


def _missing(kind: str, takes: str) -> InvalidCriteria:
    return InvalidCriteria(f"{kind} needs {takes}", [takes])


def _amount(given: Params, kind: str, **names: tuple[str, ...]) -> Params:
    """The one amount given, under its own name; above zero and finite."""
    takes = " or ".join(names)
    for name, aliases in names.items():
        for spelling in (name, *aliases):
            if given.get(spelling) is None:
                continue
            value = read_number(str(given[spelling]))
            value = abs(value) if value < 0 else value
            if not math.isfinite(value) or value == 0 or value > 1e15:
                raise InvalidCriteria(f"{kind} needs {name} above zero", [f'{{"{name}": 2}}'])
            return {name: value}
    raise _missing(kind, takes)


def _whole(given: Params, kind: str, name: str, *aliases: str) -> int:
    value = float(_amount(given, kind, **{name: aliases})[name])
    if value != round(value) or value > 1e9:
        raise InvalidCriteria(f"{name} is a whole number", ["1", "2", "3"])
    return int(value)


def _hours_of(given: Params, kind: str) -> float:
    """A time as hours: hours, minutes, days, or text such as "4h"."""
    for name, scale in (("hours", 1.0), ("max_hours", 1.0), ("minutes", 1 / 60), ("days", 24.0), ("seconds", 1 / 3600)):
        if given.get(name) is not None:
            return float(_amount({name: given[name]}, kind, **{name: ()})[name]) * scale
    for name in ("duration", "time", "limit"):
        if given.get(name) is not None:
            return read_seconds(str(given[name])) / 3600
    raise _missing(kind, '"hours"')


def _listed(given: Params, kind: str, name: str, *aliases: str) -> Any:
    for spelling in (name, *aliases):
        if given.get(spelling) not in (None, "", []):
            return given[spelling]
    raise _missing(kind, f'"{name}"')


def _filter(name: str, conditions: Callable[[Params], Any]) -> Callable[[RunFrame, Params], Effect]:
    """A kind that takes out the trades some conditions hold for."""

    def apply(frame: RunFrame, params: Params) -> Effect:
        return effects.without_where(frame, read_where(frame, conditions(params)))

    return apply


def _rule(kind: str, params: Callable[[Params], Params]) -> Callable[[RunFrame, Params], Effect]:
    def apply(frame: RunFrame, given: Params) -> Effect:
        return effects.by_rule(frame, _RULES[kind], {"currency": frame.facts.currency, **params(given)})

    return apply


# Exits


def _read_distance(kind: str) -> Callable[[Params], Params]:
    def read(given: Params) -> Params:
        return _amount(
            given, kind, pct=("stop_pct", "target_pct", "percent", "percentage", "distance_pct", "value"),
            money=("amount", "max_loss", "loss"), r=("r_multiple",),
        )  # fmt: skip

    return read


def _exit(kind: str) -> Callable[[RunFrame, Params], Effect]:
    def apply(frame: RunFrame, params: Params) -> Effect:
        side: Literal["stop", "target"] = "stop" if kind == "stop_loss" else "target"
        if "pct" in params:
            distance = pct_distance(frame, params["pct"], side)
        elif "r" in params:
            distance = r_distance(frame, params["r"])
        else:
            distance = np.full(len(frame.trades), params["money"])
        return exit_at(frame, distance, side)

    return apply


def _distance_words(frame: RunFrame, params: Params) -> str:
    if "pct" in params:
        return f"{params['pct']:g} % of the entry price"
    return f"{params['r']:g} R" if "r" in params else f"{params['money']:,.10g} {frame.facts.currency}"


def _trailing(frame: RunFrame, params: Params) -> Effect:
    return trailing(frame, params["pct"])


# Sizes and costs


def _read_size(given: Params) -> Params:
    return _amount(
        given, "position_size", factor=("multiple", "scale", "times"), value=("each", "notional", "amount"),
        max_value=("cap", "max"), equity_pct=("pct_of_equity", "equity_percent"),
    )  # fmt: skip


def _size(frame: RunFrame, params: Params) -> Effect:
    value = frame.trades.entry_value
    if "factor" in params:
        return effects.scaled(frame, params["factor"])
    if "equity_pct" in params:
        return effects.by_rule(frame, _RULES["equity_scaled_size"], params)
    wanted = float(params["value"] if "value" in params else params["max_value"])
    factor = np.divide(wanted, value, out=np.ones(len(value)), where=value > 0)
    return effects.scaled(frame, np.minimum(factor, 1.0) if "max_value" in params else factor)


def _size_words(frame: RunFrame, params: Params) -> str:
    if "factor" in params:
        return f"every position {params['factor']:g} times its size"
    if "equity_pct" in params:
        return f"every position worth {params['equity_pct']:g} % of equity"
    amount = params.get("value", params.get("max_value"))
    return f"every position worth {'at most ' if 'max_value' in params else ''}{amount:,.10g} {frame.facts.currency}"


def _no_fees(frame: RunFrame, _params: Params) -> Effect:
    t = frame.trades
    note = "Exact: each trade's net P&L with its fees given back; funding stays."
    if not t.fees.any():
        note = "This run records no fees, so nothing changes."
    return effects.with_costs(frame, np.zeros(len(t)), t.funding, note)


def _no_funding(frame: RunFrame, _params: Params) -> Effect:
    t = frame.trades
    note = "Exact: each trade's net P&L with its funding given back; fees stay."
    if not t.funding.any():
        note = "This run records no funding, so nothing changes."
    return effects.with_costs(frame, t.fees, np.zeros(len(t)), note)


def _read_fees(given: Params) -> Params:
    for name, aliases in (("factor", ("times", "multiple")), ("pct", ("percent", "rate_pct")), ("bps", ())):
        for spelling in (name, *aliases):
            if given.get(spelling) is not None:
                value = read_number(str(given[spelling]))
                if not 0 <= value <= 1e6:
                    raise InvalidCriteria(f"fees need {name} of zero or more", [f'{{"{name}": 0.5}}'])
                return {name: value}
    raise _missing("fees", '"factor", "pct" or "bps"')


def _fees(frame: RunFrame, params: Params) -> Effect:
    t = frame.trades
    if "factor" in params:
        return effects.with_costs(
            frame, t.fees * params["factor"], t.funding, "Exact: each trade's fees times the factor."
        )
    rate = params["pct"] / 100 if "pct" in params else params["bps"] / 10_000
    left = np.where(t.is_open | np.isnan(t.exit_price), 0.0, t.value_at(t.exit_price))
    note = "Exact: the rate on the value at entry and at exit instead of the fees paid; an open trade pays its entry."
    return effects.with_costs(frame, rate * (t.entry_value + left), t.funding, note)


def _fee_words(_frame: RunFrame, params: Params) -> str:
    if "factor" in params:
        return f"fees of {params['factor']:g} times what was paid"
    return f"fees of {params['pct']:g} % a side" if "pct" in params else f"fees of {params['bps']:g} bp a side"


# Which trades are taken


def _read_without(given: Params) -> Params:
    for name, aliases in (
        ("worst", ("largest_losses", "losers", "n")),
        ("best", ("largest_wins", "winners")),
        ("trades", ("ids", "trade", "trade_ids", "trade_id")),
        ("where", ("criteria", "conditions")),
    ):
        for spelling in (name, *aliases):
            if given.get(spelling) is None:
                continue
            if name in ("worst", "best"):
                return {name: _whole({name: given[spelling]}, "without_trades", name)}
            return {name: given[spelling]}
    raise _missing("without_trades", '"worst": 5, "best": 5, "trades": [12] or "where": [conditions]')


def _without_conditions(params: Params) -> Any:
    if "where" in params:
        return params["where"]
    return {"trade": params["trades"]} if "trades" in params else params


def _without_words(frame: RunFrame, params: Params) -> str:
    if "worst" in params:
        return f"without the {params['worst']} largest losses"
    if "best" in params:
        return f"without the {params['best']} largest wins"
    return "without the trades chosen"


def _only(frame: RunFrame, params: Params) -> Effect:
    return effects.without(frame, ~read_where(frame, params["where"]).mask)


def _read_where(given: Params) -> Params:
    return {"where": _listed(given, "only_trades", "where", "criteria", "conditions")}


def _read_count(kind: str, *aliases: str) -> Callable[[Params], Params]:
    return lambda given: {"count": _whole(given, kind, "count", "n", "max", *aliases)}


def _per_day(frame: RunFrame, params: Params) -> Effect:
    return effects.without(frame, nth_of_day(frame) > params["count"])


def _read_stop_after(given: Params) -> Params:
    count = _whole(given, "stop_after_losses", "count", "losses", "n", "max")
    in_a_row = read_flag(given.get("in_a_row", given.get("consecutive", False)), "in_a_row")
    return {"count": count, **({"in_a_row": True} if in_a_row else {})}


def _stop_after(frame: RunFrame, params: Params) -> Effect:
    removed = effects.after_losses(frame, params["count"], in_a_row=bool(params.get("in_a_row")))
    return effects.without(frame, removed)


def _read_side(given: Params) -> Params:
    word = str(_listed(given, "side_filter", "side", "only", "direction")).lower().strip()
    side = "long" if word.startswith(("long", "buy")) else "short" if word.startswith(("short", "sell")) else None
    if side is None:
        raise InvalidCriteria(f"there is no side {word!r}", ["long", "short"])
    return {"side": side}


def _read_cooldown(given: Params) -> Params:
    kind = "cooldown_after_losses"
    losses = given.get("losses", given.get("count", 1))
    return {"losses": _whole({"losses": losses}, kind, "losses"), "hours": _hours_of(given, kind)}


def _plural(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


_NOT_KNOWN_BEFORE = (
    "which trades these are is known only afterwards, so it shows what they cost and is no rule to follow"
)
KINDS: tuple[Kind, ...] = (
    Kind("stop_loss", '{"pct": 2} of the entry price, or {"money": 100}, or {"r": 1}', _read_distance("stop_loss"),
        _exit("stop_loss"), lambda f, p: f"a stop-loss at {_distance_words(f, p)}", aliases=("stop", "stoploss")),
    Kind("take_profit", '{"pct": 5}, {"money": 100} or {"r": 2}', _read_distance("take_profit"), _exit("take_profit"),
        lambda f, p: f"a take-profit at {_distance_words(f, p)}", aliases=("target", "profit_target")),
    Kind("trailing_stop", '{"pct": 3} back from the best price since entry', lambda given: _amount(given,
        "trailing_stop", pct=("trail_pct", "percent", "distance_pct", "value")), _trailing,
        lambda _f, p: f"a trailing stop of {p['pct']:g} %", aliases=("trail",)),
    Kind("max_holding_time", '{"hours": 4}', lambda given: {"hours": _hours_of(given, "max_holding_time")},
        _rule("max_holding_time", lambda p: {"max_hours": p["hours"]}),
        lambda _f, p: f"no trade held longer than {p['hours']:g} h", aliases=("time_stop", "time_exit")),
    Kind("position_size", '{"factor": 0.5}, {"value": 1000} each, {"max_value": 1000} or {"equity_pct": 10}',
        _read_size, _size, _size_words, aliases=("size", "scale_size")),
    Kind("max_position_size", '{"max_value": 1000}', lambda given: _amount(given, "max_position_size",
        max_value=("value", "cap", "max", "amount")), _size, _size_words),
    Kind("equity_scaled_size", '{"equity_pct": 10}', lambda given: _amount(given, "equity_scaled_size",
        equity_pct=("pct", "percent")), _size, _size_words),
    Kind("volatility_scaled_size", '{"daily_move": money a day, "max_factor": 2}', lambda given: {
        **_amount(given, "volatility_scaled_size", daily_move=("money", "amount")),
        "max_factor": _amount({"max_factor": given.get("max_factor", 1)}, "volatility_scaled_size",
        max_factor=())["max_factor"]}, _rule("volatility_scaled_size", dict),
        lambda f, p: f"positions sized to move {p['daily_move']:,.10g} {f.facts.currency} a day"),
    Kind("no_fees", "{}", lambda _given: {}, _no_fees, lambda _f, _p: "no fees",
        "costs can't be decided away; it shows what they took", ("no_costs", "without_fees", "no_commission")),
    Kind("no_funding", "{}", lambda _given: {}, _no_funding, lambda _f, _p: "no funding",
        "funding can't be decided away; it shows what it took"),
    Kind("fees", '{"factor": 0.5} of what was paid, or {"pct": 0.02} or {"bps": 2} of the value on each side',
        _read_fees, _fees, _fee_words, "costs are set by the venue; it shows what other costs would have left",
        ("fee_rate", "commission")),
    Kind("side_filter", '{"side": "long"}: the side that is kept', _read_side,
        _filter("side_filter", lambda p: {"not": {"side": p["side"]}}), lambda _f, p: f"{p['side']} trades only",
        aliases=("side_only", "longs_only", "shorts_only")),
    Kind("without_trades", '{"worst": 5}, {"best": 5}, {"trades": [12, 40]} or {"where": [conditions]}', _read_without,
        _filter("without_trades", _without_conditions), _without_words, _NOT_KNOWN_BEFORE,
        ("without", "exclude_trades", "remove_trades")),
    Kind("only_trades", '{"where": [conditions]}: all others left out', _read_where, _only,
        lambda _f, _p: "only the trades chosen", aliases=("only",)),
    Kind("no_trade_hours", '{"hours": [22, 23]} UTC', lambda given: {"hours": read_hours(_listed(given,
        "no_trade_hours", "hours", "hour"))}, _filter("no_trade_hours", lambda p: {"hour": p["hours"]}),
        lambda _f, p: f"no entries in hour {', '.join(f'{hour:02d}' for hour in p['hours'])} UTC",
        aliases=("skip_hours", "exclude_hours")),
    Kind("no_trade_weekdays", '{"weekdays": ["monday"]}', lambda given: {"weekdays": [WEEKDAYS[day] for day in
        read_weekdays(_listed(given, "no_trade_weekdays", "weekdays", "weekday", "days", "day"), WEEKDAYS)]},
        _filter("no_trade_weekdays", lambda p: {"weekday": p["weekdays"]}),
        lambda _f, p: f"no entries on {', '.join(p['weekdays'])}", aliases=("skip_weekdays", "exclude_weekdays")),
    Kind("symbol_exclusion", '{"symbols": ["BTC"]}', lambda given: {"symbols": _listed(given, "symbol_exclusion",
        "symbols", "symbol")}, _filter("symbol_exclusion", lambda p: {"symbol": p["symbols"]}),
        lambda _f, p: f"without {_names(p['symbols'])}", aliases=("without_symbol", "exclude_symbols")),
    Kind("tag_exclusion", '{"tags": ["breakout"]}: entry tags', lambda given: {"tags": _listed(given, "tag_exclusion",
        "tags", "tag")}, _filter("tag_exclusion", lambda p: {"entry_tag": p["tags"]}),
        lambda _f, p: f"without entries tagged {_names(p['tags'])}", aliases=("exclude_tags",)),
    Kind("max_trades_per_day", '{"count": 1}', _read_count("max_trades_per_day", "max_trades", "trades"), _per_day,
        lambda _f, p: f"at most {_plural(p['count'], 'trade', 'trades')} a day", aliases=("one_trade_a_day",)),
    Kind("stop_after_losses", '{"count": 2} losses closed that day; "in_a_row": true for a streak', _read_stop_after,
        _stop_after, lambda _f, p: f"no more entries on a day after {_plural(p['count'], 'loss', 'losses')}"
        f"{' in a row' if p.get('in_a_row') else ''}", aliases=("stop_for_the_day",)),
    Kind("cooldown_after_losses", '{"losses": 2, "hours": 4}', _read_cooldown, _rule("cooldown_after_losses", dict),
        lambda _f, p: f"{p['hours']:g} h without entries after {_plural(p['losses'], 'loss', 'losses')} in a row",
        aliases=("cooldown",)),
    Kind("max_concurrent_positions", '{"count": 3}', _read_count("max_concurrent_positions", "max_open", "positions"),
        _rule("max_concurrent_positions", lambda p: {"max_open": p["count"]}),
        lambda _f, p: f"at most {_plural(p['count'], 'position', 'positions')} at a time", aliases=("max_open",)),
    Kind("daily_loss_limit", '{"money": 500}', lambda given: _amount(given, "daily_loss_limit",
        money=("max_loss", "amount", "limit", "loss")), _rule("daily_loss_limit", lambda p: {"max_loss": p["money"]}),
        lambda f, p: f"no more entries on a day that has lost {p['money']:,.10g} {f.facts.currency}"),
    Kind("drawdown_circuit_breaker", '{"pct": 10}', lambda given: _amount(given, "drawdown_circuit_breaker",
        pct=("max_drawdown_pct", "percent", "drawdown")),
        _rule("drawdown_circuit_breaker", lambda p: {"max_drawdown_pct": p["pct"]}),
        lambda _f, p: f"no more entries once the drawdown is {p['pct']:g} %", aliases=("max_drawdown",)),
)  # fmt: skip
BY_NAME = {name: kind for kind in KINDS for name in (kind.name, *kind.aliases)}
KIND_HELP = "; ".join(f"{kind.name} {kind.takes}" for kind in KINDS)


def _names(value: Any) -> str:
    return value if isinstance(value, str) else ", ".join(map(str, value))


def read_kind(kind: str, params: Any) -> tuple[Kind, Params]:
    """The kind meant and its parameters in their one spelling; `params` is an object, JSON text, or one bare number.

    Raises:
        InvalidCriteria: for a kind there is none of or parameters it can't have.
    """
    name = re.sub(r"[\s\-]+", "_", str(kind).strip().lower())
    found = BY_NAME.get(name)
    if found is None:
        raise InvalidCriteria(f"there is no change {kind!r} to replay", [one.name for one in KINDS])
    given = _params(params)
    if name in ("longs_only", "shorts_only"):
        given = {"side": name.removesuffix("s_only")}
    if name == "one_trade_a_day":
        given = {"count": 1}
    return found, found.read(given)


def _params(params: Any) -> Params:
    if isinstance(params, str) and params.strip():
        try:
            params = json.loads(params)
        except (ValueError, RecursionError):
            pairs = re.findall(r"([A-Za-z_]{1,40})\s*[=:]\s*([^,;]{1,200})", params[:2000])
            params = {name: value.strip() for name, value in pairs} if pairs else params.strip()
    if isinstance(params, Mapping):
        return {re.sub(r"[\s\-]+", "_", str(name).strip().lower()): value for name, value in params.items()}
    if params in (None, "", []):
        return {}
    # A bare value stands for whichever parameter the kind has first.
    return dict.fromkeys(_BARE, params)


_BARE = ("pct", "count", "factor", "money", "max_value", "equity_pct", "side", "hours", "weekdays", "symbols", "tags",
         "worst")  # fmt: skip
__all__ = ["BY_NAME", "KINDS", "KIND_HELP", "CannotBeKnown", "Kind", "read_kind"]
