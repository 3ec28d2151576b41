"""The offline analyst as a LangChain chat model, so that it runs through the very agent that a language model does."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
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
from backend.agents.core.events import EventSink, TokenEvent
from backend.agents.offline.answers import write_answer
from backend.agents.offline.plan import PlannedCall, gather, next_calls, resolve
from backend.agents.offline.questions import read_question

_PIECE = re.compile(r"\s*\S+(?:[ \t]+\S+)?")


class OfflineAnalyst(BaseChatModel):
    """Chooses among the three tools by what is asked and writes an answer from their results. Deterministic."""

    delay_s: float = 0.012
    _sink: EventSink = PrivateAttr()

    @property
    def _llm_type(self) -> str:
        return "offline-analyst"

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
        reply = respond(messages)
        if isinstance(reply, str):
            message = AIMessage(reply)
        else:
            calls = [
                {"name": call.tool, "args": call.args, "id": identity, "type": "tool_call"}
                for call, identity in zip(reply, _call_ids(messages), strict=False)
            ]
            message = AIMessage("", tool_calls=calls)
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        result = await asyncio.to_thread(self._generate, messages)
        for piece in _pieces(str(result.generations[0].text)):
            await self._sink.put(TokenEvent(content=piece))
            await asyncio.sleep(self.delay_s)
        return result


def offline_model(sink: EventSink, *, delay_s: float = 0.012) -> OfflineAnalyst:
    """The analyst, pausing `delay_s` between words so that an answer can be followed, and stopped, as it comes."""
    analyst = OfflineAnalyst(delay_s=delay_s)
    analyst._sink = sink
    return analyst


def respond(messages: Sequence[BaseMessage]) -> str | list[PlannedCall]:
    """The next thing to do in this conversation: tools to call, or the answer."""
    asked_at = max((place for place, message in enumerate(messages) if isinstance(message, HumanMessage)), default=-1)
    text = str(messages[asked_at].text) if asked_at >= 0 else ""
    earlier = [str(message.text) for message in messages[: max(asked_at, 0)] if isinstance(message, HumanMessage)]
    outcomes = [
        message.artifact
        for message in messages[asked_at + 1 :]
        if isinstance(message, ToolMessage) and isinstance(message.artifact, ToolOutcome)
    ]
    findings = gather(outcomes)
    before = read_question(earlier[-1], earlier[:-1]) if earlier else None
    question = resolve(read_question(text, earlier), findings, before)
    return next_calls(question, findings) or write_answer(question, findings)


def _pieces(text: str) -> Iterator[str]:
    """A word or two at a time, and every character exactly once."""
    end = 0
    for piece in _PIECE.finditer(text):
        end = piece.end()
        yield piece.group()
    if end < len(text):
        yield text[end:]


def _call_ids(messages: Sequence[BaseMessage]) -> Iterator[str]:
    """Ids that are not taken in this conversation yet."""
    taken = sum(isinstance(message, ToolMessage) for message in messages)
    return (f"offline_{number}" for number in count(taken + 1))
