"""From a question to its running turn: what can be refused is refused, what is needed is read, the agent is made."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from pydantic import ConfigDict, Field, StrictBool

from backend.agents.core.agent import HistoryMessage
from backend.agents.core.events import ErrorEvent, StartEvent, UsageEvent
from backend.analysis import ToolResult
from backend.conversations.branch_position import BranchRequest, list_context_messages, position_question
from backend.conversations.services import TurnServices
from backend.conversations.subject import LoadedSubject, load_subject
from backend.conversations.turn import AnswerWriter, Save, Turn, refused, replay
from backend.errors import TooLarge
from backend.store.client import User
from backend.store.conversations import (
    BranchMessage,
    BranchPosition,
    MessageRow,
    NewAnswer,
    SavedTurn,
    SessionStore,
)
from backend.store.subject import Subject
from backend.store.vault import KeyNotOpened

MAX_MESSAGE = 16_000

RequestId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_.:-]+$")]


class ChatRequest(BranchRequest):
    """A question."""

    model_config = ConfigDict(extra="ignore")

    message: str = ""
    request_id: RequestId | None = None
    resume: StrictBool = Field(False, description="A lost line is no stop: I may come back within 30 s")


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request, checked, with what it needs from the database (read in parallel)."""

    request_id: str
    session_id: int | None
    subject: Subject
    question: str
    about: LoadedSubject
    history: list[BranchMessage]
    place: BranchPosition
    saved: tuple[MessageRow, SavedTurn] | None


async def begin_turn(
    services: TurnServices,
    user: User,
    address: str,
    subject: Subject,
    body: ChatRequest,
    *,
    of_model: int | None = None,
) -> Turn:
    """Check the request, read what it needs and start the turn; all that can be refused is refused here."""
    if len(body.message) > MAX_MESSAGE:
        raise TooLarge(f"The message is {len(body.message):,} characters long; at most {MAX_MESSAGE:,} are taken.")
    await services.limits.admit_question(user.id, address)
    request_id = body.request_id or str(uuid.uuid4())
    key = (user.id, request_id)
    # Claimed before anything is read: between a look for a saved answer and the claim another worker could save one.
    services.limits.require_claimed(await services.turns.claim(services.limits.claim(key, address)))
    try:
        sessions = SessionStore(services.database.as_user(user.access_token))
        asked = await _read(services, user, sessions, subject, body, request_id, of_model)
        turn = await _make_turn(services, user, address, sessions, asked, resumable=body.resume)
    except BaseException:
        services.turns.run(services.turns.give_back(key))
        raise
    services.turns.begin(user.id, turn)
    return turn


async def _read(
    services: TurnServices,
    user: User,
    sessions: SessionStore,
    subject: Subject,
    body: ChatRequest,
    request_id: str,
    of_model: int | None,
) -> _Asked:
    async def saved_answer() -> tuple[MessageRow, SavedTurn] | None:
        return await sessions.find_answer(body.request_id) if body.request_id else None

    about, messages, saved = await asyncio.gather(
        load_subject(services, user, subject, of_model),
        list_context_messages(sessions, subject, body),
        saved_answer(),
    )
    question, history, place = position_question(body, body.message, messages)
    return _Asked(request_id, body.session_id, subject, question, about, history, place, saved)


async def _make_turn(
    services: TurnServices, user: User, address: str, sessions: SessionStore, asked: _Asked, *, resumable: bool
) -> Turn:
    unsaved = await services.turns.find_unsaved((user.id, asked.request_id)) if asked.saved is None else None

    def count(usage: UsageEvent) -> None:
        tokens = max(usage.prompt_tokens, 0) + max(usage.completion_tokens, 0)
        counted = services.limits.count_usage(user.id, address, tokens=tokens, cost_usd=usage.cost_usd or 0.0)
        services.turns.run(counted)

    start = StartEvent(
        request_id=asked.request_id,
        session_id=asked.session_id,
        run_id=asked.about.run_id,
        model=asked.about.ai_model,
        subject=asked.subject,
    )
    return Turn(
        start,
        _answer(asked, unsaved),
        _save(services, user, sessions, asked),
        resumable=resumable,
        times=services.turns.times,
        # What is there already was counted when it was paid for.
        on_usage=count if asked.saved is None and unsaved is None else None,
        tracer=services.tracer,
    )


def _answer(asked: _Asked, unsaved: NewAnswer | None) -> AnswerWriter:
    """The model's answer; or, for a request that was answered before, that answer: the model is not paid twice."""
    if asked.saved is not None:
        kept = NewAnswer.model_validate(asked.saved[0].model_dump())
        return partial(replay, kept)
    if unsaved is not None:
        return partial(replay, unsaved)
    earlier = [
        ToolResult(tool=result["tool"], call_id=result["id"], data=result["data"])
        for message in asked.history
        for result in message.tool_results
    ]
    try:
        agent = asked.about.agent(earlier)
    except KeyNotOpened as error:
        refusal = ErrorEvent(code="api_key_not_opened", message=error.message, retryable=False)
        return partial(refused, refusal)
    turns = [HistoryMessage(role=message.role, content=message.content) for message in asked.history]
    return partial(agent.answer, asked.question, turns)


def _save(services: TurnServices, user: User, sessions: SessionStore, asked: _Asked) -> Save:
    if asked.saved is not None:
        saved = asked.saved[1]

        async def is_saved(_: NewAnswer) -> SavedTurn:
            return saved

        return is_saved

    async def save(answer: NewAnswer) -> SavedTurn:
        return await sessions.save_turn(
            asked.subject,
            session_id=asked.session_id,
            request_id=asked.request_id,
            question=asked.question,
            answer=answer,
            place=asked.place,
        )

    return services.turns.kept_while((user.id, asked.request_id), save)
