"""What would have been: the change that a clause supposes, as a kind and parameters of `replay_rule`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.agents.offline.understanding.clause import Clause
from backend.agents.offline.understanding.items import Item
from backend.agents.offline.understanding.plan import Condition, WhatIf

_SECONDS = {"u:second": 1, "u:minute": 60, "u:hour": 3600, "u:day": 86400, "u:week": 604800}
_OTHER_SIDE = {"long": "short", "short": "long"}


def read_what_if(clause: Clause, ids: Sequence[int] = ()) -> WhatIf | None:
    """The change supposed; None where none can be made out. `ids` are the trades a pronoun stands for."""
    for reader in (_price_exit, _costs, _size, _time_limit, _daily, _left_out, _kept):
        found = reader(clause, ids)
        if found is not None:
            return found
    return None


def _number_near(clause: Clause, place: int, *units: str) -> tuple[float, str] | None:
    """(number, unit) nearest to an item; with units only a number that has one of them."""
    best: tuple[int, float, str] | None = None
    for at, item in enumerate(clause.items):
        if item.kind != "number" or item.value is None:
            continue
        unit = _unit_after(clause.items, at)
        if units and unit not in units:
            continue
        distance = abs(at - place)
        if best is None or distance < best[0]:
            best = (distance, float(item.value), unit)
    return None if best is None else (best[1], best[2])


def _unit_after(items: Sequence[Item], place: int) -> str:
    for item in items[place + 1 : place + 2]:
        for unit in ("u:pct", "u:money", "u:x", "u:r", "u:pip", *_SECONDS):
            if item.has(unit):
                return unit
    before = items[place - 1] if place else None
    return (
        "u:money"
        if before is not None and before.has("u:money")
        else "u:pct"
        if before is not None and before.has("u:pct")
        else ""
    )


def _price_exit(clause: Clause, _ids: Sequence[int]) -> WhatIf | None:
    for concept, kind in (("wi:trailing", "trailing_stop"), ("wi:target", "take_profit"), ("wi:stop", "stop_loss")):
        place = clause.first(concept)
        if place is None or (kind == "stop_loss" and clause.has("wi:stopafter", "wi:dayloss", "dd_stop")):
            continue
        found = _number_near(clause, place)
        if found is None:
            continue
        value, unit = found
        if unit == "u:pip":
            return None
        if unit == "u:money" and kind != "trailing_stop":
            return WhatIf(kind, {"money": abs(value)})
        if unit == "u:r" and kind != "trailing_stop":
            return WhatIf(kind, {"r": abs(value)})
        return WhatIf(kind, {"pct": abs(value)})
    return None


def _costs(clause: Clause, _ids: Sequence[int]) -> WhatIf | None:
    measure = next((name for name in ("fees", "funding") if clause.has(f"m:{name}")), None)
    if measure is None or clause.has("wi:stop", "wi:target"):
        return None
    if measure == "fees" and clause.has("wi:half"):
        return WhatIf("fees", {"factor": 0.5})
    if measure == "fees" and clause.has("wi:double"):
        return WhatIf("fees", {"factor": 2})
    place = clause.first(f"m:{measure}") or 0
    found = _number_near(clause, place, "u:pct")
    if measure == "fees" and found is not None and not clause.has("share"):
        return WhatIf("fees", {"pct": found[0]})
    if clause.has("without", "not", "if"):
        return WhatIf(f"no_{measure}")
    return None


def _size(clause: Clause, _ids: Sequence[int]) -> WhatIf | None:
    if clause.has("wi:half") and not clause.has("half1", "half2"):
        return WhatIf("position_size", {"factor": 0.5})
    if clause.has("wi:double"):
        return WhatIf("position_size", {"factor": 2})
    place = clause.first("wi:size", "m:stake", "m:quantity")
    if place is None:
        return None
    found = _number_near(clause, place, "u:pct", "u:x", "u:money")
    if found is None:
        return None
    value, unit = found
    if unit == "u:money":
        return WhatIf("max_position_size" if clause.has("op:lt", "r:big") else "position_size",
                      {"max_value" if clause.has("op:lt", "r:big") else "value": value})  # fmt: skip
    return WhatIf("position_size", {"factor": value / 100 if unit == "u:pct" else value})


def _time_limit(clause: Clause, _ids: Sequence[int]) -> WhatIf | None:
    if not clause.has("wi:maxhold", "v:close", "op:lt", "v:hold", "op:after") or clause.has("wi:cooldown"):
        return None
    for at, item in enumerate(clause.items):
        unit = _unit_after(clause.items, at)
        alone = next((name for name in _SECONDS if item.has(name) and item.has("u:hour", "u:day", "u:minute")), None)
        if item.kind == "number" and item.value is not None and unit in _SECONDS:
            return WhatIf("max_holding_time", {"hours": item.value * _SECONDS[unit] / 3600})
        if alone and clause.has("wi:maxhold") and at and clause.items[at - 1].concepts == frozenset({"stop"}):
            return WhatIf("max_holding_time", {"hours": _SECONDS[alone] / 3600})
    return None


def _daily(clause: Clause, _ids: Sequence[int]) -> WhatIf | None:
    numbers = [item.value for item in clause.items if item.kind == "number" and item.value is not None]
    numbers = [*numbers, *(item.value for item in clause.items if item.has("ord") and item.value is not None)]
    losing = clause.has("res:loss", "loss", "v:lose", "red", "L", "m:longest_losing_streak") or any(
        c.key == "streak" for c in clause.where
    )
    streak = next((c for c in clause.where if c.key == "streak"), None)
    if clause.has("wi:cooldown") and losing:
        hours = _number_near(clause, clause.first("wi:cooldown") or 0, "u:hour", "u:minute", "u:day")
        count = _count_of_losses(clause, streak)
        if hours is not None:
            return WhatIf("cooldown_after_losses", {"losses": count, "hours": hours[0] * _SECONDS[hours[1]] / 3600})
        return WhatIf("cooldown_after_losses", {"losses": count, "hours": 24})
    if clause.has("wi:stopafter") and losing:
        params: dict[str, Any] = {"count": _count_of_losses(clause, streak)}
        if clause.has("streak", "m:longest_losing_streak"):
            params["in_a_row"] = True
        return WhatIf("stop_after_losses", params)
    if clause.has("wi:dayloss") and numbers:
        return WhatIf("daily_loss_limit", {"money": numbers[0]})
    if clause.has("dd_stop") and numbers:
        return WhatIf("drawdown_circuit_breaker", {"pct": numbers[0]})
    if clause.has("wi:concurrent") and numbers:
        return WhatIf("max_concurrent_positions", {"count": int(numbers[0])})
    nth = next((c for c in clause.where if c.key == "nth_of_day"), None)
    if nth is not None and nth.value == 1 and not nth.negated:
        return WhatIf("max_trades_per_day", {"count": 1})
    if (
        clause.has("wi:perday", "per", "g:day")
        and numbers
        and clause.has("trade", "m:trades_per_day")
        and clause.has("wi:perday", "g:day")
    ):
        return WhatIf("max_trades_per_day", {"count": int(numbers[0])})
    if clause.has("m:trades_per_day") and numbers:
        return WhatIf("max_trades_per_day", {"count": int(numbers[0])})
    return None


def _count_of_losses(clause: Clause, streak: Condition | None) -> int:
    if streak is not None:
        return int(streak.value["at_least"])
    for at, item in enumerate(clause.items):
        if item.value is not None and item.value == int(item.value) and (item.kind == "number" or item.has("ord")):
            near = clause.items[at + 1 : at + 5]
            if any(one.has("res:loss", "loss", "streak", "L", "trade", "m:longest_losing_streak") for one in near):
                return int(item.value)
    return 1


def _left_out(clause: Clause, ids: Sequence[int]) -> WhatIf | None:
    """Without the worst five, without that one, without Mondays; had I skipped hours 22 and 23."""
    taking_out = clause.has("without", "not", "wi:stopafter") or (clause.has("should") and clause.has("wi:stop"))
    ranked = next((name for name in ("worst", "best") if clause.has(f"r:{name}")), None)
    if ranked is None and clause.has("r:big"):
        ranked = (
            "worst" if clause.has("res:loss", "loss", "L") else "best" if clause.has("res:win", "profit", "W") else None
        )
    if (
        taking_out
        and ranked is not None
        and clause.has("trade", "res:win", "res:loss", "loss", "profit", "L", "one", "r:worst", "r:best")
        and not clause.prefix("g:")
    ):
        return WhatIf("without_trades", {ranked: clause.limit() or 1})
    negated = [one for one in clause.where if one.negated]
    kept = [one for one in clause.where if not one.negated]
    if taking_out and not negated and kept and not clause.has("only"):
        negated, kept = kept, []
    if negated:
        return _excluding(negated, kept)
    if taking_out and clause.has("pron:it", "pron:them", "one") and ids and not clause.has("rules"):
        several = clause.has("pron:them") and not clause.has("pron:it")
        return WhatIf("without_trades", {"trades": list(ids) if several else [ids[0]]})
    if taking_out and clause.has("res:loss") and clause.has("all"):
        return WhatIf("without_trades", {"where": [{"result": "loss"}]})
    if taking_out and clause.has("wi:stopped"):
        return WhatIf("without_trades", {"where": [{"exit_reason": "stop"}]})
    return None


def _excluding(negated: Sequence[Condition], kept: Sequence[Condition]) -> WhatIf:
    one = negated[0]
    if len(negated) == 1 and not kept and one.by != "closed":
        if one.key == "symbol":
            return WhatIf("symbol_exclusion", {"symbols": one.value if isinstance(one.value, list) else [one.value]})
        if one.key == "side":
            return WhatIf("side_filter", {"side": _OTHER_SIDE[one.value]})
        if one.key == "hour" and not isinstance(one.value, dict):
            return WhatIf("no_trade_hours", {"hours": one.value if isinstance(one.value, list) else [one.value]})
        if one.key == "weekday":
            return WhatIf("no_trade_weekdays", {"weekdays": one.value if isinstance(one.value, list) else [one.value]})
    where = [Condition(c.key, c.value, c.by).as_json() for c in (*negated, *kept)]
    if len({c.key for c in negated}) < len(negated) and not kept:
        same: dict[str, list[Any]] = {}
        for c in negated:
            same.setdefault(c.key, []).append(c.value)
        where = [{key: values if len(values) > 1 else values[0]} for key, values in same.items()]
        if list(same) == ["symbol"]:
            return WhatIf("symbol_exclusion", {"symbols": same["symbol"]})
        if list(same) == ["weekday"]:
            return WhatIf("no_trade_weekdays", {"weekdays": same["weekday"]})
    return WhatIf("without_trades", {"where": where})


def _kept(clause: Clause, _ids: Sequence[int]) -> WhatIf | None:
    """Longs only, only on Mondays, only BTC."""
    kept = [one for one in clause.where if not one.negated]
    if not kept or not (clause.has("only", "if") and (clause.has("only") or clause.hypothetical)):
        return None
    if not clause.has("only") and (clause.unknown or not clause.has("v:trade", "v:buy", "v:open", "v:hold", "trade")):
        return None
    if len(kept) == 1 and kept[0].key == "side":
        return WhatIf("side_filter", {"side": kept[0].value})
    same: dict[str, list[Condition]] = {}
    for one in kept:
        same.setdefault(one.key, []).append(one)
    where = [
        held[0] if len(held) == 1 else Condition(key, [one.value for one in held], held[0].by)
        for key, held in same.items()
    ]
    return WhatIf("only_trades", {"where": [one.as_json() for one in where]})
