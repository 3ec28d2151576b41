"""The agent of one run: a question and the conversation in, events out. Nothing above knows LangGraph."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from traceback import format_exception
from typing import Any, Literal

import aiohttp
import structlog
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import RunnableConfig

from backend.agents.core.channel import EventChannel
from backend.agents.core.context import AgentContext, LoadFrame, LoadFrames
from backend.agents.core.events import (
    ChatEvent,
    CheckedFigure,
    CheckEvent,
    ErrorEvent,
    EventSink,
    SuggestionsEvent,
)
from backend.agents.core.graph import STREAM_MODES, GraphStream, agent_graph, graph_events
from backend.agents.core.transcript import Transcript
from backend.agents.core.usage import UsageSum
from backend.agents.offline import offline_model
from backend.agents.openrouter import failures
from backend.agents.openrouter.catalog import OFFLINE_MODEL
from backend.agents.openrouter.chat import AdoptedRule, AgentModel, OpenRouterChat, Timeouts, openrouter_model
from backend.agents.openrouter.direct_stream import ModelClient, lean_model
from backend.agents.run.prompts import system_message
from backend.agents.run.suggestions import follow_ups
from backend.analysis import ToolResult, checking_figures
from backend.analysis.frame import RunFacts
from backend.analysis.steps import Made, Steps

__all__ = ["AdoptedRule", "AgentModel", "HistoryMessage", "SystemAgent", "Timeouts", "create_system_agent"]

HISTORY_MESSAGES = 10
_TURN_S = 0.001
# Above what MAX_TOOL_ROUNDS allows; that limit is the one a reader is told of.
_CONFIG: RunnableConfig = {"recursion_limit": 100}
MakeModel = Callable[[EventSink, UsageSum], BaseChatModel]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class HistoryMessage:
    """One earlier message of the conversation."""

    role: Literal["user", "assistant"]
    content: str


class _Recorder:
    """The sink of a turn, remembering what went through."""

    def __init__(self, sink: EventSink) -> None:
        self._sink = sink
        self.transcript = Transcript()

    async def put(self, event: ChatEvent) -> None:
        self.transcript.add(event)
        await self._sink.put(event)

    async def room(self) -> None:
        await self._sink.room()


class SystemAgent:
    """Answers questions about one run. One instance serves one or more turns, one at a time or at once."""

    def __init__(
        self,
        *,
        make_model: MakeModel,
        instructions: SystemMessage,
        run: RunFacts,
        load_frame: LoadFrame,
        load_other_frames: LoadFrames,
        earlier_results: Sequence[ToolResult] = (),
        lean: bool = True,
    ) -> None:
        self._make_model = make_model
        self._lean = lean
        self._instructions = instructions
        self._run = run
        self._load_frame = load_frame
        self._load_other_frames = load_other_frames
        self._earlier_results = tuple(earlier_results)

    async def chat_stream(
        self, user_message: str, conversation_history: Sequence[HistoryMessage] = ()
    ) -> AsyncGenerator[ChatEvent, None]:
        """Events of one answer: `tool`, `tool_result`, `reasoning` and `token` as they come, then `check`, `usage` and
        `suggestions`; or an `error`, after which nothing comes.

        The last 10 messages of the history go along. When the reader closes this generator, or is cancelled, the
        model's connection and running tools are closed before control returns to it.
        """
        channel = EventChannel()

        async def write() -> None:
            try:
                await self.answer(user_message, conversation_history, channel)
            finally:
                channel.close()

        writer = asyncio.create_task(write())
        try:
            async for event in channel.events():
                yield event
        finally:
            await _cancelled(writer)

    async def answer(self, question: str, history: Sequence[HistoryMessage], sink: EventSink) -> None:
        """Write the same events into `sink`, with no queue and no task between the model and it.

        When this is cancelled the model's connection and running tools are closed before it returns; nothing else is
        raised but what `sink.put` raises.
        """
        # A task of its own: cancelled again and again, as an anyio scope does it, LangGraph's clean-up would end before
        # it has cancelled the model's node; the provider would generate to the end.
        graph = asyncio.create_task(self._answer(question, history, sink))
        try:
            await asyncio.wait({graph})
        finally:
            await _cancelled(graph)
        graph.result()

    async def _answer(self, question: str, history: Sequence[HistoryMessage], sink: EventSink) -> None:
        try:
            await self._run_graph(question, history, sink)
        except failures.ModelFailure as failure:
            cause = type(failure.__cause__).__name__
            _log.info("model_failed", code=failure.error_code, cause=cause, run_id=self._run.run_id)
            await sink.put(failure.event())
        except Exception as error:
            # The stream's edge: whatever went wrong, the reader is told, once, and nothing of the inside.
            # A plain trace: renderers that show local variables would write the key into the log.
            _log.error("agent_failed", run_id=self._run.run_id, trace="".join(format_exception(error)))
            await sink.put(
                ErrorEvent(
                    code="internal",
                    message="Something went wrong on our side; the details are in the server's log. Try again.",
                    retryable=True,
                )
            )

    async def _run_graph(self, question: str, history: Sequence[HistoryMessage], sink: EventSink) -> None:
        usage, said = UsageSum(), _Recorder(sink)
        inner: EventSink = said if self._lean else GraphStream(said)
        context = AgentContext(
            model=self._make_model(inner, usage),
            instructions=self._instructions,
            sink=inner,
            run=self._run,
            load_frame=self._load_frame,
            load_other_frames=self._load_other_frames,
        )
        asked = _input([*_context_messages(history), HumanMessage(question)])
        if self._lean:
            await agent_graph().ainvoke(asked, _CONFIG, context=context)
        else:
            stream = agent_graph().astream(asked, _CONFIG, context=context, stream_mode=STREAM_MODES)
            await graph_events(stream, said)
        answer = said.transcript.content
        if not answer.strip():
            raise failures.empty_answer()
        results = [
            ToolResult(tool=result.tool, call_id=result.id, data=result.data)
            for result in said.transcript.tool_results
            if result.ok
        ]
        figures = await _made_beside_others(_checking(answer, [*results, *self._earlier_results]))
        await sink.put(CheckEvent(figures=figures))
        if counted := usage.event():
            await sink.put(counted)
        if questions := follow_ups(question, results):
            await sink.put(SuggestionsEvent(questions=questions))


def create_system_agent(
    *,
    model: AgentModel,
    api_key: str | None,
    run: RunFacts,
    load_frame: LoadFrame,
    load_other_frames: LoadFrames,
    openrouter_base_url: str,
    earlier_results: Sequence[ToolResult] = (),
    http_client: ModelClient | None = None,
    timeouts: Timeouts | None = None,
    offline_delay_s: float = 0.012,
) -> SystemAgent:
    """The agent of `run`, on the stored `model` and its opened key.

    A missing key is no exception here: it comes as an `error` event, as every other failure of the model does.
    `earlier_results` are the session's tool results, which figures may also be traced to. `http_client` is the pool
    shared by the process (see `lean.model_http_client`), whose kind decides the path that the answer takes; without one
    LangChain makes its own and the path is the stock one. `offline_delay_s` is the offline analyst's pause between
    words.
    """

    def ask_openrouter(sink: EventSink, usage: UsageSum) -> BaseChatModel:
        told: dict[str, Any] = {"api_key": api_key, "base_url": openrouter_base_url, "timeouts": timeouts}
        chat: OpenRouterChat
        if isinstance(http_client, aiohttp.ClientSession):
            chat = lean_model(model, session=http_client, **told)
        else:
            chat = openrouter_model(model, OpenRouterChat, http_async_client=http_client, streaming=True, **told)
        chat.write_to(sink, usage)
        return chat

    def ask_offline(sink: EventSink, _: UsageSum) -> BaseChatModel:
        return offline_model(sink, delay_s=offline_delay_s)

    return SystemAgent(
        make_model=ask_offline if model.ai_model == OFFLINE_MODEL else ask_openrouter,
        instructions=system_message(run, model),
        run=run,
        load_frame=load_frame,
        load_other_frames=load_other_frames,
        earlier_results=earlier_results,
        lean=isinstance(http_client, aiohttp.ClientSession),
    )


def _input(messages: list[BaseMessage]) -> Any:
    """The graph's input; its declared type is LangChain's own, which differs by the state's type parameters."""
    return {"messages": messages}


def _context_messages(history: Sequence[HistoryMessage]) -> list[BaseMessage]:
    return [
        HumanMessage(turn.content) if turn.role == "user" else AIMessage(turn.content)
        for turn in history[-HISTORY_MESSAGES:]
        if turn.content.strip()
    ]


def _checking(answer: str, results: Sequence[ToolResult]) -> Steps[list[CheckedFigure]]:
    figures = []
    for check in (yield from checking_figures(answer, results)):
        figures.append(CheckedFigure.model_validate(check, from_attributes=True))
        yield
    return figures


async def _made_beside_others(steps: Steps[Made]) -> Made:
    """What the steps make; the loop's other work has its turn each millisecond.

    A thread would not be faster, for it needs the same interpreter, and each time the loop wants that back it waits for
    the kernel to wake it: ten milliseconds were seen.
    """
    while True:
        until = time.perf_counter() + _TURN_S
        try:
            next(steps)
            while time.perf_counter() < until:
                next(steps)
        except StopIteration as end:
            made: Made = end.value
            return made
        await asyncio.sleep(0)


async def _cancelled(task: asyncio.Task[None]) -> None:
    """Cancel the task and see it end, also while our own cancellation is delivered over and over."""
    interrupted: asyncio.CancelledError | None = None
    task.cancel()
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            interrupted = error
    if not task.cancelled() and (failure := task.exception()) is not None:
        _log.error("agent_task_failed", error=type(failure).__name__)
    if interrupted is not None:
        raise interrupted
