"""Each way the provider can fail → one error event with its code, after which nothing comes."""

from __future__ import annotations

import time
from typing import Any

import pytest

from backend.agents.core.agent import Timeouts
from backend.agents.core.events import ErrorEvent
from backend.agents.openrouter.chat import AgentModel, OpenRouterChat, openrouter_model
from backend.agents.openrouter.direct_stream import ModelClient
from tests.support.agent_runs import losing_frame
from tests.support.fakes.openrouter import Call, FakeOpenRouter, Fault, Refusal, Turn
from tests.support.talk import KEY, agent_for, ask

FRAME = losing_frame()
FAST = Timeouts(connect=1, silence=0.3, thinking=0.6)


def refused(status: int, message: str = "no", **more: Any) -> Turn:
    return Turn(refusal=Refusal(status, message, **more))


CASES = [
    (refused(401, "User not found."), "invalid_api_key", False),
    (refused(402, "Insufficient credits"), "insufficient_credits", False),
    (refused(403, "Key limit exceeded (total limit)."), "insufficient_credits", False),
    (refused(403, "Input was flagged", metadata={"reasons": ["violence"]}), "content_filtered", False),
    (refused(403, "This model is not available in your region."), "upstream_unavailable", False),
    (refused(404, "No endpoints found for acme/analyst-1."), "model_not_found", False),
    (refused(404, "No endpoints found that support tool use. Try disabling"), "model_lacks_tools", False),
    (refused(400, "acme/analyst-1 is not a valid model ID"), "model_not_found", False),
    (refused(400, "This endpoint's maximum context length is 8192 tokens."), "context_too_long", False),
    (refused(413, "Payload Too Large"), "context_too_long", False),
    (refused(400, "temperature must be at most 2"), "upstream_unavailable", False),
    (refused(408, "Request timed out"), "upstream_timeout", True),
    (refused(429, "Rate limit exceeded", retry_after=7), "rate_limited", True),
    (refused(500, "Internal Server Error"), "upstream_unavailable", True),
    (refused(502, "Bad gateway"), "upstream_unavailable", True),
    (refused(503, "No provider available"), "upstream_unavailable", True),
    (Turn(text="Half ", fault=Fault("error", 502)), "upstream_unavailable", True),
    (Turn(text="Half ", fault=Fault("error", "rate_limit_exceeded", "slow down")), "rate_limited", True),
    (Turn(text="Half ", fault=Fault("error", 402, "out of credits")), "insufficient_credits", False),
    (Turn(text="Half ", fault=Fault("error", "server_error", "boom")), "upstream_unavailable", True),
    (Turn(text="Half ", fault=Fault("cut")), "upstream_unavailable", True),
    (Turn(text="Half ", fault=Fault("end")), "upstream_unavailable", True),
    (Turn(text="Half ", fault=Fault("garbage")), "upstream_unavailable", True),
    (Turn(text="Half ", fault=Fault("hang")), "upstream_timeout", True),
    (Turn(text="Half ", finish_reason="content_filter"), "content_filtered", False),
    (Turn(text="Late", first_byte_delay=2), "upstream_timeout", True),
    (Turn(text=""), "upstream_unavailable", True),
]


@pytest.mark.parametrize(("turn", "code", "retryable"), CASES)
async def test_fault_becomes_its_error(
    server: FakeOpenRouter, http_client: ModelClient, turn: Turn, code: str, retryable: bool
) -> None:
    server.script(turn)
    events = await ask(agent_for(FRAME, server=server, http_client=http_client, timeouts=FAST), "Why?")
    error = events[-1]
    assert isinstance(error, ErrorEvent), events
    assert (error.code, error.retryable) == (code, retryable)
    assert error.message.endswith(".")
    started = ["token"] if turn.text == "Half " else []
    assert [event.type for event in events] == [*started, "error"]
    assert len(server.chats) == 1


async def test_rate_limit_says_when_to_come_back(server: FakeOpenRouter, http_client: ModelClient) -> None:
    server.script(refused(429, retry_after=7))
    started = time.monotonic()
    events = await ask(agent_for(FRAME, server=server, http_client=http_client), "Why?")
    assert isinstance(events[-1], ErrorEvent)
    assert events[-1].retry_after == 7
    assert "7 seconds" in events[-1].message
    assert time.monotonic() - started < 2  # the wait is the reader's to choose


async def test_failure_after_a_tool_keeps_what_came_before(server: FakeOpenRouter, http_client: ModelClient) -> None:
    server.script(Turn(tool_calls=[Call("calculate_metrics", {})]), refused(503))
    events = await ask(agent_for(FRAME, server=server, http_client=http_client), "Why?")
    assert [event.type for event in events] == ["tool", "tool_result", "error"]


async def test_no_key_is_an_error_and_asks_nobody(server: FakeOpenRouter) -> None:
    events = await ask(agent_for(FRAME, server=server, api_key=None), "Why?")
    assert [event.model_dump()["code"] for event in events] == ["missing_api_key"]
    assert server.requests == []


async def test_nobody_listening_is_unavailable(http_client: ModelClient) -> None:
    agent = agent_for(FRAME, http_client=http_client, model=AgentModel("acme/analyst-1"))
    events = await ask(agent, "Why?")
    assert [event.model_dump()["code"] for event in events] == ["upstream_unavailable"]


async def test_provider_that_only_says_it_is_processing_times_out_in_the_end(
    server: FakeOpenRouter, http_client: ModelClient
) -> None:
    server.script(Turn(text="Never", comments=200, delay=0.05))
    events = await ask(agent_for(FRAME, server=server, http_client=http_client, timeouts=FAST), "Why?")
    assert [event.model_dump().get("code") for event in events] == ["upstream_timeout"]


async def test_slow_trickle_is_not_a_timeout(server: FakeOpenRouter, http_client: ModelClient) -> None:
    server.script(Turn(text=["a", "b", "c", "d"], delay=0.2))
    events = await ask(agent_for(FRAME, server=server, http_client=http_client, timeouts=FAST), "Why?")
    assert [event.type for event in events if event.type != "suggestions"] == ["token"] * 4 + ["check", "usage"]


async def test_key_is_in_no_event_log_or_repr(
    server: FakeOpenRouter, http_client: ModelClient, capsys: pytest.CaptureFixture[str]
) -> None:
    for turn in (
        refused(401, f"Incorrect API key provided: {KEY}"),
        refused(400, f"bad header Bearer {KEY}"),
        Turn(text="x", fault=Fault("error", 400, f"key {KEY} is odd")),
    ):
        server.script(turn)
        events = await ask(agent_for(FRAME, server=server, http_client=http_client), "Why?")
        assert KEY not in "".join(event.model_dump_json() for event in events)
    model = openrouter_model(AgentModel("acme/analyst-1"), OpenRouterChat, api_key=KEY, base_url=server.base_url)
    assert isinstance(model, OpenRouterChat)
    assert KEY not in repr(model)
    assert KEY not in str(model.model_dump())
    captured = capsys.readouterr()
    assert KEY not in captured.out + captured.err
