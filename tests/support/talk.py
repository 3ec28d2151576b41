"""Asking the real agent, over real HTTP where there is a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.agents.core.agent import AgentModel, HistoryMessage, ModelAccess, SystemAgent, Timeouts
from backend.agents.core.events import ChatEvent
from backend.agents.core.transcript import Transcript
from backend.agents.openrouter.direct_stream import ModelClient
from backend.agents.run.profile import run_agent
from backend.analysis import RunFrame, ToolResult
from tests.support.fakes.openrouter import FakeOpenRouter

KEY = "sk-or-v1-0123456789abcdef0123456789abcdef"


def agent_for(
    frame: RunFrame,
    *,
    server: FakeOpenRouter | None = None,
    base_url: str = "http://127.0.0.1:9/api/v1",
    http_client: ModelClient | None = None,
    model: AgentModel | None = None,
    api_key: str | None = KEY,
    timeouts: Timeouts | None = None,
    earlier_results: Sequence[ToolResult] = (),
    load_frame: Any = None,
    others: Sequence[RunFrame] = (),
    offline_delay_s: float = 0,
) -> SystemAgent:
    async def load() -> RunFrame:
        return frame

    async def load_others() -> Sequence[RunFrame]:
        return others

    access = ModelAccess(
        model=model or AgentModel("acme/analyst-1" if server or http_client else "offline/analyst"),
        api_key=api_key,
        base_url=server.base_url if server else base_url,
        http_client=http_client,
        timeouts=timeouts,
        offline_delay_s=offline_delay_s,
    )
    return run_agent(
        access,
        frame.facts,
        load_frame=load_frame or load,
        load_other_frames=load_others,
        earlier_results=earlier_results,
    )


async def ask(agent: SystemAgent, question: str, history: Sequence[HistoryMessage] = ()) -> list[ChatEvent]:
    return [event async for event in agent.chat_stream(question, history)]


async def converse(frame: RunFrame, *questions: str, others: Sequence[RunFrame] = ()) -> Transcript:
    """Ask the offline analyst one question after the other; the transcript of the last answer."""
    history: list[HistoryMessage] = []
    results: list[ToolResult] = []
    transcript = Transcript()
    for question in questions:
        agent = agent_for(frame, earlier_results=results, others=others)
        transcript = Transcript()
        for event in await ask(agent, question, history):
            transcript.add(event)
        history += [HistoryMessage("user", question), HistoryMessage("assistant", transcript.content)]
        results += [ToolResult(tool=r.tool, call_id=r.id, data=r.data) for r in transcript.tool_results]
    return transcript
