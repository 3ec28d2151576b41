"""Seals and opens users' OpenRouter keys: AES-256-GCM, bound to the owner and the model.

A sealed key reads `v1.<key id>.<base64 of nonce and ciphertext>`. The owner's and the model's id are associated data:
a ciphertext moved to another row or another user does not open. Several server keys may be given, newest first: sealing
uses the first, opening the one whose id the text names.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.errors import RundownError

# Whether a model's key is there and opens; `unreadable` means that it has to be entered again.
KeyState = Literal["none", "ready", "unreadable"]

_VERSION = "v1"
_NONCE_BYTES = 12


class KeyNotOpened(RundownError):
    """A stored key was sealed with a server key this server does not have, or was moved or damaged."""

    code, status, actor, title = "api_key_not_opened", 422, "user", "The stored key can't be opened"


class Vault:
    """Seals and opens with a list of 32-byte server keys, newest first."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = {hashlib.sha256(key).hexdigest()[:8]: AESGCM(key) for key in keys}
        self._newest = next(iter(self._ciphers))

    def seal(self, api_key: str, *, user_id: str, model_id: int) -> str:
        """Encrypt `api_key` for one model of one owner."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._newest].encrypt(nonce, api_key.encode(), _bound_to(user_id, model_id))
        return f"{_VERSION}.{self._newest}.{base64.b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, *, user_id: str, model_id: int) -> str:
        """Decrypt what `seal` made for the same owner and model.

        Raises:
            KeyNotOpened: when no server key fits, or the text was sealed for another row.
        """
        try:
            version, key_id, body = sealed.split(".")
            raw = base64.b64decode(body, validate=True)
            if version != _VERSION:
                raise ValueError(version)
            plain = self._ciphers[key_id].decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound_to(user_id, model_id))
        except (KeyError, ValueError, binascii.Error, InvalidTag) as error:
            raise KeyNotOpened(
                "The stored API key can't be opened with this server's RUNDOWN_SECRET_KEY. "
                "Enter the key again in the model's settings, or bring back the earlier server key."
            ) from error
        return plain.decode()

    def state(self, sealed: str | None, *, user_id: str, model_id: int) -> KeyState:
        """Whether a key is stored, and opens with the server keys at hand."""
        if not sealed:
            return "none"
        try:
            self.open(sealed, user_id=user_id, model_id=model_id)
        except KeyNotOpened:
            return "unreadable"
        return "ready"

    def reseal(self, sealed: str, *, user_id: str, model_id: int) -> str:
        """The same key, sealed with the newest server key; what is sealed with it already stays as it is.

        Raises:
            KeyNotOpened: as `open`.
        """
        plain = self.open(sealed, user_id=user_id, model_id=model_id)
        if sealed.split(".")[1] == self._newest:
            return sealed
        return self.seal(plain, user_id=user_id, model_id=model_id)


def hint(api_key: str) -> str:
    """What may be shown of a key: its last four characters."""
    return f"…{api_key[-4:]}"


def _bound_to(user_id: str, model_id: int) -> bytes:
    return f"rundown:{user_id}:{model_id}".encode()
