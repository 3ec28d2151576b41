"""From a question to its running turn: what can be refused is refused, what is needed is read, the agent is made."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from pydantic import ConfigDict, Field, StrictBool

from backend.agents.core.agent import AdoptedRule, AgentModel, HistoryMessage, SystemAgent, create_system_agent
from backend.agents.core.events import ErrorEvent, StartEvent, UsageEvent
from backend.agents.openrouter.catalog import OFFLINE_MODEL
from backend.agents.openrouter.chat import Timeouts
from backend.agents.openrouter.direct_stream import ModelClient
from backend.analysis import RunFrame, ToolResult
from backend.conversations.branch_position import BranchRequest, list_context_messages, position_question
from backend.conversations.registry import TurnRegistry
from backend.conversations.turn import AnswerWriter, Save, Turn, refused, replay
from backend.coordination.limits import Limits
from backend.errors import TooLarge
from backend.store.cache import FrameCache, load_frame
from backend.store.client import Database, User
from backend.store.conversations import BranchMessage, BranchPosition, MessageRow, NewAnswer, SavedTurn, SessionStore
from backend.store.runs import ChatContext, RunRow, RunStore
from backend.store.vault import KeyNotOpened, Vault
from backend.telemetry.tracing import Tracer

MAX_MESSAGE = 16_000
_SIBLING_RUNS = 5

RequestId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_.:-]+$")]


@dataclass(slots=True, kw_only=True)
class TurnServices:
    """What a turn needs of the process: its connections, caches and counts."""

    database: Database
    vault: Vault
    frames: FrameCache
    turns: TurnRegistry
    limits: Limits
    openrouter_base_url: str
    model_http: ModelClient
    model_times: Timeouts
    tracer: Tracer


class ChatRequest(BranchRequest):
    """A question about a run."""

    model_config = ConfigDict(extra="ignore")

    message: str = ""
    request_id: RequestId | None = None
    resume: StrictBool = Field(False, description="A lost line is no stop: I may come back within 30 s")


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request, checked, with what it needs from the database (read in parallel)."""

    request_id: str
    session_id: int | None
    question: str
    context: ChatContext
    history: list[BranchMessage]
    place: BranchPosition
    saved: tuple[MessageRow, SavedTurn] | None


async def begin_turn(
    services: TurnServices, user: User, address: str, model_id: int, run_id: int, body: ChatRequest
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
        turn = await _make_turn(services, user, address, model_id, run_id, body, request_id)
    except BaseException:
        services.turns.run(services.turns.give_back(key))
        raise
    services.turns.begin(user.id, turn)
    return turn


async def _make_turn(
    services: TurnServices, user: User, address: str, model_id: int, run_id: int, body: ChatRequest, request_id: str
) -> Turn:
    client = services.database.as_user(user.access_token)
    runs, sessions = RunStore(client), SessionStore(client)
    asked = await _read(runs, sessions, model_id, run_id, body, request_id)
    unsaved = await services.turns.find_unsaved((user.id, request_id)) if asked.saved is None else None

    def count(usage: UsageEvent) -> None:
        tokens = max(usage.prompt_tokens, 0) + max(usage.completion_tokens, 0)
        counted = services.limits.count_usage(user.id, address, tokens=tokens, cost_usd=usage.cost_usd or 0.0)
        services.turns.run(counted)

    return Turn(
        StartEvent(
            request_id=request_id, session_id=asked.session_id, run_id=run_id, model=asked.context.model.ai_model
        ),
        _answer(services, user, runs, asked, unsaved),
        _save(services, user, sessions, asked),
        resumable=body.resume,
        times=services.turns.times,
        # What is there already was counted when it was paid for.
        on_usage=count if asked.saved is None and unsaved is None else None,
        tracer=services.tracer,
    )


async def _read(
    runs: RunStore, sessions: SessionStore, model_id: int, run_id: int, body: ChatRequest, request_id: str
) -> _Asked:
    async def saved_answer() -> tuple[MessageRow, SavedTurn] | None:
        return await sessions.find_answer(body.request_id) if body.request_id else None

    context, messages, saved = await asyncio.gather(
        runs.get_chat_context(model_id, run_id), list_context_messages(sessions, run_id, body), saved_answer()
    )
    question, history, place = position_question(body, body.message, messages)
    return _Asked(request_id, body.session_id, question, context, history, place, saved)


def _answer(
    services: TurnServices, user: User, runs: RunStore, asked: _Asked, unsaved: NewAnswer | None
) -> AnswerWriter:
    """The model's answer; or, for a request that was answered before, that answer: the model is not paid twice."""
    if asked.saved is not None:
        kept = NewAnswer.model_validate(asked.saved[0].model_dump())
        return partial(replay, kept)
    if unsaved is not None:
        return partial(replay, unsaved)
    try:
        agent = _agent(services, user, runs, asked.context, asked.history)
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
            asked.context.run.id,
            session_id=asked.session_id,
            request_id=asked.request_id,
            question=asked.question,
            answer=answer,
            place=asked.place,
        )

    return services.turns.kept_while((user.id, asked.request_id), save)


def _agent(
    services: TurnServices, user: User, runs: RunStore, context: ChatContext, history: list[BranchMessage]
) -> SystemAgent:
    model, run = context.model, context.run
    api_key = None
    if model.ai_model != OFFLINE_MODEL and model.api_key_ciphertext:
        api_key = services.vault.open(model.api_key_ciphertext, user_id=user.id, model_id=model.id)

    async def load() -> RunFrame:
        return await load_frame(services.frames, runs, run)

    async def load_others() -> list[RunFrame]:
        return await load_sibling_frames(services, runs, run)

    return create_system_agent(
        model=AgentModel(
            ai_model=model.ai_model,
            model_parameters=model.model_parameters,
            custom_instructions=model.custom_instructions,
            adopted_rules=[
                AdoptedRule(name=rule.name, kind=rule.kind, params=rule.params)
                for rule in context.rules
                if rule.enabled
            ],
        ),
        api_key=api_key,
        run=run.facts(),
        load_frame=load,
        load_other_frames=load_others,
        openrouter_base_url=services.openrouter_base_url,
        http_client=services.model_http,
        timeouts=services.model_times,
        earlier_results=[
            ToolResult(tool=result["tool"], call_id=result["id"], data=result["data"])
            for message in history
            for result in message.tool_results
        ],
    )


async def load_sibling_frames(services: TurnServices, runs: RunStore, run: RunRow) -> list[RunFrame]:
    """The frames of the model's newest other runs: where a rule must hold too."""
    siblings = await runs.list_sibling_runs(run.model_id, run.id, limit=_SIBLING_RUNS)
    return list(await asyncio.gather(*(load_frame(services.frames, runs, sibling) for sibling in siblings)))
