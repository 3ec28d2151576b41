"""uvicorn's HTTP protocol with bounds on what comes before a request is whole: its headers' size and time, its rest.

uvicorn waits for headers without an end, and takes as many as come.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 35\r\nconnection: close\r\n\r\nThe headers of this are too large.\n"
)


class BoundedHttpProtocol(HttpToolsProtocol):
    """Ends a connection whose headers take too long or too much, or whose body goes on long after its answer."""

    max_head_bytes = 64 * 1024
    head_s = 20.0
    # What a caller still sends after the answer is taken for so long, so that it comes to read the answer.
    rest_s = 2.0
    _deadline: asyncio.TimerHandle | None = None
    _in_head = True
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first headers are waited for from now on."""
        super().connection_made(transport)
        self._end_in(self.head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._no_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to headers."""
        if self._in_head:
            if not self._head_bytes:
                self._end_in(self.head_s)
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > self.max_head_bytes and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_headers_complete(self) -> None:
        """The headers have come in time."""
        self._in_head = False
        self._no_deadline()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """What comes next is another request's headers."""
        super().on_message_complete()
        self._in_head, self._head_bytes = True, 0
        self._no_deadline()
        if self.cycle is not None and self.cycle.response_complete:
            # uvicorn began to count the idle time with the answer, and stopped at the next byte.
            self._end_in(self.timeout_keep_alive)

    def on_response_complete(self) -> None:
        """An answer that did not wait for the whole body leaves its caller little time to send the rest."""
        super().on_response_complete()
        if not self._in_head and not self.transport.is_closing():
            self._end_in(self.rest_s)

    def _end_in(self, seconds: float) -> None:
        self._no_deadline()
        self._deadline = self.loop.call_later(seconds, self._end)

    def _no_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.close()
