"""Tokens are verified here against the project's JWKS; the legacy shared secret's by the auth server."""

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jwt
import pytest
import respx
from cryptography.hazmat.primitives.asymmetric import ec

from backend.api.auth import TokenVerifier
from backend.errors import NotSignedIn, StoreUnavailable

URL = "https://project.supabase.test"
USER = "6f1f2c7e-0000-4000-8000-000000000001"
PRIVATE = ec.generate_private_key(ec.SECP256R1())
JWKS_PATH = f"{URL}/auth/v1/.well-known/jwks.json"


def jwks(key: ec.EllipticCurvePrivateKey = PRIVATE, key_id: str = "k1") -> dict[str, Any]:
    public = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {"keys": [{**public, "kid": key_id, "alg": "ES256", "use": "sig"}]}


def token(key: ec.EllipticCurvePrivateKey = PRIVATE, key_id: str = "k1", **claims: Any) -> str:
    body = {"sub": USER, "aud": "authenticated", "role": "authenticated", "exp": time.time() + 600, **claims}
    return jwt.encode(body, key, "ES256", headers={"kid": key_id})


@pytest.fixture
async def verifier() -> AsyncIterator[TokenVerifier]:
    async with httpx.AsyncClient() as http:
        yield TokenVerifier(supabase_url=URL, anon_key="anon", http=http)


@respx.mock
async def test_good_token_names_its_user_and_keys_are_fetched_once(verifier: TokenVerifier) -> None:
    fetched = respx.get(JWKS_PATH).respond(json=jwks())
    users = [(await verifier.verify(token())).id for _ in range(3)]
    assert users == [USER] * 3
    assert fetched.call_count == 1


@respx.mock
@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": time.time() - 60}, "token_expired"),
        ({"aud": "anon"}, "not_signed_in"),
        ({"role": "anon"}, "not_signed_in"),
        ({"role": "service_role"}, "not_signed_in"),
    ],
)
async def test_token_that_is_no_signed_in_user_is_refused(
    verifier: TokenVerifier, claims: dict[str, Any], code: str
) -> None:
    respx.get(JWKS_PATH).respond(json=jwks())
    with pytest.raises(NotSignedIn) as refused:
        await verifier.verify(token(**claims))
    assert refused.value.code == code


@respx.mock
async def test_forged_tokens_are_refused(verifier: TokenVerifier) -> None:
    respx.get(JWKS_PATH).respond(json=jwks())
    stranger = ec.generate_private_key(ec.SECP256R1())
    unsigned = jwt.encode({"sub": USER, "aud": "authenticated"}, None, "none", headers={"kid": "k1"})
    for forged in (token(stranger), token(key_id="unknown"), unsigned, "a.b.c", "nonsense", ""):
        with pytest.raises(NotSignedIn):
            await verifier.verify(forged)


@respx.mock
async def test_verified_token_is_remembered_for_a_minute_and_no_longer_than_it_is_good(
    verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    respx.get(JWKS_PATH).respond(json=jwks())
    decoded: list[object] = []
    decode, monotonic = jwt.decode, time.monotonic

    def counted(*args: Any, **kwargs: Any) -> Any:
        decoded.append(args)
        return decode(*args, **kwargs)

    monkeypatch.setattr("backend.api.auth.jwt.decode", counted)
    lasting, ending = token(), token(exp=time.time() + 5)
    for _ in range(2):
        assert [(await verifier.verify(known)).id for known in (lasting, ending)] == [USER, USER]
    assert len(decoded) == 2
    monkeypatch.setattr("backend.api.auth.time.monotonic", lambda: monotonic() + 20)
    await verifier.verify(lasting)
    await verifier.verify(ending)
    assert len(decoded) == 3, "a token that ends within the minute is looked at again when it has"
    monkeypatch.setattr("backend.api.auth.time.monotonic", lambda: monotonic() + 70)
    await verifier.verify(lasting)
    assert len(decoded) == 4


@respx.mock
async def test_legacy_token_is_asked_of_the_auth_server_and_remembered(verifier: TokenVerifier) -> None:
    asked = respx.get(f"{URL}/auth/v1/user").respond(json={"id": USER})
    legacy = jwt.encode({"sub": "forged", "aud": "authenticated"}, "x" * 32, "HS256")
    assert (await verifier.verify(legacy)).id == USER
    assert (await verifier.verify(legacy)).id == USER
    assert asked.call_count == 1
    assert asked.calls[0].request.headers["apikey"] == "anon"


@respx.mock
async def test_legacy_token_the_auth_server_does_not_know_is_refused(verifier: TokenVerifier) -> None:
    respx.get(f"{URL}/auth/v1/user").respond(403, json={"msg": "invalid JWT"})
    with pytest.raises(NotSignedIn):
        await verifier.verify(jwt.encode({"sub": USER}, "x" * 32, "HS256"))


@respx.mock
@pytest.mark.parametrize("fault", [httpx.ConnectError("down"), httpx.ReadTimeout("slow"), httpx.Response(500)])
async def test_auth_server_that_is_down_is_unavailable_and_not_a_refusal(
    verifier: TokenVerifier, fault: Exception | httpx.Response
) -> None:
    respx.get(JWKS_PATH).mock(side_effect=[fault])
    with pytest.raises(StoreUnavailable):
        await verifier.verify(token())


@respx.mock
async def test_keys_stay_known_when_the_auth_server_goes_down_later(
    verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    respx.get(JWKS_PATH).mock(side_effect=[httpx.Response(200, json=jwks()), httpx.ConnectError("down")])
    await verifier.verify(token())
    monkeypatch.setattr("backend.api.auth._JWKS_LIFETIME_S", -1.0)
    monkeypatch.setattr("backend.api.auth._JWKS_RETRY_S", -1.0)
    assert (await verifier.verify(token())).id == USER


@respx.mock
async def test_rotated_key_is_fetched_when_it_is_first_seen(
    verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = ec.generate_private_key(ec.SECP256R1())
    respx.get(JWKS_PATH).mock(
        side_effect=[httpx.Response(200, json=jwks()), httpx.Response(200, json=jwks(newer, "k2"))]
    )
    await verifier.verify(token())
    monkeypatch.setattr("backend.api.auth._JWKS_RETRY_S", -1.0)
    assert (await verifier.verify(token(newer, "k2"))).id == USER
