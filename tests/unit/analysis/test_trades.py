from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.analysis import InvalidCriteria, RunFacts, RunFrame, TradeFilter, build_trades, trade_rows
from tests.support.factories import columns_of, make_row, make_run, make_trade


def nets(frame: RunFrame) -> list[float]:
    return [round(float(net), 8) for net in frame.trades.net_pnl]


def test_empty_run_has_no_trades():
    frame = make_run()
    assert len(frame.trades) == 0
    assert trade_rows(frame) == ([], 0, 0.0)
    assert frame.trades.warnings == ()


def test_one_long_trade_keeps_gross_costs_and_net_apart():
    frame = make_run(make_trade(entry=100, exit_price=110, quantity=2, fees=1.5, funding=0.5, ref="a"))
    row = trade_rows(frame)[0][0]
    assert (row.gross_pnl, row.fees, row.funding, row.net_pnl) == (20.0, 1.5, 0.5, 18.0)
    assert (row.return_pct, row.holding_seconds, row.trade_ref, row.status) == (9.0, 3600.0, "a", "closed")


def test_one_short_trade_gains_when_the_price_falls():
    frame = make_run(make_trade(side="short", entry=100, exit_price=90, quantity=3))
    assert nets(frame) == [30.0]
    assert trade_rows(frame)[0][0].side == "short"


def test_rows_sharing_a_ref_are_one_trade_with_size_weighted_prices():
    rows = [
        make_row("buy", at=0, quantity=1, price=100, trade_ref="x"),
        make_row("buy", at=1, quantity=3, price=120, trade_ref="x"),
        make_row("sell", at=2, quantity=2, price=130, trade_ref="x"),
        make_row("sell", at=3, quantity=2, price=110, trade_ref="x"),
    ]
    row = trade_rows(make_run(rows))[0][0]
    assert (row.quantity, row.entry_price, row.exit_price, row.net_pnl) == (4.0, 115.0, 120.0, 20.0)
    assert (row.entry_seq, row.exit_seq) == (1, 4)


def test_fifo_episode_runs_from_flat_to_flat():
    rows = [
        make_row("buy", at=0, quantity=1, price=10),
        make_row("buy", at=1, quantity=1, price=20),
        make_row("sell", at=2, quantity=1, price=30),
        make_row("sell", at=3, quantity=1, price=30),
        make_row("buy", at=4, quantity=1, price=5),
        make_row("sell", at=5, quantity=1, price=4),
    ]
    assert nets(make_run(rows)) == [30.0, -1.0]


def test_fifo_closes_the_oldest_lot_first_and_the_rest_stays_open():
    rows = [
        make_row("buy", at=0, quantity=10, price=100),
        make_row("buy", at=1, quantity=10, price=90),
        make_row("sell", at=2, quantity=15, price=110),
        make_row("hold", at=3, price=80),
    ]
    closed, still_open = trade_rows(make_run(rows))[0]
    assert (closed.status, closed.net_pnl, closed.quantity) == ("closed", 10 * 10 + 5 * 20, 15.0)
    assert (still_open.status, still_open.net_pnl, still_open.quantity) == ("open", -50.0, 5.0)
    assert (still_open.exit_price, still_open.closed_at) == (80.0, None)


def test_lots_make_one_trade_of_each_opening():
    rows = [
        make_row("buy", at=0, quantity=1, price=10),
        make_row("buy", at=1, quantity=1, price=20),
        make_row("sell", at=2, quantity=2, price=30),
    ]
    frame = make_run(rows)
    lots = build_trades(frame.positions, {}, method="lot")
    assert lots.net_pnl.tolist() == [20.0, 10.0]
    assert nets(frame) == [30.0]


def test_selling_more_than_is_open_warns_and_opens_nothing():
    rows = [make_row("buy", quantity=2, price=10), make_row("sell", at=1, quantity=5, price=12)]
    frame = make_run(rows)
    assert nets(frame) == [4.0]
    assert len(frame.trades.open) == 0
    assert frame.trades.warnings == (
        "Row 2 (2024-01-01 01:00:00 UTC) closes 5 BTC but only 2 were open long; the other 3 are in no trade.",
    )


def test_selling_first_is_no_short_and_a_later_buy_is_not_used_up():
    rows = [make_row("sell", quantity=1, price=10), make_row("buy", at=1, quantity=1, price=12)]
    frame = make_run(rows)
    assert (len(frame.trades.closed), len(frame.trades.open)) == (0, 1)


def test_long_and_short_of_one_symbol_are_separate_books():
    rows = [
        make_row("buy", at=0, quantity=1, price=100),
        make_row("short", at=1, quantity=1, price=110),
        make_row("sell", at=2, quantity=1, price=105),
        make_row("cover", at=3, quantity=1, price=100),
    ]
    assert nets(make_run(rows)) == [5.0, 10.0]


def test_a_trade_ref_with_something_left_is_one_open_trade():
    rows = [
        make_row("buy", at=0, quantity=2, price=100, trade_ref="x"),
        make_row("sell", at=1, quantity=1, price=110, trade_ref="x"),
    ]
    row = trade_rows(make_run(rows))[0][0]
    assert (row.status, row.gross_pnl, row.quantity) == ("open", 20.0, 2.0)


def test_dust_of_binary_sums_is_no_open_position():
    rows = [
        make_row("buy", at=0, quantity=0.1, price=10),
        make_row("buy", at=1, quantity=0.2, price=10),
        make_row("sell", at=2, quantity=0.3, price=11),
        make_row("buy", at=3, quantity=1, price=10),
        make_row("sell", at=4, quantity=1, price=9),
    ]
    frame = make_run(rows)
    assert nets(frame) == [0.3, -1.0]
    assert (len(frame.trades.open), frame.trades.warnings) == (0, ())


def test_multiplier_scales_money_of_its_symbol_only():
    frame = make_run(
        make_trade(exit_price=101, symbol="ES"), make_trade(exit_price=101, symbol="BTC"), multipliers={"ES": 50.0}
    )
    assert sorted(nets(frame)) == [1.0, 50.0]


@pytest.mark.parametrize(
    ("stated", "warned"), [(10.0, False), (10.01, False), (10.05, True), (9.0, True), (None, False)]
)
def test_stated_result_that_differs_is_named(stated: float | None, warned: bool):
    frame = make_run(make_trade(net=10.0, ref="a", realized_pnl=stated))
    assert any(warning.startswith("Trade 1: the source states") for warning in frame.trades.warnings) is warned


def test_excursions_are_money_and_unknown_without_extremes():
    known, unknown = trade_rows(
        make_run(
            make_trade(side="short", entry=100, exit_price=98, quantity=2, low=95, high=103),
            make_trade(at=2, exit_price=101),
        )
    )[0]
    assert (known.mae, known.mfe) == (-6.0, 10.0)
    assert (unknown.mae, unknown.mfe) == (None, None)


def test_costs_on_a_hold_row_go_to_the_trade_it_names():
    rows = [*make_trade(net=10, ref="a"), make_row("hold", at=0.5, funding=2.0, trade_ref="a")]
    frame = make_run(rows)
    assert nets(frame) == [8.0]
    assert frame.trades.unallocated_costs == 0


def test_costs_of_no_trade_are_told():
    frame = make_run(make_trade(net=10), [make_row("hold", at=5, fees=3.0)])
    assert frame.trades.unallocated_costs == 3.0
    assert frame.equity.value[-1] == 1007.0
    assert "belong to no trade" in frame.trades.warnings[0]


def test_numbers_come_as_decimal_text_or_none():
    columns = columns_of(make_trade(entry=100, exit_price=110))
    columns["price"] = [Decimal("100"), "110.5"]
    columns["fees"] = [None, "0.5"]
    facts = RunFacts(run_id=1, model_id=1, run_number=1, name="A run")
    assert RunFrame.from_columns(facts, columns).trades.net_pnl.tolist() == [10.0]


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("action", ["buy", "explode"], "unknown action"),
        ("price", [1, "ten"], "not a number"),
        ("tag", [None], "length"),
    ],
)
def test_unreadable_columns_say_what_is_wrong(column: str, value: list[object], message: str):
    columns = {**columns_of(make_trade()), column: value}
    with pytest.raises(ValueError, match=message):
        RunFrame.from_columns(RunFacts(run_id=1, model_id=1, run_number=1, name="A run"), columns)


def test_a_column_that_is_none_is_empty():
    rows = make_trade(net=5)
    columns = columns_of(rows)
    sparse = {name: values if any(v is not None for v in values) else None for name, values in columns.items()}
    assert None in sparse.values()
    facts = make_run(rows).facts
    with_all, without = RunFrame.from_columns(facts, columns), RunFrame.from_columns(facts, sparse)
    assert without.trades.net_pnl.tolist() == with_all.trades.net_pnl.tolist() == [5.0]
    assert np.isnan(without.positions.cash).all()
    assert without.positions.reasoning.tolist() == [None, None]


def test_trade_rows_page_filter_and_sort():
    frame = make_run(
        make_trade(net=5, symbol="A"),
        make_trade(net=-3, symbol="B", at=2),
        make_trade(net=9, symbol="A", at=4, side="short"),
    )
    assert [row.net_pnl for row in trade_rows(frame, sort="-net_pnl")[0]] == [9.0, 5.0, -3.0]
    assert [row.trade_id for row in trade_rows(frame, TradeFilter(symbol="A"), offset=1, limit=5).rows] == [3]
    assert trade_rows(frame, TradeFilter(symbol="A"), limit=1).total == 2
    assert [row.trade_id for row in trade_rows(frame, TradeFilter(ids=[2, 3, 99])).rows] == [2, 3]
    assert [row.side for row in trade_rows(frame, TradeFilter(side="short")).rows] == ["short"]
    assert trade_rows(frame, TradeFilter(status="open")) == ([], 0, 0.0)
    with pytest.raises(InvalidCriteria) as refused:
        trade_rows(frame, sort="luck")
    assert "net_pnl" in refused.value.valid


fills = st.lists(
    st.tuples(
        st.sampled_from(["buy", "sell", "short", "cover"]),
        st.sampled_from(["A", "B"]),
        st.integers(0, 5),
        st.integers(1, 20),
        st.integers(1, 50),
        st.integers(0, 3),
    ),
    max_size=30,
)


def rows_from(drawn: list[tuple[str, str, int, int, int, int]]) -> list[dict[str, object]]:
    return [
        make_row(action, symbol=symbol, at=at, quantity=quantity / 4, price=price, fees=fee / 8)
        for action, symbol, at, quantity, price, fee in drawn
    ]


@given(fills)
@settings(max_examples=60, deadline=None)
def test_gross_less_costs_is_net_and_open_quantity_is_what_was_not_closed(drawn):
    frame = make_run(rows_from(drawn))
    t = frame.trades
    assert np.allclose(t.gross_pnl - t.fees - t.funding, t.net_pnl)
    assert (t.quantity > 0).all()
    # An independent, slow ledger: levels that never fall below zero.
    level: dict[tuple[str, str], float] = {}
    rows = sorted(rows_from(drawn), key=lambda row: (row["ts"], row["action"] in ("sell", "cover")))
    for row in rows:
        book = (row["symbol"], "long" if row["action"] in ("buy", "sell") else "short")
        change = row["quantity"] if row["action"] in ("buy", "short") else -row["quantity"]
        level[book] = max(0.0, level.get(book, 0.0) + change)
    assert np.isclose(t.quantity[t.open].sum(), sum(level.values()))


@given(fills, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_order_of_rows_within_one_instant_does_not_change_totals(drawn, random):
    rows = rows_from(drawn)
    last = {(row["symbol"], row["ts"]): row["price"] for row in rows}
    for row in rows:  # one price per symbol and instant: otherwise the order says which fill was last
        row["price"] = last[row["symbol"], row["ts"]]
    shuffled = list(rows)
    random.shuffle(shuffled)
    first, second = make_run(rows).trades, make_run(shuffled).trades
    assert np.isclose(first.gross_pnl.sum(), second.gross_pnl.sum())
    assert np.isclose(first.quantity[first.open].sum(), second.quantity[second.open].sum())


@given(fills)
@settings(max_examples=60, deadline=None)
def test_splitting_every_fill_changes_nothing(drawn):
    rows = rows_from(drawn)
    halves = [{**row, "quantity": row["quantity"] / 2, "fees": row["fees"] / 2} for row in rows for _ in range(2)]
    whole, split = make_run(rows).trades, make_run(halves).trades
    for name in ("opened_at", "closed_at", "quantity", "entry_price", "exit_price", "gross_pnl", "net_pnl", "is_open"):
        assert np.allclose(getattr(whole, name), getattr(split, name)), name


@given(fills)
@settings(max_examples=60, deadline=None)
def test_long_and_short_mirror_each_other(drawn):
    mirror = {"buy": "short", "sell": "cover", "short": "buy", "cover": "sell"}
    rows = rows_from(drawn)
    flipped = [{**row, "action": mirror[row["action"]]} for row in rows]
    one, other = make_run(rows).trades, make_run(flipped).trades
    assert np.isclose(one.gross_pnl.sum(), -other.gross_pnl.sum())
    assert sorted(np.round(one.gross_pnl, 6)) == sorted(np.round(-other.gross_pnl, 6))


@given(fills)
@settings(max_examples=60, deadline=None)
def test_cash_is_conserved(drawn):
    """With nothing closed beyond what is open: P&L of trades and open marks = change of cash + marked holdings."""
    level: dict[tuple[str, bool], float] = {}
    rows = []
    for row in sorted(rows_from(drawn), key=lambda row: row["ts"]):
        book = (row["symbol"], row["action"] in ("buy", "sell"))
        opens = row["action"] in ("buy", "short")
        quantity = row["quantity"] if opens else min(row["quantity"], level.get(book, 0.0))
        if quantity:
            level[book] = level.get(book, 0.0) + (quantity if opens else -quantity)
            rows.append({**row, "quantity": quantity})
    cash = sum((1 if r["action"] in ("sell", "short") else -1) * r["quantity"] * r["price"] - r["fees"] for r in rows)
    last = {row["symbol"]: row["price"] for row in rows}
    held = sum(
        (1 if is_long else -1) * quantity * last[symbol] for (symbol, is_long), quantity in level.items() if quantity
    )
    frame = make_run(rows)
    assert np.isclose(frame.trades.net_pnl.sum(), cash + held)
    if rows:
        assert np.isclose(frame.equity.value[-1], 1000 + cash + held)


@given(fills, st.lists(st.tuples(st.integers(0, 200), st.integers(-400, 400)), max_size=4))
@settings(max_examples=60, deadline=None)
def test_pnl_of_trades_and_open_marks_is_what_equity_changed_by_less_what_was_paid_in(drawn, transfers):
    """On a run that states cash and holdings after each row, with deposits and withdrawals between its fills."""
    moved = [make_row("hold", at=at / 2, symbol="", amount=float(amount)) for at, amount in transfers]
    cash, held, rows = 1000.0, {}, []
    for row in sorted([*rows_from(drawn), *moved], key=lambda row: row["ts"]):
        sign = {"buy": 1, "sell": -1, "short": -1, "cover": 1, "hold": 0}[row["action"]]
        book = (row["symbol"], row["action"] in ("buy", "sell"))
        quantity = row.get("quantity", 0.0)
        if row["action"] in ("sell", "cover"):
            quantity = min(quantity, abs(held.get(book, 0.0)))
        if row["action"] != "hold" and not quantity:
            continue
        held[book] = held.get(book, 0.0) + sign * quantity
        cash += row.get("amount", 0.0) - sign * quantity * row.get("price", 0.0) - row.get("fees", 0.0)
        net: dict[str, float] = {}
        for (symbol, _), amount in held.items():
            net[symbol] = net.get(symbol, 0.0) + amount
        traded = {"quantity": quantity} if quantity else {}
        rows.append({**row, **traded, "cash": cash, "holdings": {name: amount for name, amount in net.items() if name}})
    frame = make_run(rows)
    if not rows:
        return
    assert frame.equity.basis == "holdings"
    paid_in = sum(amount for _, amount in transfers)
    trades = frame.trades
    pnl = trades.net_pnl[trades.closed].sum() + trades.net_pnl[trades.open].sum()
    assert np.isclose(pnl, frame.equity.value[-1] - 1000 - paid_in)


def stated(net: float, **changes: object) -> RunFrame:
    """One long trade from 100 to 110, quantity 2, fees 1, whose source states `net`; a point is worth 1."""
    frame = make_run(make_trade(entry=100, exit_price=110, quantity=2, fees=1, ref="a", realized_pnl=net, **changes))
    return RunFrame(replace(frame.facts, pnl_is_stated=True), frame.positions)


def test_stated_pnl_is_believed_and_says_what_a_point_was_worth():
    trades = stated(17.0).trades
    assert (trades.gross_pnl[0], trades.net_pnl[0], trades.multiplier[0]) == (18.0, 17.0, 0.9)
    assert trades.warnings == ()


def test_stated_pnl_against_the_price_keeps_the_symbols_multiplier():
    trades = stated(-3.0).trades
    assert (trades.gross_pnl[0], trades.net_pnl[0], trades.multiplier[0]) == (-2.0, -3.0, 1.0)


def test_pnl_that_is_not_stated_follows_from_prices_all_the_same():
    frame = make_run(make_trade(entry=100, exit_price=110, quantity=2, fees=1, ref="a"))
    assert list(RunFrame(replace(frame.facts, pnl_is_stated=True), frame.positions).trades.net_pnl) == [19.0]


@pytest.mark.filterwarnings("error")
def test_return_on_next_to_nothing_is_none_and_overflows_nothing():
    frame = make_run(make_trade(entry=1e-200, exit_price=1e-200, quantity=1e-100, fees=1e18))
    assert np.isnan(frame.trades.return_pct).all()
    stated = make_run(
        make_trade(entry=1.0, exit_price=1.0 + 1e-15, quantity=1e-300, realized_pnl=1e18), pnl_is_stated=True
    )
    assert stated.trades.multiplier.tolist() == [1.0]
