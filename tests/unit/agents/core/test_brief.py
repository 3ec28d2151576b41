"""Answers of tools as a model reads them: within the budget, from the types alone, and asked for by real calls."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from backend.agents.core.brief import brief
from backend.agents.core.compact import BUDGET_CHARS
from backend.agents.core.events import ToolResultEvent
from backend.agents.openrouter.direct_stream import ModelClient
from backend.analysis import (
    RunFrame,
    compare_groups,
    compare_runs,
    explain_term,
    find_causes,
    get_trades,
    replay_change,
)
from backend.analysis.brief import FEW, PAGE_ONLY, TEXT, TRADES
from tests.support.agent_runs import HOSTILE, Rows, losing_frame, winning_frame
from tests.support.fakes.openrouter import Call, FakeOpenRouter, Turn
from tests.support.talk import agent_for, ask

FRAME = losing_frame()


def other_run() -> RunFrame:
    found = winning_frame()
    return RunFrame(replace(found.facts, run_id=8, run_number=6), found.positions)


def told(result: BaseModel) -> Any:
    text = brief(result)
    assert len(text) <= BUDGET_CHARS
    assert text.count("<") == text.count(">") == 2 or "\\u003c" in text
    return json.loads(text.removeprefix("<data>").removesuffix("</data>"))


def long_names() -> RunFrame:
    rows = Rows()
    for n in range(300):
        rows.trade(f"SYM{n}" + "x" * 90, n * 3.0, 1, 100, 90 + n % 30, tag="t" * 200, reasoning=HOSTILE * 20)
    return rows.frame()


@pytest.mark.parametrize("frame", [FRAME, long_names()], ids=["losing", "long names"])
@pytest.mark.parametrize(
    "answer",
    [
        lambda frame: get_trades(frame, sort="worst", limit=200),
        lambda frame: replay_change(frame, "position_size", {"factor": 0.5}),
        lambda frame: replay_change(frame, "stop_loss", {"pct": 2}),
        lambda frame: compare_groups(frame, "winners", "losers"),
        lambda frame: compare_runs([frame, other_run()]),
        lambda frame: explain_term(frame, "max_drawdown"),
        find_causes,
    ],
    ids=["trades", "size", "unknown", "groups", "runs", "term", "causes"],
)
def test_every_answer_fits(frame: RunFrame, answer: Callable[[RunFrame], BaseModel]) -> None:
    assert told(answer(frame))["kind"]


def test_what_is_told_follows_from_the_fields() -> None:
    class Row(BaseModel):
        key: str
        net_pnl: float
        why: str | None

    class Result(BaseModel):
        name: str
        sentence: Annotated[str, TEXT]
        missing: float | None
        ids: Annotated[list[int], FEW]
        rows: list[Row]
        trades: Annotated[list[Row], TRADES]
        definitions: Annotated[dict[str, str], PAGE_ONLY]

    row = Row(key="x", net_pnl=1 / 3, why=None)
    found = told(
        Result(
            name="n" * 99, sentence="s" * 99, missing=None, ids=list(range(50)), rows=[row] * 100, trades=[row] * 50,
            definitions={"a": "b"},
        )
    )  # fmt: skip
    assert found["name"] == "n" * 60 + "…"
    assert found["sentence"] == "s" * 99
    assert found["ids"] == [*range(10), "and 40 more"]
    # Rows have one head, without the column that is empty throughout.
    assert (found["rows"]["columns"], found["rows"]["rows"][0], found["rows"]["more"]) == (
        ["key", "net_pnl"], ["x", 0.3333], 60,
    )  # fmt: skip
    assert found["trades"][0] == {"key": "x", "net_pnl": 0.3333}
    assert "definitions" not in found
    assert "missing" not in found


CALLS = [
    Call(
        "analyze_trades", {"filter_type": "where", "criteria": [{"side": "short", "hour": {"gte": 9}}], "by": "month"}
    ),
    Call("analyze_trades", {"filter_type": "where", "criteria": '[{"symbol": "BTC"}, {"result": "loss"}]'}),
    Call("get_trades", {"ids": "1, 2"}),
    Call("get_trades", {"where": {"symbol": "ETH"}, "sort": "worst", "limit": 3.0}),
    Call("replay_rule", {"kind": "no_trade_hours", "params": {"hours": [13]}}),
    Call("replay_rule", {"kind": "max trades per day", "params": '{"count": 1}'}),
    Call("compare_groups", {"a": "long", "b": "short"}),
    Call("compare_groups", {"a": '[{"weekday": "monday"}]'}),
    Call("compare_runs", {"runs": "#6"}),
    Call("explain_term", {"term": "profit factor"}),
]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.name} {json.dumps(call.arguments)[:40]}")
async def test_tools_take_what_models_send(call: Call, server: FakeOpenRouter, http_client: ModelClient) -> None:
    server.script(Turn(tool_calls=[call]), Turn(text="Done."))
    events = await ask(agent_for(FRAME, server=server, http_client=http_client, others=[other_run()]), "Tell me.")
    (result,) = [event for event in events if isinstance(event, ToolResultEvent)]
    assert result.ok, result.data
    assert result.summary
    assert len(server.chats[1].body["messages"][-1]["content"]) <= BUDGET_CHARS


@pytest.mark.parametrize(
    "call",
    [
        Call("get_trades", {"ids": "9999"}),
        Call("replay_rule", {"kind": "wish", "params": {}}),
        Call("compare_groups", {"a": "unicorns"}),
        Call("compare_runs", {"runs": "#77"}),
        Call("explain_term", {"term": "xyzzy"}),
        Call("analyze_trades", {"filter_type": "where", "criteria": [{"mood": 1}]}),
        Call("analyze_trades", {"filter_type": "all", "by": "mood"}),
    ],
    ids=lambda call: call.name,
)
async def test_what_cannot_be_asked_is_told_to_the_model(
    call: Call, server: FakeOpenRouter, http_client: ModelClient
) -> None:
    server.script(Turn(tool_calls=[call]), Turn(text="I see."))
    events = await ask(agent_for(FRAME, server=server, http_client=http_client, others=[winning_frame()]), "Tell me.")
    (result,) = [event for event in events if isinstance(event, ToolResultEvent)]
    assert not result.ok
    assert result.data["kind"] == "tool_error"
    assert events[-1].type in ("suggestions", "usage", "check")
