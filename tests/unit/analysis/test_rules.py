"""Rules: hand-worked replays, and the pasted code run over the trades by a plain simulator, against the replay."""

from __future__ import annotations

import json

import numpy as np
import pytest

from backend.analysis import RULES, RunFrame, replay_rule, suggest_rules
from backend.analysis.arrays import to_datetime
from backend.analysis.rules.base import Params, Rule
from tests.bench.rules import RULES_TABLE, first_known, real_runs, rules_document
from tests.support.factories import make_row, make_run, make_trade
from tests.support.simulator import asked_for, pasted, simulate

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


@pytest.mark.parametrize("kind", BY_KIND)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_pasted_code_does_what_the_replay_says(kind: str, seed: int):
    frame, rule = busy_run(seed), BY_KIND[kind]
    candidates = rule.candidates(frame)
    for params in candidates:
        agrees(frame, rule, params)


def agrees(frame: RunFrame, rule: Rule, params: Params) -> None:
    """The pasted code, run by the simulator, gives the replay's trades and money."""
    simulated = simulate(frame, rule.word(frame, params).code)
    replay, net = replay_rule(frame, rule, params), frame.trades.net_pnl
    assert replay.method != "needs_prices"
    assert replay.trades_removed == len(simulated.refused), params
    assert replay.net_pnl_after_low == pytest.approx(simulated.net_low, rel=1e-9, abs=1e-6), params
    assert replay.net_pnl_after_high == pytest.approx(simulated.net_high, rel=1e-9, abs=1e-6), params
    assert replay.net_pnl_after == replay.net_pnl_after_low
    changed = [i for i, made in simulated.low.items() if abs(made - net[i]) > 1e-7 * max(1.0, abs(net[i]))]
    assert replay.trades_changed == pytest.approx(len(changed), abs=1), params
    after = {**dict.fromkeys(simulated.refused, 0.0), **simulated.low}
    avoided = sum(net[i] < 0 and made > net[i] + 1e-7 for i, made in after.items())
    assert replay.losers_avoided == pytest.approx(avoided, abs=1), params


@pytest.fixture(scope="module")
def real() -> dict[str, RunFrame]:
    return real_runs()


@pytest.mark.parametrize("kind", BY_KIND)
def test_pasted_code_does_on_a_real_run_what_the_replay_says(kind: str, real: dict[str, RunFrame]):
    name, proposed = first_known(BY_KIND[kind], real)
    for params in proposed:
        agrees(real[name], BY_KIND[kind], params)


def test_table_of_rules_on_real_runs_is_what_its_command_writes():
    assert RULES_TABLE.read_text() == rules_document()


def test_volatility_comes_only_from_prices_before_the_entry():
    rule = BY_KIND["volatility_scaled_size"]
    calm = [make_row("hold", at=i, price=100.0 + i % 2) for i in range(30)]
    wild = [make_row("hold", at=40 + i, price=100.0 + 30 * (i % 2)) for i in range(30)]
    trade = make_trade(net=-8, at=32, hours=80, quantity=2.0, ref="1")
    later = make_trade(net=-8, at=80, hours=1, quantity=2.0, ref="2")
    params = {"daily_move": 5.0, "max_factor": 2.0}
    first = replay_rule(make_run(trade, calm), rule, params).net_pnl_after
    both = replay_rule(make_run(trade, later, calm, wild), rule, params).net_pnl_after
    # 24 changes of about 1 % a day are 4.9 % of 200: 9.75. What came after the entry changes nothing of its size.
    assert first == pytest.approx(-8 * 5 / 9.75, rel=0.03)
    assert first - 1.5 < both - first + first < first
    assert replay_rule(make_run(trade), rule, params).net_pnl_after == -8.0


def test_a_trade_that_stays_open_takes_its_place_in_the_day():
    frame = make_run(
        [make_row("buy", at=0, price=10.0, quantity=1.0, trade_ref="1", symbol="ETH")],
        make_trade(net=-2, at=1, ref="2"),
        make_trade(net=-4, at=30, ref="3"),
    )
    replay = replay_rule(frame, BY_KIND["max_trades_per_day"], {"max_trades": 1})
    assert (replay.trades_removed, replay.net_pnl_after) == (1, -4.0)


def test_every_kind_of_rule_is_exercised_above():
    proposed = {rule.kind for seed in (1, 2, 3) for rule in RULES if rule.candidates(busy_run(seed))}
    assert proposed == set(BY_KIND)


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
    replay = replay_rule(proven_run(), BY_KIND[rule], params, other_frames=others)
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
