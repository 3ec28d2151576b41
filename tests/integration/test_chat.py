"""Asking about a run, over the whole product: events, saving, stopping, and the request the model's provider sees."""

import re
import threading
import time
import uuid
from typing import Any

import httpx
import pytest

from backend.agents.tools import TOOL_NAMES
from tests.support.fakes.openrouter import Call, FakeOpenRouter, Refusal, Turn
from tests.support.product import Account, Product, events_of, text_of, types_of

pytestmark = pytest.mark.integration

KEY = "sk-or-v1-a-key-that-must-not-leak-1a2b"
WHY = "Why did this run lose money?"
SLOW = Turn(text=["word "] * 400, delay=0.02)


@pytest.fixture
def offline_run(crypto_run: str) -> str:
    return crypto_run


@pytest.fixture
def model_run(alice: Account, openrouter: FakeOpenRouter, crypto_zip: Any) -> str:
    """A run of a model at the (fake) provider, with a stored key, parameters and instructions."""
    openrouter.reset()
    model_id = alice.add_model(
        "acme/analyst-1",
        f"Provider {uuid.uuid4().hex[:6]}",
        model_parameters={"temperature": 0.3, "top_p": 0.9, "max_completion_tokens": 777},
        custom_instructions="Answer in the style of a risk desk.",
    )
    assert alice.http.put(f"/api/models/{model_id}/api-key", json={"api_key": KEY}).status_code == 200
    run = alice.import_file(model_id, crypto_zip)["run"]
    return f"/api/models/{model_id}/runs/{run['id']}"


def test_offline_analyst_answers_with_tools_and_checked_figures(alice: Account, offline_run: str) -> None:
    events = alice.ask(offline_run, WHY)
    types = types_of(events)
    assert types[0] == "start"
    assert types[-1] == "done"
    assert types.index("tool") < types.index("tool_result") < types.index("token") < types.index("check")
    assert "error" not in types
    answer = text_of(events)
    assert "no language model" in answer.lower()
    figures = next(event for event in events if event["type"] == "check")["figures"]
    assert len(figures) >= 5
    # By label not every figure of its words is traced yet; what is traced is most of them.
    traced = [figure for figure in figures if figure["status"] in ("verified", "derived")]
    assert len(traced) >= 0.8 * len(figures)
    for figure in figures:
        # Offsets are UTF-16 code units into the answer.
        utf16 = answer.encode("utf-16-le")
        assert utf16[figure["start"] * 2 : figure["end"] * 2].decode("utf-16-le") == figure["text"]


def test_answer_is_there_after_done_and_survives_a_reload(alice: Account, offline_run: str) -> None:
    events = alice.ask(offline_run, WHY)
    done = events[-1]
    history = alice.get(f"{offline_run}/chat-history", session_id=done["session_id"])
    assert [message["role"] for message in history["messages"]] == ["user", "assistant"]
    assert [message["id"] for message in history["messages"]] == [done["user_message_id"], done["message_id"]]
    saved = history["messages"][1]
    assert saved["content"] == text_of(events)
    assert saved["tool_calls"] == [event["tool"] for event in events if event["type"] == "tool"]
    assert alice.get(f"{offline_run}/chat-history")["session_id"] == done["session_id"]


def test_frames_are_numbered_and_end_in_newlines_alone(alice: Account, offline_run: str) -> None:
    with alice.http.stream("POST", f"{offline_run}/chat-stream", json={"message": "fees?"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-accel-buffering"] == "no"
        raw = answer.read().decode()
    assert "\r" not in raw
    frames = [frame for frame in raw.split("\n\n") if frame and not frame.startswith(":")]
    for number, frame in enumerate(frames, start=1):
        lines = frame.split("\n")
        assert sorted(line.split(":")[0] for line in lines) == ["data", "event", "id"]
        assert f"id: {number}" in lines
        assert "event: message" in lines


def test_eventsource_clients_may_pass_the_token_and_it_reaches_no_log(
    alice: Account, offline_run: str, product: Product
) -> None:
    url = f"{product.base_url}{offline_run}/chat-stream"
    with httpx.stream("GET", url, params={"message": WHY, "token": alice.token}, timeout=60) as answer:
        assert answer.status_code == 200
        assert list(events_of(answer))[-1]["type"] == "done"
    assert httpx.get(url, params={"message": WHY}).status_code == 401
    assert httpx.get(url, params={"message": WHY, "token": "wrong"}).status_code == 401
    logged = "".join(product.log) + "".join(p.read_text(errors="replace") for p in product.home.rglob("*.log"))
    assert alice.token not in logged
    assert alice.token.split(".")[2] not in logged


def test_request_to_the_provider_carries_the_stored_key_model_and_parameters(
    alice: Account, model_run: str, openrouter: FakeOpenRouter
) -> None:
    openrouter.script(
        Turn(tool_calls=[Call("analyze_trades", {"filter_type": "losers"})]),
        Turn(text=["It lost ", "money."]),
    )
    events = alice.ask(model_run, WHY)
    assert types_of(events)[0] == "start"
    assert events[0]["model"] == "acme/analyst-1"
    assert text_of(events) == "It lost money."
    first, second = openrouter.chats
    for request in (first, second):
        assert request.headers["authorization"] == f"Bearer {KEY}"
        assert request.body["model"] == "acme/analyst-1"
        assert request.body["temperature"] == 0.3
        assert request.body["top_p"] == 0.9
        assert request.body["max_completion_tokens"] == 777
        assert request.body["stream"] is True
        assert [tool["function"]["name"] for tool in request.body["tools"]] == list(TOOL_NAMES)
    assert "risk desk" in str(first.body["messages"][0]["content"])
    assert second.body["messages"][-1]["role"] == "tool"
    usage = [event for event in events if event["type"] == "usage"]
    assert len(usage) == 1
    assert KEY not in str(events)


def test_last_ten_messages_go_as_context(alice: Account, model_run: str, openrouter: FakeOpenRouter) -> None:
    session_id = None
    for number in range(7):
        openrouter.script(Turn(text=[f"answer {number}"]))
        events = alice.ask(model_run, f"question {number}", **({"session_id": session_id} if session_id else {}))
        session_id = events[-1]["session_id"]
    sent = [m["content"] for m in openrouter.chats[-1].body["messages"] if m["role"] in ("user", "assistant")]
    expected = [text for number in range(1, 6) for text in (f"question {number}", f"answer {number}")]
    assert [str(content) for content in sent] == [*expected, "question 6"]


@pytest.mark.parametrize("when", ["in text", "before the first token"])
def test_closing_the_connection_closes_the_providers_at_once_and_saves_nothing(
    alice: Account, model_run: str, openrouter: FakeOpenRouter, when: str
) -> None:
    before = alice.get("/api/chat-sessions", limit=200)["items"]
    openrouter.script(SLOW if when == "in text" else Turn(text=["late"], first_byte_delay=30))
    with alice.http.stream("POST", f"{model_run}/chat-stream", json={"message": WHY}) as answer:
        for event in events_of(answer):
            if when == "in text" and event["type"] == "token":
                break
            if when != "in text" and event["type"] == "start":
                while not openrouter.chats:
                    time.sleep(0.005)
                time.sleep(0.1)
                break
        closed_at = time.monotonic()
    seen = openrouter.wait_for_disconnect()
    assert seen.at - closed_at < 1.0
    time.sleep(0.3)
    assert alice.get("/api/chat-sessions", limit=200)["items"] == before
    assert not openrouter.completed


def test_stop_call_ends_the_stream_and_saves_nothing(
    alice: Account, model_run: str, openrouter: FakeOpenRouter
) -> None:
    openrouter.script(SLOW)
    request_id = uuid.uuid4().hex
    stopped: list[Any] = []

    def stop() -> None:
        with httpx.Client(headers=alice.http.headers, base_url=alice.base_url) as other:
            stopped.append(other.post(f"{model_run}/chat-stream/{request_id}/stop").json())

    body = {"message": WHY, "request_id": request_id}
    events = []
    stopper = threading.Thread(target=stop)
    with alice.http.stream("POST", f"{model_run}/chat-stream", json=body) as answer:
        for event in events_of(answer):
            events.append(event)
            if event["type"] == "token" and stopper.ident is None:
                stopper.start()
    stopper.join(10)
    assert types_of(events) == ["start", "token", "stopped"]
    openrouter.wait_for_disconnect()
    assert stopped == [{"stopped": True, "saved": False}]
    assert alice.get(f"{model_run}/chat-history") == {"session_id": None, "messages": []}
    assert alice.post(f"{model_run}/chat-stream/{request_id}/stop", {}) == {"stopped": False, "saved": False}


def test_same_request_twice_runs_the_model_once(alice: Account, model_run: str, openrouter: FakeOpenRouter) -> None:
    openrouter.script(Turn(text=["only once"]))
    request_id = uuid.uuid4().hex
    first = alice.ask(model_run, WHY, request_id=request_id)
    again = alice.ask(model_run, WHY, request_id=request_id)
    assert text_of(again) == "only once"
    assert again[-1] == first[-1]
    assert len(openrouter.chats) == 1


def test_lost_line_is_resumed_and_the_model_is_asked_once(
    alice: Account, model_run: str, openrouter: FakeOpenRouter
) -> None:
    openrouter.script(Turn(text=[f"word{n} " for n in range(60)], delay=0.02))
    body = {"message": WHY, "request_id": uuid.uuid4().hex, "resume": True}
    seen: list[dict[str, Any]] = []
    with alice.http.stream("POST", f"{model_run}/chat-stream", json=body) as answer:
        for event in events_of(answer):
            seen.append(event)
            if len(seen) == 8:
                break
    time.sleep(0.2)
    with alice.http.stream("POST", f"{model_run}/chat-stream", json=body, headers={"Last-Event-ID": "8"}) as answer:
        assert answer.status_code == 200
        seen += list(events_of(answer))
    assert text_of(seen) == "".join(f"word{n} " for n in range(60))
    assert seen[-1]["type"] == "done"
    with alice.http.stream("POST", f"{model_run}/chat-stream", json=body, headers={"Last-Event-ID": "8"}) as answer:
        assert list(events_of(answer)) == seen[8:]
    assert len(openrouter.chats) == 1
    # The line to the provider is closed once the answer is whole, and not when the reader's broke.
    assert all(left.frames_sent > 60 for left in openrouter.disconnects)


def test_stream_the_server_does_not_know_is_not_asked_anew(
    alice: Account, model_run: str, openrouter: FakeOpenRouter
) -> None:
    body = {"message": WHY, "request_id": uuid.uuid4().hex, "resume": True}
    answer = alice.http.post(f"{model_run}/chat-stream", json=body, headers={"Last-Event-ID": "8"})
    assert (answer.status_code, answer.json()["code"]) == (409, "stream_lost")
    assert openrouter.chats == []


def test_eventsource_that_reconnects_by_itself_asks_nothing_again(
    alice: Account, model_run: str, openrouter: FakeOpenRouter
) -> None:
    answer = alice.http.get(f"{model_run}/chat-stream", params={"message": WHY}, headers={"Last-Event-ID": "9"})
    assert answer.status_code == 204
    assert openrouter.chats == []


def test_request_in_flight_is_refused_a_second_time(alice: Account, model_run: str, openrouter: FakeOpenRouter) -> None:
    openrouter.script(SLOW)
    body = {"message": WHY, "request_id": uuid.uuid4().hex}
    with alice.http.stream("POST", f"{model_run}/chat-stream", json=body) as answer:
        events = events_of(answer)
        assert next(events)["type"] == "start"
        second = httpx.post(
            f"{alice.base_url}{model_run}/chat-stream", json=body, headers=alice.http.headers, timeout=30
        )
    assert second.status_code == 409
    assert second.json()["code"] == "request_in_flight"
    assert len(openrouter.chats) <= 1


@pytest.mark.parametrize(
    ("turn", "code", "retryable"),
    [
        (Turn(refusal=Refusal(401, "User not found.")), "invalid_api_key", False),
        (Turn(refusal=Refusal(402, "Insufficient credits")), "insufficient_credits", False),
        (Turn(refusal=Refusal(429, "Rate limited", retry_after=7)), "rate_limited", True),
        (Turn(refusal=Refusal(503, "No provider")), "upstream_unavailable", True),
    ],
)
def test_upstream_failure_is_one_error_event_and_nothing_is_saved(
    alice: Account, model_run: str, openrouter: FakeOpenRouter, turn: Turn, code: str, retryable: bool
) -> None:
    openrouter.script(turn)
    events = alice.ask(model_run, WHY)
    assert types_of(events) == ["start", "error"]
    assert (events[-1]["code"], events[-1]["retryable"]) == (code, retryable)
    assert KEY not in str(events)
    assert alice.get(f"{model_run}/chat-history")["messages"] == []


def test_model_without_a_key_says_so(alice: Account, crypto_zip: Any) -> None:
    model_id = alice.add_model("acme/analyst-1", "Keyless")
    run = alice.import_file(model_id, crypto_zip)["run"]
    events = alice.ask(f"/api/models/{model_id}/runs/{run['id']}", WHY)
    assert events[-1]["type"] == "error"
    assert events[-1]["code"] == "missing_api_key"


def test_failed_save_is_told_and_retried_without_the_model(
    alice: Account, model_run: str, openrouter: FakeOpenRouter
) -> None:
    """The run is deleted while the answer streams: saving is refused, and the same request does not ask again."""
    openrouter.script(Turn(text=["paid "] * 20, delay=0.02))
    request_id = uuid.uuid4().hex
    events = []
    body = {"message": WHY, "request_id": request_id}
    with alice.http.stream("POST", f"{model_run}/chat-stream", json=body) as answer:
        for event in events_of(answer):
            if event["type"] == "token" and not any(e["type"] == "token" for e in events):
                assert httpx.delete(f"{alice.base_url}{model_run}", headers=alice.http.headers).status_code == 204
            events.append(event)
    assert events[-1]["type"] == "error"
    assert events[-1]["code"] == "save_failed"
    assert events[-1]["request_id"] == request_id


def test_whole_answer_without_streaming(alice: Account, offline_run: str) -> None:
    answer = alice.post(f"{offline_run}/chat", {"message": "Suggest rules to stop the losses"})
    assert "suggest_rules" in answer["tool_calls"]
    assert answer["suggested_rules"]
    assert "def " in answer["suggested_rules"][0]["code"]
    assert re.search(r"\w", answer["response"])
    history = alice.get(f"{offline_run}/chat-history", session_id=answer["session_id"])
    assert history["messages"][-1]["id"] == answer["message_id"]


def test_caller_of_the_whole_answer_who_leaves_stops_it_too(
    alice: Account, model_run: str, openrouter: FakeOpenRouter
) -> None:
    openrouter.script(SLOW)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{alice.base_url}{model_run}/chat",
            json={"message": WHY},
            headers=alice.http.headers,
            timeout=httpx.Timeout(10, read=1),
        )
    left_at = time.monotonic()
    assert openrouter.wait_for_disconnect().at - left_at < 1.0
    assert alice.get(f"{model_run}/chat-history")["messages"] == []


def test_stopped_answer_is_kept_when_asked(alice: Account, offline_run: str) -> None:
    answer = alice.http.post(
        f"{offline_run}/chat-keep", json={"message": WHY, "content": "It lost mon", "tool_calls": ["analyze_trades"]}
    )
    assert answer.status_code == 201
    history = alice.get(f"{offline_run}/chat-history", session_id=answer.json()["session_id"])
    assert history["messages"][1]["stopped"] is True
    assert history["messages"][1]["content"] == "It lost mon"


def test_regenerate_answers_the_last_question_again(alice: Account, model_run: str, openrouter: FakeOpenRouter) -> None:
    openrouter.script(Turn(text=["first"]), Turn(text=["second"]))
    session_id = alice.ask(model_run, "the question")[-1]["session_id"]
    events = alice.ask(model_run, "", session_id=session_id, regenerate=True)
    assert text_of(events) == "second"
    asked = [m["content"] for m in openrouter.chats[1].body["messages"] if m["role"] != "system"]
    assert [str(content) for content in asked] == ["the question"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"message": ""}, 422),
        ({"message": "   "}, 422),
        ({"message": "x" * 16_001}, 413),
        ({"message": "x", "session_id": 999_999_999}, 404),
        ({"message": "x", "session_id": "one"}, 422),
        ({"message": "x", "request_id": "no spaces allowed"}, 422),
        ({"regenerate": True}, 422),
    ],
)
def test_bad_request_is_refused_before_the_stream(
    alice: Account, offline_run: str, body: dict[str, Any], status: int
) -> None:
    answer = alice.http.post(f"{offline_run}/chat-stream", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"]


def test_ag_ui_client_has_one_conversation_per_thread(
    alice: Account, model_run: str, openrouter: FakeOpenRouter
) -> None:
    thread = str(uuid.uuid4())

    def ask(question: str) -> list[dict[str, Any]]:
        body = {
            "threadId": thread,
            "runId": str(uuid.uuid4()),
            "messages": [
                {"id": "0", "role": "assistant", "content": "something the client made up"},
                {"id": "1", "role": "user", "content": question},
            ],
        }
        with alice.http.stream("POST", f"{model_run}/ag-ui", json=body) as answer:
            assert answer.status_code == 200, answer.read()
            return list(events_of(answer))

    openrouter.script(Turn(tool_calls=[Call("analyze_trades", {"filter_type": "all"})]), Turn(text=["It ", "lost."]))
    first = ask("Why?")
    assert [first[0]["type"], first[-1]["type"]] == ["RUN_STARTED", "RUN_FINISHED"]
    assert "".join(e["delta"] for e in first if e["type"] == "TEXT_MESSAGE_CONTENT") == "It lost."
    assert [e["toolCallName"] for e in first if e["type"] == "TOOL_CALL_START"] == ["analyze_trades"]
    openrouter.script(Turn(text=["More."]))
    second = ask("And then?")
    session_id = first[-1]["result"]["session_id"]
    assert second[-1]["result"]["session_id"] == session_id
    saved = alice.get(f"{model_run}/chat-history", session_id=session_id)["messages"]
    assert [message["content"] for message in saved] == ["Why?", "It lost.", "And then?", "More."]
    # What the client posts beyond its newest message is ignored; the stored history goes to the model.
    sent = [str(m["content"]) for m in openrouter.chats[-1].body["messages"] if m["role"] != "system"]
    assert sent == ["Why?", "It lost.", "And then?"]


def test_adopted_rules_are_in_the_model_s_instructions_while_they_are_enabled(
    alice: Account, model_run: str, openrouter: FakeOpenRouter
) -> None:
    rules = f"{model_run.split('/runs/', maxsplit=1)[0]}/rules"
    for name, kind in (("Nights off", "no_trade_hours"), ("Wait a day", "cooldown_after_losses")):
        alice.post(rules, {"name": name, "kind": kind, "params": {"hours": 24.0}, "code": "def f(): ..."})
    dropped = alice.post(rules, {"name": "Switched off", "kind": "stop_loss", "params": {}, "code": ""})
    alice.http.patch(f"{rules}/{dropped['id']}", json={"enabled": False}).raise_for_status()
    openrouter.script(Turn(text=["Understood."]))
    alice.ask(model_run, "What did I adopt?")
    instructions = openrouter.chats[-1].body["messages"][0]["content"]
    assert "Nights off" in instructions
    assert '"cooldown_after_losses"' in instructions
    assert "Switched off" not in instructions
