"""The fast path from the provider's bytes to the turn: the one place that goes round LangChain's own streaming.

What runs for each read of the provider's socket, and nothing else:

    aiohttp's parser (C) → FrameReader.feed (orjson) → one event with all that the read brought → EventSink.put

The sink is the turn itself, so by the time `put` returns the frame is encoded and the connection's task is due. No
token has a LangChain chunk, a callback, a LangGraph queue entry or a task switch of its own. `await sink.put()` is the
back-pressure: while it waits nothing is read, aiohttp pauses the socket, and the provider waits.

What it takes for granted of LangChain; `tests/unit/agents/openrouter/test_direct_stream.py` fails when an upgrade
changes it:

1. `create_agent` asks the model by `ainvoke`, which comes down to `_agenerate` when `disable_streaming` is set.
2. A middleware's `awrap_model_call` may put another model and system message into the request. So one compiled graph
   serves all turns, and what is a user's own (key, sink, instructions) is in the turn's context, never in the graph.
3. Without tracing, langsmith's wrapper around middleware has nothing to do in a thread (see `trace_in_place`).
4. The model's message comes back into the graph's state as it was returned, tool calls and extras included.
5. A pydantic copy of a validated `ChatOpenAI` is as good as a new one: what a turn changes of it are `extra_body` and
   our own private attributes.

What it gives up, knowingly: `stream_mode="messages"` and `on_llm_new_token` see nothing of an answer; callbacks for the
start and the end of a model call still run. `RUNDOWN_STREAM_PATH=stock` leaves all of it to LangChain and the openai
client (`OpenRouterChat._astream` and `streaming.graph_events`), with the same events.
"""

from __future__ import annotations

import asyncio
import ssl
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import Context
from functools import cache, lru_cache, partial
from typing import Any, Literal
from urllib.parse import urlsplit

import aiohttp
import httpx2
import langsmith
import orjson
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.messages import AIMessage, BaseMessage, ToolCall
from langchain_core.outputs import ChatGeneration, ChatResult
from langsmith.utils import tracing_is_enabled

from backend.agents.core.events import EventSink, ReasoningEvent, TokenEvent
from backend.agents.core.usage import UsageSum
from backend.agents.openrouter import failures
from backend.agents.openrouter.chat import (
    DETAILS,
    AgentModel,
    OpenRouterChat,
    Timeouts,
    base_model,
    check_ending,
    json_instead,
    require_plain,
    revealed,
    stock_http_client,
)
from backend.agents.openrouter.sse_reader import Batch, FrameReader, GarbledFrame, UpstreamError

StreamPath = Literal["direct", "stock"]
ModelClient = aiohttp.ClientSession | httpx2.AsyncClient

# Decoding this much takes about half a millisecond; other streams get their turn between two of them.
_SLICE_BYTES = 16 * 1024
# An idle connection is kept this long for the next question: a handshake costs several round trips. One that the
# provider closed meanwhile is noticed and replaced.
_IDLE_S = 90.0
# How long the end of the response is waited for after the answer's closing mark, so that its connection can be kept.
_LINGER_S = 0.05
_MAX_ERROR_BYTES = 64 * 1024


def direct_model(
    model: AgentModel, *, api_key: str | None, base_url: str, timeouts: Timeouts | None, session: aiohttp.ClientSession
) -> DirectOpenRouterChat:
    """The chat model of `openrouter_model`, over `session`: ChatOpenAI's validation, half of a plain question's work
    before the model is asked, is done once for a language model and not once a turn. Raises: ModelFailure: as
    `revealed`."""
    reveal = revealed(api_key)
    return _keyless(model.ai_model, base_url, timeouts or Timeouts(), session).of_turn(model.model_parameters, reveal)


@lru_cache(maxsize=256)
def _keyless(ai_model: str, base_url: str, timeouts: Timeouts, session: aiohttp.ClientSession) -> DirectOpenRouterChat:
    return base_model(
        ai_model,
        DirectOpenRouterChat,
        base_url,
        timeouts,
        api_key=_no_key,
        async_client=session,
        disable_streaming=True,
    )


async def _no_key() -> str:
    raise RuntimeError("a model was asked outside of a turn")


def model_http_client(path: StreamPath = "direct", timeouts: Timeouts | None = None) -> ModelClient:
    """One connection pool for all model calls of a process: made once, in the loop, closed at shutdown.

    Its kind decides the path: aiohttp's is the direct one, httpx2's the stock one.
    """
    if path == "stock":
        return stock_http_client(timeouts)
    return _session(timeouts or Timeouts(), keepalive_timeout=_IDLE_S)


def _session(times: Timeouts, **connector: Any) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        # The certificates that httpx2 would trust: SSL_CERT_FILE, or the system's.
        connector=aiohttp.TCPConnector(limit=0, ssl=_tls_context(), **connector),
        timeout=_timeout(times),
        cookie_jar=aiohttp.DummyCookieJar(),
        # We ask for none that is packed; a few kilobytes could unpack to all of the memory.
        auto_decompress=False,
        headers={"Accept": "text/event-stream", "Accept-Encoding": "identity", "User-Agent": "Rundown"},
        json_serialize=lambda body: orjson.dumps(body).decode(),
    )


def trace_in_place() -> None:
    """Spare two threads around each call of the model and of a tool; once a process.

    LangChain wraps middleware in langsmith's `traceable`, which prepares and ends each span in a thread of its own,
    also when nothing is traced. With tracing on it is left as it is.
    """
    langsmith.set_runtime_overrides(aio_to_thread=_in_place)


async def _in_place(
    default: Callable[..., Awaitable[Any]], context: Context, function: Callable[..., Any], /, *args: Any, **kwargs: Any
) -> Any:
    if tracing_is_enabled():
        return await default(context, function, *args, **kwargs)
    return context.run(function, *args, **kwargs)


class DirectOpenRouterChat(OpenRouterChat):
    """OpenRouterChat that reads the response itself and writes what it says into the turn's sink."""

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        # Looked up once: a private attribute of a pydantic model costs as much as a decoded frame.
        reader, texts, sink, usage = FrameReader(), list[str](), self._sink, self._usage
        with _failures(self._timeouts):
            async with self._response(partial(self._body, messages, stop, kwargs)) as response:
                async for batch in _batches(response, reader, self._timeouts):
                    texts.append(batch.text)
                    await _write(batch, sink, usage)
        check_ending(reader)
        return ChatResult(generations=[ChatGeneration(message=_message("".join(texts), reader))])

    def _body(self, messages: list[BaseMessage], stop: list[str] | None, told: dict[str, Any]) -> bytes:
        payload = self._get_request_payload(messages, stop=stop, **told)
        payload |= {**payload.pop("extra_body", {}), "stream": True, "stream_options": {"include_usage": True}}
        return orjson.dumps(payload)

    @asynccontextmanager
    async def _response(self, make_body: Callable[[], bytes]) -> AsyncIterator[aiohttp.ClientResponse]:
        """The response with its body still to be read. One left before its end closes the connection at once.

        What is sent, the larger part of what a turn takes, is made here and gone before the answer comes.
        """
        async with AsyncExitStack() as own:
            response = await self._post(make_body(), own)
            try:
                async with asyncio.timeout(self._timeouts.silence):
                    if response.status != 200:
                        raise await _refusal(response)
                    require_plain(response.headers.get("Content-Encoding"))
                    if response.content_type == "application/json":
                        raise json_instead(await _first_bytes(response, _MAX_ERROR_BYTES))
                yield response
                if not response.content.at_eof():
                    await _await_end(response)
            finally:
                response.close()

    async def _post(self, body: bytes, own: AsyncExitStack) -> aiohttp.ClientResponse:
        """A pooled connection that turns out dead is replaced once, by one of its own: where one of the pool has died,
        others have. `own` holds that one open."""
        url = f"{self.openai_api_base}/chat/completions"
        session: aiohttp.ClientSession = self.async_client
        key = await self._reveal_key()
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        for last in (False, True):
            try:
                async with asyncio.timeout(self._timeouts.silence):
                    return await session.post(
                        url,
                        data=body,
                        headers=headers,
                        timeout=_timeout(self._timeouts),
                        allow_redirects=False,
                        proxy=_proxy(url),
                    )
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
                if last or isinstance(error, aiohttp.ClientConnectorError):
                    raise failures.unavailable("no connection") from error
                session = await own.enter_async_context(_session(self._timeouts, force_close=True))
        raise failures.unavailable("no connection")


async def _batches(response: aiohttp.ClientResponse, reader: FrameReader, timeouts: Timeouts) -> AsyncIterator[Batch]:
    """What each read brought, when it brought something of the answer."""
    heard_at = time.monotonic()
    # Not more than a slice at once: what a reader that stalls has not taken stays in aiohttp's buffer alone.
    while data := await _read(response, timeouts):
        batch = reader.feed(data)
        if batch:
            heard_at = time.monotonic()
            yield batch
            if reader.failure is not None:
                raise reader.failure
        if reader.done:
            return
        if time.monotonic() - heard_at > timeouts.thinking:
            raise failures.timed_out(timeouts.thinking)
        if len(data) == _SLICE_BYTES:
            await asyncio.sleep(0)


async def _read(response: aiohttp.ClientResponse, timeouts: Timeouts) -> bytes:
    """The next of the body, empty at its end.

    The time limit is of this wait alone. aiohttp's own is of the connection, which goes back to the pool when the end
    of an answer is parsed, before it is read: whatever left that limit running would break another question's answer.
    """
    async with asyncio.timeout(timeouts.silence):
        return await response.content.read(_SLICE_BYTES)


async def _write(batch: Batch, sink: EventSink, usage: UsageSum) -> None:
    if batch.usage is not None:
        usage.add(batch.usage)
    if batch.reasoning:
        await sink.put(ReasoningEvent(content=batch.reasoning))
    if batch.text:
        await sink.put(TokenEvent(content=batch.text))


def _message(text: str, reader: FrameReader) -> AIMessage:
    calls = [
        ToolCall(name=call.name, args=orjson.loads(call.arguments), id=call.id, type="tool_call")
        for call in reader.tool_calls()
    ]
    details = reader.reasoning_details()
    return AIMessage(content=text, tool_calls=calls, additional_kwargs={DETAILS: details} if details else {})


@contextmanager
def _failures(timeouts: Timeouts) -> Iterator[None]:
    """What goes wrong while asking and reading → the contract's errors."""
    try:
        yield
    except TimeoutError as error:
        raise failures.timed_out(timeouts.silence) from error
    except aiohttp.ClientError as error:
        raise failures.broken_off() from error
    except UpstreamError as error:
        raise failures.from_error_frame(error.code, error.message) from error
    except GarbledFrame as error:
        raise failures.unavailable("it sent something unreadable") from error


async def _refusal(response: aiohttp.ClientResponse) -> failures.ModelFailure:
    packed = response.headers.get("Content-Encoding", "identity") != "identity"
    body = b"" if packed else await _first_bytes(response, _MAX_ERROR_BYTES)
    return failures.from_response(response.status, body, response.headers.get("retry-after"))


async def _first_bytes(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The body, or as much of its beginning."""
    pieces, left = [], most
    while left and (piece := await response.content.read(left)):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


async def _await_end(response: aiohttp.ClientResponse) -> None:
    try:
        async with asyncio.timeout(_LINGER_S):
            await response.content.readany()
    except (TimeoutError, aiohttp.ClientError):
        pass  # the answer is complete; the connection is just not kept


def _timeout(timeouts: Timeouts) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(connect=timeouts.connect)


@cache
def _tls_context() -> ssl.SSLContext:
    return httpx2.create_ssl_context()


@cache
def _proxy(url: str) -> str | None:
    """The proxy that the environment names for `url`. aiohttp's own look-up would read ~/.netrc and start a thread for
    each request."""
    parts = urlsplit(url)
    proxies = urllib.request.getproxies()
    if not parts.hostname or urllib.request.proxy_bypass(parts.hostname):
        return None
    return proxies.get(parts.scheme) or proxies.get("all")
