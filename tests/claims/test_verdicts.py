"""Verdicts on runs of which the truth is known: nothing in noise, what was planted where it is strong enough."""

from __future__ import annotations

import pytest

from backend.analysis import suggest_rules
from backend.analysis.patterns import find_patterns
from tests.claims.runs import PLANTED, planted
from tests.claims.verdicts import interval, on_noise, on_planted

pytestmark = pytest.mark.timeout(900)


@pytest.mark.long
def test_noise_is_called_noise():
    found = on_noise(40)
    # At a true rate of 2.5 % five of 40 come up once in 300 times.
    assert sum(counted.rules for counted in found.values()) <= 4
    assert sum(counted.patterns for counted in found.values()) <= 4


@pytest.mark.long
def test_no_pattern_is_of_what_the_exit_decides():
    found = on_noise(10, first_seed=500)
    assert not {"holding_time"} & {name for counted in found.values() for name in counted.named}


@pytest.mark.long
def test_strong_filters_are_found():
    found = on_planted(25)
    strong = [counted for (low, _), counted in found.items() if low >= 4]
    assert sum(counted.runs for counted in strong) >= 5
    assert sum(counted.rules for counted in strong) >= 0.8 * sum(counted.runs for counted in strong)


@pytest.mark.parametrize("where", PLANTED)
def test_what_was_planted_is_what_is_named(where: str):
    frame, z, params = planted(where, 10.0, 1)
    assert z > 4
    holding = [rule for rule in suggest_rules(frame).rules if rule.replay.verdict == "holds"]
    if where == "hour":
        assert any(set(rule.params.get("hours", [])) & {12, 13, 14} for rule in holding)
    else:
        assert any(rule.params == params[0] for rule in holding)
        name = "entry_tag" if where == "tag" else where
        assert name in {pattern.dimension for pattern in find_patterns(frame).found}


def test_interval_of_a_rate_worked_by_hand():
    assert interval(0, 0) == (0.0, 1.0)
    low, high = interval(5, 100)
    assert (round(low, 4), round(high, 4)) == (0.0215, 0.1118)
