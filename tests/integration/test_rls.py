"""Row-level security over real PostgREST: two users, every table, every verb. The catalog's sweep is next door."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any

import httpx
import jwt
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from backend.local.stack import EmbeddedStack
from tests.conftest import MakeUser
from tests.integration.rls_cases import CASES, FUNCTIONS, LINKS, Person, Row, make_person

pytestmark = pytest.mark.integration


@pytest.fixture
async def owner(rest: httpx.AsyncClient, make_user: MakeUser) -> Person:
    """Someone whose rows a test may change and delete."""
    return await make_person("owner@example.com", rest, make_user)


@pytest.fixture(scope="module")
async def alice(rest: httpx.AsyncClient, make_user: MakeUser) -> Person:
    return await make_person("alice@example.com", rest, make_user)


@pytest.fixture(scope="module")
async def mallory(rest: httpx.AsyncClient, make_user: MakeUser) -> Person:
    return await make_person("mallory@example.com", rest, make_user)


def _refused(response: httpx.Response) -> bool:
    """Refused by a missing grant, a policy or an owner-carrying foreign key, never by mere accident."""
    return response.status_code in {401, 403, 409} and response.json()["code"] in {"42501", "23503"}


# The owner, so that what follows is about who asks and not about what is asked.


@pytest.mark.parametrize("table", CASES)
async def test_owner_reads_changes_and_deletes_their_rows(table: str, owner: Person) -> None:
    case = CASES[table]
    row = await owner.own(table)
    assert row is not None
    assert row["user_id"] == owner.user_id
    if case.change is not None:
        changed = await owner.ask("PATCH", f"/{table}", case.change, **owner.where(table))
        assert changed.status_code == 200, changed.text
        assert changed.json()[0].items() >= case.change.items()
    deleted = await owner.ask("DELETE", f"/{table}", **owner.where(table))
    assert [each[case.key] for each in deleted.json()] == [owner.ids[table]]
    assert await owner.own(table) is None


async def test_deleting_a_model_takes_everything_under_it(owner: Person) -> None:
    await owner.ask("DELETE", "/models", **owner.where("models"))
    assert {table: await owner.own(table) for table in CASES} == dict.fromkeys(CASES)


# Someone else.


@pytest.mark.parametrize("table", CASES)
async def test_stranger_who_guesses_the_id_reads_nothing(table: str, alice: Person, mallory: Person) -> None:
    guessed = await mallory.ask("GET", f"/{table}", **alice.where(table))
    assert (guessed.status_code, guessed.json()) == (200, [])
    everything = (await mallory.ask("GET", f"/{table}", id="gte.0")).json()
    assert everything
    assert {row["user_id"] for row in everything} == {mallory.user_id}


@pytest.mark.parametrize("table", CASES)
async def test_stranger_counts_only_their_own_rows(table: str, alice: Person, mallory: Person) -> None:
    headers = {"Authorization": f"Bearer {mallory.token}", "Prefer": "count=exact"}
    counted = await mallory.rest.head(f"/{table}", params={"user_id": f"eq.{alice.user_id}"}, headers=headers)
    assert counted.headers["content-range"].endswith("/0")


@pytest.mark.parametrize("table", CASES)
async def test_stranger_changes_nothing(table: str, alice: Person, mallory: Person) -> None:
    before = await alice.own(table)
    change = CASES[table].change or {"content": "never said"}
    answer = await mallory.ask("PATCH", f"/{table}", change, **alice.where(table))
    assert _refused(answer) or (answer.status_code, answer.json()) == (200, [])
    assert await alice.own(table) == before


@pytest.mark.parametrize("table", CASES)
async def test_stranger_deletes_nothing(table: str, alice: Person, mallory: Person) -> None:
    answer = await mallory.ask("DELETE", f"/{table}", **alice.where(table))
    assert (answer.status_code, answer.json()) == (200, [])
    assert await alice.own(table) is not None


@pytest.mark.parametrize("table", CASES)
async def test_row_inserted_in_anothers_name_is_refused(table: str, alice: Person, mallory: Person) -> None:
    assert _refused(await mallory.insert(table, user_id=alice.user_id))
    assert _refused(await mallory.insert(table, user_id=mallory.user_id)), "user_id is never the caller's to give"


@pytest.mark.parametrize("table", CASES)
async def test_owner_cannot_give_a_row_away(table: str, alice: Person, mallory: Person) -> None:
    before = await mallory.own(table)
    given = await mallory.ask("PATCH", f"/{table}", {"user_id": alice.user_id}, **mallory.where(table))
    assert _refused(given)
    assert await mallory.own(table) == before


@pytest.mark.parametrize(("table", "column", "parent"), LINKS)
async def test_row_under_anothers_parent_is_refused(
    table: str, column: str, parent: str, alice: Person, mallory: Person
) -> None:
    assert _refused(await mallory.insert(table, **{column: alice.ids[parent]}))


@pytest.mark.parametrize(("table", "column", "parent"), LINKS)
async def test_row_moved_to_anothers_parent_is_refused(
    table: str, column: str, parent: str, alice: Person, mallory: Person
) -> None:
    before = await mallory.own(table)
    moved = await mallory.ask("PATCH", f"/{table}", {column: alice.ids[parent]}, **mallory.where(table))
    assert _refused(moved)
    assert await mallory.own(table) == before


@pytest.mark.parametrize("table", CASES)
async def test_upsert_onto_anothers_row_changes_nothing(table: str, alice: Person, mallory: Person) -> None:
    before = await alice.own(table)
    row = CASES[table].row(mallory.ids) | {"id": alice.ids[table]}
    headers = {"Authorization": f"Bearer {mallory.token}", "Prefer": "resolution=merge-duplicates"}
    answer = await mallory.rest.post(f"/{table}", json=row, headers=headers)
    assert answer.status_code in {400, 403, 409}
    assert await alice.own(table) == before


async def test_embedding_shows_only_the_callers_rows(alice: Person, mallory: Person) -> None:
    found = await mallory.ask("GET", "/models", select="id,user_id,runs(user_id,chat_sessions(user_id))")
    owners = {row["user_id"] for row in found.json()}
    owners |= {run["user_id"] for row in found.json() for run in row["runs"]}
    assert owners == {mallory.user_id}


# The policies alone: the column grants above would hide a policy that lets through.


async def _as_user_with_all_grants(stack: EmbeddedStack, person: Person, sql: str, values: tuple[Any, ...]) -> Any:
    """Run one statement as `person` who was granted everything, in a transaction that is rolled back."""
    connection = await psycopg.AsyncConnection.connect(stack.database.conninfo("supabase_admin"))
    try:
        await connection.execute("grant all on all tables in schema public to authenticated")
        claims = json.dumps({"sub": person.user_id, "role": "authenticated"})
        await connection.execute("select set_config('request.jwt.claims', %s, true)", (claims,))
        await connection.execute("set local role authenticated")
        return await connection.execute(sql, values)
    finally:
        await connection.rollback()
        await connection.close()


@pytest.mark.parametrize("table", CASES)
async def test_policies_alone_refuse_a_forged_owner(
    table: str, stack: EmbeddedStack, alice: Person, mallory: Person
) -> None:
    row = CASES[table].row(mallory.ids) | {"user_id": alice.user_id}
    insert = f"insert into public.{table} ({', '.join(row)}) values ({', '.join(['%s'] * len(row))})"
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        await _as_user_with_all_grants(stack, mallory, insert, tuple(row.values()))
    give = f"update public.{table} set user_id = %s where id = %s"
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        await _as_user_with_all_grants(stack, mallory, give, (alice.user_id, mallory.ids[table]))


@pytest.mark.parametrize("table", CASES)
async def test_policies_alone_hide_anothers_row_from_every_verb(
    table: str, stack: EmbeddedStack, alice: Person, mallory: Person
) -> None:
    for verb in (
        f"select 1 from public.{table} where id = %s",
        f"delete from public.{table} where id = %s",
        f"update public.{table} set created_at = now() where id = %s",
    ):
        touched = await _as_user_with_all_grants(stack, mallory, verb, (alice.ids[table],))
        assert touched.rowcount == 0, verb
        own = await _as_user_with_all_grants(stack, alice, verb, (alice.ids[table],))
        assert own.rowcount == 1, verb


@pytest.mark.parametrize(("table", "column", "parent"), LINKS)
async def test_policies_and_keys_alone_refuse_anothers_parent(
    table: str, column: str, parent: str, stack: EmbeddedStack, alice: Person, mallory: Person
) -> None:
    row = CASES[table].row(mallory.ids) | {column: alice.ids[parent]}
    insert = f"insert into public.{table} ({', '.join(row)}) values ({', '.join(['%s'] * len(row))})"
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ForeignKeyViolation)):
        await _as_user_with_all_grants(stack, mallory, insert, tuple(row.values()))


# Functions.


async def test_import_into_anothers_model_is_not_found(alice: Person, mallory: Person) -> None:
    body = FUNCTIONS["import_run"](mallory.ids) | {"p_model_id": alice.ids["models"]}
    answer = await mallory.ask("POST", "/rpc/import_run", body)
    assert answer.json()["code"] == "P0002"
    runs = (await alice.ask("GET", "/runs", model_id=f"eq.{alice.ids['models']}")).json()
    assert [run["id"] for run in runs] == [alice.ids["runs"]]


async def test_anothers_run_frame_is_null(alice: Person, mallory: Person) -> None:
    body = FUNCTIONS["get_run_frame"](alice.ids)
    assert (await mallory.ask("POST", "/rpc/get_run_frame", body)).json() is None
    assert (await alice.ask("POST", "/rpc/get_run_frame", body)).json()["positions"]["symbol"] == ["BTC/USDT"]


async def test_turn_on_anothers_run_or_session_is_not_found(alice: Person, mallory: Person) -> None:
    on_run = FUNCTIONS["save_chat_turn"](alice.ids)
    assert (await mallory.ask("POST", "/rpc/save_chat_turn", on_run)).json()["code"] == "P0002"
    in_session = on_run | {"p_session_id": alice.ids["chat_sessions"]}
    assert (await mallory.ask("POST", "/rpc/save_chat_turn", in_session)).json()["code"] == "P0002"
    # A session of mine does not open a run of yours.
    mixed = on_run | {"p_session_id": mallory.ids["chat_sessions"]}
    assert (await mallory.ask("POST", "/rpc/save_chat_turn", mixed)).json()["code"] == "P0002"


async def test_request_id_of_another_user_tells_nothing(alice: Person, mallory: Person) -> None:
    request_id = f"shared-{time.monotonic_ns()}"
    mine = FUNCTIONS["save_chat_turn"](alice.ids) | {"p_request_id": request_id}
    saved = (await alice.ask("POST", "/rpc/save_chat_turn", mine)).json()
    assert (await alice.ask("POST", "/rpc/save_chat_turn", mine)).json() == saved, "the same turn, saved once"
    theirs = FUNCTIONS["save_chat_turn"](mallory.ids) | {"p_request_id": request_id}
    other = (await mallory.ask("POST", "/rpc/save_chat_turn", theirs)).json()
    assert other["message_id"] != saved["message_id"]
    assert other["session_id"] != saved["session_id"]


async def test_anothers_branch_is_null_and_a_turn_stays_within_its_session(alice: Person, mallory: Person) -> None:
    of_alice = FUNCTIONS["get_chat_branch"](alice.ids)
    assert (await mallory.ask("POST", "/rpc/get_chat_branch", of_alice)).json() is None
    branch = (await alice.ask("POST", "/rpc/get_chat_branch", of_alice)).json()
    assert [message["id"] for message in branch["messages"]] == [alice.ids["chat_messages"]]
    mine = FUNCTIONS["save_chat_turn"](mallory.ids) | {"p_session_id": mallory.ids["chat_sessions"]}
    for place in ("p_parent_id", "p_edit_of", "p_question_id"):
        answer = await mallory.ask("POST", "/rpc/save_chat_turn", mine | {place: alice.ids["chat_messages"]})
        assert answer.json()["code"] == "P0002"


async def test_session_list_holds_only_the_callers(alice: Person, mallory: Person) -> None:
    listed = (
        await mallory.ask("POST", "/rpc/list_chat_sessions", {"p_kind": "run", "p_subject_id": alice.ids["runs"]})
    ).json()
    assert listed == []
    found = (await mallory.ask("POST", "/rpc/list_chat_sessions", {"p_search": "why"})).json()
    assert alice.ids["chat_sessions"] not in [row["id"] for row in found]
    assert mallory.ids["chat_sessions"] in [row["id"] for row in found]


# Nobody, and false tokens.


@pytest.mark.parametrize("with_key", [False, True], ids=["no token", "anon key"])
@pytest.mark.parametrize("table", CASES)
async def test_anon_can_do_nothing_with_a_table(
    table: str, with_key: bool, stack: EmbeddedStack, alice: Person
) -> None:
    anon = Person(alice.rest, stack.anon_key if with_key else "", rows=alice.rows)
    answers = [
        await anon.ask("GET", f"/{table}"),
        await anon.insert(table),
        await anon.ask("PATCH", f"/{table}", CASES[table].change or {"content": "x"}, **alice.where(table)),
        await anon.ask("DELETE", f"/{table}", **alice.where(table)),
    ]
    assert [(each.status_code, each.json()["code"]) for each in answers] == [(401, "42501")] * 4
    assert await alice.own(table) == alice.rows[table]


@pytest.mark.parametrize("function", FUNCTIONS)
async def test_anon_cannot_call_a_function(function: str, stack: EmbeddedStack, alice: Person) -> None:
    for token in ("", stack.anon_key):
        anon = Person(alice.rest, token)
        answer = await anon.ask("POST", f"/rpc/{function}", FUNCTIONS[function](alice.ids))
        assert (answer.status_code, answer.json()["code"]) == (401, "42501")


def _forgeries(stack: EmbeddedStack, user_id: str) -> dict[str, str]:
    now = int(time.time())
    claims = {"sub": user_id, "role": "authenticated", "aud": "authenticated", "iat": now, "exp": now + 600}
    stranger = ec.generate_private_key(ec.SECP256R1())
    good = stack.keys.sign(claims)
    head, _, signature = good.split(".")
    altered = base64.urlsafe_b64encode(json.dumps(claims | {"role": "service_role"}).encode()).rstrip(b"=").decode()
    return {
        "another key": jwt.encode(claims, stranger, algorithm="ES256", headers={"kid": stack.keys.key_id}),
        "no signature": jwt.encode(claims, None, algorithm="none"),
        "public key as shared secret": _shared_secret_token(claims, json.dumps(stack.jwks)),
        "altered claims": f"{head}.{altered}.{signature}",
        "expired": stack.keys.sign(claims | {"iat": now - 7200, "exp": now - 3600}),
        "another audience": stack.keys.sign(claims | {"aud": "somewhere-else"}),
        "a role that is not the API's": stack.keys.sign(claims | {"role": "postgres"}),
    }


def _shared_secret_token(claims: Row, secret: str) -> str:
    """An HS256 token by hand: the library refuses to sign with what looks like a public key, an attacker does not."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "HS256"}, claims)]
    signature = hmac.new(secret.encode(), b".".join(parts), "sha256").digest()
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


async def test_false_tokens_open_nothing(stack: EmbeddedStack, alice: Person) -> None:
    for name, token in _forgeries(stack, alice.user_id).items():
        answer = await Person(alice.rest, token).ask("GET", "/models")
        assert answer.status_code in {400, 401, 403}, (name, answer.status_code, answer.text)


@pytest.mark.parametrize("schema", ["auth", "supabase_migrations", "pg_catalog"])
async def test_other_schemas_are_not_served(schema: str, alice: Person) -> None:
    headers = {"Authorization": f"Bearer {alice.token}", "Accept-Profile": schema}
    assert (await alice.rest.get("/users", headers=headers)).status_code == 406


@pytest.mark.parametrize("table", ["users", "sessions", "refresh_tokens"])
async def test_accounts_are_closed_to_signed_in_users(table: str, stack: EmbeddedStack, alice: Person) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await _as_user_with_all_grants(stack, alice, f"select * from auth.{table}", ())
