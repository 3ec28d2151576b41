"""What the database does wrong becomes a clear error; what the caller does wrong, the caller's."""

from collections.abc import AsyncIterator

import httpx
import pytest
import respx

from backend.errors import Conflict, InvalidRequest, NotFound, NotSignedIn, RundownError, StoreUnavailable
from backend.store.client import Database, execute
from backend.store.conversations import NewAnswer, SessionStore
from backend.store.models import ModelStore
from backend.store.subject import run_subject

URL = "https://project.supabase.test"
MODELS = f"{URL}/rest/v1/models"


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    database = Database(supabase_url=URL, anon_key="anon")
    yield database
    await database.aclose()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    # The library retries reads after 1, 2 and 4 s; the waiting is not what is tested.
    monkeypatch.setattr("postgrest._async.request_builder.get_retry_delay", lambda attempt: 0)


@respx.mock
async def test_requests_carry_the_callers_token_and_the_projects_key(database: Database) -> None:
    route = respx.get(MODELS).respond(json=[])
    await execute(database.as_user("callers-token").table("models").select("*"))
    headers = route.calls[0].request.headers
    assert headers["authorization"] == "Bearer callers-token"
    assert headers["apikey"] == "anon"


@respx.mock
async def test_two_callers_share_no_token(database: Database) -> None:
    route = respx.get(MODELS).respond(json=[])
    first, second = database.as_user("first"), database.as_user("second")
    for client in (first, second, first):
        await execute(client.table("models").select("*"))
    assert [call.request.headers["authorization"] for call in route.calls] == [
        "Bearer first",
        "Bearer second",
        "Bearer first",
    ]


@respx.mock
@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (401, "PGRST301", NotSignedIn),
        (401, "PGRST303", NotSignedIn),
        (403, "42501", NotFound),
        (409, "23503", NotFound),
        (409, "23505", Conflict),
        (400, "22003", InvalidRequest),
        (400, "23514", InvalidRequest),
        (400, "P0002", NotFound),
        (503, "PGRST001", StoreUnavailable),
        (500, "XX000", StoreUnavailable),
    ],
)
async def test_database_answer_becomes_the_error_that_says_who_must_act(
    database: Database, status: int, code: str, expected: type[RundownError]
) -> None:
    respx.post(MODELS).respond(status, json={"code": code, "message": "row (secret) …", "details": None, "hint": None})
    with pytest.raises(expected) as raised:
        await ModelStore(database.as_user("t")).add_model({"name": "x"})
    assert "secret" not in raised.value.message


@respx.mock
@pytest.mark.parametrize(
    "fault",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("dropped"),
        httpx.Response(502, text="<html>Bad gateway</html>"),
        httpx.Response(503, text="upstream connect error"),
    ],
)
async def test_database_that_fails_is_unavailable(database: Database, fault: Exception | httpx.Response) -> None:
    respx.post(f"{URL}/rest/v1/rpc/save_chat_turn").mock(side_effect=[fault])
    with pytest.raises(StoreUnavailable):
        await SessionStore(database.as_user("t")).save_turn(
            run_subject(1), session_id=None, request_id="r", question="why?", answer=NewAnswer(content="because")
        )


@respx.mock
async def test_read_is_tried_again_after_a_dropped_line(database: Database) -> None:
    respx.get(MODELS).mock(side_effect=[httpx.RemoteProtocolError("dropped"), httpx.Response(200, json=[])])
    page = await ModelStore(database.as_user("t")).list_models(limit=10, before_id=None)
    assert page.items == []


@respx.mock
async def test_readiness_follows_the_database(database: Database) -> None:
    refused, no_such_table, down = httpx.Response(401), httpx.Response(404), httpx.Response(503)
    respx.get(MODELS).mock(side_effect=[refused, no_such_table, down, httpx.ConnectError("refused")])
    assert [await database.is_ready() for _ in range(4)] == [True, False, False, False]
