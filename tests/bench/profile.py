"""`python -m tests.bench.profile [--write FILE]`: what the server's processor time goes to, by package.

py-spy looks from outside, a hundred times a second, at the stack of whoever holds the interpreter, machine code
included. A sample belongs to the innermost of: the kernel (a system call), a package's own machine code, a package's
Python; the standard library and the interpreter count to whom they work for.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import re
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from tests.bench.peers import peer_python
from tests.bench.streaming import paced
from tests.bench.streams.client import Server, ask, contenders, provider

PY_SPY = ["py-spy==0.4.3"]
BEGIN, END = "<!-- profile: begin -->", "<!-- profile: end -->"
SECONDS, RATE_HZ = 30, 100
KERNEL = "kernel: sockets, waiting"
# How a place is called → what its frames are of.
_PLACES = {
    "uvloop": r"uvloop",
    "uvicorn, httptools": r"/(uvicorn|httptools)/|httptools",
    "sse-starlette, anyio": r"/(sse_starlette|anyio)/",
    "FastAPI, Starlette": r"/(fastapi|starlette)/",
    "pydantic": r"pydantic",
    "LangGraph": r"/(langgraph|ormsgpack|xxhash)/",
    "LangChain, langsmith": r"/(langchain\w*|langsmith|openai)/",
    "aiohttp": r"/(aiohttp|multidict|yarl|propcache|frozenlist)/|aiohttp|multidict|yarl",
    "orjson": r"orjson",
    "pandas, NumPy, empyrical": r"/(pandas|numpy|empyrical|scipy)/|pandas|numpy",
    "the database's client": r"/(postgrest|httpx|httpcore)/|backend/store",
    "ours: agent, decoding": r"/backend/agents/",
    "ours: API, turn, log": r"/backend/(api|shared|logs)|/structlog/|/prometheus_client/|/jwt/|/cryptography/",
    "ours: analysis, figure check": r"/backend/analysis/",
}
_FRAMES = {name: re.compile(pattern) for name, pattern in _PLACES.items()}
_SYSTEM = re.compile(r"^(\w*(send|recv|write|read|epoll|poll|accept|connect|futex|wait|close|socket)\w*) \(.*libc\.so")


async def profiles() -> dict[str, Counter[str]]:
    """For each kind of answer: samples by place."""
    with provider() as url, contenders(url, ["ours"]) as servers:
        server = servers["ours"]
        kinds: dict[str, Callable[[], Awaitable[object]]] = {
            "a question of 10 tokens": lambda: ask(server, "burst-10", 10),
            "one tool call, 300 tokens": lambda: ask(server, "tool-300", 300),
            "1,000 tokens in a burst": lambda: ask(server, "burst-1000", 1000),
            "50 × 20 tokens/s": lambda: paced(server, 50, 300),
        }
        found = {}
        for name, load in kinds.items():
            await load()
            async with _loaded(load):
                found[name] = await _sampled(server)
        return found


@contextlib.asynccontextmanager
async def _loaded(load: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    async def again_and_again() -> None:
        while True:
            await load()

    task = asyncio.create_task(again_and_again())
    await asyncio.sleep(1)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _sampled(server: Server) -> Counter[str]:
    spy = peer_python(PY_SPY).parent / "py-spy"
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "stacks"
        command = [spy, "record", "--native", "--gil", "--full-filenames", "--format", "raw", "--pid",
                   str(server.pid), "--duration", str(SECONDS), "--rate", str(RATE_HZ), "--output", raw]  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
        _, said = await process.communicate()
        if process.returncode:
            raise SystemExit(f"py-spy could not look at the server: {said.decode()[-500:]}")
        places: Counter[str] = Counter()
        for line in raw.read_text().splitlines():
            stack, _, count = line.rpartition(" ")
            places[place_of(stack.split(";"))] += int(count)
        return places


def place_of(stack: list[str]) -> str:
    """Whose a sample is, outermost frame first."""
    if _SYSTEM.match(stack[-1]):
        return KERNEL
    for frame in reversed(stack):
        for name, pattern in _FRAMES.items():
            if pattern.search(frame):
                return name
    return "the interpreter"


def table(found: dict[str, Counter[str]]) -> str:
    """Percent of each kind's samples, the largest of a plain question first."""
    first = next(iter(found.values()))
    names = sorted({name for counts in found.values() for name in counts}, key=lambda name: -first[name])
    lines = [f"| of each 100 samples | {' | '.join(found)} |", "|---|" + "--:|" * len(found)]
    for name in names:
        shares = [100 * counts[name] / counts.total() for counts in found.values()]
        lines.append(f"| {name} | {' | '.join(f'{share:.0f}' for share in shares)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path, help="the document to put the table into")
    chosen = parser.parse_args()
    made = table(asyncio.run(profiles()))
    print(made)
    if chosen.write is not None:
        before, rest = chosen.write.read_text().split(BEGIN)
        chosen.write.write_text(f"{before}{BEGIN}\n{made}\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    main()
