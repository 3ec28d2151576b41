"""CPU to relay a 1,000-token answer: our agent, LangChain's stock agent and the plain openai client, one provider."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from langchain.agents import create_agent
from langchain_openai import ChatOpenAI
from openai import AsyncOpenAI

from backend.agents.openrouter import AgentModel, model_http_client
from backend.agents.system_agent import create_system_agent
from backend.analysis import RunFacts, RunFrame
from tests.bench.measure import Row, interleave

ROUNDS = 7
TOKENS = 1000
KEY = "sk-or-bench"
MODEL = "acme/analyst-1"
QUESTION = "Why did this run lose money?"
_PROVIDER = f"""
import time
from tests.fakes.openrouter import FakeOpenRouter, Turn
with FakeOpenRouter() as server:
    server.fallback = lambda body: Turn(text=["token "] * {TOKENS})
    print(server.base_url, flush=True)
    while True:
        time.sleep(60)
"""


@contextmanager
def provider() -> Iterator[str]:
    """The fake provider in a process of its own: its work must not count as ours."""
    process = subprocess.Popen([sys.executable, "-c", _PROVIDER], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


async def bench_streaming() -> list[Row]:
    """Ratios to the plain openai client."""
    with provider() as base_url, httpx.Client() as _:
        plain = AsyncOpenAI(api_key=KEY, base_url=base_url)
        stock = create_agent(ChatOpenAI(model=MODEL, api_key=KEY, base_url=base_url, stream_usage=True), [])
        pool = model_http_client()
        facts = RunFacts(run_id=1, model_id=1, run_number=1, name="bench")

        async def frame() -> RunFrame:
            raise AssertionError("no tool is called")

        async def frames() -> list[RunFrame]:
            return []

        ours = create_system_agent(
            model=AgentModel(ai_model=MODEL),
            api_key=KEY,
            run=facts,
            load_frame=frame,
            load_other_frames=frames,
            openrouter_base_url=base_url,
            http_client=pool,
        )

        async def by_client() -> None:
            stream = await plain.chat.completions.create(
                model=MODEL, messages=[{"role": "user", "content": QUESTION}], stream=True
            )
            seen = 0
            async for chunk in stream:
                seen += bool(chunk.choices and chunk.choices[0].delta.content)
            assert seen == TOKENS

        async def by_stock_agent() -> None:
            text = ""
            async for message, _ in stock.astream(
                {"messages": [{"role": "user", "content": QUESTION}]}, stream_mode="messages"
            ):
                text += str(message.text)
            assert text.split() == ["token"] * TOKENS

        async def by_us() -> None:
            text = ""
            async for event in ours.chat_stream(QUESTION, []):
                text += event.content if event.type == "token" else ""
            assert text.split() == ["token"] * TOKENS

        contenders = {
            f"{TOKENS} tokens: plain openai client": by_client,
            f"{TOKENS} tokens: stock create_agent + ChatOpenAI": by_stock_agent,
            f"{TOKENS} tokens: SystemAgent.chat_stream": by_us,
        }
        began = time.monotonic()
        rows = await interleave(contenders, ROUNDS)
        assert time.monotonic() - began < 300
        await pool.aclose()
        return rows
