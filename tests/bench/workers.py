"""What a second worker brings: `rundown serve` with one and with two, on the bench's provider, with a real Redis.

The machine has too few cores to show throughput: provider, reader and database want theirs. What can be told is whether
a token costs as much CPU with another worker beside it, and how evenly the streams are spread.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.bench.import_files import fills_csv
from tests.bench.measure import Row
from tests.bench.streaming import paced
from tests.bench.streams.client import Server, ask, provider
from tests.bench.streams.contenders import KEY
from tests.support.product import Product, running_product
from tests.support.redis_server import RedisServer, redis_binary

STREAMS, TOKENS, ROUNDS = 40, 200, 3


@dataclass(frozen=True)
class _Scene:
    """A product with its workers, and a run to ask about."""

    product: Product
    server: Server
    count: int

    def cpu(self) -> list[float]:
        """Seconds that each worker has used."""
        workers = self.product.workers() or [psutil.Process(self.product.process.pid)]
        return [sum(worker.cpu_times()[:2]) for worker in workers]


async def bench_workers() -> AsyncIterator[list[Row]]:
    """STREAMS streams of 20 tokens/s for each worker: CPU a token, the busiest one's share of it."""
    if redis_binary() is None:
        print("without workers: there is no Redis for this platform", file=sys.stderr)
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(provider())
        redis = stack.enter_context(RedisServer(folder))
        scenes = [_scene(stack, folder / str(count), url, redis.url, count) for count in (1, 2)]
        found: dict[int, list[list[float]]] = {scene.count: [] for scene in scenes}
        for scene in scenes:
            for _ in range(8):
                await ask(scene.server, "burst-200", 200)
        for _ in range(ROUNDS):
            for scene in scenes:
                before = scene.cpu()
                await paced(scene.server, STREAMS * scene.count, TOKENS)
                found[scene.count].append([after - b for after, b in zip(scene.cpu(), before, strict=True)])
    alone = [_a_thousand(used) for used in found[1]]
    rows = [
        Row(
            f"CPU s per 1,000 tokens, {STREAMS} × 20 tokens/s for each of {count}",
            statistics.median(map(_a_thousand, rounds)),
            [_a_thousand(used) / one for used, one in zip(rounds, alone, strict=True)],
        )
        for count, rounds in found.items()
    ]
    shares = [max(used) * len(used) / sum(used) for used in found[2]]
    yield [*rows, Row("busiest of 2 workers, CPU to an even share", statistics.median(shares), shares)]


def _a_thousand(used: list[float]) -> float:
    return sum(used) / (len(used) * STREAMS * TOKENS) * 1000


def _scene(stack: ExitStack, home: Path, provider_url: str, redis_url: str, count: int) -> _Scene:
    unlimited = {f"RUNDOWN_LIMIT_{what}": "0" for what in ("REQUESTS", "STREAMS", "TOKENS", "COST_USD")}
    product = stack.enter_context(
        running_product(
            home,
            OPENROUTER_BASE_URL=provider_url,
            REDIS_URL=redis_url,
            RUNDOWN_WORKERS=str(count),
            RUNDOWN_DEMO="false",
            RUNDOWN_LOG_LEVEL="error",
            **unlimited,
        )
    )
    account = product.account(f"{uuid.uuid4().hex}@example.com")
    model_id = account.add_model("acme/analyst-1")
    account.http.put(f"/api/models/{model_id}/api-key?verify=false", json={"api_key": KEY}).raise_for_status()
    fills = home / "fills.csv"
    fills.write_bytes(fills_csv(120))
    run_id = account.import_file(model_id, fills)["run"]["id"]
    path = f"/api/models/{model_id}/runs/{run_id}/chat-stream"
    return _Scene(
        product, Server(f"{count} workers", product.base_url, product.process.pid, path, account.token), count
    )
