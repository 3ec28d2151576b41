"""Many slow streams for a long time: what the server's memory does, and whether a stream is lost.

    python -m tests.faults.soak --streams 200 --seconds 600

And how soon the provider sees a stop: `python -m tests.faults.soak --stops 200`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import psutil

from tests.faults.scene import Asker, Scene, asked, speaks, until, waits
from tests.support.fakes.openrouter import Call, FakeOpenRouter, Turn

_WORDS, _PAUSE_S = 200, 0.1
_SLOW = Turn(text=["word "] * _WORDS, delay=_PAUSE_S)
_LATE = Turn(text=["late"], first_byte_delay=60)
_IN_A_TOOL = Turn(tool_calls=[Call("analyze_trades", {"filter_type": "all"})])
_LOOK_S = 1.0


class Meter:
    """Memory and processor time of the server with its children left out."""

    def __init__(self, scene: Scene) -> None:
        self._process = psutil.Process(scene.product.process.pid)
        self._began_at, self._cpu = time.monotonic(), self._seconds()
        self.memory: list[float] = []

    def _seconds(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system

    async def watch(self) -> None:
        while True:
            self.memory.append(self._process.memory_info().rss / 2**20)
            await asyncio.sleep(_LOOK_S)

    @property
    def cpu_share(self) -> float:
        """Of one core, in percent, since the meter was made."""
        return 100 * (self._seconds() - self._cpu) / (time.monotonic() - self._began_at)


async def _one(client: httpx.AsyncClient, run: str, ended: Counter[str]) -> None:
    body = {"message": "Why?", "request_id": uuid.uuid4().hex}
    last, words = "nothing", 0
    try:
        async with client.stream("POST", f"{run}/chat-stream", json=body) as answer:
            if answer.status_code != 200:
                ended[f"status {answer.status_code}"] += 1
                return
            async for line in answer.aiter_lines():
                if line.startswith("data:"):
                    event = json.loads(line[5:])
                    last = event["type"] if event["type"] != "error" else f"error {event['code']}"
                    words += event["content"].count("word") if last == "token" else 0
    except httpx.HTTPError as error:
        last = type(error).__name__
    ended["whole" if last == "done" and words == _WORDS else f"{last} after {words} words"] += 1


async def soak(scene: Scene, run: str, streams: int, seconds: float) -> bool:
    """Whether no stream was lost."""
    ended: Counter[str] = Counter()
    limits = httpx.Limits(max_connections=streams + 10)
    async with httpx.AsyncClient(
        base_url=scene.product.base_url, headers=dict(scene.user.http.headers), timeout=120, limits=limits
    ) as client:
        ends_at = time.monotonic() + seconds

        async def again_and_again(number: int) -> None:
            # Spread over one answer's time, as people come.
            await asyncio.sleep(number / streams * _WORDS * _PAUSE_S)
            while time.monotonic() < ends_at:
                await _one(client, run, ended)

        meter = Meter(scene)
        watching = asyncio.create_task(meter.watch())
        await asyncio.gather(*(again_and_again(number) for number in range(streams)))
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    # All streams are open after the first round; what grows after that is a leak.
    full = meter.memory[min(len(meter.memory) - 1, int(_WORDS * _PAUSE_S) + 5) :]
    print(f"{streams} streams at once for {seconds:.0f} s, each {_WORDS * _PAUSE_S:.0f} s long")
    print(f"ended: {dict(ended)}   lost: {ended.total() - ended['whole']}")
    print(
        f"memory: {meter.memory[0]:.0f} MB idle, {full[0]:.0f} MB with all streams open, {full[-1]:.0f} MB at the end, "
        f"{max(meter.memory):.0f} MB at most"
    )
    print(f"processor: {meter.cpu_share:.0f} % of one core")
    return ended.total() == ended["whole"] > 0


def stops(scene: Scene, run: str, count: int) -> None:
    """From the stop to the provider's seeing its line closed; in a tool, when the provider has nothing open, to the
    call's answer, which comes when the tool is cancelled."""
    cases: dict[str, tuple[Turn, Callable[[Scene, Asker], None], bool]] = {
        "in the text, by call": (_SLOW, speaks, False),
        "in the text, by leaving": (_SLOW, speaks, True),
        "before the first token, by call": (_LATE, asked, False),
        "in a tool, by call": (_IN_A_TOOL, waits, False),
    }
    for name, (turn, reached, leaves) in cases.items():
        in_a_tool = turn is _IN_A_TOOL
        taken = []
        with httpx.Client(base_url=scene.product.base_url, headers=scene.user.http.headers) as other:
            for _ in range(count):
                scene.openrouter.reset()
                scene.openrouter.script(turn)
                # Held anew each time: the statement of a stopped tool waits in the database until then.
                with scene.held("positions" if in_a_tool else None):
                    taken.append(_stop_once(scene, other, run, reached, leaves=leaves, in_a_tool=in_a_tool) * 1000)
                until(lambda: scene.waiting() == 0)
        print(
            f"stop {name}, {count} times: median {statistics.median(taken):.1f} ms, "
            f"95th {sorted(taken)[int(count * 0.95)]:.1f} ms, worst {max(taken):.1f} ms",
            flush=True,
        )


def _stop_once(
    scene: Scene,
    other: httpx.Client,
    run: str,
    reached: Callable[[Scene, Asker], None],
    *,
    leaves: bool,
    in_a_tool: bool,
) -> float:
    """Seconds; the stop call goes by a line of its own, which is open already."""
    request_id = uuid.uuid4().hex
    asker = Asker(scene.user, run, "Why?", request_id)
    asker.start()
    reached(scene, asker)
    other.get("/healthz")
    began_at = time.monotonic()
    if leaves:
        asker.leave()
    else:
        assert other.post(f"{run}/chat-stream/{request_id}/stop").json()["stopped"]
    if not in_a_tool:
        return scene.openrouter.wait_for_disconnect(timeout=30).at - began_at
    ended_at = time.monotonic()
    asker.join()
    assert (asker.ended, len(scene.openrouter.chats)) == ("stopped", 1)
    return ended_at - began_at


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--stops", type=int, default=0, help="measure so many stops instead")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rundown-soak-") as folder, FakeOpenRouter() as openrouter:
        scene = Scene(Path(folder), openrouter)
        try:
            run = scene.new_run()
            if chosen.stops:
                stops(scene, run, chosen.stops)
                return 0
            openrouter.fallback = lambda _: _SLOW
            return 0 if asyncio.run(soak(scene, run, chosen.streams, chosen.seconds)) else 1
        finally:
            scene.stop()


if __name__ == "__main__":
    raise SystemExit(main())
