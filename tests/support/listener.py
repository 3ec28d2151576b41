"""The client's end of a streamed response, without a server between."""

import asyncio

from starlette.types import Message, Receive, Scope, Send

SCOPE: Scope = {
    "type": "http",
    "method": "POST",
    "path": "/",
    "headers": [],
    "asgi": {"version": "3.0", "spec_version": "2.3"},
}


class Listener:
    """Keeps what is sent, and is told that the client is gone after the last chunk, or when it `leaves`: as a server
    tells it."""

    def __init__(self) -> None:
        self.body = bytearray()
        self.came = asyncio.Event()
        self.leaves = asyncio.Event()

    @property
    def connection(self) -> tuple[Scope, Receive, Send]:
        """What an ASGI application is called with."""
        return SCOPE, self._receive, self._send

    async def _send(self, message: Message) -> None:
        if body := message.get("body"):
            self.body.extend(body)
            self.came.set()
        if message["type"] == "http.response.body" and not message["more_body"]:
            self.leaves.set()

    async def _receive(self) -> Message:
        await self.leaves.wait()
        return {"type": "http.disconnect"}
