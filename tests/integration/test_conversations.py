"""Conversations about different kinds of subject: each is saved, listed, searched, shared and deleted alike."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from backend.errors import NotFound
from backend.store.client import Database
from backend.store.conversations import NewAnswer, SessionStore
from backend.store.shares import ShareStore, read_shared_chat
from backend.store.subject import Subject
from tests.conftest import MakeUser
from tests.integration.rls_cases import Person, make_person
from tests.support.product import Account

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
async def carol(rest: httpx.AsyncClient, make_user: MakeUser) -> Person:
    return await make_person("subjects-carol@example.com", rest, make_user)


@pytest.fixture
async def database(stack: Any) -> AsyncIterator[Database]:
    database = Database(supabase_url="http://unused", anon_key=stack.anon_key, rest_url=stack.rest_url)
    yield database
    await database.aclose()


def subject_of(kind: str, person: Person) -> Subject:
    return Subject(kind="run", id=person.ids["runs"]) if kind == "run" else Subject(kind="desk")


@pytest.mark.parametrize("kind", ["run", "desk"])
async def test_conversation_of_a_kind_is_saved_listed_searched_shared_and_deleted(
    kind: str, database: Database, carol: Person
) -> None:
    client = database.as_user(carol.token)
    sessions, subject = SessionStore(client), subject_of(kind, carol)
    word = f"zebra{uuid.uuid4().hex}"
    saved = await sessions.save_turn(
        subject, session_id=None, request_id=uuid.uuid4().hex, question="why?", answer=NewAnswer(content=f"a {word}")
    )
    again = await sessions.save_turn(
        subject,
        session_id=saved.session_id,
        request_id=uuid.uuid4().hex,
        question="and then?",
        answer=NewAnswer(content="more"),
    )
    assert again.session_id == saved.session_id
    row = await sessions.get_session(saved.session_id)
    assert (row.subject, row.message_count) == (subject, 4)
    assert (row.run_id, row.model_name is None) == ((subject.id, False) if kind == "run" else (None, True))

    listed = await sessions.list_sessions(search=None, kind=subject.kind, subject_id=subject.id, limit=200, before=None)
    assert saved.session_id in [one.id for one in listed.items]
    assert {one.subject for one in listed.items} == {subject}
    found = await sessions.list_sessions(search=word, limit=10, before=None)
    assert [(one.id, one.found_message_id) for one in found.items] == [(saved.session_id, saved.message_id)]
    assert await sessions.find_newest_session_id(subject) == saved.session_id
    branch = await sessions.get_branch(saved.session_id, subject=subject)
    assert [message.content for message in branch.messages] == ["why?", f"a {word}", "and then?", "more"]

    _, token = await ShareStore(client).add_share(saved.session_id, days=1)
    shared = await read_shared_chat(database.as_user(database.anon_key), token)
    assert [message.content for message in shared.messages] == ["why?", f"a {word}", "and then?", "more"]
    await sessions.delete_session(saved.session_id)
    with pytest.raises(NotFound):
        await sessions.get_session(saved.session_id)


async def test_conversation_is_not_opened_under_another_subject(database: Database, carol: Person) -> None:
    sessions = SessionStore(database.as_user(carol.token))
    desk, run = Subject(kind="desk"), subject_of("run", carol)
    saved = await sessions.save_turn(
        desk, session_id=None, request_id=uuid.uuid4().hex, question="q", answer=NewAnswer(content="a")
    )
    with pytest.raises(NotFound):
        await sessions.get_branch(saved.session_id, subject=run)
    with pytest.raises(NotFound):
        await sessions.save_turn(
            run, session_id=saved.session_id, request_id=uuid.uuid4().hex, question="q", answer=NewAnswer(content="a")
        )


async def test_session_whose_subject_does_not_fit_its_kind_is_refused(carol: Person) -> None:
    for wrong in ({"subject_kind": "desk"}, {"run_id": None}, {"subject_kind": "paper"}, {"model_id": None}):
        answer = await carol.insert("chat_sessions", **wrong)
        assert answer.json()["code"] in ("23514", "42501"), answer.text


async def test_pinned_message_is_listed_and_nothing_else_of_a_message_changes(
    database: Database, carol: Person
) -> None:
    sessions = SessionStore(database.as_user(carol.token))
    saved = await sessions.save_turn(
        Subject(kind="desk"), session_id=None, request_id=uuid.uuid4().hex, question="q", answer=NewAnswer(content="a")
    )
    assert (await sessions.pin_message(saved.message_id, pinned=True)).pinned
    assert [row.id for row in (await sessions.list_pinned(limit=5, before_id=None)).items] == [saved.message_id]
    refused = await carol.ask("PATCH", "/chat_messages", {"content": "x"}, id=f"eq.{saved.message_id}")
    assert refused.status_code == 403
    await sessions.pin_message(saved.message_id, pinned=False)
    assert (await sessions.list_pinned(limit=5, before_id=None)).items == []


def test_run_is_asked_by_its_subject_as_by_its_path(alice: Account, crypto_run: str) -> None:
    subject = {"kind": "run", "id": int(crypto_run.rsplit("/", 1)[1])}
    answer = alice.post("/api/conversations/chat", {"subject": subject, "message": "Why did this run lose money?"})
    session_id = answer["session_id"]
    history = alice.get("/api/conversations/history", session_id=session_id)
    assert [message["role"] for message in history["messages"]] == ["user", "assistant"]
    assert alice.get("/api/conversations", **subject)["items"][0]["subject"] == subject
    assert alice.get(f"{crypto_run}/chat-history", session_id=session_id) == history


def test_subject_that_nobody_serves_or_that_is_malformed_is_refused(alice: Account) -> None:
    def asked(subject: dict[str, Any]) -> httpx.Response:
        return alice.http.post("/api/conversations/stream", json={"subject": subject, "message": "why?"})

    unserved = asked({"kind": "strategy", "id": 1})
    assert (unserved.status_code, unserved.json()["code"]) == (404, "subject_not_served")
    for wrong in ({"kind": "desk", "id": 4}, {"kind": "run"}, {"kind": "cat", "id": 1}, {"kind": "run", "id": 0}):
        assert asked(wrong).status_code == 422, wrong
