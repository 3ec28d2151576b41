"""The keys of the embedded stack: the ES256 key that signs tokens, and the key that seals stored secrets."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from backend.local.errors import LocalStackError
from backend.local.home import write_private

ALGORITHM = "ES256"
SECRET_KEY_BYTES = 32
_ANON_KEY_SECONDS = 10 * 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """One ES256 key pair and where its public half is published for PostgREST."""

    private_key: ec.EllipticCurvePrivateKey
    key_id: str
    jwks: dict[str, list[dict[str, str]]]
    jwks_path: Path

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A signed JWT of `claims`."""
        return jwt.encode(dict(claims), self.private_key, algorithm=ALGORITHM, headers={"kid": self.key_id})

    def verify(self, token: str, *, audience: str, issuer: str) -> dict[str, Any]:
        """The claims of a token of ours that has not expired; raises jwt.PyJWTError for any other."""
        return jwt.decode(
            token,
            self.private_key.public_key(),
            algorithms=[ALGORITHM],
            audience=audience,
            issuer=issuer,
            options={"require": ["exp", "iat", "sub", "session_id"]},
        )

    def derived(self, purpose: str) -> bytes:
        """A key of 32 bytes for another purpose, which changes with this one."""
        secret = self.private_key.private_numbers().private_value.to_bytes(32, "big")
        return hmac.new(secret, purpose.encode(), hashlib.sha256).digest()

    def anon_key(self) -> str:
        """The public API key: a token of the role `anon`, which may do nothing."""
        now = int(time.time())
        return self.sign({"role": "anon", "iss": "rundown", "iat": now, "exp": now + _ANON_KEY_SECONDS})


def load_or_create_signing_keys(home: Path) -> SigningKeys:
    """The signing key of `home/keys`, made on first start (mode 0600); writes `jwks.json` beside it.

    Raises LocalStackError `keys_unusable` if the file is not such a key.
    """
    folder = home / "keys"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / "signing.pem"
    if not path.exists():
        made = ec.generate_private_key(ec.SECP256R1())
        pem = made.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_private(path, pem)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, OSError) as error:
        raise _unusable(path, "Everyone has to sign in again") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise _unusable(path, "Everyone has to sign in again")
    public = _public_jwk(key)
    jwks = {"keys": [public]}
    jwks_path = folder / "jwks.json"
    write_private(jwks_path, json.dumps(jwks).encode())
    return SigningKeys(key, public["kid"], jwks, jwks_path)


def load_or_create_secret_key(home: Path) -> str:
    """The keys that seal stored API keys, newest first with commas between: base64 of 32 random bytes each.

    `home/secret.key` (mode 0600) holds one a line: one, made on first start and never replaced by itself, since what
    it sealed opens with nothing else; more only while `rundown rotate-keys` is under way.
    Raises LocalStackError `keys_unusable` if the file holds anything else.
    """
    path = _secret_key_path(home)
    if not path.exists():
        write_secret_keys(home, [_new_secret_key()])
    try:
        keys = path.read_text("ascii").split()
        whole = bool(keys) and all(len(base64.b64decode(key, validate=True)) == SECRET_KEY_BYTES for key in keys)
    except (OSError, ValueError, binascii.Error) as error:
        raise _unusable(path, "Stored OpenRouter keys have to be entered again") from error
    if not whole:
        raise _unusable(path, "Stored OpenRouter keys have to be entered again")
    return ",".join(keys)


def add_secret_key(home: Path) -> list[str]:
    """Put a new key before those of `home/secret.key`; all of them, newest first."""
    keys = [_new_secret_key(), *load_or_create_secret_key(home).split(",")]
    write_secret_keys(home, keys)
    return keys


def write_secret_keys(home: Path, keys: Sequence[str]) -> None:
    """Make `keys`, newest first, those of `home/secret.key`."""
    write_private(_secret_key_path(home), "".join(f"{key}\n" for key in keys).encode())


def _new_secret_key() -> str:
    return base64.b64encode(secrets.token_bytes(SECRET_KEY_BYTES)).decode()


def _secret_key_path(home: Path) -> Path:
    return home / "secret.key"


def _unusable(path: Path, consequence: str) -> LocalStackError:
    return LocalStackError(
        f"{path} can't be read as the key it should be. Restore it from a copy, or move it away to have a new one "
        f"made. {consequence} then.",
        code="keys_unusable",
    )


def _public_jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    essential = {"crv": "P-256", "kty": "EC", "x": _coordinate(numbers.x), "y": _coordinate(numbers.y)}
    # The key's own fingerprint (RFC 7638) as its name: the same key is always called the same.
    digest = hashlib.sha256(json.dumps(essential, separators=(",", ":"), sort_keys=True).encode()).digest()
    name = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return essential | {"kid": name, "alg": ALGORITHM, "use": "sig"}


def _coordinate(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes(32, "big")).rstrip(b"=").decode()
