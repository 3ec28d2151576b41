"""A trading model as it is stored → a chat model that asks OpenRouter."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2
import openai
import orjson
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr

from backend.agents import failures
from backend.agents.frames import FrameReader, GarbledFrame, UpstreamError, UpstreamUsage

REASONING, DETAILS, USAGE = "reasoning", "reasoning_details", "openrouter_usage"

# What the request itself decides; a stored parameter of that name must not replace it.
_OURS = frozenset({"model", "messages", "tools", "tool_choice", "stream", "stream_options", "usage", "n", "functions"})

Pace = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class AdoptedRule:
    """A rule the trader took over for this model."""

    name: str
    kind: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AgentModel:
    """Which language model answers, and with what: the stored trading model."""

    ai_model: str
    model_parameters: Mapping[str, Any] = field(default_factory=dict)
    custom_instructions: str = ""
    adopted_rules: Sequence[AdoptedRule] = ()


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `silence` is the longest wait for the first byte and between bytes; `thinking` the longest during which
    OpenRouter may say that it is still processing without sending anything of the answer."""

    connect: float = 10.0
    silence: float = 60.0
    thinking: float = 300.0


def model_http_client(timeouts: Timeouts | None = None) -> httpx2.AsyncClient:
    """One connection pool for all model calls of a process: made once, closed at shutdown."""
    times = timeouts or Timeouts()
    timeout = httpx2.Timeout(times.silence, connect=times.connect)
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=100)
    return httpx2.AsyncClient(timeout=timeout, limits=limits)


class OpenRouterChat(ChatOpenAI):
    """ChatOpenAI that reads the stream itself: reasoning and cost are kept, error frames and cut lines are noticed.

    One chunk for each read of the socket. Decoding through the openai client's models costs about 30 times as much,
    and drops what OpenRouter adds to the protocol.
    """

    _pace: Pace | None = PrivateAttr(default=None)
    _timeouts: Timeouts = PrivateAttr(default_factory=Timeouts)

    def _get_request_payload(
        self, input_: LanguageModelInput, *, stop: list[str] | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        payload: dict[str, Any] = super()._get_request_payload(input_, stop=stop, **kwargs)
        for message, sent in zip(self._convert_input(input_).to_messages(), payload["messages"], strict=True):
            # Models that sign their reasoning refuse tool results that come back without it.
            if isinstance(message, AIMessage) and (details := message.additional_kwargs.get(DETAILS)):
                sent[DETAILS] = details
        return payload

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        payload = self._get_request_payload(messages, stop=stop, **kwargs)
        payload |= {"stream": True, "stream_options": {"include_usage": True}}
        reader = FrameReader()
        try:
            async for chunk in self._chunks(payload, reader):
                if run_manager is not None:
                    await run_manager.on_llm_new_token(str(chunk.text), chunk=chunk)
                yield chunk
        except openai.APIError as error:
            raise failures.from_openai(error, timeout=self._timeouts.silence) from error
        except httpx2.TimeoutException as error:
            raise failures.timed_out(self._timeouts.silence) from error
        except httpx2.HTTPError as error:
            raise failures.broken_off() from error
        except UpstreamError as error:
            raise failures.from_error_frame(error.code, error.message) from error
        except GarbledFrame as error:
            raise failures.unavailable("it sent something unreadable") from error
        yield _ending(reader)

    async def _chunks(self, payload: dict[str, Any], reader: FrameReader) -> AsyncIterator[ChatGenerationChunk]:
        """One chunk for each read that brought something of the answer."""
        response = await self._ask(payload)
        try:
            if response.headers.get("content-type", "").startswith("application/json"):
                raise _json_instead(await response.aread())
            heard_at = time.monotonic()
            async for data in response.aiter_bytes():
                batch = reader.feed(data)
                if batch:
                    heard_at = time.monotonic()
                    yield _chunk(batch.text, batch.reasoning, batch.usage)
                elif time.monotonic() - heard_at > self._timeouts.thinking:
                    raise failures.timed_out(self._timeouts.thinking)
                if reader.done:
                    return
                if self._pace is not None:
                    await self._pace()
        finally:
            await response.aclose()

    async def _ask(self, payload: dict[str, Any]) -> httpx2.Response:
        """The response with its body still to be read; a pooled connection that turns out dead is replaced once."""
        for last in (False, True):
            try:
                # parse() is not called on this wrapper, so that the body stays ours to read.
                completions = self.root_async_client.chat.completions.with_streaming_response
                raw = await completions.create(**payload).__aenter__()
            except openai.APIConnectionError as error:
                if last or not isinstance(error.__cause__, httpx2.RemoteProtocolError):
                    raise
            else:
                response: httpx2.Response = raw.http_response
                return response
        raise failures.unavailable("no connection")


def openrouter_model(
    model: AgentModel,
    *,
    api_key: str | None,
    base_url: str,
    pace: Pace | None = None,
    http_client: httpx2.AsyncClient | None = None,
    timeouts: Timeouts | None = None,
) -> OpenRouterChat:
    """The stored model, its parameters and its key, ready to be asked.

    `pace` is awaited between reads: it holds the provider back while the reader of the answer does not keep up.

    Raises:
        ModelFailure: `missing_api_key`.
    """
    if not api_key:
        raise failures.missing_api_key()
    key: str = api_key

    async def reveal() -> str:
        return key

    times = timeouts or Timeouts()
    parameters = {name: value for name, value in model.model_parameters.items() if name not in _OURS}
    # The parameters go as they are stored: LangChain renames and reinterprets some of those it knows by name.
    chat = OpenRouterChat(
        model=model.ai_model,
        # As a function the key is in no field, so no dump, trace or repr of the model holds it; and an async one keeps
        # LangChain from building a second, synchronous client with a TLS context of its own.
        api_key=reveal,
        base_url=base_url,
        extra_body={**parameters, "usage": {"include": True}},
        streaming=True,
        use_responses_api=False,
        max_retries=0,
        http_async_client=http_client,
        # A tuple, because LangChain shares its default connection pool by what can be hashed.
        timeout=(times.connect, times.silence, times.silence, times.silence),
    )
    chat._pace = pace
    chat._timeouts = times
    return chat


def _chunk(text: str, reasoning: str, usage: UpstreamUsage | None) -> ChatGenerationChunk:
    extra: dict[str, Any] = {}
    if reasoning:
        extra[REASONING] = reasoning
    if usage is not None:
        extra[USAGE] = [usage]
    return ChatGenerationChunk(message=AIMessageChunk(content=text, additional_kwargs=extra))


def _ending(reader: FrameReader) -> ChatGenerationChunk:
    """The last chunk: the tool calls, whole.

    Raises:
        ModelFailure: the stream did not end as an answer does.
    """
    if reader.finish_reason == "content_filter":
        raise failures.content_filtered()
    if reader.finish_reason == "error":
        raise failures.unavailable()
    if not reader.complete:
        raise failures.broken_off()
    calls = [
        tool_call_chunk(name=call.name, args=call.arguments, id=call.id, index=index)
        for index, call in enumerate(reader.tool_calls())
    ]
    details = reader.reasoning_details()
    extra = {DETAILS: details} if details else {}
    return ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=calls, additional_kwargs=extra))


def _json_instead(body: bytes) -> Exception:
    """A 200 that holds a JSON object instead of a stream: an error of the provider's, in OpenRouter's manner."""
    try:
        error = orjson.loads(body).get("error")
    except (orjson.JSONDecodeError, AttributeError):
        error = None
    if isinstance(error, dict):
        return UpstreamError(error.get("code"), str(error.get("message") or ""))
    return GarbledFrame("JSON instead of a stream")
