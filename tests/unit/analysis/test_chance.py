"""The statistic of a removal worked by hand, and the walks through deals against the rules' own replays."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from backend.analysis import RULES, RunFrame, replay_rule, suggest_rules
from backend.analysis.arrays import group_starts
from backend.analysis.chance import FEWEST, Family, Null, Proposals, Sample, detectable, null_of, sample_of
from backend.analysis.chance.families import FamilyScores
from backend.analysis.chance.limit import best_by_limit
from backend.analysis.patterns import find_patterns
from tests.support.factories import make_run, make_trade

BY_KIND = {rule.kind: rule for rule in RULES}


def drawn(seed: int, count: int = 120, **facts: object) -> RunFrame:
    """Overlapping trades of several symbols, sizes and results."""
    rng = np.random.default_rng(seed)
    trades = [
        make_trade(
            net=float(rng.normal(-3, 20)), at=float(np.round(i * 5 + rng.uniform(0, 4), 2)),
            hours=float(np.round(rng.uniform(0.1, 20), 2)), quantity=float(rng.integers(1, 5)),
            side=str(rng.choice(["long", "short"])), symbol=str(rng.choice(list("ABCDE"))), ref=str(i),
            entry_tag=str(rng.choice(["x", "y", "z"])),
        )
        for i in range(count)
    ]  # fmt: skip
    return make_run(*trades, **facts)


def test_statistic_worked_by_hand():
    # Two halves of three; days 1, 1, 2 | 3, 4, 4. Means 1 and −2.
    nets, hours = [4.0, -2.0, 1.0, -2.0, 2.0, -6.0], [0, 5, 24, 48, 72, 75]
    sample = sample_of(make_run(*(make_trade(net=net, at=at) for net, at in zip(nets, hours, strict=True))))
    removed = np.array([0, 1, 0, 0, 0, 1], dtype=float)
    # Less their half's mean: 3, −3, 0 | 0, 4, −4; shares −⅓, ⅔, −⅓ twice. By day: −1 − 2, 0 | 0, −4⁄3 − 8⁄3.
    score = sample.score(removed)
    assert score.z == pytest.approx(7 / sqrt(9 + 16))
    assert (score.first, score.second) == (pytest.approx(1.0), pytest.approx(1.0))


def test_what_goes_by_size_is_judged_by_the_mean_return_too():
    # Every trade loses 1 % of its size: to leave out the large ones only trades less.
    trades = [make_trade(net=-float(q), quantity=float(q), at=24 * i) for i, q in enumerate([1, 5, 1, 5] * 6)]
    sample = sample_of(make_run(*trades))
    large = (sample.size > 200).astype(float)
    assert sample.score(large).z > 3
    assert sample.score(large, by_size=True).z == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("seed", [1, 2])
def test_scores_of_a_family_are_those_of_its_filters_one_by_one(seed: int):
    frame = drawn(seed)
    sample = sample_of(frame)
    dealt = sample.centred(sample.net)
    days = np.stack(sample.by_day(dealt), axis=1)
    seen = 0
    for rule in RULES:
        for family in rule.proposals(frame).families:
            scores = FamilyScores(family, sample, FEWEST)
            unions = np.eye(family.groups, dtype=bool) if family.unions is None else family.unions
            one_by_one = [sample.score(unions[family.codes, k].astype(float)).z for k in np.flatnonzero(scores.allowed)]
            found = scores.scores(dealt, days, sample.net - dealt)
            assert found[: len(one_by_one)].tolist() == pytest.approx(one_by_one)
            seen += len(one_by_one)
    assert seen > 60


def test_the_groups_that_lost_most_are_scored_together():
    frame = drawn(3)
    sample, t = sample_of(frame), frame.trades
    dealt = sample.centred(sample.net)
    family = Family(t.symbol[t.closed], len(t.symbols), together=3)
    found = FamilyScores(family, sample, FEWEST).scores(
        dealt, np.stack(sample.by_day(dealt), axis=1), sample.net - dealt
    )
    made = np.bincount(family.codes, weights=sample.net)
    worst = [k for k in np.argsort(made)[:3] if made[k] < 0]
    expected = [sample.score(np.isin(family.codes, worst[:many]).astype(float)).z for many in range(2, len(worst) + 1)]
    assert found[len(found) - len(expected) :].tolist() == pytest.approx(expected)
    assert expected


@pytest.mark.parametrize(
    "kind", ["cooldown_after_losses", "daily_loss_limit", "drawdown_circuit_breaker", "equity_scaled_size"]
)
@pytest.mark.parametrize("seed", [4, 5, 6])
def test_walks_through_deals_do_what_the_rules_do(kind: str, seed: int):
    frame, rule = drawn(seed, initial_cash=3_000.0), BY_KIND[kind]
    net = frame.trades.net_pnl[frame.trades.closed]
    candidates, paths = rule.candidates(frame), rule.proposals(frame).paths
    assert len(candidates) == len(paths) > 0
    for params, path in zip(candidates, paths, strict=True):
        outcome = rule.apply(frame, params)
        expected = outcome.removed if outcome.factor is None else 1.0 - outcome.factor
        # Two deals side by side, of which the first is the run itself.
        walked = path.walk(np.stack([net, net[::-1]], axis=1))
        assert walked[:, 0].tolist() == pytest.approx(expected.astype(float).tolist(), abs=1e-9)


def test_p_value_is_the_rank_among_the_best_of_deals():
    null = Null(np.arange(1.0, 200.0))
    assert null.p_value(200.0) == 1 / 200
    assert null.p_value(195.0) == 6 / 200  # 195 to 199 are as good
    assert null.critical == 195.0
    assert null.p_value(195.5) == 0.025


def test_best_of_deals_of_one_filter_is_near_normal():
    sample = sample_of(drawn(7, 400))
    codes = (np.arange(400) % 2).astype(np.int64)
    null = null_of(sample, Proposals(families=[Family(codes, 2, np.array([[False], [True]]))]))
    assert null.maxima.mean() == pytest.approx(0.0, abs=0.25)
    assert null.maxima.std() == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("skewed", [False, True])
def test_limit_of_many_trades_is_what_their_deals_give(skewed: bool):
    rng = np.random.default_rng(11)
    count = 3_000
    day = np.sort(rng.integers(0, 400, count)).astype(np.int64)
    net = np.where(rng.random(count) < 0.05, 19.0, -1.0) if skewed else rng.normal(0, 1, count)
    second = (np.arange(count) >= count // 2).astype(np.int64)
    starts = np.flatnonzero(group_starts(day, second))
    sample = Sample(net, np.ones(count), day, count // 2, starts, day[starts], second[starts])
    windows = np.array([np.isin(np.arange(24), np.arange(first, first + 3) % 24) for first in range(24)]).T
    # Two hundred groups of about 15 trades, a few large ones, and windows that overlap.
    families = [
        Family(rng.integers(0, 200, count), 200),
        Family(rng.choice(4, count, p=[0.1, 0.2, 0.3, 0.4]), 4, together=3),
        Family(rng.integers(0, 24, count), 24, windows),
    ]
    dealt = null_of(sample, Proposals(families=families))
    drawn = best_by_limit(sample, families, 1_000, np.random.default_rng(1), FEWEST, two_sided=False)
    for share in (0.2, 0.5, 0.9):
        assert np.quantile(drawn, share) == pytest.approx(np.quantile(dealt.maxima, share), abs=0.35)


def test_effect_that_could_have_shown_worked_by_hand():
    assert detectable(3.6, 400, 0.25) == pytest.approx(3.6 / sqrt(75))
    power = suggest_rules(drawn(8, 400)).power
    assert power.trades == 400
    assert power.effect_sd == pytest.approx(power.critical_z / sqrt(75), rel=1e-3)
    assert suggest_rules(make_run(make_trade(net=1))).power.effect is None


def test_a_gain_by_trading_less_is_called_that():
    rng = np.random.default_rng(9)
    trades = [
        make_trade(net=float(rng.normal(-10, 3)), at=7.0 * i, symbol="AB"[int(rng.integers(2))]) for i in range(120)
    ]
    replay = replay_rule(make_run(*trades, initial_cash=9_000.0), BY_KIND["symbol_exclusion"], {"symbols": ["B"]})
    assert replay.verdict == "no better than chance"
    assert "trading less" in replay.verdict_why
    assert replay.gain_at_random == pytest.approx(replay.gain, rel=0.1)


def test_what_changes_nothing_hurts_or_cannot_be_carried_is_not_offered():
    for seed in range(3):
        suggested = suggest_rules(drawn(seed, 60, initial_cash=300.0), "position size, symbol, stop, hours").rules
        for rule in suggested:
            assert rule.adoptable == (rule.replay.verdict != "hurts")
            assert rule.replay.verdict == "unknown" or rule.replay.trades_removed or rule.replay.trades_changed
            assert rule.params.get("equity_pct", 0) <= 100


def test_other_runs_are_compared_as_returns():
    def run(run_id: int, flip: int, scale: float, currency: str) -> RunFrame:
        rng = np.random.default_rng(run_id)
        trades = [
            make_trade(
                net=scale * float(rng.normal(flip * (-5, 5)[i % 2], 2)), quantity=scale, at=5.0 * i, symbol="BA"[i % 2]
            )
            for i in range(80)
        ]
        return make_run(*trades, run_id=run_id, run_number=run_id, currency=currency, initial_cash=1e9)

    # The rule gains a hundredth in yen of what it loses twice in dollars, as returns as much as it loses once.
    others = [run(2, 1, 100.0, "JPY"), run(3, -1, 1.0, "USD"), run(4, -1, 1.0, "USD")]
    replay = replay_rule(run(1, 1, 1.0, "USD"), BY_KIND["symbol_exclusion"], {"symbols": ["B"]}, other_frames=others)
    assert sum(other.gain for other in replay.other_runs) > 0
    assert sum(other.gain_pct for other in replay.other_runs) < 0
    assert [other.currency for other in replay.other_runs] == ["JPY", "USD", "USD"]
    assert replay.verdict == "in-sample only"


def test_how_long_a_trade_is_held_makes_no_pattern():
    rng = np.random.default_rng(10)
    trades = []
    for i in range(200):
        won = rng.random() < 1 / 3
        trades.append(make_trade(net=20.0 if won else -10.0, at=30.0 * i, hours=20.0 if won else 2.0))
    patterns = find_patterns(make_run(*trades, initial_cash=9_000.0))
    assert patterns.tested > 5
    assert patterns.found == []
