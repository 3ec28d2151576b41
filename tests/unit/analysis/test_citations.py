from __future__ import annotations

from typing import Any

import pytest

from backend.analysis import ToolResult, analyze_trades, calculate_metrics, check_figures
from backend.analysis.measures import MEASURES
from backend.analysis.numerals import read_numerals
from backend.analysis.steps import made_by
from tests.support.factories import make_run, make_trade

DATA: dict[str, Any] = {
    "kind": "trade_analysis", "filter": {"filter_type": "all", "criteria": None}, "currency": "USDT",
    "selection": {
        "trade_count": 137, "win_count": 85, "loss_count": 52, "win_rate": 62.04379562, "gross_pnl": 16799.4054,
        "fees": 11019.48800940, "net_pnl": 5870.28207402, "largest_loss": -841.0510344, "profit_factor": 1.52130387,
        "average_holding_seconds": 3480.0, "trade_ids": [119, 91],
    },
    "worst_trades": [{"trade_id": 119, "symbol": "BTC", "net_pnl": -841.0510344, "fees": 99.125, "entry_seq": 237}],
    "patterns": {"found": [{"p_value": 0.0152}]},
}  # fmt: skip
METRICS: dict[str, Any] = {
    "kind": "metrics",
    "figures": {"max_drawdown": {"value": -29.84378678, "unit": "pct", "why": None, "definition": "…"},
                "sharpe": {"value": 3.4890991, "unit": "ratio", "why": None, "definition": "…"}},
}  # fmt: skip
RULES: dict[str, Any] = {
    "kind": "rule_suggestions",
    "rules": [{"name": "Stop-loss at 0.114 %", "rationale": "44 of 52 losers moved 0.114 % or more."}],
}  # fmt: skip
RESULTS = [
    ToolResult("analyze_trades", "call_1", DATA),
    ToolResult("calculate_metrics", "call_2", METRICS),
    ToolResult("suggest_rules", "call_3", RULES),
]


def statuses(text: str) -> list[tuple[str, str]]:
    return [(check.text, check.status) for check in check_figures(text, RESULTS)]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("Net 5,870.28 USDT.", "selection.net_pnl"),
        ("It made $5,870.", "selection.net_pnl"),
        ("It made 5.87k.", "selection.net_pnl"),
        ("It earned 5 870.28".replace(" 870", "\u202f870"), "selection.net_pnl"),
        ("Netto 5.870,28 USDT", "selection.net_pnl"),
        ("a win rate of 62 %", "selection.win_rate"),
        ("a win rate of **62.04%**", "selection.win_rate"),
        ("Trefferquote: 62,04 %", "selection.win_rate"),
        ("a drawdown of 29.8 %", "figures.max_drawdown.value"),
        ("drawdown: −29.84%", "figures.max_drawdown.value"),
        ("the worst trade lost 841.05 USDT", "worst_trades[0].net_pnl"),
        ("worst: -$841.05", "worst_trades[0].net_pnl"),
        ("| worst | (841.05) |", "worst_trades[0].net_pnl"),
        ("fees of 0.011 M", "selection.fees"),
        ("−11,019.49 USDT in fees", "selection.fees"),
        ("137 trades", "selection.trade_count"),
        ("52 of them lost", "selection.loss_count"),
        ("profit factor 1.52", "selection.profit_factor"),
        ("Sharpe 3.5", "figures.sharpe.value"),
        ("held 58 minutes on average", "selection.average_holding_seconds"),
        ("p = 1.5 %", "patterns.found[0].p_value"),
        ("a stop at 0.114 %", "rules[0].name"),
    ],
)
def test_true_figures_are_verified_with_their_path(text: str, path: str):
    (check,) = check_figures(text, RESULTS)
    assert (check.status, check.source["path"] if check.source else None) == ("verified", path)


@pytest.mark.parametrize(
    "text",
    [
        "Net 5,871.28 USDT.",  # one digit off
        "Net 5,870.82 USDT.",
        "The run lost 5,870.28 USDT.",  # wrong sign, in words
        "Net −5,870.28 USDT.",
        "The worst trade made 841.05 USDT.",
        "a win rate of 62.1 %",  # finer than the truth rounds to
        "a win rate of 26.04 %",
        "fees of 62.04 USDT",  # right digits, wrong unit
        "a return of 5,870.28 %",
        "profit factor 1.53",
        "138 trades",
        "+29.84 % drawdown",
        "held 59 minutes",
    ],
)
def test_wrong_figures_are_flagged(text: str):
    assert [status for _, status in statuses(text)] == ["unverified"]


@pytest.mark.parametrize(
    "text",
    [
        "```\nx = 42\n```\nand `y = 43`",
        "~~~\n99\n",
        "1. First\n2. Second\n   10) Tenth",
        "## 3. Why",
        "On 2024-09-21 at 23:40, 2024-09-21T23:40:00Z, 21 Sep 2024, September 21, 2024, in 2024, during March 2024.",
        "Run #5, row 7, top 5, the worst 10.",
        "In hour 13 and hours 13–15, from 13 to 15 UTC.",
        "VaR 95 and BTC2 with v1.2b and gpt-4o.",
        "See [this](https://example.org/5?x=6).",
    ],
)
def test_what_is_no_figure_is_left_alone(text: str):
    assert statuses(text) == []


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("85 wins and 52 losses: 33 more wins.", "selection.loss_count − selection.win_count"),
        ("Fees of 11,019.49 USDT took 65.6 % of the gross 16,799.41 USDT.", "selection.fees ÷ selection.gross_pnl"),
        ("Of 137 trades 52 lost: 38 %.", "selection.loss_count ÷ selection.trade_count"),
        ("85 wins against 52 losses, 1.63 to one.", "selection.win_count ÷ selection.loss_count"),
    ],
)
def test_one_step_from_two_verified_figures_is_derived(text: str, formula: str):
    derived = [check for check in check_figures(text, RESULTS) if check.status == "derived"]
    assert [check.source["path"] for check in derived if check.source] == [formula]
    assert len(derived[0].source["inputs"]) == 2


def test_a_lone_digit_is_not_derived_from_anything():
    assert statuses("85 wins, 52 losses and 7 more.")[-1] == ("7", "unverified")


def test_trades_behind_a_figure_come_with_it():
    (check,) = check_figures("It paid 99.13 USDT.", RESULTS)
    assert check.source == {
        "tool": "analyze_trades", "id": "call_1", "path": "worst_trades[0].fees", "value": 99.125, "trade_ids": [119],
    }  # fmt: skip


def test_equal_amounts_lead_to_the_one_trade_and_to_its_net():
    free = {"gross_pnl": -365.24, "fees": 0.0, "net_pnl": -365.24}
    data = {
        "kind": "trade_analysis",
        "selection": {**free, "trade_ids": [1, 2]},
        "worst_trades": [{"trade_id": 2, **free}],
    }
    (check,) = check_figures("It alone lost 365.24 USDT.", [ToolResult("analyze_trades", "call_1", data)])
    assert check.source is not None
    assert (check.source["path"], check.source["trade_ids"]) == ("worst_trades[0].net_pnl", [2])


def test_offsets_are_utf16_code_units():
    text = "😀 made 5,870.28 USDT 😀 in 137 trades"
    encoded = text.encode("utf-16-le")
    for check in check_figures(text, RESULTS):
        assert encoded[check.start * 2 : check.end * 2].decode("utf-16-le") == check.text


def test_ids_and_sequence_numbers_verify_nothing():
    assert statuses("It shows 237 of them.") == [("237", "unverified")]


def test_ranges_are_no_negatives():
    assert [(n.value, n.sign) for n in made_by(read_numerals("between 52–85 trades"))] == [(52.0, 0), (85.0, 0)]


def test_endless_digits_are_no_figure():
    assert statuses("9" * 5000 + " and 137 trades") == [("137", "verified")]


def test_no_results_means_nothing_is_verified():
    assert [check.status for check in check_figures("It lost 5 %.", [])] == ["unverified"]


def test_text_of_the_run_verifies_nothing():
    frame = make_run(make_trade(net=-5, entry_reasoning="I expect 4,321.99 USD of profit."))
    result = ToolResult("analyze_trades", "1", analyze_trades(frame).model_dump(mode="json"))
    assert [check.status for check in check_figures("It made 4,321.99 USD.", [result])] == ["unverified"]


def test_an_answer_made_of_real_results_is_verified_whole():
    frame = make_run(*(make_trade(net=(-1) ** i * (10 + i), at=24.0 * i, fees=1.5, ref=str(i)) for i in range(20)))
    metrics = calculate_metrics(frame)
    result = ToolResult("calculate_metrics", "m", metrics.model_dump(mode="json"))
    words = {"pct": " %", "money": " USD", "count": "", "ratio": "", "seconds": " seconds"}
    lines = [
        f"- {MEASURES[name].words['en'][0]}: {figure.value:,.2f}{words[figure.unit]}"
        if isinstance(figure.value, float)
        else f"- {MEASURES[name].words['en'][0]}: {figure.value}"
        for name, figure in metrics.figures.items()
        if isinstance(figure.value, (int, float)) and MEASURES[name].words
    ]
    checks = check_figures("\n".join(lines), [result])
    assert len(checks) == len(lines)
    assert [check.text for check in checks if check.status != "verified"] == []


@pytest.mark.parametrize(
    ("text", "why", "belongs_to"),
    [
        ("Shorts won 62.04 % of the time.", "label_mismatch", "62.04 % is the win rate of the whole run"),
        ("The Sharpe is 1.52.", "label_mismatch", "1.52 is the profit factor of the whole run"),
        ("The average win was 841.05 USDT.", "label_mismatch", None),
        ("Fees of 5,870.28 USDT.", "label_mismatch", "5,870.28 USDT is the net pnl of the whole run"),
        ("The run made 4,321.99 USDT.", "no_match", None),
        ("It paid 11,019.49 EUR in fees.", "unit_mismatch", "11,019.49 USDT is the fees of the whole run"),
        ("Trade #9999 lost money.", "no_match", None),
    ],
)
def test_what_does_not_fit_says_why_and_whose_number_it_is(text: str, why: str, belongs_to: str | None):
    (check,) = check_figures(text, RESULTS)
    assert (check.status, check.why) == ("unverified", why)
    if belongs_to is not None:
        assert check.belongs_to == belongs_to


def test_a_trade_that_is_named_must_exist():
    assert statuses("Trades #119 and #4711 were stopped.") == [("119", "verified"), ("4711", "unverified")]


def test_a_precise_number_without_a_label_is_only_found():
    assert statuses("And then there is 5,870.28.") == [("5,870.28", "found")]
