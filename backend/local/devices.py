"""Devices on which an account was signed in to before: a cookie that nobody else can make.

Whoever guesses at an account uses up the attempts of all strangers together; its owner's device has attempts of its
own.
The cookie opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

_LIFETIME_S = 180 * 86_400


class KnownDevices:
    """Cookies of one server, made and recognised with `key`."""

    lifetime_s = _LIFETIME_S

    def __init__(self, key: bytes) -> None:
        self._key = key

    def cookie_name(self, email: str) -> str:
        """One cookie an account; its name tells nobody the address."""
        return f"rundown-device-{hashlib.sha256(email.encode('utf-8', 'replace')).hexdigest()[:16]}"

    def made(self, email: str) -> str:
        """A cookie for a device that the password of `email` was just given on."""
        head = f"{int(time.time())}.{secrets.token_urlsafe(16)}"
        return f"{head}.{self._seal(email, head)}"

    def recognised(self, email: str, cookie: str | None) -> str | None:
        """What stands for the device in counts; None where it is not known for `email`."""
        head, _, seal = (cookie or "")[:200].rpartition(".")
        made_at = head.partition(".")[0]
        if not made_at.isascii() or not made_at.isdecimal() or not seal.isascii():
            return None
        if not hmac.compare_digest(seal, self._seal(email, head)) or time.time() - int(made_at) > _LIFETIME_S:
            return None
        return hashlib.sha256(head.encode()).hexdigest()[:32]

    def _seal(self, email: str, head: str) -> str:
        return hmac.new(self._key, f"{email}\0{head}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()
