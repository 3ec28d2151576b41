"""Conditions that compose: what each key chooses, that lists are intersections, and what can't be read."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.analysis import InvalidCriteria, RunFrame, analyze_trades, get_trades
from backend.analysis.dimensions import DIMENSIONS, condition_of, dimension
from backend.analysis.selection import select_trades
from backend.analysis.where import KEYS, read_where, scope_of
from tests.support.factories import make_row, make_run, make_trade


def fortnight() -> RunFrame:
    """From Monday 1 January 2024; the numbers are those of the trades.

    1 Mon 09:00 +10, 2 Tue 13:00 −20 (held 2 h), 3 Wed 14:00 −30 short (30 h), 4 Thu 23:00 +40 (5 h), 5 Sat 06 09:00 −5
    (36 s), 6 Mon 08 10:00 −8, 7 Mon 08 12:00 +6 short, 8 Wed 31 22:30 +12 that closes in February, 9 Thu 1 Feb 09:00
    bought at 100 and still open at 90.
    """
    return make_run(
        make_trade(net=10, at=9, symbol="BTC/USDT", hours=0.5, entry_tag="breakout", exit_tag="tp", high=115, low=95),
        make_trade(net=-20, at=24 + 13, symbol="ETH/USDT", hours=2, fees=1, exit_tag="stop", low=78, high=101),
        make_trade(net=-30, at=48 + 14, symbol="BTC/USDT", side="short", hours=30, funding=2, exit_tag="stop"),
        make_trade(net=40, at=72 + 23, symbol="ETH/USDT", hours=5, quantity=4),
        make_trade(net=-5, at=5 * 24 + 9, symbol="BTCDOM/USDT", hours=0.01),
        make_trade(net=-8, at=7 * 24 + 10, symbol="ETH/USDT"),
        make_trade(net=6, at=7 * 24 + 12, symbol="BTC/USDT", side="short"),
        make_trade(net=12, at=30 * 24 + 22.5, symbol="BTC/USDT", hours=3),
        [make_row("buy", at=31 * 24 + 9, symbol="ETH/USDT", quantity=1, price=100)],
        [make_row("hold", at=31 * 24 + 10, symbol="ETH/USDT", price=90)],
    )  # fmt: skip


RUN = fortnight()


def ids(criteria: object) -> list[int]:
    return [int(i) for i in RUN.trades.trade_id[read_where(RUN, criteria).mask]]


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        (None, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ([], [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ({"side": "short"}, [3, 7]),
        ([{"side": "short"}, {"weekday": "monday"}], [7]),
        ([{"side": "short", "weekday": "monday"}], [7]),
        ('[{"side": "short", "weekday": "monday"}]', [7]),
        ("side=short; weekday=monday", [7]),
        ({"symbol": "BTC"}, [1, 3, 7, 8]),
        ({"symbol": ["btcdom", "ETH/USDT"]}, [2, 4, 5, 6, 9]),
        ({"tag": "stop"}, [2, 3]),
        ({"entry_tag": "breakout"}, [1]),
        ({"exit_reason": "stop", "symbol": "ETH"}, [2]),
        ({"hour": 9}, [1, 5, 9]),
        ({"hour": [9, 23]}, [1, 4, 5, 9]),
        ({"hour": {"gte": 22}}, [4, 8]),
        ({"hour": "22-2"}, [4, 8]),
        ({"hour": "from 22"}, [4, 8]),
        ({"hour": {"gte": 10, "lt": 13}}, [6, 7]),
        ({"weekday": ["mon", "Sat"]}, [1, 5, 6, 7]),
        ({"weekend": True}, [5]),
        ({"weekend": "false", "side": "short"}, [3, 7]),
        ({"month": "2024-01"}, [1, 2, 3, 4, 5, 6, 7, 8]),
        ({"month": "January", "by": "closed"}, [1, 2, 3, 4, 5, 6, 7]),
        ({"closed_month": "2024-02"}, [8]),
        ({"month": 2}, [9]),
        ({"week": "2024-W01"}, [1, 2, 3, 4, 5]),
        ({"week": 2}, [6, 7]),
        ({"week": "2024-01-09"}, [6, 7]),
        ({"date": "2024-01-02"}, [2]),
        ({"date": "2024-01-02..2024-01-04"}, [2, 3, 4]),
        ({"date": {"gte": "2024-01-02", "lt": "2024-01-04"}}, [2, 3]),
        ({"date": "2024-01-04", "by": "closed"}, [3]),
        ({"date": "2024-02"}, [9]),
        ({"date": "since 2024-01-08"}, [6, 7, 8, 9]),
        ({"date": "last 2 days"}, [8, 9]),
        ({"date": "first week"}, [1, 2, 3, 4, 5]),
        ({"session": "asia"}, [4, 8]),
        ({"session": "europe"}, [1, 5, 6, 7, 9]),
        ({"session": "US"}, [2, 3]),
        ({"duration": {"gte": 7200}}, [2, 3, 4, 8]),
        ({"duration": {"gt": "2h"}}, [3, 4, 8]),
        ({"duration": {"lt": "30m"}}, [5]),
        ({"duration": "1–4 h"}, [2, 6, 7, 8, 9]),
        ({"pnl": {"lt": -5}}, [2, 3, 6, 9]),
        ({"pnl": -20}, [2]),
        ({"pnl": "10..40"}, [1, 4, 8]),
        ({"return": {"gte": 10}}, [1, 4, 8]),
        ({"size": {"gt": 100}}, [4]),
        ({"quantity": 4}, [4]),
        ({"mae": {"lt": -20}}, [2]),
        ({"mfe": {"gte": 10}}, [1]),
        ({"result": "win"}, [1, 4, 7, 8]),
        ({"result": ["loss", "breakeven"]}, [2, 3, 5, 6]),
        ({"open": True}, [9]),
        ({"open": False, "symbol": "ETH"}, [2, 4, 6]),
        ({"trade": [2, 4]}, [2, 4]),
        ({"trade": "2-4"}, [2, 3, 4]),
        ({"trade": {"gte": 7, "lt": 9}}, [7, 8]),
        ({"trade": "#3"}, [3]),
        # By closing: +10, −20, −30 (Thu 20:00), +40 (Fri 04:00), −5, −8, +6, +12 on 1 February at 01:30.
        ({"streak": {"after": "losses", "at_least": 2}}, [4, 7]),
        ({"streak": {"after": "losses", "at_least": 1, "at_most": 1}}, [3, 6]),
        ({"streak": {"after": "wins", "at_least": 1}}, [2, 5, 8, 9]),
        ({"streak": {"in": "losses"}}, [2, 3]),
        ({"streak": {"in": "losses", "at_least": 2}}, [2, 3, 5, 6]),
        ({"nth_of_day": 2}, [7]),
        ({"worst": 2}, [2, 3]),
        ({"worst": 3}, [2, 3, 9]),
        ({"symbol": "ETH", "worst": 2}, [2, 9]),
        ({"best": 1, "side": "short"}, [7]),
        ({"not": {"symbol": "BTC"}}, [2, 4, 5, 6, 9]),
        ({"not": {"side": "short", "weekday": "monday"}}, [1, 2, 3, 4, 5, 6, 8, 9]),
        ([("side", "short"), ("weekday", "monday")], [7]),
    ],
)  # fmt: skip
def test_conditions_choose_what_was_meant(criteria: object, expected: list[int]) -> None:
    assert ids(criteria) == expected


@pytest.mark.parametrize(
    ("criteria", "says"),
    [
        ([{"mood": "good"}], "side"),
        ({"side": "sideways"}, "long"),
        ({"symbol": "DOGE"}, "ETH/USDT"),
        ({"hour": 25}, "22-2"),
        ({"month": "Smarch"}, "2024-01"),
        ({"date": "yesterday"}, "2024-01"),
        ({"date": "2024-02-01..2024-01-01"}, "begins after its end"),
        ({"session": "mars"}, "europe"),
        ({"duration": "long"}, "2 days"),
        ({"pnl": {"about": 5}}, "gte"),
        ({"pnl": {"gte": 5, "lt": 1}}, "begins after its end"),
        ({"leverage": {"gte": 2}}, "states no leverage"),
        ({"result": "great"}, "breakeven"),
        ({"trade": 400}, "this run has 9"),
        ({"streak": "bad"}, "after"),
        ({"not": {}}, "not what"),
        ({"side": "long", "by": "luck"}, "closed"),
        ("[{", "no valid JSON"),
        ([3], "is no condition"),
        ([{"trade": 1}] * 60, "at most 40"),
    ],
)
def test_what_cannot_be_read_is_answered_with_what_can(criteria: object, says: str) -> None:
    with pytest.raises(InvalidCriteria) as refused:
        read_where(RUN, criteria)
    assert says in refused.value.message


SINGLE = [
    {"side": "short"}, {"side": "long"}, {"symbol": "ETH"}, {"symbol": ["BTC", "BTCDOM"]}, {"hour": {"gte": 10}},
    {"weekday": ["mon", "thu"]}, {"weekend": False}, {"month": "2024-01", "by": "closed"}, {"week": 1},
    {"date": "2024-01-02..2024-01-10"}, {"session": "europe"}, {"duration": {"lt": "3h"}}, {"pnl": {"gte": -20}},
    {"return": {"lt": 10}}, {"size": {"lte": 100}}, {"result": "loss"}, {"open": False}, {"trade": "2..8"},
    {"streak": {"after": "losses", "at_least": 1}}, {"not": {"hour": 9}}, {"nth_of_day": 1},
]  # fmt: skip
some = st.lists(st.sampled_from(SINGLE), max_size=5)


@given(some)
@settings(max_examples=60, deadline=None)
def test_a_list_of_conditions_is_the_intersection_of_its_conditions(conditions: list[dict[str, object]]) -> None:
    wanted = np.ones(len(RUN.trades), dtype=bool)
    for one in conditions:
        wanted &= read_where(RUN, [one]).mask
    assert (read_where(RUN, conditions).mask == wanted).all()
    assert (read_where(RUN, json.dumps(conditions)).mask == wanted).all()


@given(some)
@settings(max_examples=60, deadline=None)
def test_what_was_understood_reads_back_to_itself(conditions: list[dict[str, object]]) -> None:
    found = read_where(RUN, conditions)
    assert (read_where(RUN, found.as_json()).mask == found.mask).all()
    assert read_where(RUN, found.as_json()).as_json() == found.as_json()
    assert (read_where(RUN, list(scope_of(found))).mask == found.mask).all()


@given(some)
@settings(max_examples=40, deadline=None)
def test_selection_and_the_rest_make_the_whole(conditions: list[dict[str, object]]) -> None:
    found = analyze_trades(RUN, "where", conditions)
    assert found.selection.trade_count + found.complement.trade_count == 8
    assert found.selection.open_count + found.complement.open_count == 1
    assert found.selection.total_pnl + found.complement.total_pnl == pytest.approx(-5)
    assert found.covers.pnl == pytest.approx(found.selection.total_pnl)


@pytest.mark.parametrize(
    ("filter_type", "criteria", "conditions"),
    [
        ("winners", None, {"result": "win", "open": False}),
        ("side", "short", {"side": "short", "open": False}),
        ("hour", "22-2", {"hour": "22-2", "open": False}),
        ("month", "2024-01", {"month": "2024-01", "open": False}),
        ("date_range", "2024-01-02..2024-01-05", {"date": "2024-01-02..2024-01-05", "open": False}),
        ("holding_time", "1h..6h", {"duration": {"gte": "1h", "lte": "6h"}, "open": False}),
        ("streaks", "losing 2", {"streak": {"in": "losses", "at_least": 2}}),
        ("open", None, {"open": True}),
    ],
)
def test_single_filters_are_short_forms(filter_type: str, criteria: object, conditions: object) -> None:
    short, long = select_trades(RUN, filter_type, criteria), select_trades(RUN, "where", conditions)  # type: ignore[arg-type]
    assert short.chosen.tolist() == long.chosen.tolist()


def test_the_label_of_every_group_chooses_the_group() -> None:
    everything = np.arange(len(RUN.trades))
    for name in DIMENSIONS:
        codes, labels = dimension(RUN, name, everything)
        for code in np.unique(codes):
            condition = condition_of(name, labels[code])
            if condition is None:
                continue
            members = (everything[codes == code] + 1).tolist()
            if name == "tag":  # the exit's tag, else the entry's; the condition takes both
                assert set(members) <= set(ids(condition)) or labels[code] == "(none)"
                continue
            assert ids(condition) == members, (name, labels[code])


def test_every_breakdown_sums_to_the_selection() -> None:
    found = analyze_trades(RUN, "all", by=DIMENSIONS)
    for name, rows in found.breakdowns.items():
        assert sum(row.trade_count for row in rows) == 8, name
        assert sum(row.net_pnl for row in rows) == pytest.approx(5), name


def test_bridge_closes_with_open_positions() -> None:
    bridge = analyze_trades(RUN).bridge
    assert bridge.gross_pnl - bridge.fees - bridge.funding == pytest.approx(bridge.net_pnl) == pytest.approx(5)
    assert bridge.net_pnl + bridge.open_pnl == pytest.approx(bridge.total_pnl) == pytest.approx(-5)


def test_open_trades_are_counted_apart_in_a_selection() -> None:
    found = analyze_trades(RUN, "where", [{"symbol": "ETH"}])
    assert (found.selection.trade_count, found.selection.net_pnl) == (3, 12.0)
    assert (found.selection.open_count, found.selection.open_pnl, found.selection.total_pnl) == (1, -10.0, 2.0)
    assert [(trade.trade_id, trade.status) for trade in found.worst_trades] == [
        (2, "closed"), (9, "open"), (6, "closed"),
    ]  # fmt: skip


def test_single_trades_by_id_and_by_condition() -> None:
    found = get_trades(RUN, ids="2, 9")
    assert [trade.trade_id for trade in found.trades] == [2, 9]
    assert (found.total, found.summary.net_pnl, found.summary.open_pnl, found.covers.pnl) == (2, -20.0, -10.0, -30.0)
    worst = get_trades(RUN, where={"side": "long"}, sort="worst", limit=2)
    assert ([trade.trade_id for trade in worst.trades], worst.total) == ([2, 9], 7)
    # Trade 1: bought at 100, at best 115, sold at 110.
    assert get_trades(RUN, ids=1).trades[0].given_back == 5.0


def test_a_run_without_trades_answers_every_key() -> None:
    nothing = make_run([make_row("hold", at=0, price=1)])
    for one, other in itertools.pairwise(SINGLE):
        try:
            assert not read_where(nothing, [one, other]).mask.any()
        except InvalidCriteria as refused:
            assert refused.message


def test_a_label_that_is_none_of_a_dimension_leads_to_no_condition() -> None:
    for name in ("size", "leverage", "after_losses", "after_wins", "nth_of_day"):
        for label in ("smallest quarter", "", "(unknown)", "after", "x y z"):
            condition = condition_of(name, label)
            assert condition is None or isinstance(condition, dict)
    assert condition_of("size", "largest quarter") is None
    assert condition_of("moon", "full") is None


def nested(value: object, depth: int) -> object:
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "criteria",
    [
        {"symbol": nested("BTC", 900)},
        {"trade": nested(1, 50)},
        {"pnl": 10**400},
        {"pnl": float("nan")},
        {"pnl": {"gte": float("inf")}},
        {"hour": "1" * 5000},
        {"date": "x" * 5000},
        {"duration": "9" * 5000 + "h"},
        {"not": {"not": {"not": {"not": {"not": {"side": "long"}}}}}},
        "[" * 3000,
        {"symbol": {"a": {"b": {"c": {"d": {"e": 1}}}}}},
    ],
    ids=range(11),
)
def test_hostile_criteria_are_refused(criteria: object) -> None:
    with pytest.raises(InvalidCriteria):
        read_where(RUN, criteria)


def test_spans_far_beyond_the_run_are_the_run() -> None:
    assert ids({"date": "last 9999 years"}) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert ids({"date": "first 9999 years"}) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert ids({"size": {"gte": 1e-7}}) == [1, 2, 3, 4, 5, 6, 7, 8, 9]


conditions = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from([*(key.name for key in KEYS), "not", "by", "worst", "gte", "lt", "after", "at_least", "x"]),
        inner, max_size=3,
    ),
    max_leaves=8,
)  # fmt: skip


@given(conditions)
@settings(max_examples=200, deadline=None)
def test_any_json_is_read_or_refused(criteria: object) -> None:
    try:
        found = read_where(RUN, criteria)
    except InvalidCriteria as refused:
        assert refused.message
        return
    assert (read_where(RUN, found.as_json()).mask == found.mask).all()
