"""The WebSockets that are open in this process, so that its end can tell their clients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from fastapi import WebSocket, status


class OpenSockets:
    """Counted while they are open; closed with a code of their own when the server ends."""

    def __init__(self) -> None:
        self._open: set[WebSocket] = set()

    def __len__(self) -> int:
        return len(self._open)

    @contextmanager
    def holding(self, socket: WebSocket) -> Iterator[None]:
        """Count the socket while the block lasts."""
        self._open.add(socket)
        try:
            yield
        finally:
            self._open.discard(socket)

    async def close_all(self) -> None:
        """Tell every client that the server goes away, and close."""
        for socket in list(self._open):
            with suppress(RuntimeError):  # it was being closed already
                await socket.close(status.WS_1012_SERVICE_RESTART)
