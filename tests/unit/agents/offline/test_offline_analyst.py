"""The offline analyst's answers, through the agent and its tools; every figure in them is checked."""

from __future__ import annotations

import ast
import re

import pytest

from backend.agents.core.events import ChatEvent, SuggestionsEvent, TokenEvent, ToolEvent
from backend.agents.core.transcript import Transcript
from backend.agents.offline.questions import Scope, named_symbol, read_question
from backend.analysis import RunFrame
from tests.support import agent_runs as runs
from tests.support.talk import agent_for, ask, converse

FRAMES = {
    "losing": runs.losing_frame(),
    "winning": runs.winning_frame(),
    "all_losing": runs.all_losing_frame(),
    "open_only": runs.open_only_frame(),
    "empty": runs.empty_frame(),
}
QUESTIONS = [
    ("Why did this run lose money?",),
    ("Show me the worst trades",),
    ("What were the best trades?",),
    ("Best and worst hours and symbols?",),
    ("Which weekday is worst?",),
    ("How risky was it, what was the drawdown?",),
    ("How much did fees cost?",),
    ("Compare long and short",),
    ("Suggest rules for big losses",),
    ("What rules would have helped with the bad hours?",),
    ("Show me the stats",),
    ("Why did the agent buy there? Show its reasoning",),
    ("Show me the worst trades", "Tell me more about the second one"),
    ("Why did it lose?", "and for BTC only?"),
    ("Why did it lose?", "What about fees?"),
    ("Suggest rules", "Tell me more about the second one"),
    ("Which hours are worst?", "And the second one?"),
    ("Why do we lose on Mondays?",),
    ("What happens at 13:00?",),
    ("Tell me about trade #2",),
    ("What is the weather like?",),
    ("Help",),
]


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES.keys())
@pytest.mark.parametrize("questions", QUESTIONS, ids=lambda questions: questions[-1])
async def test_every_figure_is_traced_and_the_label_is_there(frame: RunFrame, questions: tuple[str, ...]) -> None:
    answer = await converse(frame, *questions, others=[FRAMES["winning"]])
    assert answer.error is None
    assert [(check.text, check.status) for check in answer.checks if check.status == "unverified"] == []
    assert "Offline analyst: no language model was used." in answer.content
    assert all(result.ok for result in answer.tool_results)
    assert answer.content.count("```") % 2 == 0


async def test_why_leads_with_the_verdict_and_shows_its_evidence() -> None:
    answer = await converse(FRAMES["losing"], "Why did this run lose money?")
    first = answer.content.splitlines()[0]
    assert first.startswith("**This run lost money: -")
    assert "Its closed trades brought -1,354.12 USDT net over 60 trades" in first
    assert answer.tool_calls == ["analyze_trades", "calculate_metrics"]
    for evidence in ("| − fees | 180.00 |", "`BTC/USDT`", "| 13:00 | 15 |", "#58", "13.87%", "Still open at the end"):
        assert evidence in answer.content
    assert len(answer.checks) > 40


async def test_run_that_won_is_not_called_a_loss_but_its_losing_part_is_explained() -> None:
    answer = await converse(FRAMES["winning"], "Why did this run lose money?")
    assert answer.content.startswith("**This run did not lose money: 158.00 USDT (1.58%).** Its closed trades")
    assert "| `ETH/USDT` | 8 | 0.00% | -90.00 |" in answer.content


async def test_loss_that_is_mostly_open_is_said_to_be() -> None:
    rows = runs.Rows()
    rows.trade("BTC", 1, 1, 100, 99)
    rows.trade("ETH", 2, 0, 500, None, quantity=10)
    rows.trade("ETH", 3, 0, 300, None, quantity=1)
    answer = await converse(rows.frame(), "Why did it lose?")
    assert "Most of the loss sits in trades that are still open" in answer.content
    closed = await converse(FRAMES["losing"], "Why did it lose?")
    assert "Most of the loss sits" not in closed.content


async def test_second_one_is_the_second_of_the_list_before() -> None:
    first = await converse(FRAMES["losing"], "Show me the worst trades")
    second_id = re.findall(r"^\| #(\d+) ", first.content, re.MULTILINE)[1]
    answer = await converse(FRAMES["losing"], "Show me the worst trades", "Tell me more about the second one")
    assert answer.content.startswith(f"**Trade #{second_id}**")


async def test_symbol_follow_up_looks_at_that_symbol() -> None:
    answer = await converse(FRAMES["losing"], "Why did it lose?", "and for BTC only?")
    assert answer.tool_results[-1].args == {"filter_type": "symbol", "criteria": "BTC/USDT"}
    assert answer.content.startswith("**Trades in `BTC/USDT` lost money:** -1,191.15 USDT net over 30 trades")


async def test_symbol_the_run_does_not_trade_is_said_to_be_missing() -> None:
    answer = await converse(FRAMES["losing"], "Why did it lose?", "and for DOGE only?")
    assert answer.content.startswith("No trade of this run is in `DOGE`; this is about the whole run.")


async def test_rules_come_with_replay_verdict_and_code_that_parses() -> None:
    answer = await converse(FRAMES["losing"], "Suggest rules for bad hours")
    blocks = re.findall(r"```python\n(.*?)```", answer.content, re.DOTALL)
    rules = answer.tool_results[0].data["rules"]
    assert [block.strip() for block in blocks] == [rule["code"].strip() for rule in rules[: len(blocks)]]
    assert blocks
    for block in blocks:
        ast.parse(block)
    assert answer.content.count("**Verdict: it ") == len(blocks)
    assert "trades removed 15" in answer.content


async def test_text_of_the_run_can_be_no_markup() -> None:
    answer = await converse(FRAMES["losing"], "Which symbols are best?")
    assert "`SOL\\|X<b>`" in answer.content
    assert "SOL|X" not in re.sub(r"`[^`]*`", "", answer.content)
    rows = runs.Rows()
    rows.trade("BTC", 1, 1, 100, 90, tag="a`b|c", reasoning=runs.HOSTILE)
    quoted = await converse(rows.frame(), "Why did it buy there? Show the reasoning")
    bare = re.sub(r"`[^`]*`", "", quoted.content)
    for piece in ("<img", "[click]", "http", "123456.78", "Ignore"):
        assert piece not in bare
        assert piece in quoted.content


async def test_answer_is_deterministic_and_streams_in_pieces() -> None:
    async def events() -> list[ChatEvent]:
        return await ask(agent_for(FRAMES["losing"]), "Why did it lose?")

    first, second = await events(), await events()
    timeless = [[event for event in found if event.type != "tool_result"] for found in (first, second)]
    assert timeless[0] == timeless[1]
    assert sum(isinstance(event, TokenEvent) for event in first) > 100
    assert [event.type for event in first[-2:]] == ["check", "suggestions"]
    assert {event.tool for event in first if isinstance(event, ToolEvent)} == {"analyze_trades", "calculate_metrics"}
    assert isinstance(first[-1], SuggestionsEvent)
    assert first[-1].questions


async def test_suggested_questions_are_understood() -> None:
    asked = "Why did this run lose money?"
    seen = {asked}
    queue = [asked]
    while queue:
        question = queue.pop()
        answer: Transcript = await converse(FRAMES["losing"], asked, question)
        assert "did not understand" not in answer.content, question
        queue += [text for text in answer.suggestions if text not in seen]
        seen.update(answer.suggestions)
    assert len(seen) > 5


@pytest.mark.parametrize(
    ("text", "earlier", "topic", "item"),
    [
        ("Why did this run lose money?", [], "why", None),
        ("which hours cost the most?", [], "where", None),
        ("what about costs?", ["why did it lose"], "costs", None),
        ("and the third?", ["worst trades"], "worst", 3),
        ("tell me more", ["suggest rules for fees"], "rules", 1),
        ("the last one", ["best trades"], "best", -1),
        ("is it going to rain", [], "unknown", None),
        ("what could i do differently", [], "rules", None),
        ("Sharpe?", [], "risk", None),
    ],
)
def test_question_is_read(text: str, earlier: list[str], topic: str, item: int | None) -> None:
    question = read_question(text, earlier)
    assert (question.topic, question.item) == (topic, item)


def test_scope_is_read() -> None:
    assert read_question("and on Fridays?", ["why"]).scope == Scope("weekday", "Friday")
    assert read_question("why at 9?", []).scope == Scope("hour", "9")
    assert read_question("why in 2026-03?", []).scope == Scope("month", "2026-03")


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("and for BTC only?", "BTC/USDT"),
        ("what about eth", "ETH-PERP"),
        ("AAPL?", "AAPL"),
        ("only SOLUSDT", "SOLUSDT"),
        ("sol please", "SOLUSDT"),
        ("is it all?", None),
        ("show ALL trades of ALL", "ALL"),
        ("why did it lose", None),
    ],
)
def test_symbol_is_found_in_a_question(text: str, symbol: str | None) -> None:
    assert named_symbol(text, ["BTC/USDT", "ETH-PERP", "AAPL", "SOLUSDT", "ALL", "IT"]) == symbol
