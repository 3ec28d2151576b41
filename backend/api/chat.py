"""Asking about a run: streamed, or in one piece; stopping; keeping a stopped answer."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette import EventSourceResponse

from backend.agents.events import DoneEvent, ErrorEvent, StartEvent, UsageEvent
from backend.agents.openrouter_catalog import OFFLINE_MODEL
from backend.agents.system_agent import AdoptedRule, AgentModel, ChatTurn, SystemAgent, create_system_agent
from backend.analysis import RunFrame, ToolResult
from backend.api.auth import User
from backend.api.deps import (
    CallerAddress,
    CurrentUser,
    CurrentUserAlsoByQuery,
    PathId,
    Services,
    ServicesDep,
    load_frame,
)
from backend.api.placing import Placed, SessionId, list_context_messages, place_question
from backend.api.sse import stream_response
from backend.api.turns import Answer, Save, Turn, refused, replay
from backend.errors import Conflict, RundownError, TooLarge, UpstreamFailed
from backend.store.runs import ChatContext, RunRow, RunStore
from backend.store.sessions import BranchMessage, MessageRow, NewAnswer, Place, SavedTurn, SessionStore
from backend.store.vault import KeyNotOpened

router = APIRouter(prefix="/api/models/{model_id}/runs/{run_id}", tags=["chat"])

MAX_MESSAGE = 16_000
_SIBLING_RUNS = 5
# How often a caller that waits for a whole answer is looked for; it can only be asked, it does not tell.
_LOOK_S = 0.1
_STATUS = {
    "missing_api_key": 422,
    "invalid_api_key": 422,
    "api_key_not_opened": 422,
    "insufficient_credits": 402,
    "model_not_found": 422,
    "model_lacks_tools": 422,
    "context_too_long": 413,
    "content_filtered": 422,
    "rate_limited": 429,
    "upstream_timeout": 504,
    "save_failed": 503,
    "shutting_down": 503,
    "internal": 500,
}

LastEventId = Annotated[str | None, Header(max_length=40)]
RequestId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w.:-]+$")]


class ChatRequest(Placed):
    """A question about a run."""

    model_config = ConfigDict(extra="ignore")

    message: str = ""
    request_id: RequestId | None = None
    resume: bool = Field(False, description="A lost line is no stop: I may come back within 30 s")


class KeepRequest(Placed):
    """A stopped answer that the reader wants kept."""

    model_config = ConfigDict(extra="ignore")

    message: str = Field(min_length=1, max_length=MAX_MESSAGE)
    content: str = Field(min_length=1, max_length=400_000)
    request_id: RequestId | None = None
    tool_calls: list[Annotated[str, Field(max_length=100)]] = Field(default_factory=list, max_length=50)


class ChatAnswer(BaseModel):
    """A whole answer, for callers that do not stream."""

    response: str
    suggested_rules: list[dict[str, Any]]
    tool_calls: list[str]
    session_id: int
    message_id: int
    user_message_id: int
    usage: dict[str, Any] | None


class Stopped(BaseModel):
    """Whether there was something to stop; `saved` when it came too late: the answer was being saved, and is kept."""

    stopped: bool
    saved: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request, checked, with what it needs from the database (read in parallel)."""

    request_id: str
    session_id: int | None
    question: str
    context: ChatContext
    history: list[BranchMessage]
    place: Place
    saved: tuple[MessageRow, SavedTurn] | None


@router.get(
    "/chat-stream",
    response_class=EventSourceResponse,
    responses={204: {"description": "EventSource asks again by itself: there is nothing more"}},
)
async def chat_stream_by_get(
    model_id: int,
    run_id: int,
    user: CurrentUserAlsoByQuery,
    address: CallerAddress,
    services: ServicesDep,
    message: Annotated[str, Query()],
    session_id: Annotated[SessionId | None, Query()] = None,
    request_id: Annotated[RequestId | None, Query()] = None,
    resume: Annotated[bool, Query()] = False,
    last_event_id: LastEventId = None,
) -> Response:
    """Ask and read the answer as it comes, for plain EventSource clients."""
    if last_event_id is not None and request_id is None:
        # EventSource asks again by itself when a stream has ended; this status tells it that there is nothing more.
        return Response(status_code=status.HTTP_204_NO_CONTENT)
    body = ChatRequest(message=message, session_id=session_id, request_id=request_id, resume=resume)
    return await chat_stream_endpoint(model_id, run_id, body, user, address, services, last_event_id)


@router.post("/chat-stream", response_class=EventSourceResponse)
async def chat_stream_endpoint(
    model_id: int,
    run_id: int,
    body: ChatRequest,
    user: CurrentUser,
    address: CallerAddress,
    services: ServicesDep,
    last_event_id: LastEventId = None,
) -> EventSourceResponse:
    """Ask and read the answer as it comes; closing the connection stops it, unless the request said `resume`."""
    after = _number(last_event_id)
    if body.resume and body.request_id:
        key = (user.id, body.request_id)
        held = services.turns.find(*key)
        chunks = await services.turns.resume(key, run_id, after)
        if chunks is not None:
            return stream_response(chunks, on_close=held.reader_left if held else _nothing)
        if after:
            # The text the client has and a replay of the saved answer would not fit; and the model must not be paid
            # twice.
            raise Conflict(
                "This stream can't be resumed any more. If its answer was completed, it is in the history.",
                code="stream_lost",
            )
    turn = await begin_turn(services, user, address, model_id, run_id, body)
    return stream_response(turn.frames(), on_close=turn.reader_left)


@router.post("/chat-stream/{request_id}/stop")
async def stop_chat_stream(
    model_id: PathId, run_id: PathId, request_id: str, user: CurrentUser, services: ServicesDep
) -> Stopped:
    """Stop an answer: the model's request is closed at once and nothing is saved.

    A stop that comes while the answer is being saved waits for that, and says `saved`.
    """
    outcome = await services.turns.stop((user.id, request_id))
    return Stopped(stopped=outcome == "stopped", saved=outcome == "saved")


@router.post("/chat")
async def chat(
    model_id: int,
    run_id: int,
    body: ChatRequest,
    request: Request,
    user: CurrentUser,
    address: CallerAddress,
    services: ServicesDep,
) -> ChatAnswer:
    """Ask and get the whole answer at once; closing the connection stops it here too."""
    turn = await begin_turn(services, user, address, model_id, run_id, body)
    watcher = asyncio.create_task(_stop_when_gone(request, turn))
    try:
        await turn.wait()
    finally:
        watcher.cancel()
        turn.reader_left()
    transcript, done = turn.transcript, turn.ended_with
    if isinstance(done, ErrorEvent):
        raise _as_problem(done)
    if not isinstance(done, DoneEvent):
        raise UpstreamFailed("The answer was stopped before it was complete. Nothing was saved.", code="stopped")
    rules = [
        rule
        for result in transcript.tool_results
        if result.tool == "suggest_rules" and result.ok
        for rule in result.data.get("rules", [])
    ]
    return ChatAnswer(
        response=transcript.content,
        suggested_rules=rules,
        tool_calls=list(transcript.tool_calls),
        session_id=done.session_id,
        message_id=done.message_id,
        user_message_id=done.user_message_id,
        usage=transcript.usage.model_dump() if transcript.usage else None,
    )


@router.post("/chat-keep", status_code=status.HTTP_201_CREATED)
async def keep_stopped_answer(
    model_id: int, run_id: int, body: KeepRequest, user: CurrentUser, services: ServicesDep
) -> SavedTurn:
    """Save the part of a stopped answer that the reader saw, marked as stopped."""
    client = services.database.as_user(user.access_token)
    sessions = SessionStore(client)
    _, messages = await asyncio.gather(
        RunStore(client).get_run(model_id, run_id), list_context_messages(sessions, run_id, body)
    )
    question, _, place = place_question(body, body.message, messages)
    return await sessions.save_turn(
        run_id,
        session_id=body.session_id,
        request_id=body.request_id or str(uuid.uuid4()),
        question=question,
        place=place,
        answer=NewAnswer(content=body.content, tool_calls=body.tool_calls, stopped=True),
    )


def _nothing() -> None:
    """A stream of another worker's: that one notices by itself that nobody reads."""


def _number(last_event_id: str | None) -> int:
    """The number of the last event a client saw; 0, which sends all, for what is no number of ours."""
    return int(last_event_id) if last_event_id and last_event_id.isascii() and last_event_id.isdigit() else 0


async def begin_turn(
    services: Services, user: User, address: str, model_id: int, run_id: int, body: ChatRequest
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
    services: Services, user: User, address: str, model_id: int, run_id: int, body: ChatRequest, request_id: str
) -> Turn:
    client = services.database.as_user(user.access_token)
    runs, sessions = RunStore(client), SessionStore(client)
    asked = await _read(runs, sessions, model_id, run_id, body, request_id)
    unsaved = await services.turns.find_unsaved((user.id, request_id)) if asked.saved is None else None

    def count(usage: UsageEvent) -> None:
        services.turns.run(services.limits.count_usage(user.id, address, usage))

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
    question, history, place = place_question(body, body.message, messages)
    return _Asked(request_id, body.session_id, question, context, history, place, saved)


def _answer(services: Services, user: User, runs: RunStore, asked: _Asked, unsaved: NewAnswer | None) -> Answer:
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
    turns = [ChatTurn(role=message.role, content=message.content) for message in asked.history]
    return partial(agent.answer, asked.question, turns)


def _save(services: Services, user: User, sessions: SessionStore, asked: _Asked) -> Save:
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
    services: Services, user: User, runs: RunStore, context: ChatContext, history: list[BranchMessage]
) -> SystemAgent:
    model, run = context.model, context.run
    api_key = None
    if model.ai_model != OFFLINE_MODEL and model.api_key_ciphertext:
        api_key = services.vault.open(model.api_key_ciphertext, user_id=user.id, model_id=model.id)

    async def load() -> RunFrame:
        return await load_frame(services, runs, run)

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
        openrouter_base_url=services.settings.openrouter_base_url,
        http_client=services.model_http,
        timeouts=services.model_times,
        earlier_results=[
            ToolResult(tool=result["tool"], call_id=result["id"], data=result["data"])
            for message in history
            for result in message.tool_results
        ],
    )


async def load_sibling_frames(services: Services, runs: RunStore, run: RunRow) -> list[RunFrame]:
    """The frames of the model's newest other runs: where a rule must hold too."""
    siblings = await runs.list_sibling_runs(run.model_id, run.id, limit=_SIBLING_RUNS)
    return list(await asyncio.gather(*(load_frame(services, runs, sibling) for sibling in siblings)))


async def _stop_when_gone(request: Request, turn: Turn) -> None:
    while not await request.is_disconnected():  # noqa: ASYNC110 - a request can only be asked
        await asyncio.sleep(_LOOK_S)
    turn.stop()


def _as_problem(event: ErrorEvent) -> RundownError:
    return UpstreamFailed(
        event.message, code=event.code, status=_STATUS.get(event.code, 502), retry_after=event.retry_after
    )
