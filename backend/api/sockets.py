"""A WebSocket as the product opens one: from our own pages, signed in by its first message, closed at the server's end.

A token in the address would end up in logs, and a browser can set no header here: so the first message brings it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
from fastapi import WebSocket, WebSocketDisconnect, status

from backend.api.connection import Services, admitted
from backend.errors import NotSignedIn, RundownError
from backend.store.client import User

SIGN_IN_S = 5.0
MAX_FRAME = 256_000
_HOW = 'The first message is {"type": "auth", "token": "…"}, with your access token.'


@dataclass(frozen=True, slots=True)
class SignedInSocket:
    """An open socket and whose it is."""

    socket: WebSocket
    user: User

    async def send(self, frame: dict[str, Any]) -> None:
        """One frame of JSON."""
        await self.socket.send_text(orjson.dumps(frame).decode())

    async def frames(self) -> AsyncIterator[dict[str, Any]]:
        """What the client sends, until it leaves; what is no object of JSON is answered with an error frame."""
        while True:
            try:
                text = await self.socket.receive_text()
            except (WebSocketDisconnect, KeyError):
                # A KeyError is a frame of bytes, which nobody sends who speaks this protocol.
                return
            frame = _object_in(text)
            if frame is None:
                await self.send(_error("invalid_frame", "A frame is one object of JSON with a type."))
                continue
            yield frame


@asynccontextmanager
async def signed_in(socket: WebSocket, services: Services) -> AsyncIterator[SignedInSocket | None]:
    """The socket once its client has said who it is; None where it was refused, which the client was told.

    The socket is closed when the block ends.
    """
    if not own_origin(socket):
        await socket.close(status.WS_1008_POLICY_VIOLATION)
        yield None
        return
    await socket.accept()
    try:
        try:
            user = await _user_of_first_frame(socket, services)
        except RundownError as refusal:
            await socket.send_text(orjson.dumps(_error(refusal.code, refusal.message)).decode())
            yield None
            return
        except WebSocketDisconnect:
            yield None
            return
        with services.sockets.holding(socket):
            yield SignedInSocket(socket, user)
    finally:
        await _close(socket)


def own_origin(socket: WebSocket) -> bool:
    """Whether a page of this server opened the socket, or no page at all: programs send no Origin."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")


async def _user_of_first_frame(socket: WebSocket, services: Services) -> User:
    try:
        async with asyncio.timeout(SIGN_IN_S):
            frame = _object_in(await socket.receive_text())
    except (TimeoutError, KeyError) as error:
        raise NotSignedIn(f"Sign in within {SIGN_IN_S:.0f} s. {_HOW}") from error
    token = frame.get("token") if frame and frame.get("type") == "auth" else None
    if not isinstance(token, str):
        raise NotSignedIn(_HOW)
    return await admitted(services, token)


def _object_in(text: str) -> dict[str, Any] | None:
    if len(text) > MAX_FRAME:
        return None
    try:
        frame = orjson.loads(text)
    except ValueError:
        return None
    return frame if isinstance(frame, dict) and isinstance(frame.get("type"), str) else None


def _error(code: str, message: str) -> dict[str, str]:
    return {"type": "error", "code": code, "message": message}


async def _close(socket: WebSocket) -> None:
    with suppress(RuntimeError):  # the client closed it, or the server's end did
        await socket.close()
