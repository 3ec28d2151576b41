"""`rundown serve` with two workers and a real Redis: whichever worker is asked, the answer is the same."""

import os
import signal
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.support.fakes.openrouter import FakeOpenRouter, Turn
from tests.support.product import Account, Product, events_of, text_of
from tests.support.redis_server import RedisServer, require_redis

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

SLOW = Turn(text=["word "] * 400, delay=0.02)
STREAMS = 6


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    require_redis()
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def provider() -> Iterator[FakeOpenRouter]:
    with FakeOpenRouter() as server:
        yield server


@pytest.fixture(scope="module")
def workers(
    tmp_path_factory: pytest.TempPathFactory, provider: FakeOpenRouter, redis: RedisServer
) -> Iterator[Product]:
    product = Product(
        tmp_path_factory.mktemp("workers"),
        OPENROUTER_BASE_URL=provider.base_url,
        REDIS_URL=redis.url,
        RUNDOWN_WORKERS="2",
        RUNDOWN_DEMO="false",
    )
    product.start(240)
    yield product
    assert product.stop() == 0
    assert product.workers() == []


@pytest.fixture(scope="module")
def user(workers: Product) -> Account:
    return workers.account("trader@example.com")


@pytest.fixture
def run(user: Account, provider: FakeOpenRouter, crypto_zip: Any) -> str:
    provider.reset()
    model_id = user.add_model("acme/analyst-1", uuid.uuid4().hex[:8])
    user.http.put(f"/api/models/{model_id}/api-key", json={"api_key": "sk-or-v1-workers"})
    return f"/api/models/{model_id}/runs/{user.import_file(model_id, crypto_zip)['run']['id']}"


def anew(user: Account) -> httpx.Client:
    """A line of its own, which any worker may take."""
    return httpx.Client(base_url=user.base_url, headers=user.http.headers, timeout=60)


def test_any_worker_stops_any_stream(user: Account, run: str, provider: FakeOpenRouter) -> None:
    provider.script(*[SLOW] * STREAMS)

    def ask_and_be_stopped(_: int) -> tuple[Any, str]:
        body = {"message": "Why?", "request_id": uuid.uuid4().hex}
        stopped: list[Any] = []

        def stop() -> None:
            with anew(user) as other:
                stopped.append(other.post(f"{run}/chat-stream/{body['request_id']}/stop").json())

        stopper = threading.Thread(target=stop)
        with anew(user) as client, client.stream("POST", f"{run}/chat-stream", json=body) as answer:
            for event in events_of(answer):
                if event["type"] == "token" and stopper.ident is None:
                    stopper.start()
        stopper.join(30)
        return stopped, event["type"]

    with ThreadPoolExecutor(STREAMS) as pool:
        outcomes = list(pool.map(ask_and_be_stopped, range(STREAMS)))
    assert outcomes == [([{"stopped": True, "saved": False}], "stopped")] * STREAMS
    provider.wait_for_disconnect(STREAMS)


def test_any_worker_goes_on_with_a_broken_stream(user: Account, run: str, provider: FakeOpenRouter) -> None:
    provider.script(*[Turn(text=[f"w{number} " for number in range(200)], delay=0.01)] * STREAMS)
    whole = "".join(f"w{number} " for number in range(200))

    def ask_and_lose_the_line(_: int) -> tuple[str, str]:
        body = {"message": "Why?", "request_id": uuid.uuid4().hex, "resume": True}
        events: list[dict[str, Any]] = []
        # Twice broken, each time gone on with by a line of its own.
        for most in (5, 25, 10_000):
            after = {"Last-Event-ID": str(len(events))} if events else {}
            with anew(user) as client, client.stream("POST", f"{run}/chat-stream", json=body, headers=after) as answer:
                assert answer.status_code == 200, answer.read()
                for event in events_of(answer):
                    events.append(event)
                    if len(events) >= most:
                        break
        return text_of(events), events[-1]["type"]

    with ThreadPoolExecutor(STREAMS) as pool:
        outcomes = list(pool.map(ask_and_lose_the_line, range(STREAMS)))
    assert outcomes == [(whole, "done")] * STREAMS
    assert len(provider.chats) == STREAMS


def test_one_request_sent_to_all_workers_at_once_is_answered_once(
    user: Account, run: str, provider: FakeOpenRouter
) -> None:
    provider.script(Turn(text=["one ", "answer"], delay=0.3))
    body = {"message": "Why?", "request_id": uuid.uuid4().hex}

    def ask(_: int) -> int:
        with anew(user) as client:
            return client.post(f"{run}/chat-stream", json=body).status_code

    with ThreadPoolExecutor(STREAMS) as pool:
        statuses = sorted(pool.map(ask, range(STREAMS)))
    assert statuses == [200] + [409] * (STREAMS - 1)
    assert len(provider.chats) == 1
    # Asked once more, the saved answer comes, from any worker.
    for _ in range(4):
        with anew(user) as client, client.stream("POST", f"{run}/chat-stream", json=body) as answer:
            assert text_of(list(events_of(answer))) == "one answer"
    assert len(provider.chats) == 1


def test_metrics_are_those_of_all_workers(user: Account, run: str, provider: FakeOpenRouter) -> None:
    def ended() -> float:
        with anew(user) as client:
            lines = client.get("/metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith("rundown_streams_ended_total"))

    before = ended()
    provider.script(*[Turn(text=["short"])] * STREAMS)
    for _ in range(STREAMS):
        with anew(user) as client:
            client.post(f"{run}/chat-stream", json={"message": "Why?"})
    assert {ended() for _ in range(4)} == {before + STREAMS}


def test_redis_that_is_gone_is_named_and_back_by_itself(
    user: Account, run: str, provider: FakeOpenRouter, redis: RedisServer, workers: Product
) -> None:
    provider.script(Turn(text=["word "] * 100, delay=0.03))
    with anew(user) as client, client.stream("POST", f"{run}/chat-stream", json={"message": "Why?"}) as answer:
        events = events_of(answer)
        while next(events)["type"] != "token":
            pass
        redis.kill()
        refused = user.http.post(f"{run}/chat-stream", json={"message": "And now?"})
        assert (refused.status_code, refused.json()["code"]) == (503, "shared_state_unavailable")
        assert "retry-after" in refused.headers
        ready = httpx.get(f"{workers.base_url}/readyz", timeout=30)
        assert (ready.status_code, ready.json()["checks"]) == (503, {"database": True, "redis": False})
        assert user.http.get("/api/models").status_code == 200
        # What was under way goes on, and is saved.
        assert list(events)[-1]["type"] == "done"
    redis.start()
    provider.script(Turn(text=["back"]))
    assert user.ask(run, "And now?")[-1]["type"] == "done"


def test_killed_worker_is_started_again(user: Account, run: str, provider: FakeOpenRouter, workers: Product) -> None:
    before = [worker.pid for worker in workers.workers()]
    assert len(before) == 2
    os.kill(before[0], signal.SIGKILL)
    deadline = time.monotonic() + 120
    while len({worker.pid for worker in workers.workers()} - {before[0]}) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    for _ in range(4):
        provider.script(Turn(text=["still here"]))
        assert user.ask(run, "Why?")[-1]["type"] == "done"
