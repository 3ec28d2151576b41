"""The offline analyst as a LangChain chat model, so that it runs through the very agent that a language model does."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import PrivateAttr

from backend.agents.core.context import ToolOutcome
from backend.agents.core.events import EventSink, StepEvent, TokenEvent, Understood
from backend.agents.offline.answering import Desk, PlannedCall, Results, needed_calls, write_answer
from backend.agents.offline.understanding import Plan, RunVocabulary, Turn, understand, vocabulary_of
from backend.agents.offline.wording import corrections, plan_words
from backend.analysis.frame import RunFrame

_PIECE = re.compile(r"\s*+(?:\S++(?:[ \t]++\S++)?|$)")


class OfflineAnalyst(BaseChatModel):
    """Understands a question as a plan, calls the tools the plan needs and writes the answer. Deterministic."""

    delay_s: float = 0.002
    _sink: EventSink = PrivateAttr()
    _load_frame: Callable[[], Awaitable[RunFrame]] = PrivateAttr()

    @property
    def _llm_type(self) -> str:
        return "offline-analyst"

    def reads(self, load_frame: Callable[[], Awaitable[RunFrame]]) -> None:
        """Whose run the questions are about; its names and dates are part of the grammar."""
        self._load_frame = load_frame

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """As any model that calls tools; it knows them by name."""
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        raise NotImplementedError("the offline analyst answers asynchronously")

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        frame = await self._load_frame()
        plan, reply = await asyncio.to_thread(_reply, messages, frame)
        if not isinstance(messages[-1], ToolMessage):
            await self._sink.put(_understood(plan))
        if isinstance(reply, str):
            for piece in _pieces(reply):
                await self._sink.put(TokenEvent(content=piece))
                await asyncio.sleep(self.delay_s)
            return _result(AIMessage(reply))
        calls = [
            {"name": call.tool, "args": call.args, "id": identity, "type": "tool_call"}
            for call, identity in zip(reply, _call_ids(messages), strict=False)
        ]
        return _result(AIMessage("", tool_calls=calls))


def offline_model(sink: EventSink, *, delay_s: float = 0.002) -> OfflineAnalyst:
    """The analyst; it gives way for `delay_s` between words, so that an answer can be stopped as it comes."""
    analyst = OfflineAnalyst(delay_s=delay_s)
    analyst._sink = sink
    return analyst


def _understood(plan: Plan) -> StepEvent:
    """What the question was understood as, with other readings that a click can ask for."""
    now = datetime.now(UTC).isoformat()
    understood = Understood(
        text=plan_words(plan),
        intents=[part.intent for part in plan.parts],
        goes_on=plan.goes_on,
        unread=list(plan.unread),
        corrections=corrections(plan),
    )
    return StepEvent(
        id="understanding", name="understood", state="completed", started_at=now, ended_at=now, understood=understood
    )


def _result(message: AIMessage) -> ChatResult:
    return ChatResult(generations=[ChatGeneration(message=message)])


def _reply(messages: Sequence[BaseMessage], frame: RunFrame) -> tuple[Plan, str | list[PlannedCall]]:
    return respond(messages, vocabulary_of(frame))


def respond(messages: Sequence[BaseMessage], run: RunVocabulary) -> tuple[Plan, str | list[PlannedCall]]:
    """(the plan of the newest question, the next thing to do: tools to call, or the answer)."""
    asked_at = max((place for place, message in enumerate(messages) if isinstance(message, HumanMessage)), default=-1)
    text = str(messages[asked_at].text) if asked_at >= 0 else ""
    plan = understand(text, run, _turns(messages[: max(asked_at, 0)]))
    desk = Desk(run, plan.language, Results(_outcomes(messages[asked_at + 1 :])))
    return plan, needed_calls(plan, desk) or write_answer(plan, desk)


def _turns(messages: Sequence[BaseMessage]) -> list[Turn]:
    """The questions before, each with the answer that followed."""
    turns: list[Turn] = []
    for message in messages:
        if isinstance(message, HumanMessage):
            turns.append(Turn(str(message.text), ""))
        elif isinstance(message, AIMessage) and turns and message.text:
            turns[-1] = Turn(turns[-1].question, turns[-1].answer + str(message.text))
    return turns


def _outcomes(messages: Sequence[BaseMessage]) -> dict[str, ToolOutcome]:
    """This turn's results, each by the call that made it."""
    calls: dict[str, PlannedCall] = {}
    found: dict[str, ToolOutcome] = {}
    for message in messages:
        if isinstance(message, AIMessage):
            calls |= {str(call["id"]): PlannedCall(call["name"], call["args"]) for call in message.tool_calls}
        elif isinstance(message, ToolMessage) and isinstance(message.artifact, ToolOutcome):
            call = calls.get(message.tool_call_id)
            if call is not None:
                found[call.key] = message.artifact
    return found


def _pieces(text: str) -> Iterator[str]:
    """A word or two at a time, and every character exactly once."""
    end = 0
    for piece in _PIECE.finditer(text):
        end = piece.end()
        if end > piece.start():
            yield piece.group()
    if end < len(text):
        yield text[end:]


def _call_ids(messages: Sequence[BaseMessage]) -> Iterator[str]:
    """Ids that are not taken in this conversation yet."""
    taken = sum(isinstance(message, ToolMessage) for message in messages)
    return (f"offline_{number}" for number in count(taken + 1))
