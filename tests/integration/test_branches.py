"""A conversation's branches over the whole product: answers made anew, edited questions, and what the model is told."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.support.fakes.openrouter import FakeOpenRouter, Turn
from tests.support.product import Account, text_of

pytestmark = pytest.mark.integration

Event = dict[str, Any]


@pytest.fixture
def run(alice: Account, openrouter: FakeOpenRouter, crypto_zip: Any) -> str:
    """A run whose model answers `answer N` to its Nth request."""
    openrouter.reset()
    model_id = alice.add_model("acme/analyst-1", f"Branches {uuid.uuid4().hex[:6]}")
    assert alice.http.put(f"/api/models/{model_id}/api-key", json={"api_key": "sk-or-v1-branches"}).is_success
    openrouter.script(*(Turn(text=[f"answer {number}"], cost=0.5) for number in range(1, 7)))
    return f"/api/models/{model_id}/runs/{alice.import_file(model_id, crypto_zip)['run']['id']}"


def history(alice: Account, run: str, done: Event, **more: Any) -> list[Event]:
    messages: list[Event] = alice.get(f"{run}/chat-history", session_id=done["session_id"], **more)["messages"]
    return messages


def texts(messages: list[Event]) -> list[str]:
    return [message["content"] for message in messages]


def told(openrouter: FakeOpenRouter, request: int) -> list[str]:
    return [m["content"] for m in openrouter.chats[request].body["messages"] if m["role"] != "system"]


def test_answers_that_follow_each_other_are_one_branch(alice: Account, run: str) -> None:
    first = alice.ask(run, "one")[-1]
    alice.ask(run, "two", session_id=first["session_id"])
    messages = history(alice, run, first)
    assert texts(messages) == ["one", "answer 1", "two", "answer 2"]
    assert [message["parent_id"] for message in messages] == [None, *(message["id"] for message in messages[:3])]
    assert [message["siblings"] for message in messages] == [[message["id"]] for message in messages]


def test_an_answer_made_anew_stands_beside_the_older_one(alice: Account, run: str, openrouter: FakeOpenRouter) -> None:
    first = alice.ask(run, "one")[-1]
    again = alice.ask(run, "", session_id=first["session_id"], regenerate=True)[-1]
    assert again["user_message_id"] == first["user_message_id"], "the question was not asked a second time"
    newest = history(alice, run, first)
    assert texts(newest) == ["one", "answer 2"]
    assert newest[1]["siblings"] == [first["message_id"], again["message_id"]]
    older = history(alice, run, first, message_id=first["message_id"])
    assert texts(older) == ["one", "answer 1"]
    assert told(openrouter, 1) == ["one"]


def test_an_edited_question_begins_a_branch_and_the_model_sees_only_that(
    alice: Account, run: str, openrouter: FakeOpenRouter
) -> None:
    first = alice.ask(run, "one")[-1]
    session = {"session_id": first["session_id"]}
    second = alice.ask(run, "two", **session)[-1]
    alice.ask(run, "three", **session)
    edited = alice.ask(run, "two, put better", edit_of=second["user_message_id"], **session)[-1]
    assert told(openrouter, 3) == ["one", "answer 1", "two, put better"]
    newest = history(alice, run, first)
    assert texts(newest) == ["one", "answer 1", "two, put better", "answer 4"]
    assert newest[2]["siblings"] == [second["user_message_id"], edited["user_message_id"]]
    older = history(alice, run, first, message_id=second["user_message_id"])
    assert texts(older) == ["one", "answer 1", "two", "answer 2", "three", "answer 3"]


def test_the_first_question_can_be_edited(alice: Account, run: str, openrouter: FakeOpenRouter) -> None:
    first = alice.ask(run, "one")[-1]
    alice.ask(run, "uno", session_id=first["session_id"], edit_of=first["user_message_id"])
    newest = history(alice, run, first)
    assert texts(newest) == ["uno", "answer 2"]
    assert len(newest[0]["siblings"]) == 2
    assert told(openrouter, 1) == ["uno"]


def test_an_older_branch_can_be_gone_on_from(alice: Account, run: str, openrouter: FakeOpenRouter) -> None:
    first = alice.ask(run, "one")[-1]
    session = {"session_id": first["session_id"]}
    alice.ask(run, "", regenerate=True, **session)
    alice.ask(run, "and then?", parent_id=first["message_id"], **session)
    assert told(openrouter, 2) == ["one", "answer 1", "and then?"]
    assert texts(history(alice, run, first)) == ["one", "answer 1", "and then?", "answer 3"]


def test_an_older_question_can_be_answered_anew(alice: Account, run: str, openrouter: FakeOpenRouter) -> None:
    first = alice.ask(run, "one")[-1]
    session = {"session_id": first["session_id"]}
    alice.ask(run, "two", **session)
    again = alice.ask(run, "", regenerate=True, parent_id=first["user_message_id"], **session)
    assert text_of(again) == "answer 3"
    assert told(openrouter, 2) == ["one"]
    assert texts(history(alice, run, first)) == ["one", "answer 3"]


def test_a_stopped_answer_is_kept_beside_the_older_one(alice: Account, run: str) -> None:
    first = alice.ask(run, "one")[-1]
    body = {"message": "one", "content": "Half", "session_id": first["session_id"], "regenerate": True}
    kept = alice.post(f"{run}/chat-keep", {**body, "parent_id": first["user_message_id"]})
    assert kept["user_message_id"] == first["user_message_id"]
    assert texts(history(alice, run, first)) == ["one", "Half"]


def test_the_same_request_again_finds_its_question(alice: Account, run: str) -> None:
    first = alice.ask(run, "one")[-1]
    session = {"session_id": first["session_id"]}
    alice.ask(run, "two", **session)
    request = {"regenerate": True, "parent_id": first["user_message_id"], "request_id": f"r.{uuid.uuid4().hex}"}
    again = alice.ask(run, "", **request, **session)[-1]
    assert alice.ask(run, "", **request, **session)[-1] == again


def test_usage_is_of_all_branches(alice: Account, run: str) -> None:
    first = alice.ask(run, "one")[-1]
    alice.ask(run, "", session_id=first["session_id"], regenerate=True)
    usage = alice.get(f"{run}/chat-history", session_id=first["session_id"])["usage"]
    assert usage == {"prompt_tokens": 200, "completion_tokens": 40, "cost_usd": 1.0}


def test_places_that_make_no_sense_are_refused(alice: Account, run: str) -> None:
    first = alice.ask(run, "one")[-1]
    session = {"session_id": first["session_id"]}
    other = alice.ask(run, "elsewhere")[-1]

    def status(**body: Any) -> int:
        return alice.http.post(f"{run}/chat-stream", json={"message": "x", **body}).status_code

    assert status(parent_id=first["message_id"]) == 422, "of no conversation"
    assert status(parent_id=first["user_message_id"], **session) == 422, "after a question"
    assert status(edit_of=first["message_id"], **session) == 422, "an answer"
    assert status(edit_of=other["user_message_id"], **session) == 404, "of another conversation"
    assert status(parent_id=999_999_999, **session) == 404
    params = {**session, "message_id": other["message_id"]}
    assert alice.http.get(f"{run}/chat-history", params=params).status_code == 404
