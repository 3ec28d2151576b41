"""Who answers: a profile is an agent's tools, instructions, follow-up questions and model without a key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel
from langchain_core.tools import BaseTool

from backend.agents.core.context import TurnContext
from backend.agents.core.events import EventSink
from backend.analysis import ToolResult


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """One kind of agent; a value of the process, from which one graph is compiled.

    `context` is the type of what a turn brings to the tools. `follow_ups` offers questions after an answer, from the
    question and what the tools found. `offline` makes the model that answers where the user has none: of the sink that
    it writes its words to, and the seconds it pauses between them.
    """

    name: str
    tools: tuple[BaseTool, ...]
    context: type[TurnContext]
    follow_ups: Callable[[str, Sequence[ToolResult]], list[str]]
    offline: Callable[[EventSink, float], BaseChatModel]

    @property
    def tool_names(self) -> tuple[str, ...]:
        """The tools' names, as models call them."""
        return tuple(tool.name for tool in self.tools)
