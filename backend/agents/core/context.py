"""What one turn brings to the graph that all turns share, and what tools receive of it by ToolRuntime."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import SystemMessage
from pydantic import BaseModel

from backend.agents.core.compact import fence
from backend.agents.core.events import EventSink
from backend.analysis import InvalidCriteria
from backend.analysis.declared_numbers import declared_numbers
from backend.analysis.frame import RunFrame
from backend.analysis.named_numbers import NamedNumber
from backend.analysis.positions import RunFacts
from backend.analysis.steps import made_by

LoadFrame = Callable[[], Awaitable[RunFrame]]
LoadFrames = Callable[[], Awaitable[Sequence[RunFrame]]]


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """A tool's answer beside the text the model reads: `data` is what the page and the figure check draw on, `result`
    the same with its types, None when the call failed."""

    data: dict[str, Any]
    summary: str
    ok: bool = True
    result: BaseModel | None = None

    @property
    def numbers(self) -> Sequence[NamedNumber]:
        """What each number of the data is, as its kind of result declares (see `analysis/named_numbers.py`)."""
        return made_by(declared_numbers(self.data)) if self.ok else ()


def tool_error(text: str, valid: Sequence[str] = ()) -> ToolOutcome:
    """The outcome of a call that could not be carried out, with what would have been valid."""
    data = {"kind": "tool_error", "message": text, "valid": list(valid)}
    return ToolOutcome(data=data, summary=text.splitlines()[0][:200] if text else "failed", ok=False)


def refused_call(error: InvalidCriteria) -> tuple[str, ToolOutcome]:
    """A call that asks for what the run does not have, for the model to mend: what there is comes from the run."""
    told = fence({"error": error.message})
    return f"That can't be asked of this run. Call again with what is valid: {told}", tool_error(
        error.message, error.valid
    )


@dataclass(slots=True)
class TurnContext:
    """One turn, whatever it is about.

    `model` holds the user's key, which is why it is here and not in the graph; `sink` is where events go.
    """

    model: BaseChatModel
    instructions: SystemMessage
    sink: EventSink


@dataclass(slots=True)
class AgentContext(TurnContext):
    """One turn about one run. Parallel calls share one load."""

    run: RunFacts
    load_frame: LoadFrame
    load_other_frames: LoadFrames
    _frame: RunFrame | None = None
    _others: Sequence[RunFrame] | None = None
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def frame(self) -> RunFrame:
        """The run's frame."""
        async with self._loading:
            if self._frame is None:
                self._frame = await self.load_frame()
            return self._frame

    async def other_frames(self) -> Sequence[RunFrame]:
        """The model's other runs, to try rules on."""
        async with self._loading:
            if self._others is None:
                self._others = await self.load_other_frames()
            return self._others
