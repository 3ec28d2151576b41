"""Somebody else, who asks for something small all the while an attack goes on."""

from __future__ import annotations

import http.client
import threading
import time
from types import TracebackType
from urllib.parse import urlsplit

_EVERY_S = 0.01


class Bystander:
    """Within its block, asks a server for its health a hundred times a second; `longest_s` is its longest wait."""

    def __init__(self, base_url: str) -> None:
        self._host = urlsplit(base_url).netloc
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self.longest_s = 0.0
        self.asked = 0
        self.refused = 0

    def __enter__(self) -> Bystander:
        self._thread.start()
        time.sleep(0.1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        time.sleep(0.1)
        self._over.set()
        self._thread.join(60)

    def _ask(self) -> None:
        line = http.client.HTTPConnection(self._host, timeout=60)
        while not self._over.is_set():
            began_at = time.perf_counter()
            try:
                line.request("GET", "/healthz")
                answer = line.getresponse()
                answer.read()
                self.refused += answer.status != 200
            except OSError:
                self.refused += 1
                line.close()
            self.longest_s = max(self.longest_s, time.perf_counter() - began_at)
            self.asked += 1
            time.sleep(_EVERY_S)
