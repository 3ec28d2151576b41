"""What the fast path takes for granted of LangChain and of HTTP; an upgrade that changes it fails here."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import langsmith
import orjson
import pytest
from langchain_core.callbacks import AsyncCallbackHandler
from langchain_openai import ChatOpenAI

from backend.agents.core.agent import _made_beside_others
from backend.agents.core.events import ChatEvent, ErrorEvent, TokenEvent
from backend.agents.core.graph import agent_graph
from backend.agents.openrouter import direct_stream
from backend.agents.openrouter.chat import AgentModel, OpenRouterChat, Timeouts
from backend.agents.openrouter.direct_stream import DirectOpenRouterChat, ModelClient, model_http_client, trace_in_place
from backend.agents.run.profile import RUN
from backend.analysis.steps import Steps
from tests.support.agent_runs import losing_frame
from tests.support.fakes.openrouter import Call, FakeOpenRouter, Turn, default_turn
from tests.support.talk import agent_for, ask

FRAME = losing_frame()


@pytest.fixture
async def http_client() -> AsyncIterator[ModelClient]:
    async with model_http_client("direct") as client:
        yield client


def text_of(events: list[ChatEvent]) -> str:
    return "".join(event.content for event in events if isinstance(event, TokenEvent))


async def test_create_agent_asks_by_agenerate_and_streams_nothing_itself(
    server: FakeOpenRouter, http_client: ModelClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    agenerate = DirectOpenRouterChat._agenerate

    async def counted(self: DirectOpenRouterChat, *args: Any, **kwargs: Any) -> Any:
        asked.append(True)
        return await agenerate(self, *args, **kwargs)

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("LangChain streams by itself")

    monkeypatch.setattr(DirectOpenRouterChat, "_agenerate", counted)
    for owner in (OpenRouterChat, ChatOpenAI):
        monkeypatch.setattr(owner, "_astream", refused)
    monkeypatch.setattr(AsyncCallbackHandler, "on_llm_new_token", refused)
    server.script(Turn(tool_calls=[Call("calculate_metrics", {})]), Turn(text=["One ", "two."]))
    events = await ask(agent_for(FRAME, server=server, http_client=http_client), "Why?")
    assert text_of(events) == "One two."
    assert asked == [True, True]


async def test_model_call_takes_no_thread(
    server: FakeOpenRouter, http_client: ModelClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []
    loop = asyncio.get_running_loop()
    in_thread = loop.run_in_executor

    def counted(executor: Any, function: Any, *args: Any) -> Any:
        threads.append(str(function))
        return in_thread(executor, function, *args)

    monkeypatch.setattr(loop, "run_in_executor", counted)
    trace_in_place()
    try:
        server.script(Turn(text="Yes."))
        await ask(agent_for(FRAME, server=server, http_client=http_client), "Why?")
    finally:
        langsmith.set_runtime_overrides()
    assert threads == []


async def test_figure_check_leaves_the_loop_to_others_between_its_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.agents.core.agent._TURN_S", 0.0)
    seen: list[str] = []

    def steps() -> Steps[str]:
        for number in range(3):
            seen.append(f"step {number}")
            yield
        return "made"

    async def other() -> None:
        while "over" not in seen:
            seen.append("other")
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    assert await _made_beside_others(steps()) == "made"
    seen.append("over")
    await beside
    assert {seen.index("step 1") - 1, seen.index("step 2") - 1} <= {i for i, what in enumerate(seen) if what == "other"}


async def test_openai_client_is_not_built(server: FakeOpenRouter, http_client: ModelClient) -> None:
    seen: list[DirectOpenRouterChat] = []
    agent = agent_for(FRAME, server=server, http_client=http_client)
    make = agent._model
    agent._model = lambda sink, usage: seen.append(model := make(sink, usage)) or model  # type: ignore[func-returns-value]
    server.script(Turn(text="Yes."))
    await ask(agent, "Why?")
    assert isinstance(seen[0], DirectOpenRouterChat)
    assert seen[0].root_async_client is None
    assert seen[0].root_client is None


async def test_language_model_is_validated_once_and_what_turns_share_holds_no_key(
    server: FakeOpenRouter, http_client: ModelClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    init = ChatOpenAI.__init__

    def counted(self: ChatOpenAI, *args: Any, **kwargs: Any) -> None:
        made.append(kwargs["model"])
        init(self, *args, **kwargs)

    monkeypatch.setattr(ChatOpenAI, "__init__", counted)
    assert isinstance(http_client, aiohttp.ClientSession)
    told: dict[str, Any] = {"base_url": server.base_url, "timeouts": None, "session": http_client}
    models = [
        direct_stream.direct_model(AgentModel("acme/analyst-1", {"top_k": place}), api_key=f"sk-or-{place}", **told)
        for place in range(2)
    ]
    assert made == ["acme/analyst-1"]
    assert [(model.extra_body or {})["top_k"] for model in models] == [0, 1]
    assert [await model._reveal_key() for model in models] == ["sk-or-0", "sk-or-1"]
    kept = direct_stream._keyless("acme/analyst-1", server.base_url, direct_stream.Timeouts(), http_client)
    assert made == ["acme/analyst-1"], "the one that was kept"
    assert kept.extra_body is None
    with pytest.raises(AttributeError):
        _ = kept._reveal_key


async def test_turns_at_once_share_the_graph_and_nothing_else(server: FakeOpenRouter, http_client: ModelClient) -> None:
    assert agent_graph(RUN) is agent_graph(RUN)
    keys = [f"sk-or-v1-{number:032d}" for number in range(8)]
    server.fallback = lambda body: Turn(text=[f"{body['messages'][-1]['content']} "] * 20, delay=0.002)
    try:
        agents = [agent_for(FRAME, server=server, http_client=http_client, api_key=key) for key in keys]
        answers = await asyncio.gather(*(ask(agent, f"q{number}") for number, agent in enumerate(agents)))
    finally:
        server.fallback = default_turn
    assert [text_of(events) for events in answers] == [f"q{number} " * 20 for number in range(8)]
    sent = {chat.body["messages"][-1]["content"]: chat.headers["authorization"] for chat in server.chats}
    assert sent == {f"q{number}": f"Bearer {key}" for number, key in enumerate(keys)}


async def test_one_read_of_the_socket_is_one_event(http_client: ModelClient) -> None:
    words = [f"w{number} " for number in range(50)]
    async with provider(lambda _: frames(words)) as base_url:
        events = await ask(agent_for(FRAME, base_url=base_url, http_client=http_client), "Why?")
    assert text_of(events) == "".join(words)
    assert len([event for event in events if isinstance(event, TokenEvent)]) == 1


async def test_connection_is_kept_for_the_next_round_and_the_next_question(
    server: FakeOpenRouter, http_client: ModelClient
) -> None:
    server.script(Turn(tool_calls=[Call("calculate_metrics", {})]), Turn(text="One."), Turn(text="Two."))
    for _ in range(2):
        await ask(agent_for(FRAME, server=server, http_client=http_client), "Why?")
    assert len(server.chats) == 3
    assert len({chat.client_port for chat in server.chats}) == 1


async def test_dead_pooled_connection_is_replaced_once(http_client: ModelClient) -> None:
    asked: list[int] = []

    def answer(place: int) -> bytes | None:
        asked.append(place)
        return frames(["Yes."]) if place != 1 else None  # the second request finds the line dead

    async with provider(answer) as base_url:
        assert text_of(await ask(agent_for(FRAME, base_url=base_url, http_client=http_client), "Why?")) == "Yes."
        assert text_of(await ask(agent_for(FRAME, base_url=base_url, http_client=http_client), "And now?")) == "Yes."
    assert asked == [0, 1, 2]


async def test_dead_connection_is_not_replaced_by_another_of_the_pool(http_client: ModelClient) -> None:
    together = asyncio.Barrier(3)
    async with provider(lambda _: frames(["Yes."]), one_a_line=together) as base_url:

        async def answered() -> str:
            return text_of(await ask(agent_for(FRAME, base_url=base_url, http_client=http_client), "Why?"))

        assert await asyncio.gather(*(answered() for _ in range(3))) == ["Yes."] * 3
        assert await answered() == "Yes.", "three lines were kept, and all of them are dead"


async def test_provider_that_always_hangs_up_is_asked_twice_and_no_more(http_client: ModelClient) -> None:
    asked: list[int] = []
    async with provider(asked.append) as base_url:
        events = await ask(agent_for(FRAME, base_url=base_url, http_client=http_client), "Why?")
    assert [event.code for event in events if isinstance(event, ErrorEvent)] == ["upstream_unavailable"]
    assert asked == [0, 1]


def test_proxy_of_the_environment_is_used_but_not_for_excepted_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    look_up = direct_stream._proxy.__wrapped__
    assert look_up("https://models.example/v1") is None
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "inside.example")
    assert look_up("https://models.example/v1") == "http://proxy.example:3128"
    assert look_up("https://inside.example/v1") is None
    assert look_up("http://models.example/v1") is None


def frames(words: list[str]) -> bytes:
    """A whole streamed answer."""
    deltas = [{"choices": [{"delta": {"content": word}}]} for word in words]
    ending = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
    lines = [f"data: {json.dumps(frame)}\n\n" for frame in [*deltas, ending]]
    return "".join([*lines, "data: [DONE]\n\n"]).encode()


class provider:  # noqa: N801 - read as a statement
    """A bare HTTP server whose whole answer leaves in one write; None hangs up instead of answering.

    With `one_a_line` it answers the first question of a line alone, and the first ones together.
    """

    def __init__(self, answer: Any, one_a_line: asyncio.Barrier | None = None) -> None:
        self._answer, self._asked, self._together = answer, 0, one_a_line

    async def __aenter__(self) -> str:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/api/v1"

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        used = False
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
            await reader.readexactly(length)
            place, self._asked = self._asked, self._asked + 1
            body = self._answer(place)
            if self._together is not None and not used and place < self._together.parties:
                await self._together.wait()
            if body is None or (used and self._together is not None):
                writer.close()
                return
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n"
            writer.write(head % len(body) + body)
            used = True


async def test_connection_of_an_answer_that_came_at_once_is_good_later_too() -> None:
    """It goes back to the pool when the end is parsed, before the answer is read; no limit may run on after that."""
    chunk = orjson.dumps({"choices": [{"index": 0, "delta": {"content": "word " * 38_000}}]})
    end = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'
    body = b"data: " + chunk + b"\n\n" + end
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n" % len(body)
    ports: list[int] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                asked = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: (\d+)", asked)
                assert length is not None
                await reader.readexactly(int(length[1]))
                ports.append(writer.get_extra_info("peername")[1])
                writer.write(head + body)

    provider = await asyncio.start_server(answer, "127.0.0.1", 0, limit=2**20)
    port = provider.sockets[0].getsockname()[1]
    times = Timeouts(silence=0.3)
    async with model_http_client("direct", times) as client:
        agent = agent_for(FRAME, base_url=f"http://127.0.0.1:{port}/api/v1", http_client=client, timeouts=times)
        for _ in range(3):
            events = await ask(agent, "Why?")
            assert not [event for event in events if isinstance(event, ErrorEvent)]
            await asyncio.sleep(0.5)
    assert len(set(ports)) == 1
    provider.close()
