"""The spans of a turn hang together: its parts are children of the answer, and the answer is a child of the request."""

import asyncio

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from backend.agents.core.events import EventSink, ToolEvent, ToolResultEvent
from backend.store.conversations import NewAnswer, SavedTurn
from backend.telemetry.tracing import OtelTracer, watch_database
from tests.support.turn_parts import Keeper, Provider, make_turn, read


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracer(exporter: InMemorySpanExporter) -> OtelTracer:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return OtelTracer(provider)


class ToolUser(Provider):
    """An answer that also calls a tool, in a task of its own as a graph does it."""

    async def answer(self, sink: EventSink) -> None:
        async def tool() -> None:
            await sink.put(ToolEvent(tool="analyze_trades", id="1", args={}))
            await sink.put(
                ToolResultEvent(tool="analyze_trades", id="1", ok=True, duration_ms=5, summary="", data={"kind": "x"})
            )

        await asyncio.create_task(tool())
        await super().answer(sink)


class DatabaseKeeper(Keeper):
    """Saves by a request, as the store does it."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        super().__init__()
        self._http = http

    async def save(self, answer: NewAnswer) -> SavedTurn:
        await self._http.post("http://database/rpc/save_chat_turn?secret=1")
        return await super().save(answer)


def tree(spans: tuple[ReadableSpan, ...]) -> dict[str, str | None]:
    """Name → name of the parent."""
    names = {span.context.span_id: span.name for span in spans if span.context}
    return {span.name: names[span.parent.span_id] if span.parent else None for span in spans}


async def test_parts_of_a_turn_are_children_of_its_answer(tracer: OtelTracer, exporter: InMemorySpanExporter) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200))) as http:
        watch_database(http, tracer)
        turn = make_turn(ToolUser(), DatabaseKeeper(http), tracer=tracer)
        with tracer.span("request"):
            turn.begin(lambda _: None)
            assert (await read(turn))[-1] == "done"
            await turn.wait()
        await http.get("http://database/models")
    spans = exporter.get_finished_spans()
    assert tree(spans[:-1]) == {
        "request": None,
        "answer": "request",
        "tool": "answer",
        "first text": "answer",
        "database": "answer",
        "save": "answer",
    }
    assert len({span.context.trace_id for span in spans[:-1] if span.context}) == 1
    # What another task asks the database afterwards is no part of the turn.
    assert (spans[-1].name, spans[-1].parent) == ("database", None)


@pytest.mark.parametrize("steps", [0, 2], ids=["before its first step", "under way"])
async def test_answer_that_is_stopped_has_its_span_too(
    tracer: OtelTracer, exporter: InMemorySpanExporter, steps: int
) -> None:
    turn = make_turn(Provider(1000, pause=0.01), Keeper(), tracer=tracer)
    with tracer.span("request"):
        turn.begin(lambda _: None)
        for _ in range(steps):
            await asyncio.sleep(0)
        turn.stop()
        await turn.wait()
        await asyncio.sleep(0)
    answer = next(span for span in exporter.get_finished_spans() if span.name == "answer")
    assert answer.attributes is not None
    assert answer.attributes["how"] == "stopped"
    assert tree(exporter.get_finished_spans())["answer"] == "request"
