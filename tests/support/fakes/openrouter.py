"""A real HTTP server that speaks OpenRouter's API, for tests and for trying the product without a paid key.

    with FakeOpenRouter() as server:
        server.script(Turn(tool_calls=[Call("analyze_trades", {"filter_type": "all"})]), Turn(text="It lost money."))
        ...  # talk to server.base_url

Each chat request takes the next scripted turn. What was asked is in `server.requests`; when a client went away in the
middle of an answer, the moment is in `server.disconnects` (time.monotonic).

By hand: `python -m tests.support.fakes.openrouter --port 8788`, then OPENROUTER_BASE_URL=http://127.0.0.1:8788/api/v1.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

Json = dict[str, Any]
FaultKind = Literal["error", "cut", "end", "garbage", "hang"]


@dataclass(frozen=True)
class Call:
    """A tool call; `arguments` may be raw text, to send JSON that does not parse. Sent in `fragments` pieces."""

    name: str
    arguments: Mapping[str, Any] | str = field(default_factory=dict)
    id: str | None = "auto"
    fragments: int = 3


@dataclass(frozen=True)
class Refusal:
    """An HTTP error instead of a stream."""

    status: int
    message: str
    retry_after: float | None = None
    metadata: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Fault:
    """What goes wrong after the turn's text: an error frame, a cut line, an early end, a garbage frame, silence."""

    kind: FaultKind
    code: int | str = 502
    message: str = "Provider disconnected unexpectedly"


@dataclass(frozen=True)
class Turn:
    """One answer of the model. `delay` is seconds between frames, `first_byte_delay` seconds before the first."""

    text: str | Sequence[str] = ""
    reasoning: Sequence[str] = ()
    reasoning_details: Sequence[Mapping[str, Any]] = ()
    tool_calls: Sequence[Call] = ()
    finish_reason: str | None = "auto"
    delay: float = 0.0
    first_byte_delay: float = 0.0
    prompt_tokens: int = 100
    completion_tokens: int = 20
    cost: float | None = 0.0025
    newline: str = "\n"
    comments: int = 1
    refusal: Refusal | None = None
    fault: Fault | None = None


@dataclass(frozen=True)
class Recorded:
    """One request as it came in; header names are lower-case."""

    path: str
    headers: dict[str, str]
    body: Json
    at: float
    client_port: int | None = None


@dataclass(frozen=True)
class Disconnect:
    """A client left before its answer was complete; `request` counts chat requests from 0."""

    request: int
    at: float
    frames_sent: int


MODELS: list[Json] = [
    {
        "id": "acme/analyst-1",
        "name": "Acme: Analyst 1",
        "context_length": 200000,
        "pricing": {"prompt": "0.00000125", "completion": "0.00001"},
        "supported_parameters": ["max_tokens", "temperature", "tool_choice", "tools", "top_p"],
    },
    {
        "id": "acme/poet-1",
        "name": "Acme: Poet 1",
        "context_length": 8192,
        "pricing": {"prompt": "0", "completion": "0"},
        "supported_parameters": ["max_tokens", "temperature", "top_p"],
    },
]


def default_turn(body: Json) -> Turn:
    """What an unscripted server says: one look at the trades, then an answer from what the tool returned."""
    last = body["messages"][-1]
    if last["role"] == "tool":
        start = str(last["content"])[:400]
        return Turn(
            text=[f"{word} " for word in f"Here is what the trades show.\n\n```json\n{start}\n```\n\nDone.".split(" ")],
            delay=0.02,
        )
    return Turn(tool_calls=[Call("analyze_trades", {"filter_type": "all"})], delay=0.02)


class FakeOpenRouter:
    """The server, in a thread of its own. Accepts the keys in `keys` (any that starts with sk-or- when None)."""

    def __init__(self, *, port: int = 0, keys: set[str] | None = None) -> None:
        self.requests: list[Recorded] = []
        self.disconnects: list[Disconnect] = []
        self.completed: list[int] = []
        self.models: list[Json] = list(MODELS)
        self.fallback: Callable[[Json], Turn] = default_turn
        self._keys = keys
        self._turns: deque[Turn] = deque()
        self._chats = 0
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self.port}/api/v1"
        routes = [
            Route("/api/v1/chat/completions", self._chat, methods=["POST"]),
            Route("/api/v1/models", self._models),
            Route("/api/v1/key", self._key),
            Route("/api/v1/auth/key", self._key),
        ]
        config = uvicorn.Config(Starlette(routes=routes), log_level="critical", lifespan="off", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError("the fake OpenRouter did not start")
            time.sleep(0.005)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(timeout=5)
        self._socket.close()

    def script(self, *turns: Turn) -> None:
        """What the next chat requests are answered with, in order; replaces what was left of an earlier script."""
        self._turns = deque(turns)

    def reset(self) -> None:
        """Forget the script and everything recorded."""
        self._turns.clear()
        self.requests.clear()
        self.disconnects.clear()
        self.completed.clear()
        self._chats = 0

    @property
    def chats(self) -> list[Recorded]:
        """The chat requests alone."""
        return [request for request in self.requests if request.path.endswith("/chat/completions")]

    def wait_for_chat(self, count: int = 1, timeout: float = 5.0) -> Recorded:
        """Block until so many chat requests have come in; the last of them."""
        deadline = time.monotonic() + timeout
        while len(self.chats) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.chats)} of {count} chat requests came in {timeout} s")
            time.sleep(0.001)
        return self.chats[count - 1]

    def wait_for_disconnect(self, count: int = 1, timeout: float = 5.0) -> Disconnect:
        """Block until so many clients have left; the last of them."""
        deadline = time.monotonic() + timeout
        while len(self.disconnects) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.disconnects)} of {count} disconnects were seen in {timeout} s")
            time.sleep(0.001)
        return self.disconnects[count - 1]

    def _authorised(self, request: Request) -> bool:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer":
            return False
        return key.startswith("sk-or-") if self._keys is None else key in self._keys

    def _record(self, request: Request, body: Json) -> None:
        port = request.client.port if request.client else None
        self.requests.append(Recorded(request.url.path, dict(request.headers), body, time.monotonic(), port))

    async def _models(self, request: Request) -> Response:
        self._record(request, {})
        return JSONResponse({"data": self.models})

    async def _key(self, request: Request) -> Response:
        self._record(request, {})
        if not self._authorised(request):
            return _error(Refusal(401, "User not found."))
        usage = {"usage": 1.5, "limit": 20.0, "limit_remaining": 18.5, "is_free_tier": False}
        return JSONResponse({"data": {"label": "sk-or-v1-abc…123", **usage}})

    async def _chat(self, request: Request) -> Response:
        body: Json = await request.json()
        self._record(request, body)
        number, self._chats = self._chats, self._chats + 1
        if not self._authorised(request):
            return _error(Refusal(401, "No auth credentials found"))
        turn = self._turns.popleft() if self._turns else self.fallback(body)
        if turn.refusal is not None:
            await asyncio.sleep(turn.first_byte_delay)
            return _error(turn.refusal)
        if not body.get("stream"):
            return JSONResponse(_whole(turn, body))
        return _Stream(self, turn, body, number)


class _Stream(Response):
    """An SSE answer that notices at once when its reader leaves, and can break off as a dead provider does."""

    def __init__(self, server: FakeOpenRouter, turn: Turn, body: Json, number: int) -> None:
        super().__init__()
        self._owner, self._turn, self._request, self._number = server, turn, body, number
        self._sent = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sender = asyncio.create_task(self._send(send))
        watcher = asyncio.create_task(_left(receive))
        await asyncio.wait({sender, watcher}, return_when=asyncio.FIRST_COMPLETED)
        if watcher.done() and not sender.done():
            self._owner.disconnects.append(Disconnect(self._number, time.monotonic(), self._sent))
        for task in (sender, watcher):
            task.cancel()
        await asyncio.gather(sender, watcher, return_exceptions=True)

    async def _send(self, send: Send) -> None:
        turn = self._turn
        await asyncio.sleep(turn.first_byte_delay)
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async for frame in _frames(turn, self._request):
            await send({"type": "http.response.body", "body": frame.encode(), "more_body": True})
            self._sent += 1
            await asyncio.sleep(turn.delay)
        if turn.fault is not None and turn.fault.kind == "hang":
            await asyncio.sleep(3600)
        if turn.fault is not None and turn.fault.kind == "cut":
            return  # the body is never finished: uvicorn drops the connection
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        self._owner.completed.append(self._number)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _frames(turn: Turn, body: Json) -> AsyncIterator[str]:
    end = turn.newline * 2
    for _ in range(turn.comments):
        yield f": OPENROUTER PROCESSING{end}"
    for delta in _deltas(turn):
        yield f"data: {json.dumps(_chunk(body, [_choice(delta)]))}{end}"
    fault = turn.fault
    if fault is None or fault.kind == "hang":
        if fault is None:
            for frame in _ending(turn, body):
                yield f"data: {frame}{end}"
    elif fault.kind == "error":
        error = {"code": fault.code, "message": fault.message}
        choices = [_choice({"content": ""}, finish_reason="error")]
        yield f"data: {json.dumps({**_chunk(body, choices), 'error': error})}{end}"
    elif fault.kind == "garbage":
        yield f"data: <html>502 Bad Gateway</html>{end}"


def _ending(turn: Turn, body: Json) -> list[str]:
    finish = turn.finish_reason
    if finish == "auto":
        finish = "tool_calls" if turn.tool_calls else "stop"
    last = _chunk(body, [_choice({"content": ""}, finish_reason=finish)])
    usage = {**_chunk(body, []), "usage": _usage(turn)}
    return [json.dumps(last), json.dumps(usage), "[DONE]"]


def _deltas(turn: Turn) -> list[Json]:
    deltas: list[Json] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": "", "reasoning": piece} for piece in turn.reasoning]
    deltas += [{"content": "", "reasoning_details": [dict(detail)]} for detail in turn.reasoning_details]
    texts = [turn.text] if isinstance(turn.text, str) else turn.text
    deltas += [{"content": piece} for piece in texts if piece]
    starts, rests = [], []
    for index, call in enumerate(turn.tool_calls):
        arguments = call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments)
        identity = f"call_{index}" if call.id == "auto" else call.id
        head = {"index": index, "id": identity, "type": "function", "function": {"name": call.name, "arguments": ""}}
        starts.append({"tool_calls": [head]})
        size = max(1, -(-len(arguments) // call.fragments))
        pieces = [arguments[at : at + size] for at in range(0, len(arguments), size)]
        rests.append([{"tool_calls": [{"index": index, "function": {"arguments": piece}}]} for piece in pieces])
    deltas += starts
    for position in range(max(map(len, rests), default=0)):  # parallel calls arrive interleaved
        deltas += [pieces[position] for pieces in rests if position < len(pieces)]
    return deltas


def _choice(delta: Json, finish_reason: str | None = None) -> Json:
    return {"index": 0, "delta": delta, "finish_reason": finish_reason, "native_finish_reason": finish_reason}


def _chunk(body: Json, choices: list[Json]) -> Json:
    return {
        "id": "gen-1",
        "provider": "Acme",
        "model": body.get("model", ""),
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "choices": choices,
    }


def _usage(turn: Turn) -> Json:
    usage: Json = {"prompt_tokens": turn.prompt_tokens, "completion_tokens": turn.completion_tokens}
    usage["total_tokens"] = turn.prompt_tokens + turn.completion_tokens
    if turn.cost is not None:
        usage["cost"] = turn.cost
    return usage


def _whole(turn: Turn, body: Json) -> Json:
    text = turn.text if isinstance(turn.text, str) else "".join(turn.text)
    message = {"role": "assistant", "content": text}
    return {**_chunk(body, [{"index": 0, "message": message, "finish_reason": "stop"}]), "usage": _usage(turn)}


def _error(refusal: Refusal) -> Response:
    error: Json = {"code": refusal.status, "message": refusal.message}
    if refusal.metadata is not None:
        error["metadata"] = dict(refusal.metadata)
    headers = {} if refusal.retry_after is None else {"Retry-After": f"{refusal.retry_after:g}"}
    return JSONResponse({"error": error, "user_id": "user_1"}, status_code=refusal.status, headers=headers)


def main() -> None:
    """Serve the default scenario until interrupted."""
    parser = argparse.ArgumentParser(description="A stand-in for OpenRouter on the loopback interface.")
    parser.add_argument("--port", type=int, default=8788)
    with FakeOpenRouter(port=parser.parse_args().port) as server:
        print(f"OPENROUTER_BASE_URL={server.base_url}  (any key that starts with sk-or-; model acme/analyst-1)")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("stopped")


if __name__ == "__main__":
    main()
