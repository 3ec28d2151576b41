"""Sign-in attempts are slowed by account and by address, alike whether the account exists or not."""

from __future__ import annotations

import hashlib

from backend.coordination.counters import Counters, LocalCounters, Rate

_WINDOW_S = 300.0
_HOUR_S = 3600.0
# From all addresses together, so that many of them don't make guessing one account quick.
_ACCOUNT_FACTOR = 10
# One address may be many people's; it tries many accounts only when it is nobody's.
_ADDRESS_FACTOR = 20


class TooManyAttempts(Exception):
    """Too many sign-ins were tried; `wait_s` is when the next may be."""

    def __init__(self, wait_s: float) -> None:
        super().__init__()
        self.wait_s = wait_s


class Throttle:
    """Counts attempts. `attempts` is how many one account takes from one address in five minutes; 0 counts none."""

    def __init__(self, counters: Counters | None = None, attempts: int = 0) -> None:
        self._counters = counters or LocalCounters()
        self._attempts = attempts

    async def admit(self, email: str, address: str, device: str | None = None) -> None:
        """Count an attempt to sign in; raises TooManyAttempts.

        `email` in its canonical form. A known `device` has attempts of its own: a stranger's don't use them up.
        """
        if device is not None:
            await self._take((f"sign-in:device:{device}", Rate(self._attempts, _WINDOW_S)))
            return
        await self._take(
            (_pair(email, address), Rate(self._attempts, _WINDOW_S)),
            (f"sign-in:account:{_digest(email)}", Rate(self._attempts * _ACCOUNT_FACTOR, _HOUR_S)),
            (f"sign-in:address:{address}", Rate(self._attempts * _ADDRESS_FACTOR, _WINDOW_S)),
        )

    async def admit_new(self, address: str) -> None:
        """Count a new account; raises TooManyAttempts."""
        await self._take((f"sign-up:address:{address}", Rate(self._attempts * _ADDRESS_FACTOR, _WINDOW_S)))

    async def succeeded(self, email: str, address: str, device: str | None = None) -> None:
        """Whoever knows the password begins anew from this address, or on this device."""
        if self._attempts:
            await self._counters.forget(_pair(email, address) if device is None else f"sign-in:device:{device}")

    async def _take(self, *rates: tuple[str, Rate]) -> None:
        if not self._attempts:
            return
        refusal = await self._counters.take(rates)
        if refusal is not None:
            raise TooManyAttempts(refusal.wait_s)


def _pair(email: str, address: str) -> str:
    return f"sign-in:pair:{_digest(email)}:{address}"


def _digest(email: str) -> str:
    # Names of counts hold nobody's address in the clear.
    return hashlib.sha256(email.encode("utf-8", "replace")).hexdigest()[:32]
