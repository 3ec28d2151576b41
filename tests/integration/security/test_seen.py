"""What an operator sees of a turn: its lines in the log, its counts, and its spans at a real OTLP receiver."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.fakes.openrouter import Call, FakeOpenRouter, Refusal, Turn
from tests.support.product import running_product

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

KEY = "sk-or-v1-traced-key-44aa"
QUESTION = "Why did this confidential run lose?"


class Receiver:
    """An OTLP receiver over HTTP that keeps the spans it is sent."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.raw = b""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.raw += body
                for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    for scope in resource.scope_spans:
                        receiver.spans += list(scope.spans)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()


def test_a_turn_is_seen_in_log_metrics_and_traces_without_its_text(
    tmp_path: Path, openrouter: FakeOpenRouter, receiver: Receiver, freqtrade_json: Path
) -> None:
    openrouter.reset()
    settings = {"OPENROUTER_BASE_URL": openrouter.base_url, "RUNDOWN_DEMO": "false"}
    with running_product(tmp_path / "home", OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url, **settings) as product:
        account = product.account("seen@example.com")
        model_id = account.add_model("acme/analyst-1", "Seen")
        account.http.put(f"/api/models/{model_id}/api-key", json={"api_key": KEY}).raise_for_status()
        run = f"/api/models/{model_id}/runs/{account.import_file(model_id, freqtrade_json)['run']['id']}"
        openrouter.script(Turn(tool_calls=[Call("analyze_trades", {"filter_type": "all"})]), Turn(text="It lost."))
        answered = account.ask(run, QUESTION, request_id="seen-1")
        openrouter.script(Turn(refusal=Refusal(429, "slow down")))
        refused = account.ask(run, QUESTION, request_id="seen-2")
        assert (answered[-1]["type"], refused[-1]["type"]) == ("done", "error")
        counted = httpx.get(f"{product.base_url}/metrics").text
    lines = [json.loads(line) for line in product.log if line.startswith("{")]
    ends = {line["request_id"]: line for line in lines if line["event"] == "turn_ended"}
    assert (ends["seen-1"]["how"], ends["seen-1"]["tools"]) == ("done", 1)
    assert ends["seen-1"]["used"] > 0
    assert (ends["seen-2"]["how"], ends["seen-2"]["code"]) == ("error", "rate_limited")
    requests = {line["http_id"] for line in lines if line["event"] == "request"}
    begun = [line for line in lines if line["event"] == "turn_began"]
    assert {line["request_id"] for line in begun} == {"seen-1", "seen-2"}
    assert {line["http_id"] for line in begun} <= requests, "a turn's lines lead to its request's"
    for series in (
        "rundown_streams_open 0.0",
        'rundown_streams_ended_total{how="done"} 1.0',
        'rundown_stream_errors_total{code="rate_limited"} 1.0',
        "rundown_first_token_seconds_count 1.0",
        'rundown_tool_seconds_count{tool="analyze_trades"} 1.0',
        'rundown_saves_total{outcome="saved"} 1.0',
        "rundown_save_seconds_count 1.0",
        'rundown_model_tokens_total{kind="completion"}',
        "rundown_model_cost_usd_total",
        "rundown_upstream_cancels_total 0.0",
    ):
        assert series in counted, series
    _spans_tell_the_turn(receiver)
    everything = receiver.raw + "".join(product.log).encode() + counted.encode()
    for secret in (KEY, QUESTION, "It lost.", account.token):
        assert secret.encode() not in everything


def _spans_tell_the_turn(receiver: Receiver) -> None:
    by_name: dict[str, list[Any]] = {}
    for span in receiver.spans:
        by_name.setdefault(span.name, []).append(span)
    assert {"request", "answer", "first text", "tool", "save", "database"} <= by_name.keys()
    parents = {span.span_id: span for span in by_name["request"]}
    answer = next(span for span in by_name["answer"] if _attributes(span)["request_id"] == "seen-1")
    assert _attributes(parents[answer.parent_span_id])["path"].endswith("/chat-stream")
    for name in ("first text", "tool", "save"):
        span = by_name[name][0]
        assert (span.trace_id, span.parent_span_id) == (answer.trace_id, answer.span_id), name
        assert span.start_time_unix_nano <= span.end_time_unix_nano


def _attributes(span: Any) -> dict[str, Any]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}
