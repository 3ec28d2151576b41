"""Servers started and asked by the bench: raw sockets, so that the reader costs little and sees each read."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from tests.bench.peers import PeerUnavailable, peer_python

PYDANTIC = ["pydantic-ai-slim[openai,ag-ui]==2.68.0", "uvicorn[standard]==0.54.0", "starlette==1.10.0"]
_STAMP = re.compile(rb"@([a-j]+p[a-j]{6})")
_DIGITS = bytes.maketrans(b"abcdefghijp", b"0123456789.")


@dataclass(frozen=True)
class Server:
    """A contender that runs."""

    name: str
    url: str
    pid: int
    path: str = "/ask"
    token: str = ""

    @property
    def rss(self) -> int:
        return int(psutil.Process(self.pid).memory_info().rss)

    async def cpu(self) -> float:
        """Seconds its process has used."""
        return float(await get(f"{self.url}/cpu"))


@contextmanager
def provider() -> Iterator[str]:
    with _process([sys.executable, "-m", "tests.bench.streams.provider"], 1) as (_, lines):
        yield lines[0]


@contextmanager
def contenders(provider_url: str, names: list[str]) -> Iterator[dict[str, Server]]:
    """Those of `names` that can be started; a peer that can't be installed is left out, and said so."""
    with ExitStack() as stack:
        servers = {}
        for name in names:
            try:
                servers[name] = stack.enter_context(_contender(name, provider_url))
            except PeerUnavailable as error:
                print(f"without {name}: {error}", file=sys.stderr)
        yield servers


@contextmanager
def _contender(name: str, provider_url: str) -> Iterator[Server]:
    if name.startswith("ours"):
        path = "stock" if name == "ours, stock path" else "direct"
        with _process([sys.executable, "-m", "tests.bench.streams.ours", path, provider_url], 2) as (pid, lines):
            yield Server(name, lines[1], pid, "/api/models/1/runs/1/chat-stream", lines[0])
    elif name == "pydantic-ai":
        script = Path(__file__).with_name("pydantic_peer.py")
        with _process([str(peer_python(PYDANTIC)), str(script), provider_url], 1) as (pid, lines):
            yield Server(name, lines[0], pid)
    else:
        module = [sys.executable, "-m", "tests.bench.streams.contenders", name, provider_url]
        with _process(module, 1) as (pid, lines):
            yield Server(name, lines[0], pid)


@contextmanager
def _process(command: list[str], lines: int) -> Iterator[tuple[int, list[str]]]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        printed = [process.stdout.readline().strip() for _ in range(lines)]
        if not all(printed):
            raise RuntimeError(f"{' '.join(command)} did not start")
        yield process.pid, printed
    finally:
        process.kill()
        process.wait()


class Stream:
    """One answer being read."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, server: Server, message: str, path: str | None = None, **body: Any) -> Stream:
        return await cls.post(f"{server.url}{path or server.path}", {"message": message, **body}, server.token)

    @classmethod
    async def post(cls, url: str, body: dict[str, Any], token: str, limit: int = 2**20) -> Stream:
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=limit)
        data = json.dumps(body).encode()
        head = (
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {token}\r\nConnection: close\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        writer.write(head.encode() + data)
        return cls(reader, writer)

    async def until(self, mark: bytes, count: int = 1) -> float:
        """Read until `mark` came so often; the moment."""
        seen = b""
        while (found := seen.count(mark)) < count:
            data = await self.reader.read(2**16)
            if not data:
                raise RuntimeError(f"the stream ended with {found} of {count} {mark!r}: {seen[-500:]!r}")
            seen += data
        return time.monotonic()

    async def rest(self) -> bytes:
        data = await self.reader.read()
        self.close()
        return data

    async def lateness(self) -> list[float]:
        """Read a paced answer: for each token, the seconds from when the provider sent it."""
        late: list[float] = []
        while data := await self.reader.read(2**16):
            now = time.monotonic()
            late += [now - float(stamp.translate(_DIGITS)) for stamp in _STAMP.findall(data)]
        self.close()
        return late

    def close(self) -> None:
        self.writer.transport.abort()


async def ask(server: Server, message: str, tokens: int) -> None:
    """One whole answer."""
    stream = await Stream.open(server, message)
    await stream.until(b"token ", tokens)
    await stream.rest()


async def get(url: str) -> Any:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
    head, _, body = (await _read_all(reader)).partition(b"\r\n\r\n")
    writer.close()
    if b"chunked" in head.lower():
        raise RuntimeError("a small answer was expected")
    return json.loads(body)


async def _read_all(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    return head + await reader.readexactly(length)
