"""Embedded sign-in over HTTP: what Supabase Auth would answer, and what a thief must not get."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import fastapi
import httpx
import jwt
import pytest

from backend.api.auth import TokenVerifier
from backend.errors import NotSignedIn
from backend.local.accounts import Accounts
from backend.local.database import Database
from backend.local.passwords import Passwords
from backend.local.signin import create_signin_router
from backend.local.stack import EmbeddedStack
from backend.local.throttle import Throttle, TooManyAttempts
from tests.conftest import PASSWORD

pytestmark = pytest.mark.integration

_numbers = itertools.count(1)
# The least bcrypt allows: these tests are about what is answered, not about how long it takes.
CHEAP = 4


@pytest.fixture(scope="module")
async def auth(stack: EmbeddedStack) -> AsyncIterator[httpx.AsyncClient]:
    app = fastapi.FastAPI()
    app.include_router(create_signin_router(stack.database, stack.keys, stack.issuer_url, bcrypt_cost=CHEAP))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://signin.test/auth/v1") as client:
        yield client


@asynccontextmanager
async def client_of(stack: EmbeddedStack, **more: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a sign-in of its own on the same database."""
    app = fastapi.FastAPI()
    app.include_router(create_signin_router(stack.database, stack.keys, stack.issuer_url, bcrypt_cost=CHEAP, **more))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://signin.test/auth/v1") as client:
        yield client


@pytest.fixture
def email() -> str:
    return f"user{next(_numbers)}@signin.example"


async def sign_up(auth: httpx.AsyncClient, email: str, password: str = PASSWORD, **more: Any) -> dict[str, Any]:
    answer = await auth.post("/signup", json={"email": email, "password": password, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def sign_in(auth: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    return await auth.post("/token?grant_type=password", json={"email": email, "password": password})


async def refresh(auth: httpx.AsyncClient, token: str) -> httpx.Response:
    return await auth.post("/token?grant_type=refresh_token", json={"refresh_token": token})


def bearer(session: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {session['access_token']}"}


def failure(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert body["code"] == answer.status_code
    assert body["msg"]
    return answer.status_code, body["error_code"]


async def age_refresh_tokens(stack: EmbeddedStack, seconds: int) -> None:
    """Let `seconds` pass for every refresh token."""
    async with stack.database.connect("supabase_auth_admin") as connection:
        await connection.execute(
            "update auth.refresh_tokens set updated_at = updated_at - make_interval(secs => %s)", (seconds,)
        )


async def test_sign_up_answers_with_a_confirmed_user_and_a_session(auth: httpx.AsyncClient, email: str) -> None:
    session = await sign_up(auth, email.upper(), data={"name": "Ada"})
    assert session["token_type"] == "bearer"
    assert session["expires_in"] == 3600
    assert abs(session["expires_at"] - time.time() - 3600) < 5
    user = session["user"]
    assert (user["email"], user["aud"], user["role"]) == (email, "authenticated", "authenticated")
    assert user["email_confirmed_at"].endswith("Z")
    assert user["user_metadata"] == {"name": "Ada"}
    assert [identity["provider"] for identity in user["identities"]] == ["email"]
    assert (await auth.get("/user", headers=bearer(session))).json() == user


async def test_access_token_verifies_against_the_published_keys(
    auth: httpx.AsyncClient, stack: EmbeddedStack, email: str
) -> None:
    session = await sign_up(auth, email)
    keys = jwt.PyJWKSet.from_dict((await auth.get("/.well-known/jwks.json")).json())
    head = jwt.get_unverified_header(session["access_token"])
    claims = jwt.decode(
        session["access_token"],
        keys[head["kid"]],
        algorithms=["ES256"],
        audience="authenticated",
        issuer=stack.issuer_url,
    )
    assert claims["exp"] - claims["iat"] == 3600
    assert (
        claims.items()
        >= {
            "sub": session["user"]["id"],
            "role": "authenticated",
            "email": email,
            "aal": "aal1",
            "is_anonymous": False,
            "app_metadata": {"provider": "email", "providers": ["email"]},
            "user_metadata": {},
        }.items()
    )
    assert claims["amr"][0]["method"] == "password"
    assert claims["session_id"]


async def test_access_token_opens_the_rest_api(auth: httpx.AsyncClient, rest: httpx.AsyncClient, email: str) -> None:
    session = await sign_up(auth, email)
    assert (await rest.get("/models", headers=bearer(session))).json() == []


async def test_sign_up_does_not_say_that_there_is_an_account(auth: httpx.AsyncClient, email: str) -> None:
    first = await sign_up(auth, email, data={"name": "Ada"})
    again = await auth.post("/signup", json={"email": email.title(), "password": "another password"})
    assert again.status_code == 200
    user = again.json()
    assert user.keys() == first["user"].keys()
    assert (user["email"], user["user_metadata"]) == (email, {})
    assert user["id"] != first["user"]["id"]
    assert failure(await sign_in(auth, email, "another password")) == (400, "invalid_credentials")
    assert (await sign_in(auth, email)).json()["user"]["user_metadata"] == {"name": "Ada"}


async def test_sign_up_with_the_accounts_own_password_signs_in(auth: httpx.AsyncClient, email: str) -> None:
    first, again = await sign_up(auth, email), await sign_up(auth, email)
    assert again["user"]["id"] == first["user"]["id"]


async def test_sign_up_can_be_switched_off(stack: EmbeddedStack) -> None:
    async with client_of(stack, signup=False) as closed:
        body = {"email": "late@signin.example", "password": PASSWORD}
        assert failure(await closed.post("/signup", json=body)) == (422, "signup_disabled")
        assert (await closed.get("/settings")).json()["disable_signup"] is True


async def test_letters_that_look_alike_give_no_further_guesses(stack: EmbeddedStack, email: str) -> None:
    async with client_of(stack, throttle=Throttle(attempts=3)) as slowed:
        await sign_up(slowed, email)
        slowed.cookies.clear()
        forms = [email, email.upper(), f" {email} ", email.replace("i", "İ"), email.replace("s", "ſ"), email.title()]
        answers = [await sign_in(slowed, form, "a wrong one") for form in forms]
        right = [await sign_in(slowed, form) for form in forms]
    assert [answer.status_code for answer in answers].count(400) <= 3 + 2, "two of the forms are other addresses"
    assert {answer.status_code for answer in right} <= {400, 429}, "no form is a way round"
    assert right[0].status_code == 429


async def test_a_strangers_guesses_do_not_lock_out_a_known_device(stack: EmbeddedStack, email: str) -> None:
    throttle = Throttle(attempts=3)
    async with client_of(stack, throttle=throttle) as owner, client_of(stack, throttle=throttle) as stranger:
        await sign_up(owner, email)
        guesses = [await sign_in(stranger, email, f"guess {number}") for number in range(40)]
        assert guesses[-1].status_code == 429
        assert [(await sign_in(owner, email)).status_code for _ in range(5)] == [200] * 5
        # A cookie of somebody else's, or made up, is of no use.
        (name, value), *_ = owner.cookies.items()
        stranger.cookies.set(name, value[:-1] + ("0" if value[-1] != "0" else "1"))
        assert (await sign_in(stranger, email, "guess")).status_code == 429
        # The device itself guesses no faster than anybody.
        tries = [(await sign_in(owner, email, "a wrong one")).status_code for _ in range(5)]
        assert tries.count(400) <= 3
        assert tries[-1] == 429


async def test_a_changed_password_wants_the_current_one_and_guesses_are_slowed(
    stack: EmbeddedStack, email: str
) -> None:
    async with client_of(stack, throttle=Throttle(attempts=3)) as slowed:
        session = await sign_up(slowed, email)
        change = {"password": "another password"}
        assert failure(await slowed.put("/user", json=change, headers=bearer(session))) == (
            400,
            "current_password_required",
        )
        statuses = []
        for number in range(8):
            body = change | {"current_password": f"guess {number}"}
            statuses.append((await slowed.put("/user", json=body, headers=bearer(session))).status_code)
        assert statuses[-1] == 429
        assert statuses.count(400) <= 3


async def test_the_demos_password_and_sessions_are_nobodys_to_end(stack: EmbeddedStack, email: str) -> None:
    async with client_of(stack, shared_accounts=(email,)) as shared:
        here, elsewhere = await sign_up(shared, email), (await sign_in(shared, email)).json()
        change = {"password": "another password", "current_password": PASSWORD}
        assert failure(await shared.put("/user", json=change, headers=bearer(here))) == (403, "shared_account")
        assert (await shared.post("/logout?scope=global", headers=bearer(here))).status_code == 204
        assert (await shared.get("/user", headers=bearer(elsewhere))).status_code == 200
        assert failure(await shared.get("/user", headers=bearer(here))) == (403, "session_not_found")


async def test_a_disabled_account_opens_by_no_password_and_its_sessions_end(
    auth: httpx.AsyncClient, stack: EmbeddedStack, email: str
) -> None:
    session = await sign_up(auth, email)
    assert await stack.disable_user(email)
    assert failure(await sign_in(auth, email)) == (400, "invalid_credentials")
    assert failure(await auth.get("/user", headers=bearer(session))) == (403, "session_not_found")
    assert failure(await refresh(auth, session["refresh_token"])) == (400, "refresh_token_not_found")
    assert not await stack.disable_user("nobody@signin.example")


async def test_a_token_dies_with_its_session_within_a_minute(
    auth: httpx.AsyncClient, stack: EmbeddedStack, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await sign_up(auth, email)
    token = session["access_token"]
    async with httpx.AsyncClient() as http:
        verifier = TokenVerifier(
            supabase_url="http://nowhere.test",
            anon_key="",
            http=http,
            jwks=stack.keys.jwks,
            session_lives=Accounts(stack.database).session_lives,
        )
        assert (await verifier.verify(token)).id == session["user"]["id"]
        await auth.post("/logout?scope=local", headers=bearer(session))
        later = time.monotonic() + 61
        monkeypatch.setattr("backend.api.auth.time.monotonic", lambda: later)
        with pytest.raises(NotSignedIn):
            await verifier.verify(token)


async def test_a_burst_of_passwords_is_bounded() -> None:
    passwords = Passwords(cost=CHEAP)
    passwords.prepare()
    answers = await asyncio.gather(*(passwords.matches("x", None) for _ in range(200)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, TooManyAttempts)]
    assert len(answers) - len(refused) == 40


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"email": "x@y.example", "password": "short"}, (422, "weak_password")),
        ({"email": "x@y.example"}, (422, "weak_password")),
        ({"email": "x@y.example", "password": "é" * 37}, (422, "validation_failed")),
        ({"email": "no address", "password": PASSWORD}, (400, "validation_failed")),
        ({"email": "a@b@c.example", "password": PASSWORD}, (400, "validation_failed")),
        ({"email": "nul\u0000@y.example", "password": PASSWORD}, (400, "validation_failed")),
        ({"email": 5, "password": PASSWORD}, (400, "validation_failed")),
        ({"email": "x@y.example", "password": PASSWORD, "data": {"a": "b" * 5000}}, (400, "validation_failed")),
        ({"email": "x@y.example", "password": PASSWORD, "data": {"a": "\u0000"}}, (400, "validation_failed")),
        ([], (400, "validation_failed")),
    ],
)
async def test_sign_up_that_cannot_be_says_why(body: Any, expected: tuple[int, str], auth: httpx.AsyncClient) -> None:
    assert failure(await auth.post("/signup", json=body)) == expected


async def test_weak_password_carries_the_reasons_the_client_reads(auth: httpx.AsyncClient) -> None:
    answer = await auth.post("/signup", json={"email": "x@y.example", "password": "short"})
    assert answer.json()["weak_password"] == {"reasons": ["length"]}


@pytest.mark.parametrize("content", [b"{", b'{"email": "\\ud800"}', b"\xff", b"[" * 2000])
async def test_body_that_is_not_json_is_named_so(content: bytes, auth: httpx.AsyncClient) -> None:
    assert failure(await auth.post("/token?grant_type=password", content=content)) == (400, "bad_json")


async def test_body_beyond_the_limit_is_not_read(auth: httpx.AsyncClient) -> None:
    assert failure(await auth.post("/signup", content=b" " * 70_000)) == (413, "validation_failed")


async def test_password_of_exactly_72_bytes_is_the_longest(auth: httpx.AsyncClient, email: str) -> None:
    await sign_up(auth, email, "x" * 72)
    assert (await sign_in(auth, email, "x" * 72)).status_code == 200
    assert failure(await sign_in(auth, email, "x" * 73)) == (400, "invalid_credentials")


async def test_wrong_password_and_unknown_account_are_one_answer(auth: httpx.AsyncClient, email: str) -> None:
    await sign_up(auth, email)
    wrong = await sign_in(auth, email, "not the password")
    unknown = await sign_in(auth, "nobody@signin.example", "not the password")
    assert failure(wrong) == failure(unknown) == (400, "invalid_credentials")
    assert wrong.content == unknown.content


async def test_unknown_account_takes_as_long_as_a_wrong_password(stack: EmbeddedStack, email: str) -> None:
    app = fastapi.FastAPI()
    app.include_router(create_signin_router(stack.database, stack.keys, stack.issuer_url, bcrypt_cost=10))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://signin.test/auth/v1") as auth:
        await sign_up(auth, email)

        async def fastest(address: str) -> float:
            times = []
            for _ in range(3):
                started = time.perf_counter()
                await sign_in(auth, address, "not the password")
                times.append(time.perf_counter() - started)
            return min(times)

        known, unknown = await fastest(email), await fastest("nobody@signin.example")
    # Without the pretended check the second would be a tenth of the first.
    assert unknown > known / 2


async def test_unknown_grant_is_refused(auth: httpx.AsyncClient) -> None:
    assert failure(await auth.post("/token?grant_type=magic", json={})) == (400, "validation_failed")


async def test_refresh_rotates_and_keeps_the_session(auth: httpx.AsyncClient, email: str) -> None:
    first = await sign_up(auth, email)
    second = (await refresh(auth, first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    claims = [jwt.decode(each["access_token"], options={"verify_signature": False}) for each in (first, second)]
    assert claims[0]["session_id"] == claims[1]["session_id"]
    assert claims[0]["amr"] == claims[1]["amr"]
    assert (await refresh(auth, second["refresh_token"])).status_code == 200


async def test_unknown_refresh_token_is_not_found(auth: httpx.AsyncClient) -> None:
    for token in ("never-issued", "\x00"):
        assert failure(await refresh(auth, token)) == (400, "refresh_token_not_found")


async def test_parent_within_the_grace_gets_the_same_child(auth: httpx.AsyncClient, email: str) -> None:
    first = (await sign_up(auth, email))["refresh_token"]
    answers = await asyncio.gather(*(refresh(auth, first) for _ in range(4)))
    children = {answer.json()["refresh_token"] for answer in answers}
    assert len(children) == 1, "tabs that refresh at once must end with one token"
    assert (await refresh(auth, children.pop())).status_code == 200


async def test_parent_after_the_grace_revokes_the_family(
    auth: httpx.AsyncClient, stack: EmbeddedStack, email: str
) -> None:
    first = (await sign_up(auth, email))["refresh_token"]
    second = (await refresh(auth, first)).json()["refresh_token"]
    await age_refresh_tokens(stack, 11)
    assert failure(await refresh(auth, first)) == (400, "refresh_token_already_used")
    assert failure(await refresh(auth, second)) == (400, "refresh_token_already_used"), (
        "the thief's token and its child"
    )


async def test_grandparent_within_the_grace_revokes_the_family(auth: httpx.AsyncClient, email: str) -> None:
    first = (await sign_up(auth, email))["refresh_token"]
    second = (await refresh(auth, first)).json()["refresh_token"]
    third = (await refresh(auth, second)).json()["refresh_token"]
    assert failure(await refresh(auth, first)) == (400, "refresh_token_already_used")
    assert failure(await refresh(auth, third)) == (400, "refresh_token_already_used")


async def test_revoking_one_family_leaves_the_other_sessions(
    auth: httpx.AsyncClient, stack: EmbeddedStack, email: str
) -> None:
    stolen = (await sign_up(auth, email))["refresh_token"]
    elsewhere = (await sign_in(auth, email)).json()["refresh_token"]
    await refresh(auth, stolen)
    await age_refresh_tokens(stack, 11)
    await refresh(auth, stolen)
    assert (await refresh(auth, elsewhere)).status_code == 200


async def test_user_without_or_with_a_false_token_is_refused(
    auth: httpx.AsyncClient, stack: EmbeddedStack, email: str
) -> None:
    session = await sign_up(auth, email)
    assert failure(await auth.get("/user")) == (401, "no_authorization")
    claims = jwt.decode(session["access_token"], options={"verify_signature": False})
    false = {
        "garbage": "x.y.z",
        "anon key": stack.anon_key,
        "expired": stack.keys.sign(claims | {"exp": 1}),
        "another issuer": stack.keys.sign(claims | {"iss": "http://elsewhere/auth/v1"}),
        "unsigned": jwt.encode(claims, None, algorithm="none"),
    }
    for name, token in false.items():
        answer = await auth.get("/user", headers={"Authorization": f"Bearer {token}"})
        assert failure(answer) == (403, "bad_jwt"), name


async def test_new_password_works_and_ends_the_other_sessions(auth: httpx.AsyncClient, email: str) -> None:
    here, elsewhere = await sign_up(auth, email), (await sign_in(auth, email)).json()
    change = {"password": "another password", "current_password": PASSWORD}
    changed = await auth.put("/user", json=change, headers=bearer(here))
    assert changed.status_code == 200
    assert failure(await sign_in(auth, email)) == (400, "invalid_credentials")
    assert (await sign_in(auth, email, "another password")).status_code == 200
    assert (await refresh(auth, here["refresh_token"])).status_code == 200
    assert failure(await refresh(auth, elsewhere["refresh_token"])) == (400, "refresh_token_not_found")
    assert failure(await auth.get("/user", headers=bearer(elsewhere))) == (403, "session_not_found")


async def test_change_that_cannot_be_says_why(auth: httpx.AsyncClient, email: str) -> None:
    session = await sign_up(auth, email)
    for body, expected in (
        ({"password": PASSWORD, "current_password": PASSWORD}, "same_password"),
        ({"password": "short"}, "weak_password"),
        ({"email": "else@signin.example"}, "validation_failed"),
    ):
        assert failure(await auth.put("/user", json=body, headers=bearer(session))) == (422, expected)
    assert (await sign_in(auth, email)).status_code == 200


async def test_metadata_is_merged_and_null_removes(auth: httpx.AsyncClient, email: str) -> None:
    session = await sign_up(auth, email, data={"name": "Ada", "team": "desk"})
    change = {"data": {"team": None, "nested": {"kept": None}}}
    changed = await auth.put("/user", json=change, headers=bearer(session))
    assert changed.json()["user_metadata"] == {"name": "Ada", "nested": {"kept": None}}


@pytest.mark.parametrize(
    ("scope", "here_lives", "elsewhere_lives"),
    [("local", False, True), ("others", True, False), ("global", False, False), (None, False, False)],
)
async def test_logout_ends_the_sessions_of_its_scope(
    scope: str | None, here_lives: bool, elsewhere_lives: bool, auth: httpx.AsyncClient, email: str
) -> None:
    here, elsewhere = await sign_up(auth, email), (await sign_in(auth, email)).json()
    out = await auth.post("/logout", params={"scope": scope} if scope else {}, headers=bearer(here))
    assert (out.status_code, out.content) == (204, b"")
    lives = [(await refresh(auth, each["refresh_token"])).status_code == 200 for each in (here, elsewhere)]
    assert lives == [here_lives, elsewhere_lives]


async def test_unknown_logout_scope_ends_nothing(auth: httpx.AsyncClient, email: str) -> None:
    session = await sign_up(auth, email)
    out = await auth.post("/logout?scope=planet", headers=bearer(session))
    assert failure(out) == (400, "validation_failed")
    assert (await refresh(auth, session["refresh_token"])).status_code == 200


async def test_answers_with_tokens_are_never_cached(auth: httpx.AsyncClient, email: str) -> None:
    await sign_up(auth, email)
    for answer in (await sign_in(auth, email), await sign_in(auth, email, "not the password")):
        assert answer.headers["cache-control"] == "no-store"


async def test_passwords_are_kept_as_bcrypt(auth: httpx.AsyncClient, stack: EmbeddedStack, email: str) -> None:
    await sign_up(auth, email)
    async with stack.database.connect("supabase_auth_admin") as connection:
        cursor = await connection.execute("select encrypted_password from auth.users where email = %s", (email,))
        row = await cursor.fetchone()
    assert row is not None
    assert row["encrypted_password"].startswith("$2b$04$")


async def test_ensured_user_has_the_given_password_again(
    auth: httpx.AsyncClient, stack: EmbeddedStack, email: str
) -> None:
    made = await stack.ensure_user(email, PASSWORD)
    assert await stack.ensure_user(email.upper(), "a newer password") == made
    assert (await sign_in(auth, email, "a newer password")).status_code == 200
    assert failure(await sign_in(auth, email)) == (400, "invalid_credentials")


async def test_database_that_is_away_is_a_retryable_answer(stack: EmbeddedStack, tmp_path: Path) -> None:
    app = fastapi.FastAPI()
    app.include_router(create_signin_router(Database(tmp_path), stack.keys, stack.issuer_url, bcrypt_cost=CHEAP))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://signin.test/auth/v1") as auth:
        answer = await sign_in(auth, "someone@signin.example")
    assert failure(answer) == (503, "unexpected_failure")
    assert answer.headers["retry-after"]
    assert str(tmp_path) not in answer.text


async def test_settings_and_health_are_there_for_clients_that_ask(auth: httpx.AsyncClient) -> None:
    settings = (await auth.get("/settings")).json()
    assert settings["external"]["email"] is True
    assert settings["mailer_autoconfirm"] is True
    assert (await auth.get("/health")).status_code == 200
