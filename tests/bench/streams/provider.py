"""A provider that costs nothing to speak of: bare sockets, answers made beforehand, a process of its own.

    python -m tests.bench.streams.provider          prints its base URL

The user's newest message names the answer (`kind-tokens`): `burst-1000` as fast as it is read, `tool-300` one call of
calculate_metrics and then a burst, `paced-100` 20 tokens a second, each holding the moment (time.monotonic, common to
all processes) it was sent, `hang-1` so many tokens and then silence, `late-0` silence from the start. What came in
and who left is at /log, in the same clock.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Any

import uvloop

PACE_S = 0.05
# A moment is written in letters: as digits it would be a figure, which the product checks.
LETTERS = str.maketrans("0123456789.", "abcdefghijp")
FRAMES_A_WRITE = 64
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_USER = re.compile(rb"(?:burst|tool|paced|hang|late)-\d+")
_left: list[float] = []
_asked: list[float] = []


def frame(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
    """One HTTP chunk with one frame, as a provider sends it."""
    choices = [{"index": 0, "delta": delta, "finish_reason": finish, "native_finish_reason": finish}]
    body = {
        "id": "gen-1763700000-AbCdEfGhIjKlMnOpQrSt",
        "provider": "Acme",
        "model": "acme/analyst-1",
        "object": "chat.completion.chunk",
        "created": 1763700000,
        "choices": choices,
        **more,
    }
    return chunked(b"data: " + json.dumps(body, separators=(",", ":")).encode() + b"\n\n")


def chunked(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def token(text: str) -> bytes:
    return frame({"role": "assistant", "content": text})


USAGE = {"prompt_tokens": 900, "completion_tokens": 300, "total_tokens": 1200, "cost": 0.001}
ENDING = frame({"content": ""}, "stop") + frame({}, usage=USAGE) + chunked(b"data: [DONE]\n\n") + b"0\r\n\r\n"
_PLAIN = token("token ")
_FIGURE = token("123.45 ")
_ARGUMENTS = ('{"metric', '_type": ', '"costs"}')
CALL = (
    frame({"tool_calls": [{"index": 0, "id": "call_0", "type": "function",
                           "function": {"name": "calculate_metrics", "arguments": ""}}]})
    + b"".join(frame({"tool_calls": [{"index": 0, "function": {"arguments": part}}]}) for part in _ARGUMENTS)
    + frame({"content": ""}, "tool_calls")
    + chunked(b"data: [DONE]\n\n")
    + b"0\r\n\r\n"
)  # fmt: skip


def burst(count: int) -> list[bytes]:
    """A long answer names a figure now and then, so that checking it is work."""
    tokens = [_FIGURE if count > 5000 and place % 25 == 24 else _PLAIN for place in range(count)]
    return [b"".join(tokens[at : at + FRAMES_A_WRITE]) for at in range(0, count, FRAMES_A_WRITE)]


class Provider(asyncio.Protocol):
    """One connection; requests on it come one after the other."""

    def __init__(self) -> None:
        self._buffer = b""
        self._task: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()

    def connection_made(self, transport: Any) -> None:
        self._transport: Any = transport

    def connection_lost(self, _: Exception | None) -> None:
        if self._task is not None and not self._task.done():
            _left.append(time.monotonic())
            self._task.cancel()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        found = re.search(rb"content-length: *(\d+)", head, re.I)
        if not separator or len(body) < int(found.group(1) if found else 0):
            return
        self._buffer = b""
        if head.startswith(b"GET /log"):
            text = json.dumps({"left": _left, "asked": _asked}).encode()
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(text), text))
            return
        if head.startswith(b"GET "):  # the list of models, which the whole product asks for
            self._transport.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return
        _asked.append(time.monotonic())
        kind, count = _USER.findall(body)[-1].decode().split("-")
        after_tool = kind == "tool" and b'"role":"tool"' in body.replace(b'": "', b'":"')
        self._task = asyncio.create_task(self._answer(kind, int(count), after_tool))

    async def _answer(self, kind: str, count: int, after_tool: bool) -> None:
        if kind == "late":
            await asyncio.sleep(3600)
        self._transport.write(_HEAD)
        if kind == "tool" and not after_tool:
            self._transport.write(CALL)
            return
        if kind == "paced":
            await self._pace(count)
        else:
            for piece in _BURSTS.setdefault(count, burst(count)):
                await self._writable.wait()
                self._transport.write(piece)
        if kind == "hang":
            await asyncio.sleep(3600)
        self._transport.write(ENDING)

    async def _pace(self, count: int) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        for _ in range(count):
            self._transport.write(token(f"@{time.monotonic():.6f} ".translate(LETTERS)))
            due += PACE_S
            await asyncio.sleep(max(0.0, due - loop.time()))


_BURSTS: dict[int, list[bytes]] = {}


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Provider, "127.0.0.1", 0, backlog=2048)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/v1", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
