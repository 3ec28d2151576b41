"""Relaying an answer over HTTP: whole servers beside each other, each a process, on one provider that costs nothing.

CPU is the server process's own (time.process_time), so what else the machine does hits a ratio little; moments are
`time.monotonic`, which all processes share, and do depend on how busy it is.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from tests.bench.measure import Row
from tests.bench.streams.client import Server, Stream, ask, contenders, get, provider

ALL = ["oai", "stock", "pydantic-ai", "lean", "bytes", "ours, stock path", "ours"]
ROUNDS = 4
BURSTS = 3
# As long as the answers with a tool call: what a question costs once is spread over as many tokens there.
PACED_STREAMS, PACED_TOKENS = 50, 300
PACE_S = 0.05
Measure = Callable[[Server], Awaitable[float]]


async def bench_streaming() -> AsyncIterator[list[Row]]:
    """Each scenario's rows as it ends; ratios are to the plain openai client unless a name says otherwise."""
    with provider() as provider_url, contenders(provider_url, ALL) as servers:
        for server in servers.values():
            await ask(server, "burst-200", 200)
            if server.name != "bytes":  # what is loaded and compiled at first use is not what a request costs
                await ask(server, "tool-300", 300)
        yield await idle(servers)  # first: a process gives back to no stream what an earlier burst has taken
        yield await interleaved("CPU s per 1,000 tokens, burst", servers, ROUNDS, burst_cpu)
        with_tools = {name: server for name, server in servers.items() if name != "bytes"}
        yield await interleaved("CPU s, one tool call + 300 tokens", with_tools, ROUNDS, tool_cpu)
        yield await interleaved("CPU s per 1,000 tokens, 50 × 20 tokens/s", servers, 3, paced_cpu)
        yield await interleaved("s to the first token", with_tools, ROUNDS, first_token)
        yield await streams_a_core(servers)
        yield await interleaved("s another stream waits beside 20,000 tokens", _some(servers), 3, waiting)
        yield await stops(servers["ours"], provider_url)
        yield [Row("bytes a stalled reader of 100,000 tokens: ours", await stalled(servers["ours"]), [1.0])]
        for streams in (150, 500):
            yield await many_streams(servers["ours"], streams)
        yield await pauses(servers["ours"])


def _some(servers: dict[str, Server]) -> dict[str, Server]:
    return {name: server for name, server in servers.items() if name in ("oai", "stock", "ours")}


async def interleaved(what: str, servers: dict[str, Server], rounds: int, measure: Measure) -> list[Row]:
    """Each contender once a round."""
    taken: dict[str, list[float]] = {name: [] for name in servers}
    for _ in range(rounds):
        for name, server in servers.items():
            taken[name].append(await measure(server))
    base = taken["oai"]
    return [
        Row(f"{what}: {name}", statistics.median(mine), [m / b for m, b in zip(mine, base, strict=True)])
        for name, mine in taken.items()
    ]


async def burst_cpu(server: Server) -> float:
    began = await server.cpu()
    for _ in range(BURSTS):
        await ask(server, "burst-1000", 1000)
    return (await server.cpu() - began) / BURSTS


async def tool_cpu(server: Server) -> float:
    began = await server.cpu()
    for _ in range(BURSTS):
        await ask(server, "tool-300", 300)
    return (await server.cpu() - began) / BURSTS


async def paced_cpu(server: Server, streams: int = PACED_STREAMS, tokens: int = PACED_TOKENS) -> float:
    began = await server.cpu()
    await paced(server, streams, tokens)
    return (await server.cpu() - began) / (streams * tokens) * 1000


async def paced(server: Server, streams: int, tokens: int) -> list[float]:
    """So many streams at once, begun over one interval of a token; each token's lateness."""

    async def read(place: int) -> list[float]:
        await asyncio.sleep(place * PACE_S / streams)
        late = await (await Stream.open(server, f"paced-{tokens}")).lateness()
        assert len(late) == tokens, f"{len(late)} of {tokens} tokens came"
        return late

    return [late for found in await asyncio.gather(*map(read, range(streams))) for late in found]


async def first_token(server: Server, times: int = 20) -> float:
    """From the request to the first token, less what the provider itself takes when it is asked directly."""
    taken = []
    for _ in range(times):
        began = time.monotonic()
        stream = await Stream.open(server, "burst-10")
        taken.append(await stream.until(b"token ") - began)
        await stream.rest()
    return statistics.median(taken)


async def streams_a_core(servers: dict[str, Server]) -> list[Row]:
    """Streams of 20 tokens/s that one core would carry, from the CPU that two thirds of that load take: near saturation
    tokens wait for each other and are written together, which is cheaper but no longer keeps pace."""
    found: dict[str, list[float]] = {"stock": [], "ours": []}
    for _ in range(3):
        for name, streams in (("stock", 30), ("ours", 140)):
            found[name].append(PACE_S * 1000 / await paced_cpu(servers[name], streams))
    return [
        Row(
            f"20 tokens/s streams a core (ratio to stock): {name}",
            statistics.median(mine),
            [m / s for m, s in zip(mine, found["stock"], strict=True)],
        )
        for name, mine in found.items()
    ]


async def waiting(server: Server) -> float:
    """The latest token of a paced stream while another answer of 20,000 tokens bursts through the same worker."""
    beside = asyncio.create_task(paced(server, 1, 30))
    await asyncio.sleep(0.3)
    stream = await Stream.open(server, "burst-20000")
    await stream.rest()
    return max(await beside)


async def stops(server: Server, provider_url: str, times: int = 200) -> list[Row]:
    """From the client's leaving until the provider saw its connection closed (or the tool was cancelled)."""
    log = provider_url.removesuffix("/api/v1") + "/log"
    cases = {
        "in the text": ("hang-20", b'"token"', None, log),
        "before the first token": ("late-0", b'"start"', None, log),
        "in a tool": ("tool-1", b'"tool"', "/api/models/1/runs/2/chat-stream", f"{server.url}/tools"),
    }
    rows = []
    for name, (message, mark, path, where) in cases.items():
        taken = []
        for _ in range(times):
            before = len(await _moments(where, "left"))
            asked = len(await _moments(log, "asked"))
            stream = await Stream.open(server, message, path)
            await stream.until(mark)
            await _more_than(asked, log, "asked")
            left_at = time.monotonic()
            stream.close()
            taken.append((await _more_than(before, where, "left"))[-1] - left_at)
        rows.append(Row(f"s from stop to closed, {name}, median of {times}", statistics.median(taken), [1.0]))
        rows.append(Row(f"s from stop to closed, {name}, worst", max(taken), [1.0]))
    return rows


async def _moments(where: str, kind: str) -> list[float]:
    found = await get(where)
    return list(found[kind] if isinstance(found, dict) else found)


async def _more_than(before: int, where: str, kind: str) -> list[float]:
    """Ask another process until it has seen one thing more."""
    while True:
        moments = await _moments(where, kind)
        if len(moments) > before:
            return moments
        await asyncio.sleep(0.002)


async def idle(servers: dict[str, Server], streams: int = 200) -> list[Row]:
    """Bytes of the process for each stream that waits for its next token."""
    rows = []
    for name in ("oai", "stock", "ours"):
        server = servers[name]
        for count in (10, streams):  # a few first, for the pools that are made once
            before = server.rss
            opened = [await Stream.open(server, "hang-1") for _ in range(count)]
            for stream in opened:
                await stream.until(b"token ")
            grown = (server.rss - before) / count
            for stream in opened:
                stream.close()
            await asyncio.sleep(0.5)
        rows.append(Row(f"bytes an idle stream: {name}", grown, [1.0]))
    return rows


async def stalled(server: Server, readers: int = 50) -> float:
    """Bytes for each of so many readers that take the start of a long answer and then nothing."""
    before = server.rss
    opened = [await Stream.open(server, "burst-100000") for _ in range(readers)]
    await asyncio.sleep(5)
    grown = server.rss - before
    for stream in opened:
        stream.close()
    return grown / readers


async def many_streams(server: Server, streams: int, tokens: int = 160) -> list[Row]:
    """So many streams at 20 tokens/s on one worker."""
    began = time.monotonic()
    late = sorted(await paced(server, streams, tokens))
    stretch = (time.monotonic() - began) / (tokens * PACE_S)
    return [
        Row(f"{streams} streams at 20 tokens/s: stretch", stretch, [1.0]),
        Row(f"{streams} streams at 20 tokens/s: s late, median", statistics.median(late), [1.0]),
        Row(f"{streams} streams at 20 tokens/s: s late, p99", late[int(len(late) * 0.99)], [1.0]),
    ]


async def pauses(server: Server) -> list[Row]:
    """The longest that anything held the loop while an answer of so many tokens came, was checked and saved: by the
    clock, and what its thread computed in one go. And by the clock in as much time in which nobody asked anything:
    the machine's own share."""
    rows = []
    await _longest_pauses(server)
    for kind, tokens in (("burst", 1000), ("tool", 300), ("burst", 20_000)):
        late, computed, floor = [], [], []
        for _ in range(9):
            await _longest_pauses(server)
            began = time.monotonic()
            stream = await Stream.open(server, f"{kind}-{tokens}")
            await stream.rest()
            took = time.monotonic() - began
            pause = await _longest_pauses(server)
            late.append(pause["late"])
            computed.append(pause["computed"])
            await asyncio.sleep(took)
            floor.append((await _longest_pauses(server))["late"])
        what = f"{kind} of {tokens}"
        rows.append(Row(f"s longest pause of the loop, {what}", statistics.median(late), [1.0]))
        rows.append(Row(f"s longest computed in one go, {what}", statistics.median(computed), [1.0]))
        rows.append(Row(f"… pause in the time of {what}, nobody asking", statistics.median(floor), [1.0]))
    return rows


async def _longest_pauses(server: Server) -> dict[str, float]:
    return dict(await get(f"{server.url}/pauses"))
