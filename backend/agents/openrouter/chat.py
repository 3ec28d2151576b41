"""A trading model as it is stored → a chat model that asks OpenRouter."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import httpx2
import openai
import orjson
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, SystemMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr

from backend.agents.core.events import EventSink
from backend.agents.core.usage import UsageSum
from backend.agents.openrouter import failures
from backend.agents.openrouter.sse_reader import FrameReader, GarbledFrame, UpstreamError

_MAX_ERROR_BYTES = 64 * 1024
REASONING, DETAILS = "reasoning", "reasoning_details"

# What the request itself decides; a stored parameter of that name must not replace it.
_OURS = frozenset({"model", "messages", "tools", "tool_choice", "stream", "stream_options", "usage", "n", "functions"})

Chat = TypeVar("Chat", bound="OpenRouterChat")
RevealKey = Callable[[], Awaitable[str]]


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


def stock_http_client(timeouts: Timeouts | None = None) -> httpx2.AsyncClient:
    """The connection pool that the openai client uses."""
    times = timeouts or Timeouts()
    timeout = httpx2.Timeout(times.silence, connect=times.connect)
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=100)
    return httpx2.AsyncClient(timeout=timeout, limits=limits)


class OpenRouterChat(ChatOpenAI):
    """ChatOpenAI that decodes the stream itself: reasoning and cost are kept, error frames and cut lines are noticed.

    This is the stock path, in LangChain's own terms: one chunk for each read of the openai client's response. Decoding
    through that client's models would drop what OpenRouter adds to the protocol. See `direct_stream` for the fast path.
    """

    _sink: EventSink = PrivateAttr()
    _usage: UsageSum = PrivateAttr(default_factory=UsageSum)
    _timeouts: Timeouts = PrivateAttr(default_factory=Timeouts)
    _reveal_key: RevealKey = PrivateAttr()

    @property
    def _serialized(self) -> dict[str, Any]:
        """What callbacks are told of the model. LangChain's own goes through every field, once a turn."""
        return {"lc": 1, "type": "not_implemented", "id": ["rundown", type(self).__name__], "name": self.model_name}

    def of_turn(self, parameters: Mapping[str, Any], reveal_key: RevealKey) -> Self:
        """A copy of this model with a turn's own parameters and key, sharing nothing that the turn could change.

        The parameters go as they are stored: LangChain renames and reinterprets some of those it knows by name.
        """
        given = {name: value for name, value in parameters.items() if name not in _OURS}
        chat = self.model_copy(update={"extra_body": {**given, "usage": {"include": True}}})
        chat._reveal_key = reveal_key
        return chat

    def write_to(self, sink: EventSink, usage: UsageSum) -> None:
        """Where this turn's answer goes, and where its tokens are counted; before the model is asked."""
        self._sink, self._usage = sink, usage

    def _get_request_payload(
        self, input_: LanguageModelInput, *, stop: list[str] | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        messages = [_of_one_text(message) for message in self._convert_input(input_).to_messages()]
        payload: dict[str, Any] = super()._get_request_payload(messages, stop=stop, **kwargs)
        for message, sent in zip(messages, payload["messages"], strict=True):
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
        check_ending(reader)
        yield _tool_calls(reader)

    async def _chunks(self, payload: dict[str, Any], reader: FrameReader) -> AsyncIterator[ChatGenerationChunk]:
        """One chunk for each read that brought something of the answer."""
        response = await self._ask(payload)
        try:
            require_plain(response.headers.get("content-encoding"))
            if response.headers.get("content-type", "").startswith("application/json"):
                raise json_instead(await _first_bytes(response, _MAX_ERROR_BYTES))
            heard_at = time.monotonic()
            async for data in response.aiter_raw():
                batch = reader.feed(data)
                if batch:
                    heard_at = time.monotonic()
                    if batch.usage is not None:
                        self._usage.add(batch.usage)
                    yield _chunk(batch.text, batch.reasoning)
                    if reader.failure is not None:
                        raise reader.failure
                elif time.monotonic() - heard_at > self._timeouts.thinking:
                    raise failures.timed_out(self._timeouts.thinking)
                if reader.done:
                    return
                # LangGraph's queue has no bound: without this the pile would only move.
                await self._sink.room()
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
    chat_class: type[Chat],
    *,
    api_key: str | None,
    base_url: str,
    timeouts: Timeouts | None = None,
    **clients: Any,
) -> Chat:
    """The stored model, its parameters and its key, ready to be told where to write and to be asked.

    `clients` are ChatOpenAI's own arguments for the connections to use.

    Raises:
        ModelFailure: as `revealed`.
    """
    reveal = revealed(api_key)
    chat = base_model(model.ai_model, chat_class, base_url, timeouts or Timeouts(), api_key=reveal, **clients)
    return chat.of_turn(model.model_parameters, reveal)


def base_model(
    ai_model: str, chat_class: type[Chat], base_url: str, timeouts: Timeouts, *, api_key: RevealKey, **clients: Any
) -> Chat:
    """A model that no turn has been given to; `OpenRouterChat.of_turn` makes a turn's own of it."""
    chat = chat_class(
        model=ai_model,
        # An async function keeps LangChain from building a second, synchronous client with a TLS context of its own.
        api_key=api_key,
        base_url=base_url,
        use_responses_api=False,
        max_retries=0,
        # A tuple, because LangChain shares its default connection pool by what can be hashed.
        timeout=(timeouts.connect, timeouts.silence, timeouts.silence, timeouts.silence),
        **clients,
    )
    chat._timeouts = timeouts
    return chat


def is_sendable(api_key: str) -> bool:
    """Whether a key can stand in a request's header: printable ASCII, without blanks."""
    return api_key.isascii() and api_key.isprintable() and " " not in api_key


def revealed(api_key: str | None) -> RevealKey:
    """The key as a function: so it is in no field, and no dump, trace or repr of a model holds it.

    Raises:
        ModelFailure: `missing_api_key`, or `invalid_api_key` for one that no header can carry.
    """
    if not api_key:
        raise failures.missing_api_key()
    if not is_sendable(api_key):
        raise failures.invalid_api_key()
    key: str = api_key

    async def reveal() -> str:
        return key

    return reveal


def check_ending(reader: FrameReader) -> None:
    """Whether the stream ended as an answer does.

    Raises:
        ModelFailure: it did not.
    """
    if reader.finish_reason == "content_filter":
        raise failures.content_filtered()
    if reader.finish_reason == "error":
        raise failures.unavailable()
    if not reader.complete:
        raise failures.broken_off()


def _of_one_text(message: BaseMessage) -> BaseMessage:
    """Instructions in parts, joined: not every provider takes parts, and LangChain is slow at them."""
    return SystemMessage(str(message.text)) if isinstance(message, SystemMessage) else message


def _chunk(text: str, reasoning: str) -> ChatGenerationChunk:
    extra = {REASONING: reasoning} if reasoning else {}
    return ChatGenerationChunk(message=AIMessageChunk(content=text, additional_kwargs=extra))


def _tool_calls(reader: FrameReader) -> ChatGenerationChunk:
    """The last chunk: the tool calls, whole."""
    calls = [
        tool_call_chunk(name=call.name, args=call.arguments, id=call.id, index=index)
        for index, call in enumerate(reader.tool_calls())
    ]
    details = reader.reasoning_details()
    extra = {DETAILS: details} if details else {}
    return ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=calls, additional_kwargs=extra))


def require_plain(content_encoding: str | None) -> None:
    """Refuse a packed answer, which we did not ask for: unpacked it could fill the memory.

    Raises:
        ModelFailure: it is packed.
    """
    if (content_encoding or "identity").strip().lower() not in ("", "identity"):
        raise failures.unavailable("it sent something unreadable")


async def _first_bytes(response: httpx2.Response, most: int) -> bytes:
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) >= most:
            break
    return bytes(body[:most])


def json_instead(body: bytes) -> Exception:
    """A 200 that holds a JSON object instead of a stream: an error of the provider's, in OpenRouter's manner."""
    try:
        error = orjson.loads(body).get("error")
    except (orjson.JSONDecodeError, AttributeError):
        error = None
    if isinstance(error, dict):
        return UpstreamError(error.get("code"), str(error.get("message") or ""))
    return GarbledFrame("JSON instead of a stream")
