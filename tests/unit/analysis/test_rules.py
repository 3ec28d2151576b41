"""Rules: hand-worked replays, and the pasted code run over the trades by a plain simulator, against the replay."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backend.analysis import RULES, RunFrame, replay_rule, suggest_rules
from backend.analysis.arrays import to_datetime
from backend.analysis.rules.base import Params, Rule
from tests.factories import make_run, make_trade

BY_KIND = {rule.kind: rule for rule in RULES}


def busy_run(seed: int = 1, count: int = 160) -> RunFrame:
    """Overlapping trades in three symbols, both sides, with a bad hour, tags, extremes, sizes, costs."""
    rng = np.random.default_rng(seed)
    trades = []
    for i in range(count):
        at = float(np.round(i * 3.1 + rng.uniform(0, 2), 2))
        side, entry = str(rng.choice(["long", "short"])), 100.0
        quantity = float(rng.integers(1, 8))
        move = float(rng.normal(-1.0 if int(at) % 24 == 13 else 0.05, 2))
        exit_price = entry + (move if side == "long" else -move)
        low, high = min(entry, exit_price) - abs(rng.normal(0, 1)), max(entry, exit_price) + abs(rng.normal(0, 1))
        trades.append(
            make_trade(
                side=side, at=at, hours=float(rng.uniform(0.2, 30)), entry=entry, exit_price=exit_price,
                quantity=quantity,
                symbol=str(rng.choice(["A", "B", "C"])), fees=0.2, funding=0.05, ref=str(i), low=low, high=high,
                entry_tag=str(rng.choice(["x", "y'\"\n"])),
            )
        )  # fmt: skip
    return make_run(*trades)


def pasted(code: str) -> Callable[[dict[str, Any], dict[str, Any]], Any]:
    """What the trader gets by pasting the code into an empty module."""
    module: dict[str, Any] = {}
    exec(compile(code, "pasted", "exec"), module)
    functions = [value for name, value in module.items() if callable(value) and not name.startswith("__")]
    assert len(functions) == 1
    assert functions[0].__doc__
    return functions[0]


def asked_for(frame: RunFrame, i: int) -> dict[str, Any]:
    t, p = frame.trades, frame.positions
    return {
        "symbol": t.symbols[t.symbol[i]], "side": "long" if t.side[i] > 0 else "short",
        "opened_at": to_datetime(t.opened_at[i]), "quantity": float(t.quantity[i]),
        "entry_price": float(t.entry_price[i]),
        "multiplier": float(t.multiplier[i]), "entry_tag": p.tag[t.entry_row[i]],
    }  # fmt: skip


def simulate_filter(frame: RunFrame, allow: Callable[..., bool]) -> list[int]:
    """Feed the closed trades one event at a time, entries of an instant before its exits; ids of those refused."""
    t = frame.trades
    events = sorted(
        [(int(t.opened_at[i]), 0, int(i)) for i in t.closed] + [(int(t.closed_at[i]), 1, int(i)) for i in t.closed]
    )
    refused, taken = [], set()
    equity = peak = frame.facts.initial_cash or 0.0
    state = {"day_pnl_low": 0.0, "trades_today": 0, "drawdown_pct": 0.0}
    day, day_pnl = None, 0.0
    for at, kind, i in events:
        if (today := to_datetime(at).date()) != day:
            day, day_pnl = today, 0.0
            state["day_pnl_low"], state["trades_today"] = 0.0, 0
        if kind == 0:
            if allow(asked_for(frame, i), dict(state)):
                taken.add(i)
                state["trades_today"] += 1
            else:
                refused.append(i)
        elif i in taken:
            day_pnl += float(t.net_pnl[i])
            equity += float(t.net_pnl[i])
            peak = max(peak, equity)
            state["day_pnl_low"] = min(state["day_pnl_low"], day_pnl)
            state["drawdown_pct"] = max(state["drawdown_pct"], (peak - equity) / peak * 100)
    return refused


FILTERS = [kind for kind in BY_KIND if kind not in ("stop_loss", "take_profit", "max_position_size")]


@pytest.mark.parametrize("kind", FILTERS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_pasted_filters_refuse_what_the_replay_removes(kind: str, seed: int):
    frame, rule = busy_run(seed), BY_KIND[kind]
    candidates = rule.candidates(frame)
    for params in candidates:
        refused = simulate_filter(frame, pasted(rule.word(frame, params).code))
        replay = replay_rule(frame, rule, params)
        t = frame.trades
        assert replay.trades_removed == len(refused), params
        kept = float(t.net_pnl[t.closed].sum() - t.net_pnl[refused].sum())
        assert replay.net_pnl_after == pytest.approx(kept)
        assert replay.losers_avoided == int((t.net_pnl[refused] < 0).sum())


def test_every_kind_of_filter_is_exercised_above():
    proposed = {rule.kind for seed in (1, 2, 3) for rule in RULES if rule.candidates(busy_run(seed))}
    assert proposed == set(BY_KIND)


def test_pasted_sizing_gives_the_replayed_result():
    frame, rule = busy_run(), BY_KIND["max_position_size"]
    t = frame.trades
    for params in rule.candidates(frame):
        size = pasted(rule.word(frame, params).code)
        after = sum(float(t.net_pnl[i]) * size(asked_for(frame, i), {}) / float(t.quantity[i]) for i in t.closed)
        assert replay_rule(frame, rule, params).net_pnl_after == pytest.approx(after)


@pytest.mark.parametrize(("kind", "sign"), [("stop_loss", -1), ("take_profit", 1)])
def test_pasted_prices_give_the_replayed_bounds(kind: str, sign: int):
    frame, rule = busy_run(), BY_KIND[kind]
    t = frame.trades
    for params in rule.candidates(frame):
        price_of, worst, best = pasted(rule.word(frame, params).code), 0.0, 0.0
        for i in t.closed:
            price, side, net = price_of(asked_for(frame, i), {}), int(t.side[i]), float(t.net_pnl[i])
            at_price = side * (price - t.entry_price[i]) * t.quantity[i] - t.fees[i] - t.funding[i]
            furthest = t.low_price[i] if sign * side < 0 else t.high_price[i]
            ended_beyond = sign * side * (t.exit_price[i] - price) >= -1e-9
            touched = sign * side * (furthest - price) >= -1e-9
            outcomes = [at_price] if ended_beyond else [at_price, net] if touched else [net]
            worst, best = worst + min(outcomes), best + max(outcomes)
        replay = replay_rule(frame, rule, params)
        assert replay.method == "bounded"
        assert (replay.net_pnl_after_low, replay.net_pnl_after_high) == (pytest.approx(worst), pytest.approx(best))
        assert replay.net_pnl_after == replay.net_pnl_after_low


def test_stop_loss_worked_by_hand():
    frame = make_run(
        make_trade(exit_price=90, low=85, high=101, ref="1"),  # beyond a 5 % stop at its own exit: −5 for −10
        make_trade(exit_price=104, low=94, high=106, at=2, ref="2"),  # touched it: −5 or +4
        make_trade(exit_price=103, low=99, high=104, at=4, ref="3"),  # never: +3
    )
    replay = replay_rule(frame, BY_KIND["stop_loss"], {"stop_pct": 5.0})
    assert (replay.net_pnl_before, replay.net_pnl_after_low, replay.net_pnl_after_high) == (-3.0, -7.0, 2.0)
    assert (replay.verdict, replay.losers_avoided, replay.winners_lost) == ("fragile", 1, 1)


def test_without_extremes_a_stop_needs_prices():
    replay = replay_rule(
        make_run(make_trade(net=-10), make_trade(net=5, at=2)), BY_KIND["stop_loss"], {"stop_pct": 5.0}
    )
    assert (replay.method, replay.verdict, replay.gain, replay.net_pnl_after) == ("needs_prices", "unknown", None, None)
    assert replay.net_pnl_before == -5.0


def test_daily_loss_limit_lets_later_days_see_what_was_really_taken():
    # Day 1 hits the limit at 02:00; the trade it keeps out would have closed on day 2 and hit the limit there.
    frame = make_run(
        make_trade(net=-10, at=1, hours=1, ref="1"),
        make_trade(net=-10, at=3, hours=22, ref="2"),
        make_trade(net=7, at=26, hours=1, ref="3"),
    )
    replay = replay_rule(frame, BY_KIND["daily_loss_limit"], {"max_loss": 10.0, "currency": "USD"})
    assert (replay.trades_removed, replay.net_pnl_after) == (1, -3.0)


def proven_run(run_id: int = 1, flip: int = 1) -> RunFrame:
    """Symbol B loses steadily, symbol A gains; with `flip` −1 the other way round."""
    rng = np.random.default_rng(run_id)
    return make_run(
        *(
            make_trade(net=float(rng.normal(flip * (-5, 5)[i % 2], 2)), at=5.0 * i, symbol="BA"[i % 2], ref=str(i))
            for i in range(80)
        ),
        run_id=run_id,
        run_number=run_id,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "params", "others", "verdict"),
    [
        ("symbol_exclusion", {"symbols": ["B"]}, (), "holds"),
        ("symbol_exclusion", {"symbols": ["B"]}, (proven_run(2),), "holds"),
        ("symbol_exclusion", {"symbols": ["B"]}, (proven_run(2, flip=-1),), "in-sample only"),
        ("symbol_exclusion", {"symbols": ["A"]}, (), "hurts"),
    ],
)
def test_verdicts_follow_the_evidence(rule: str, params: Params, others: tuple[RunFrame, ...], verdict: str):
    replay = replay_rule(proven_run(), BY_KIND[rule], params, other_frames=others, values_tried=3)
    assert replay.verdict == verdict
    assert replay.verdict_why
    assert replay.first_half_gain + replay.second_half_gain == pytest.approx(replay.gain)
    assert replay.gain_low <= replay.gain <= replay.gain_high


def test_the_run_itself_is_not_counted_as_another_run():
    assert (
        replay_rule(proven_run(), BY_KIND["side_filter"], {"side": "long"}, other_frames=[proven_run()]).other_runs
        == []
    )


def test_gain_in_one_half_is_in_sample_only():
    trades = [make_trade(net=-10 if i < 20 else 5, at=24.0 * i, symbol="B", ref=str(i)) for i in range(40)]
    frame = make_run(*trades, make_trade(net=1, at=2000, symbol="A"))
    assert replay_rule(frame, BY_KIND["symbol_exclusion"], {"symbols": ["B"]}).verdict == "in-sample only"


def test_what_is_asked_for_comes_first_and_is_shown_even_if_it_hurts():
    result = suggest_rules(busy_run(), "which symbols should I drop?")
    assert result.rules[0].kind == "symbol_exclusion"
    assert result.rules_tried >= 8
    assert result.parameter_values_tried > result.rules_tried
    data = json.loads(json.dumps(result.model_dump(mode="json"), allow_nan=False))
    assert data["kind"] == "rule_suggestions"
    assert {rule["kind"] for rule in data["rules"]} <= set(BY_KIND)


def test_hurting_rules_are_not_offered_unasked():
    assert all(rule.replay.verdict not in ("hurts", "unknown") for rule in suggest_rules(busy_run(), "").rules)


@pytest.mark.parametrize(
    "frame", [make_run(), make_run(make_trade(net=5)), make_run(make_trade(net=-5), initial_cash=None)]
)
def test_tiny_runs_are_answered_with_a_warning(frame: RunFrame):
    assert any("closed" in warning for warning in suggest_rules(frame, "stop loss").warnings)


def test_parameters_come_from_the_run_and_scale_with_it():
    rule: Rule = BY_KIND["daily_loss_limit"]
    small = make_run(*(make_trade(net=-float(i + 1), at=24.0 * i, ref=str(i)) for i in range(8)))
    large = make_run(*(make_trade(net=-10.0 * (i + 1), at=24.0 * i, ref=str(i)) for i in range(8)))
    assert [p["max_loss"] * 10 for p in rule.candidates(small)] == pytest.approx(
        [p["max_loss"] for p in rule.candidates(large)]
    )


def test_hostile_names_stay_data_in_pasted_code():
    evil = '"""); raise SystemExit  #\n'
    frame = make_run(
        *(make_trade(net=-5, at=i, symbol=evil, ref=str(i)) for i in range(4)), make_trade(net=5, at=9, symbol="A")
    )
    rule = BY_KIND["symbol_exclusion"]
    (params,) = rule.candidates(frame)
    allow = pasted(rule.word(frame, params).code)
    assert (allow({"symbol": evil}, {}), allow({"symbol": "A"}, {})) == (False, True)
