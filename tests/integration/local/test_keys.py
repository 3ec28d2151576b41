"""The keys of the embedded stack: made once, private, and never silently replaced."""

from __future__ import annotations

import base64
from pathlib import Path

import jwt
import pytest

from backend.local.errors import LocalStackError
from backend.local.keys import load_or_create_secret_key, load_or_create_signing_keys


def test_secret_key_is_32_bytes_and_stays(tmp_path: Path) -> None:
    first = load_or_create_secret_key(tmp_path)
    assert len(base64.b64decode(first, validate=True)) == 32
    assert load_or_create_secret_key(tmp_path) == first
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert load_or_create_secret_key(elsewhere) != first


@pytest.mark.parametrize("content", [b"", b"AAAA", b"not base64!", b"\xff\xfe"])
def test_damaged_secret_key_is_kept_and_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(content)
    with pytest.raises(LocalStackError, match=r"secret\.key can't be read.*Restore it") as caught:
        load_or_create_secret_key(tmp_path)
    assert caught.value.code == "keys_unusable"
    assert path.read_bytes() == content


def test_signing_key_keeps_its_name_and_publishes_only_its_public_half(tmp_path: Path) -> None:
    keys = load_or_create_signing_keys(tmp_path)
    (public,) = keys.jwks["keys"]
    assert load_or_create_signing_keys(tmp_path).key_id == keys.key_id == public["kid"]
    assert set(public) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    token = keys.sign({"sub": "someone"})
    assert jwt.decode(token, jwt.PyJWK(public), algorithms=["ES256"]) == {"sub": "someone"}


def test_anon_key_names_the_role_and_no_user(tmp_path: Path) -> None:
    claims = jwt.decode(load_or_create_signing_keys(tmp_path).anon_key(), options={"verify_signature": False})
    assert claims["role"] == "anon"
    assert "sub" not in claims


def test_damaged_signing_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "signing.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
    with pytest.raises(LocalStackError, match=r"signing\.pem can't be read"):
        load_or_create_signing_keys(tmp_path)
