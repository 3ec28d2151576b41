"""LangGraph's chunks → our events. Nothing outside this module and system_agent knows what LangGraph emits."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from traceback import format_exception
from typing import Any, Literal

import structlog
from langchain.agents import AgentState
from langchain.agents.middleware import AgentMiddleware, ToolCallRequest
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, ToolMessage
from langgraph.runtime import Runtime
from langgraph.types import Command

from backend.agents import failures
from backend.agents.context import AgentContext, ToolOutcome, tool_error
from backend.agents.events import ChatEvent, ReasoningEvent, TokenEvent, ToolEvent, ToolResultEvent, UsageEvent
from backend.agents.frames import UpstreamUsage
from backend.agents.openrouter import REASONING, USAGE
from backend.errors import RundownError

MAX_TOOL_ROUNDS = 8
STREAM_MODES: tuple[Literal["messages"], Literal["custom"]] = ("messages", "custom")

_log = structlog.get_logger(__name__)
_Handler = Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]]


class ToolReporter(AgentMiddleware[AgentState[Any], AgentContext, Any]):
    """Reports each call as it starts and ends, turns a tool's failure into words for the model, and counts rounds."""

    def __init__(self, tool_names: Sequence[str]) -> None:
        super().__init__()
        self._tool_names = list(tool_names)

    async def aafter_model(self, state: AgentState[Any], runtime: Runtime[AgentContext]) -> None:
        """Stop a model that calls tools round after round without answering.

        Raises:
            ModelFailure: `tool_limit`.
        """
        rounds = _tool_rounds(state["messages"])
        if rounds > MAX_TOOL_ROUNDS:
            raise failures.tool_limit(MAX_TOOL_ROUNDS)

    async def awrap_tool_call(self, request: ToolCallRequest, handler: _Handler) -> ToolMessage | Command[Any]:
        """Run one call between its `tool` and its `tool_result`."""
        call = request.tool_call
        name, call_id = call["name"], call["id"] or ""
        write = request.runtime.stream_writer
        write(ToolEvent(tool=name, id=call_id, args=call["args"]))
        started = time.perf_counter()
        try:
            message = await handler(request)
        except RundownError as error:
            message = _failed(name, call_id, error.message)
        except Exception as error:
            # The edge of a tool: by the contract a tool that fails does not end the answer, whatever it failed of.
            _log.error("tool_failed", tool=name, trace="".join(format_exception(error)))
            message = _failed(name, call_id, f"{name} failed with an internal error; answer without it and say so.")
        if isinstance(message, ToolMessage):
            outcome = self._outcome(message)
            elapsed_ms = round((time.perf_counter() - started) * 1000, 1)
            result = ToolResultEvent(
                tool=name, id=call_id, ok=outcome.ok, duration_ms=elapsed_ms, summary=outcome.summary, data=outcome.data
            )
            write(result)
        return message

    def _outcome(self, message: ToolMessage) -> ToolOutcome:
        """The tool's own account, or one made from the refusal of a call that never reached it."""
        if isinstance(message.artifact, ToolOutcome):
            return message.artifact
        valid = [] if message.name in self._tool_names else self._tool_names
        outcome = tool_error(str(message.text), valid)
        message.artifact = outcome
        return outcome


def _failed(name: str, call_id: str, text: str) -> ToolMessage:
    return ToolMessage(text, name=name, tool_call_id=call_id, status="error", artifact=tool_error(text))


def _tool_rounds(messages: Sequence[BaseMessage]) -> int:
    rounds = 0
    for message in reversed(messages):
        if isinstance(message, HumanMessage):
            break
        rounds += isinstance(message, AIMessage) and bool(message.tool_calls)
    return rounds


class UsageSum:
    """Tokens and cost over the turn's model calls; None until a provider reports some."""

    def __init__(self) -> None:
        self._reports: list[UpstreamUsage] = []

    def add(self, reports: Sequence[UpstreamUsage]) -> None:
        """Count one model call."""
        self._reports.extend(reports)

    def event(self) -> UsageEvent | None:
        """The sum, with a cost only when every call had one."""
        if not self._reports:
            return None
        costs = [report.cost_usd for report in self._reports]
        known = [cost for cost in costs if cost is not None]
        return UsageEvent(
            prompt_tokens=sum(report.prompt_tokens for report in self._reports),
            completion_tokens=sum(report.completion_tokens for report in self._reports),
            cost_usd=round(sum(known), 10) if len(known) == len(costs) else None,
        )


async def graph_events(stream: AsyncIterator[Any], usage: UsageSum) -> AsyncGenerator[ChatEvent, None]:
    """Events of a graph streamed with STREAM_MODES; usage goes to `usage`."""
    async for mode, chunk in stream:
        if mode == "custom":
            if isinstance(chunk, ToolEvent | ToolResultEvent):
                yield chunk
            continue
        message: BaseMessage = chunk[0]
        if not isinstance(message, AIMessageChunk):
            continue  # whole messages repeat what was streamed; tool messages were reported by their call
        extra: Mapping[str, Any] = message.additional_kwargs
        usage.add(extra.get(USAGE, ()))
        if thought := extra.get(REASONING):
            yield ReasoningEvent(content=thought)
        if text := message.text:
            yield TokenEvent(content=str(text))
