"""An agent: a question and the conversation in, events out. Nothing above knows LangGraph."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from traceback import format_exception
from typing import Any, Literal

import aiohttp
import structlog
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import RunnableConfig

from backend.agents.core.channel import EventChannel
from backend.agents.core.context import TurnContext
from backend.agents.core.events import (
    ChatEvent,
    CheckedFigure,
    CheckEvent,
    ErrorEvent,
    EventSink,
    SuggestionsEvent,
)
from backend.agents.core.graph import STREAM_MODES, GraphStream, agent_graph, graph_events
from backend.agents.core.profile import AgentProfile
from backend.agents.core.transcript import RecordingSink
from backend.agents.core.usage import UsageSum
from backend.agents.openrouter import failures
from backend.agents.openrouter.catalog import OFFLINE_MODEL
from backend.agents.openrouter.chat import AdoptedRule, AgentModel, OpenRouterChat, Timeouts, openrouter_model
from backend.agents.openrouter.direct_stream import ModelClient, direct_model
from backend.analysis import ToolResult, checking_figures
from backend.analysis.steps import Made, Steps

__all__ = ["AdoptedRule", "AgentModel", "HistoryMessage", "ModelAccess", "SystemAgent", "Timeouts"]

HISTORY_MESSAGES = 10
_TURN_S = 0.001
# Above what MAX_TOOL_ROUNDS allows; that limit is the one a reader is told of.
_CONFIG: RunnableConfig = {"recursion_limit": 100}
MakeContext = Callable[[BaseChatModel, SystemMessage, EventSink], TurnContext]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class HistoryMessage:
    """One earlier message of the conversation."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class ModelAccess:
    """The stored model, its opened key and the way to it.

    A missing key is no exception: it comes as an `error` event, as every other failure of the model does.
    `http_client` is the pool shared by the process (see `direct_stream.model_http_client`), whose kind decides the path
    that the answer takes; without one LangChain makes its own and the path is the stock one. `offline_delay_s` is the
    pause between words of a model without a key.
    """

    model: AgentModel
    api_key: str | None
    base_url: str
    http_client: ModelClient | None = None
    timeouts: Timeouts | None = None
    offline_delay_s: float = 0.002

    @property
    def is_direct(self) -> bool:
        """Whether the model's words go to the sink without LangChain's stream between."""
        return isinstance(self.http_client, aiohttp.ClientSession)


class SystemAgent:
    """Answers questions about one subject. One instance serves one or more turns, one at a time or at once.

    `make_context` makes what a turn brings to the tools, of the turn's model, the instructions and its sink. `about`
    names the subject in the log. `earlier_results` are the session's tool results, which figures may also be traced to.
    """

    def __init__(
        self,
        *,
        profile: AgentProfile,
        access: ModelAccess,
        instructions: SystemMessage,
        make_context: MakeContext,
        about: Mapping[str, Any],
        earlier_results: Sequence[ToolResult] = (),
    ) -> None:
        self._profile = profile
        self._access = access
        self._instructions = instructions
        self._make_context = make_context
        self._about = dict(about)
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

    async def answer(self, question: str, history: Sequence[HistoryMessage], sink: RecordingSink) -> None:
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

    async def _answer(self, question: str, history: Sequence[HistoryMessage], sink: RecordingSink) -> None:
        try:
            await self._run_graph(question, history, sink)
        except failures.ModelFailure as failure:
            cause = type(failure.__cause__).__name__
            _log.info("model_failed", code=failure.error_code, cause=cause, **self._about)
            await sink.put(failure.event())
        except Exception as error:
            # The stream's edge: whatever went wrong, the reader is told, once, and nothing of the inside.
            # A plain trace: renderers that show local variables would write the key into the log.
            _log.error("agent_failed", **self._about, trace="".join(format_exception(error)))
            await sink.put(
                ErrorEvent(
                    code="internal",
                    message="Something went wrong on our side; the details are in the server's log. Try again.",
                    retryable=True,
                )
            )

    async def _run_graph(self, question: str, history: Sequence[HistoryMessage], sink: RecordingSink) -> None:
        usage, direct = UsageSum(), self._access.is_direct
        inner: EventSink = sink if direct else GraphStream(sink)
        context = self._make_context(self._model(inner, usage), self._instructions, inner)
        asked = _input([*_context_messages(history), HumanMessage(question)])
        graph = agent_graph(self._profile)
        if direct:
            await graph.ainvoke(asked, _CONFIG, context=context)
        else:
            stream = graph.astream(asked, _CONFIG, context=context, stream_mode=STREAM_MODES)
            await graph_events(stream, sink)
        answer = sink.transcript.content
        if not answer.strip():
            raise failures.empty_answer()
        results = [
            ToolResult(tool=result.tool, call_id=result.id, data=result.data)
            for result in sink.transcript.tool_results
            if result.ok
        ]
        figures = await _made_beside_others(_checking(answer, [*results, *self._earlier_results]))
        await sink.put(CheckEvent(figures=figures))
        if counted := usage.event():
            await sink.put(counted)
        if questions := self._profile.follow_ups(question, results):
            await sink.put(SuggestionsEvent(questions=questions))

    def _model(self, sink: EventSink, usage: UsageSum) -> BaseChatModel:
        access = self._access
        if access.model.ai_model == OFFLINE_MODEL:
            return self._profile.offline(sink, access.offline_delay_s)
        told: dict[str, Any] = {
            "api_key": access.api_key,
            "base_url": access.base_url,
            "timeouts": access.timeouts,
        }
        chat: OpenRouterChat
        if isinstance(access.http_client, aiohttp.ClientSession):
            chat = direct_model(access.model, session=access.http_client, **told)
        else:
            chat = openrouter_model(
                access.model, OpenRouterChat, http_async_client=access.http_client, streaming=True, **told
            )
        chat.write_to(sink, usage)
        return chat


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
