"""Runs side by side: the same figures, changed settings, and a difference in trades told from noise."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from backend.analysis import METRICS, InvalidCriteria, RunFrame, calculate_metrics, compare_runs
from tests.support.factories import make_run, make_trade


def run_of(mean: float, seed: int, count: int = 120, **facts: Any) -> RunFrame:
    rng = np.random.default_rng(seed)
    trades = [make_trade(net=float(rng.normal(mean, 4)), at=3.0 * i, ref=str(i)) for i in range(count)]
    return make_run(*trades, run_id=seed, run_number=seed, **facts)


def test_figures_are_those_of_each_run_in_the_order_given():
    frames = [run_of(1, 3), run_of(-1, 2), make_run(run_id=9)]
    comparison = compare_runs(frames)
    assert [run.run_id for run in comparison.runs] == [3, 2, 9]
    assert set(comparison.figures) == {metric.name for metric in METRICS}
    for i, frame in enumerate(frames):
        own = calculate_metrics(frame).figures
        assert {name: figure.values[i] for name, figure in comparison.figures.items()} == {
            name: figure.value for name, figure in own.items()
        }
    assert comparison.figures["win_rate"].whys == [None, None, "no trade won or lost"]
    json.dumps(comparison.model_dump(mode="json"), allow_nan=False)


@pytest.mark.parametrize(
    ("first", "second", "beyond"),
    [((2.0, 1), (-2.0, 2), True), ((0.5, 1), (0.5, 2), False), ((0.5, 3), (0.5, 4), False)],
)  # fmt: skip
def test_difference_in_mean_trade_result_is_told_from_noise(
    first: tuple[float, int], second: tuple[float, int], beyond: bool
):
    (difference,) = compare_runs([run_of(*first), run_of(*second)]).differences
    assert difference.more_than_noise is beyond
    assert difference.low < difference.difference < difference.high
    assert difference.difference == pytest.approx(difference.mean_a - difference.mean_b)
    assert (difference.low > 0) == beyond


def test_interval_is_that_of_the_textbook_on_many_trades_and_the_same_each_time():
    frames = [run_of(1, 1, 1500), run_of(0, 2, 900)]
    (found,) = compare_runs(frames).differences
    a, b = (frame.trades.net_pnl for frame in frames)
    error = float(np.sqrt(a.var() / len(a) + b.var() / len(b)))
    assert found.low == pytest.approx(found.difference - 1.96 * error, abs=0.1 * error)
    assert found.high == pytest.approx(found.difference + 1.96 * error, abs=0.1 * error)
    assert compare_runs(frames).differences == [found]


def test_two_runs_of_the_same_trades_do_not_differ_yet_have_an_interval():
    twin = run_of(1, 1)
    other = RunFrame(run_of(1, 1).facts.__class__(run_id=2, model_id=1, run_number=2, name="twin"), twin.positions)
    (found,) = compare_runs([twin, other]).differences
    assert (found.difference, found.more_than_noise) == (0.0, False)
    assert found.high - found.low > 0.5  # draws of two runs are not tied to each other


def test_many_pairs_need_more_evidence_than_one():
    frames = [run_of(0, seed) for seed in range(41, 51)]
    differences = compare_runs(frames).differences
    assert len(differences) == 45
    assert sum(bool(one.low > 0 or one.high < 0) for one in differences) >= 1  # chance finds one at 5 % each
    assert not any(one.more_than_noise for one in differences)


def test_changed_settings_are_named_with_the_value_of_each_run():
    first = run_of(0, 1, settings={"stoploss": -0.1, "roi": {"0": 0.05, "30": 0.01}, "pairs": ["A", "B"], "same": 1})
    second = run_of(0, 2, settings={"stoploss": -0.2, "roi": {"0": 0.05}, "pairs": ["A"], "same": 1, "new": True})
    changed = {change.name: change.values for change in compare_runs([first, second]).settings_changed}
    assert changed == {
        "stoploss": [-0.1, -0.2], "roi.30": [0.01, None], "pairs": ["A, B", "A"], "new": [None, True],
    }  # fmt: skip


def test_hostile_settings_stay_small():
    deep: dict[str, Any] = {"x" * 10: "y" * 100_000}
    for _ in range(50):
        deep = {"in": deep}
    wide = {f"k{i}": i for i in range(500)}
    comparison = compare_runs([run_of(0, 1, settings={"deep": deep, **wide}), run_of(0, 2)])
    assert len(comparison.settings_changed) == 100
    assert any("401 more settings" in warning for warning in comparison.warnings)
    assert all(len(str(change.values)) < 300 for change in comparison.settings_changed)


def test_different_currencies_are_compared_in_percent_and_said_so():
    comparison = compare_runs([run_of(1, 1), run_of(1, 2, currency="EUR")])
    assert comparison.trade_result == "return_pct"
    assert any("different currencies" in warning for warning in comparison.warnings)


def test_too_few_trades_prove_nothing():
    (difference,) = compare_runs([run_of(5, 1, 9), run_of(-5, 2)]).differences
    assert (difference.more_than_noise, difference.difference) == (None, None)
    assert "10 closed trades" in (difference.why or "")


@pytest.mark.parametrize("seeds", [[1], list(range(1, 12)), [1, 1]])
def test_wrong_numbers_of_runs_are_refused(seeds: list[int]):
    with pytest.raises(InvalidCriteria):
        compare_runs([run_of(0, seed, 2) for seed in seeds])
