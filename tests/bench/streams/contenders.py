"""What relays an answer, each a server of its own: POST /ask {"message": …} → SSE; GET /cpu → seconds of its process.

    python -m tests.bench.streams.contenders NAME PROVIDER_URL          prints its own URL

`bytes` passes on what it reads; `lean` is aiohttp + orjson + sse-starlette with no agent; `oai` the plain openai
client with a loop for tools; `stock` create_agent over ChatOpenAI, streamed by `messages`. The tool does nothing.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import orjson
import uvicorn
from langchain.agents import create_agent
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from openai import AsyncOpenAI
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

KEY, MODEL = "sk-or-v1-bench", "acme/analyst-1"
HEADERS = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", "Accept-Encoding": "identity"}
TOOL = {
    "type": "function",
    "function": {
        "name": "calculate_metrics",
        "description": "Figures of the run.",
        "parameters": {"type": "object", "properties": {"metric_type": {"type": "string"}}},
    },
}
Relay = Callable[[str], AsyncIterator[Any]]


def body(message: str) -> dict[str, Any]:
    return {"model": MODEL, "messages": [{"role": "user", "content": message}], "tools": [TOOL], "stream": True}


class BytesRelay:
    """No parsing at all. Has no tool round."""

    def __init__(self, provider: str) -> None:
        self._url = f"{provider}/chat/completions"
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, message: str) -> AsyncIterator[bytes]:
        self._session = self._session or aiohttp.ClientSession()
        async with self._session.post(self._url, data=orjson.dumps(body(message)), headers=HEADERS) as response:
            async for data in response.content.iter_any():
                yield data


class LeanRelay(BytesRelay):
    """Each delta decoded and sent as an event."""

    async def __call__(self, message: str) -> AsyncIterator[dict[str, str]]:
        asked, call = body(message), {"id": "", "name": "", "arguments": ""}
        self._session = self._session or aiohttp.ClientSession()
        for _ in range(2):
            async with self._session.post(self._url, data=orjson.dumps(asked), headers=HEADERS) as response:
                async for line in response.content:
                    if not line.startswith(b"data: {"):
                        continue
                    for choice in orjson.loads(line[6:])["choices"]:
                        delta = choice["delta"]
                        if content := delta.get("content"):
                            yield {"data": orjson.dumps({"type": "token", "content": content}).decode()}
                        for part in delta.get("tool_calls") or ():
                            call["id"] = call["id"] or part.get("id", "")
                            call["arguments"] += part["function"]["arguments"]
            if not call["id"] or len(asked["messages"]) > 1:
                return
            asked["messages"] += tool_round(call)


class OpenAiClient:
    """The openai client as its documentation shows it."""

    def __init__(self, provider: str) -> None:
        self._client = AsyncOpenAI(api_key=KEY, base_url=provider)

    async def __call__(self, message: str) -> AsyncIterator[dict[str, str]]:
        messages = body(message)["messages"]
        while True:
            call = {"id": "", "name": "", "arguments": ""}
            stream = await self._client.chat.completions.create(
                model=MODEL, messages=messages, tools=[TOOL], stream=True
            )
            async for chunk in stream:
                for choice in chunk.choices:
                    if choice.delta.content:
                        yield {"data": json.dumps({"type": "token", "content": choice.delta.content})}
                    for part in choice.delta.tool_calls or ():
                        call["id"] = call["id"] or part.id or ""
                        call["arguments"] += (part.function and part.function.arguments) or ""
            if not call["id"]:
                return
            messages += tool_round(call)


class StockAgent:
    """LangChain's documented way, consumed in the generator."""

    def __init__(self, provider: str) -> None:
        @tool
        async def calculate_metrics(metric_type: str = "all") -> str:
            """Figures of the run."""
            return "{}"

        chat = ChatOpenAI(model=MODEL, api_key=KEY, base_url=provider, streaming=True)  # type: ignore[arg-type]
        self._agent = create_agent(chat, [calculate_metrics])

    async def __call__(self, message: str) -> AsyncIterator[dict[str, str]]:
        asked: Any = {"messages": [{"role": "user", "content": message}]}
        async for chunk, _ in self._agent.astream(asked, stream_mode="messages"):
            if chunk.type == "AIMessageChunk" and chunk.text:
                yield {"data": json.dumps({"type": "token", "content": str(chunk.text)})}


def tool_round(call: dict[str, str]) -> list[dict[str, Any]]:
    function = {"name": "calculate_metrics", "arguments": call["arguments"]}
    asked = {"role": "assistant", "tool_calls": [{"id": call["id"], "type": "function", "function": function}]}
    return [asked, {"role": "tool", "tool_call_id": call["id"], "content": "{}"}]


RELAYS: dict[str, Callable[[str], Relay]] = {
    "bytes": BytesRelay,
    "lean": LeanRelay,
    "oai": OpenAiClient,
    "stock": StockAgent,
}


def application(name: str, provider: str) -> Starlette:
    relay = RELAYS[name](provider)

    async def ask(request: Request) -> Response:
        message = (await request.json())["message"]
        if name == "bytes":
            return StreamingResponse(relay(message), media_type="text/event-stream")
        return EventSourceResponse(relay(message), sep="\n")

    return Starlette(routes=[Route("/ask", ask, methods=["POST"]), Route("/cpu", cpu)])


async def cpu(_: Request) -> Response:
    return JSONResponse(time.process_time())


def serve(app: Any) -> None:
    """Run `app` on a free port, and print where."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(2048)  # asked from now on, answered when the server is up
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False)).run(sockets=[listening])


if __name__ == "__main__":
    serve(application(sys.argv[1], sys.argv[2]))
