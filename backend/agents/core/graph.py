"""LangChain's side of a turn: the graph that all turns share, its reports of tool calls, and, for the stock path, its
chunks → our events."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from traceback import format_exception
from typing import Any, Literal

import structlog
from langchain.agents import AgentState, create_agent
from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse, ToolCallRequest
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, ToolMessage
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from langgraph.config import get_stream_writer
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command

from backend.agents.core.context import ToolOutcome, TurnContext, tool_error
from backend.agents.core.events import ChatEvent, EventSink, ReasoningEvent, TokenEvent, ToolEvent, ToolResultEvent
from backend.agents.core.profile import AgentProfile
from backend.agents.openrouter import failures
from backend.agents.openrouter.chat import REASONING
from backend.errors import RundownError

MAX_TOOL_ROUNDS = 8
STREAM_MODES: list[Literal["messages", "custom"]] = ["messages", "custom"]

_log = structlog.get_logger(__name__)
_Handler = Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]]
_Ask = Callable[[ModelRequest[TurnContext]], Awaitable[ModelResponse[Any]]]


_GRAPHS: dict[str, CompiledStateGraph[Any, TurnContext, Any, Any]] = {}


def agent_graph(profile: AgentProfile) -> CompiledStateGraph[Any, TurnContext, Any, Any]:
    """The profile's graph. Compiling it takes several milliseconds and depends on no turn: what does is in the
    context. It is compiled once for each name of a profile."""
    graph = _GRAPHS.get(profile.name)
    if graph is None:
        # create_agent wants a model; each turn puts its own in its place.
        graph = _GRAPHS[profile.name] = create_agent(
            profile.offline(_NoSink(), 0.0),
            profile.tools,
            middleware=[TurnsOwnModel(profile.tools), ToolReporter(profile.tool_names)],
            context_schema=profile.context,
        )
    return graph


class _NoSink:
    """Stands where no turn is: the graph's own model is never asked."""

    async def put(self, event: ChatEvent) -> None:
        raise RuntimeError("the graph's own model was asked")

    async def room(self) -> None:
        return


class TurnsOwnModel(AgentMiddleware[AgentState[Any], TurnContext, Any]):
    """Asks the model of the turn, under the turn's instructions, with the tools' schemas made once."""

    def __init__(self, tools: Sequence[BaseTool]) -> None:
        super().__init__()
        # What models are told of the tools; making it takes longer than the rest of the request's body.
        self._schemas: list[BaseTool | dict[str, Any]] = [convert_to_openai_tool(tool) for tool in tools]

    async def awrap_model_call(
        self, request: ModelRequest[TurnContext], handler: _Ask
    ) -> ModelResponse[Any] | AIMessage:
        """Replace them in the request; and stop a model that calls tools round after round without answering.

        `aafter_model` would count as well, but is a node of the graph: a step more for each call of the model.

        Raises:
            ModelFailure: `tool_limit`.
        """
        turn = request.runtime.context
        answer = await handler(
            request.override(model=turn.model, system_message=turn.instructions, tools=self._schemas)
        )
        if _tool_rounds([*request.messages, *answer.result]) > MAX_TOOL_ROUNDS:
            raise failures.tool_limit(MAX_TOOL_ROUNDS)
        return answer


class ToolReporter(AgentMiddleware[AgentState[Any], TurnContext, Any]):
    """Reports each call as it starts and ends, and turns a tool's failure into words for the model."""

    def __init__(self, tool_names: Sequence[str]) -> None:
        super().__init__()
        self._tool_names = list(tool_names)

    async def awrap_tool_call(self, request: ToolCallRequest, handler: _Handler) -> ToolMessage | Command[Any]:
        """Run one call between its `tool` and its `tool_result`."""
        call = request.tool_call
        name, call_id = call["name"], call["id"] or ""
        turn: TurnContext = request.runtime.context  # type: ignore[assignment]  # its type here is the default, None
        sink = turn.sink
        await sink.put(ToolEvent(tool=name, id=call_id, args=call["args"]))
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
            await sink.put(result)
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


class GraphStream:
    """A sink inside the graph, for the stock path: events keep their place among the model's chunks."""

    def __init__(self, sink: EventSink) -> None:
        self._sink = sink

    async def put(self, event: ChatEvent) -> None:
        """Write into the stream that `graph_events` reads; its queue has no bound, so there must be room at the end."""
        await self._sink.room()
        get_stream_writer()(event)

    async def room(self) -> None:
        """Room at the end of the way."""
        await self._sink.room()


async def graph_events(stream: AsyncIterator[Any], sink: EventSink) -> None:
    """Pass on what a graph says that is streamed with STREAM_MODES."""
    async for mode, chunk in stream:
        if mode == "custom":
            await sink.put(chunk)
            continue
        message: BaseMessage = chunk[0]
        if not isinstance(message, AIMessageChunk):
            continue  # whole messages repeat what was streamed; tool messages were reported by their call
        if thought := message.additional_kwargs.get(REASONING):
            await sink.put(ReasoningEvent(content=thought))
        if text := message.text:
            await sink.put(TokenEvent(content=str(text)))
