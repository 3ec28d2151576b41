"""Every number of a typed result is declared, or listed here as none that an answer quotes."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from backend.agents.core.context import ToolOutcome
from backend.analysis import (
    METRICS,
    analyze_trades,
    calculate_metrics,
    compare_groups,
    compare_runs,
    explain_term,
    find_causes,
    get_trades,
    replay_change,
    suggest_rules,
)
from backend.analysis.declared_numbers import declared_numbers
from backend.analysis.measures import LANGUAGES, MEASURES
from backend.analysis.named_numbers import Numbers, fields_of
from backend.analysis.scope_words import SCOPE_WORDS, symbol_names, tag_names
from backend.analysis.steps import made_by
from tests.support.factories import make_run, make_trade

FRAME = make_run(
    *(
        make_trade(net=(-1) ** i * (10 + i), at=7.0 * i, fees=1.5, side="short" if i % 3 else "long", ref=str(i))
        for i in range(40)
    )
)
# Numbers that no sentence quotes as a figure of the run: ids, places in the file, conventions.
NOT_QUOTED = {
    "trade_id", "entry_seq", "exit_seq", "trade_ids", "trades_changed", "periods_per_year", "risk_free", "run_id",
    "run_number", "model_id", "run_id_a", "run_id_b",
}  # fmt: skip
OTHER = make_run(make_trade(net=4, at=3), make_trade(net=-7, at=40), run_id=2, run_number=2)


def numbers_below(node: Any, path: str = "") -> list[str]:
    """Paths of the numbers in a result, but for those never quoted."""
    if isinstance(node, bool) or node is None:
        return []
    if isinstance(node, (int, float)):
        return [path]
    if isinstance(node, dict):
        kept = {key: value for key, value in node.items() if key not in NOT_QUOTED}
        return [found for key, value in kept.items() for found in numbers_below(value, f"{path}.{key}".lstrip("."))]
    if isinstance(node, list):
        return [found for place, value in enumerate(node) for found in numbers_below(value, f"{path}[{place}]")]
    return []


@pytest.mark.parametrize(
    "result",
    [
        analyze_trades(FRAME, "all"),
        analyze_trades(FRAME, "side", "short"),
        calculate_metrics(FRAME, "all"),
        suggest_rules(FRAME, "too many losses", [FRAME]),
        analyze_trades(FRAME, "where", [{"side": "short"}, {"not": {"weekday": "monday"}}], ("month", "size")),
        get_trades(FRAME, where={"side": "short"}, sort="worst"),
        replay_change(FRAME, "no_fees"),
        replay_change(FRAME, "cooldown_after_losses", {"losses": 1, "hours": 9}),
        compare_groups(FRAME, "long", "short"),
        compare_groups(FRAME, {"weekday": "monday"}),
        compare_runs([FRAME, OTHER]),
        explain_term(FRAME, "drawdown"),
        explain_term(FRAME, "holding time"),
        find_causes(FRAME),
    ],
    ids=[
        "all", "shorts", "metrics", "rules", "where", "trades", "no_fees", "cooldown", "groups", "rest", "runs", "term",
        "example", "causes",
    ],
)  # fmt: skip
def test_every_number_of_a_result_has_a_name(result: BaseModel):
    data = result.model_dump(mode="json")
    declared = {number.path for number in made_by(declared_numbers(data))}
    undeclared = {path for path in numbers_below(data) if path not in declared}
    # The rest of the whole run is nobody; parameters of a rule are also said in its words and its engine's form.
    # Ids of a cause's trades, conditions as they were asked, and how many runs began with what are no figures either.
    allowed = (".enforcement.", ".params.", "filter.", "complement.", ".other_runs[", ".trades[", ".where[", ".runs[",
               ".settings_changed[", ".mean_")  # fmt: skip
    assert {path for path in undeclared if not any(part in f".{path}" for part in allowed)} == set()
    assert {number.unit for number in made_by(declared_numbers(data))} >= {"money"}


def test_scopes_are_those_of_choice_row_and_rest():
    data = analyze_trades(FRAME, "side", "short").model_dump(mode="json")
    by_path = {number.path: number for number in made_by(declared_numbers(data))}
    assert by_path["selection.net_pnl"].scope == (("side", "short"),)
    assert by_path["complement.net_pnl"].scope == (("not side", "short"),)
    assert by_path["breakdowns.weekday[0].net_pnl"].scope == (("side", "short"), ("weekday", "monday"))
    assert by_path["breakdowns.side[0].net_pnl"].scope == (("side", "short"),)
    assert by_path["bridge.by_side[0].net_pnl"].scope == (("side", "long"),)
    assert by_path["bridge.net_pnl"].scope == ()
    worst = data["worst_trades"][0]
    assert by_path["worst_trades[0].net_pnl"].scope[:2] == (("trade", str(worst["trade_id"])), ("side", worst["side"]))
    assert by_path["selection.net_pnl"].currency == data["currency"]


def test_an_outcome_holds_its_numbers_and_a_failed_one_none():
    data = calculate_metrics(FRAME, "trades").model_dump(mode="json")
    found = {number.measure: number.value for number in ToolOutcome(data=data, summary="").numbers}
    assert found["win_count"] == 20
    assert list(ToolOutcome(data=data, summary="", ok=False).numbers) == []


def test_every_metric_is_a_measure_with_words_in_six_languages():
    assert {metric.name for metric in METRICS} <= set(MEASURES)
    for metric in METRICS:
        measure = MEASURES[metric.name]
        assert measure.unit == metric.unit, metric.name
        if metric.unit != "time" and metric.name != "max_drawdown_money":
            assert set(measure.words) == set(LANGUAGES), metric.name
    for words in (*SCOPE_WORDS["side"].values(), *SCOPE_WORDS["weekday"].values()):
        assert set(words) == set(LANGUAGES)


def test_words_are_written_as_they_are_compared():
    for name, measure in MEASURES.items():
        for phrases in measure.words.values():
            for phrase in phrases:
                assert phrase == phrase.lower().strip() != "", (name, phrase)


def test_a_declaration_takes_what_a_typed_model_names():
    class Row(BaseModel):
        key: str
        net_pnl: float
        mean: float

    numbers = Numbers({"currency": "EUR"})
    row = {"key": "x", "net_pnl": -2.5, "mean": float("nan"), "trade_ids": [3, 4]}
    numbers.fields(row, "rows[0]", fields_of(Row, mean="expectancy"), (("symbol", "X"),))
    (number,) = numbers.found
    assert (number.measure, number.value, number.unit, number.currency) == ("net_pnl", -2.5, "money", "EUR")
    assert (number.path, number.scope, number.trade_ids) == ("rows[0].net_pnl", (("symbol", "X"),), (3, 4))


def test_names_of_symbols_and_tags():
    assert {"btc/usdt:usdt", "btc/usdt", "btc", "bitcoin"} <= set(symbol_names("BTC/USDT:USDT"))
    assert "btc" in symbol_names("BTCUSDT")
    assert {"stop_loss", "stop loss", "stop-loss", "stops"} <= set(tag_names("stop_loss"))
