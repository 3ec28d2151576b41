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
from backend.api.imports import read_run
from backend.demo import DEMO_DIR
from backend.importers.base import ImportOptions
from backend.store.runs import imported_frame
from tests.factories import make_row, make_run, make_trade

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
    state: dict[str, Any] = {
        "day_pnl_low": 0.0, "trades_today": 0, "drawdown_pct": 0.0, "losing_streak": 0, "last_closed_at": None,
    }  # fmt: skip
    day, day_pnl = None, 0.0
    for at, kind, i in events:
        if (today := to_datetime(at).date()) != day:
            day, day_pnl = today, 0.0
            state["day_pnl_low"], state["trades_today"] = 0.0, 0
        if kind == 0:
            state["open_trades"] = sum(bool(t.is_open[j]) or t.closed_at[j] > at for j in taken)
            if allow(asked_for(frame, i), dict(state)):
                taken.add(i)
                state["trades_today"] += 1
            else:
                refused.append(i)
        elif i in taken:
            state["losing_streak"] = state["losing_streak"] + 1 if t.net_pnl[i] < 0 else 0
            state["last_closed_at"] = to_datetime(at)
            day_pnl += float(t.net_pnl[i])
            equity += float(t.net_pnl[i])
            peak = max(peak, equity)
            state["day_pnl_low"] = min(state["day_pnl_low"], day_pnl)
            state["drawdown_pct"] = max(state["drawdown_pct"], (peak - equity) / peak * 100)
    return refused


NO_FILTERS = ("stop_loss", "take_profit", "max_position_size", "equity_scaled_size", "max_holding_time")
FILTERS = [kind for kind in BY_KIND if kind not in NO_FILTERS]


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


def test_pasted_code_does_on_a_real_run_what_the_replay_says():
    file = DEMO_DIR / "freqtrade-cvddivergence.json"
    frame = imported_frame(read_run(file.name, file.read_bytes(), None, ImportOptions())[0])
    t, seen = frame.trades, set()
    for kind in FILTERS:
        rule = BY_KIND[kind]
        for params in rule.candidates(frame):
            refused = simulate_filter(frame, pasted(rule.word(frame, params).code))
            replay = replay_rule(frame, rule, params)
            assert replay.trades_removed == len(refused), params
            assert replay.net_pnl_after == pytest.approx(float(t.net_pnl[t.closed].sum() - t.net_pnl[refused].sum()))
            seen.add(kind)
    assert seen >= {"daily_loss_limit", "drawdown_circuit_breaker", "cooldown_after_losses", "no_trade_hours"}


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


def test_pasted_equity_sizing_gives_the_replayed_result():
    frame, rule = busy_run(), BY_KIND["equity_scaled_size"]
    t = frame.trades
    events = sorted(
        [(int(t.opened_at[i]), 0, int(i)) for i in t.closed] + [(int(t.closed_at[i]), 1, int(i)) for i in t.closed]
    )
    candidates = rule.candidates(frame)
    assert len(candidates) == 3
    for params in candidates:
        size, equity, net = pasted(rule.word(frame, params).code), 1000.0, {}
        for _, kind, i in events:
            if kind == 0:
                quantity = size(asked_for(frame, i), {"equity": equity})
                net[i] = float(t.net_pnl[i]) * quantity / float(t.quantity[i])
            else:
                equity += net[i]
        replay = replay_rule(frame, rule, params)
        assert replay.net_pnl_after == pytest.approx(sum(net.values()))
        assert replay.trades_changed == sum(abs(net[i] - t.net_pnl[i]) > 1e-9 for i in t.closed)


def test_equity_sizing_after_ruin_trades_nothing_more():
    frame = make_run(make_trade(net=-1500, quantity=20.0, ref="1"), make_trade(net=400, quantity=20.0, at=5, ref="2"))
    replay = replay_rule(frame, BY_KIND["equity_scaled_size"], {"equity_pct": 200.0})
    assert replay.net_pnl_after == -1500.0  # 2,000 of 1,000 put in, all of it lost and more; then nothing is left


def priced_run(known: bool = True) -> RunFrame:
    """Trades of two symbols that last whole hours; with `known`, rows that give both prices at each hour."""
    rng = np.random.default_rng(5)
    walk = {"A": 100 + np.cumsum(rng.normal(0, 1, 400)), "B": 50 + np.cumsum(rng.normal(0, 0.5, 400))}
    trades = []
    for i in range(90):
        at, hours, symbol = int(rng.integers(0, 360)), int(rng.integers(1, 30)), "AB"[i % 2]
        inside = walk[symbol][at : at + hours + 1]
        trades.append(
            make_trade(
                side=str(rng.choice(["long", "short"])), at=at, hours=hours, symbol=symbol, entry=float(inside[0]),
                exit_price=float(inside[-1]), quantity=float(rng.integers(1, 5)), fees=0.1, funding=0.05, ref=str(i),
                low=float(inside.min()), high=float(inside.max()),
            )
        )  # fmt: skip
    seen = [make_row("hold", at=h, symbol=name, price=float(walk[name][h])) for h in range(400) for name in walk]
    return make_run(*trades, seen if known else [])


@pytest.mark.parametrize("hours", [3.0, 12.0, 20.0])
def test_pasted_time_limit_gives_the_replay_where_prices_are_known_and_else_lies_within_its_bounds(hours: float):
    frame, rule = priced_run(), BY_KIND["max_holding_time"]
    t, p = frame.trades, frame.positions
    due = pasted(rule.word(frame, {"max_hours": hours}).code)
    bars: dict[str, list[tuple[int, float]]] = {name: [] for name in p.symbols}
    for row in np.flatnonzero(p.action == 4):
        bars[p.symbols[p.symbol[row]]].append((int(p.ts[row]), float(p.price[row])))
    net = {}
    for i in t.closed:
        price, asked = float(t.exit_price[i]), asked_for(frame, i)
        for at, seen in bars[t.symbols[t.symbol[i]]]:
            if t.opened_at[i] <= at < t.closed_at[i] and due(asked, {"now": to_datetime(at)}):
                price = seen
                break
        gross = float(t.side[i]) * (price - float(t.entry_price[i])) * float(t.quantity[i])
        net[i] = gross - float(t.fees[i] + t.funding[i])
    replay = replay_rule(frame, rule, {"max_hours": hours})
    assert replay.method == "exact"
    assert replay.net_pnl_after == pytest.approx(sum(net.values()))
    assert replay.trades_changed == sum(abs(net[i] - t.net_pnl[i]) > 1e-9 for i in t.closed)
    bounded = replay_rule(priced_run(known=False), rule, {"max_hours": hours})
    assert bounded.method == "bounded"
    assert bounded.net_pnl_after_low <= replay.net_pnl_after <= bounded.net_pnl_after_high


def test_time_limit_without_prices_or_on_trades_filled_in_parts_needs_prices():
    rule, params = BY_KIND["max_holding_time"], {"max_hours": 2.0}
    bare = replay_rule(make_run(make_trade(net=-3, hours=5, ref="1"), make_trade(net=1, at=7, ref="2")), rule, params)
    assert (bare.method, bare.gain, bare.verdict) == ("needs_prices", None, "unknown")
    parts = [
        *make_trade(net=-3, hours=5, ref="1", quantity=2.0, low=90, high=110),
        make_row("buy", at=4, price=95.0, quantity=1.0, trade_ref="1"),
        make_row("sell", at=4.5, price=95.0, quantity=1.0, trade_ref="1"),
    ]
    assert "in parts" in replay_rule(make_run(parts), rule, params).method_note
    assert replay_rule(make_run(make_trade(net=-3, hours=2, ref="1")), rule, params).method == "exact"


def test_cooldown_counts_only_what_was_taken_and_ends_with_a_winner():
    frame = make_run(
        make_trade(net=-1, at=0, hours=1, ref="1"),
        make_trade(net=-1, at=0, hours=2, ref="2"),  # the second loss in a row, at 02:00: wait until 08:00
        make_trade(net=-1, at=3, hours=1, ref="3"),  # refused; its loss does not prolong the wait
        make_trade(net=-1, at=8, hours=1, ref="4"),  # taken, and lost at 09:00: wait until 15:00
        make_trade(net=9, at=1, hours=10, ref="5"),  # opened before, wins at 11:00: the wait is over
        make_trade(net=-1, at=12, hours=1, ref="6"),
    )
    replay = replay_rule(frame, BY_KIND["cooldown_after_losses"], {"losses": 2, "hours": 6.0})
    assert (replay.trades_removed, replay.net_pnl_after) == (1, 5.0)


def test_concurrency_gives_a_place_to_the_next_where_one_was_refused_and_counts_what_stays_open():
    frame = make_run(
        make_trade(net=-1, at=0, hours=4, ref="1"),
        make_trade(net=-2, at=1, hours=9, ref="2"),  # refused: the first is open
        make_trade(net=-4, at=4, hours=2, ref="3"),  # the first closes at this very moment
        make_trade(net=-8, at=7, hours=0, ref="4"),  # opened and closed within one instant
        [make_row("buy", at=7, price=10.0, quantity=1.0, trade_ref="5", symbol="ETH")],  # stays open
        make_trade(net=-16, at=9, hours=1, ref="6"),  # refused: the open one holds the only place
    )
    replay = replay_rule(frame, BY_KIND["max_concurrent_positions"], {"max_open": 1})
    assert (replay.trades_removed, replay.net_pnl_after) == (2, -13.0)


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
