"""The agent of one run."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import SystemMessage

from backend.agents.core.agent import ModelAccess, SystemAgent
from backend.agents.core.context import AgentContext, LoadFrame, LoadFrames
from backend.agents.core.events import EventSink
from backend.agents.core.profile import AgentProfile
from backend.agents.offline import OfflineAnalyst, offline_model
from backend.agents.run.prompts import system_message
from backend.agents.run.suggestions import follow_ups
from backend.agents.tools import TOOLS
from backend.analysis import ToolResult
from backend.analysis.positions import RunFacts

RUN = AgentProfile(
    name="run",
    tools=TOOLS,
    context=AgentContext,
    follow_ups=follow_ups,
    offline=lambda sink, delay_s: offline_model(sink, delay_s=delay_s),
)


def run_agent(
    access: ModelAccess,
    run: RunFacts,
    *,
    load_frame: LoadFrame,
    load_other_frames: LoadFrames,
    earlier_results: Sequence[ToolResult] = (),
) -> SystemAgent:
    """The agent of `run`, on the stored model; `load_other_frames` brings the model's other runs, to try rules on."""

    def context(model: BaseChatModel, instructions: SystemMessage, sink: EventSink) -> AgentContext:
        turn = AgentContext(model, instructions, sink, run, load_frame, load_other_frames)
        if isinstance(model, OfflineAnalyst):
            model.reads(turn.frame)
        return turn

    return SystemAgent(
        profile=RUN,
        access=access,
        instructions=system_message(run, access.model),
        make_context=context,
        about={"run_id": run.run_id},
        earlier_results=earlier_results,
    )
