"""The product with one user, a provider that does as it is told, and a way into its database and its processes."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg

from tests.support.fakes.openrouter import FakeOpenRouter, Turn
from tests.support.product import PASSWORD, Account, Product, events_of
from tests.support.redis_server import RedisServer

EMAIL = "trader@example.com"
SAMPLE_ROWS = 60
READY_S = 120.0
_START_S = 240.0
SHORT = Turn(text=["It lost ", "money ", "on fees."])
_STEP_CLOCK = Path(__file__).with_name("step_clock.c")
Json = dict[str, Any]


def sample(rows: int = SAMPLE_ROWS) -> bytes:
    """A table of fills, another one at each call."""
    note = uuid.uuid4().hex[:8]
    lines = ["time,symbol,side,quantity,price,fee,tag"]
    for number in range(rows):
        side = "buy" if number % 2 == 0 else "sell"
        lines.append(f"2026-01-{1 + number // 24:02d}T{number % 24:02d}:00:00Z,BTCUSD,{side},1,{100 - number},1,{note}")
    return "\n".join(lines).encode()


class Scene:
    """Started once; `restart` is what a service manager does after a crash."""

    def __init__(
        self,
        folder: Path,
        openrouter: FakeOpenRouter,
        *,
        redis: RedisServer | None = None,
        workers: int = 1,
        clock: bool = False,
    ) -> None:
        self.folder, self.openrouter, self.redis = folder, openrouter, redis
        folder.mkdir(parents=True, exist_ok=True)
        self.home = folder / "home"
        self.clock_file = folder / "clock"
        self.environment = {
            "OPENROUTER_BASE_URL": openrouter.base_url,
            "RUNDOWN_DEMO": "false",
            "RUNDOWN_MODEL_SILENCE_S": "4",
            "RUNDOWN_ANSWER_S": "45",
            "RUNDOWN_SLOW_READER_S": "5",
            **({"REDIS_URL": redis.url, "RUNDOWN_WORKERS": str(workers)} if redis else {}),
        }
        if clock:
            self.clock_file.write_bytes(bytes(8))
            library = folder / "step_clock.so"
            subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(_STEP_CLOCK)], check=True)
            self.environment |= {"LD_PRELOAD": str(library), "STEP_CLOCK_FILE": str(self.clock_file)}
        openrouter.fallback = lambda _: SHORT
        self.start()
        self.user = self.product.account(EMAIL)
        self.model_id = self.user.add_model("acme/analyst-1")
        self.user.http.put(f"/api/models/{self.model_id}/api-key", json={"api_key": "sk-or-v1-fault-key"})

    def start(self) -> None:
        self.product = Product(self.home, **self.environment)
        self.product.start(_START_S)

    def restart(self) -> None:
        self.start()
        self.sign_in()

    def sign_in(self) -> None:
        self.user = self.product.sign_in(EMAIL, PASSWORD)

    def stop(self) -> None:
        self.product.stop()

    def set_clock(self, offset_s: int) -> None:
        """The backend's wall clock is so many seconds ahead from now on; the database's goes on right."""
        # In place: the backend has this very file mapped.
        with self.clock_file.open("r+b") as file:
            file.write(offset_s.to_bytes(8, sys.byteorder, signed=True))

    def processes(self, name: str) -> list[psutil.Process]:
        """The children of that name, eldest first."""
        found = []
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.product.process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    if child.name() == name:
                        found.append(child)
        return found

    def kill(self, name: str) -> None:
        """kill -9 of the eldest, as the kernel would do it."""
        self.processes(name)[0].send_signal(signal.SIGKILL)

    def kill_workers(self) -> None:
        """kill -9 of every worker of a server that has several; its parent starts others."""
        for worker in self.product.workers():
            with suppress(psutil.NoSuchProcess):
                worker.send_signal(signal.SIGKILL)

    def orphans(self) -> list[str]:
        """Processes that were started for this home and that no server of it looks after."""
        ours = {self.product.process.pid}
        with suppress(psutil.NoSuchProcess):
            ours |= {child.pid for child in psutil.Process(self.product.process.pid).children(recursive=True)}
        found = []
        for process in psutil.process_iter(["status"]):
            with suppress(psutil.Error):
                alive = process.pid not in ours and process.info["status"] != psutil.STATUS_ZOMBIE
                if alive and self._is_of_home(process):
                    found.append(" ".join(process.cmdline())[:120])
        return found

    def _is_of_home(self, process: psutil.Process) -> bool:
        """The database's own processes name no home, but work in it; a worker of the server has it as a setting."""
        home = str(self.home)
        return (
            home in " ".join(process.cmdline())
            or process.cwd().startswith(home)
            or process.environ().get("RUNDOWN_HOME") == home
        )

    def count_orphans(self, within: float = 10.0) -> int:
        """How many are still there when those that are ending have ended."""
        with suppress(TimeoutError):
            until(lambda: not self.orphans(), within)
        return len(self.orphans())

    def wait_ready(self) -> float:
        """Seconds until it says that it is ready again; raises TimeoutError."""
        began_at = time.monotonic()
        while True:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.product.base_url}/readyz", timeout=10).status_code == 200:
                    return time.monotonic() - began_at
            if time.monotonic() - began_at > READY_S:
                raise TimeoutError("not ready again:\n" + "".join(self.product.log[-20:]))
            time.sleep(0.1)

    def connect(self) -> psycopg.Connection[Any]:
        """A session of the database's own superuser."""
        # PostgreSQL notes there, in its fifth line, where it listens.
        folder = (self.home / "postgres" / "postmaster.pid").read_text().splitlines()[4]
        return psycopg.connect(host=folder, user="supabase_admin", dbname="postgres", autocommit=True)

    def value(self, query: str, *arguments: object) -> int:
        with self.connect() as connection:
            row = connection.execute(query, arguments or None).fetchone()  # type: ignore[call-overload]
        assert row is not None
        return int(row[0])

    @contextmanager
    def held(self, table: str | None, mode: str = "access exclusive") -> Iterator[None]:
        """Whoever wants to use the table waits until the end of this."""
        if table is None:
            yield
            return
        connection = self.connect()
        try:
            connection.autocommit = False
            connection.execute(f"lock table public.{table} in {mode} mode")  # type: ignore[call-overload]
            yield
        finally:
            with suppress(psycopg.Error):
                connection.rollback()
                connection.close()

    def waiting(self) -> int:
        """Requests that wait for a lock."""
        return self.value("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and state = 'active'")

    def wait_for_waiter(self) -> None:
        """Until some request waits for a lock."""
        until(lambda: self.waiting() > 0)

    def import_run(self, data: bytes, name: str = "fills.csv") -> httpx.Response:
        return self.user.http.post(f"/api/models/{self.model_id}/runs/import", files={"file": (name, data)})

    def new_run(self) -> str:
        """A run that no process has read yet."""
        answer = self.import_run(sample())
        assert answer.status_code == 201, answer.text
        return f"/api/models/{self.model_id}/runs/{answer.json()['run']['id']}"


class Asker:
    """A client that asks in a thread of its own and notes all it is told."""

    def __init__(self, user: Account, run: str, question: str, request_id: str) -> None:
        self.events: list[Json] = []
        self.ended: str = ""
        self._user, self._run = user, run
        self._line: socket.socket | None = None
        self._body = {"message": question, "request_id": request_id}
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout: float = 120) -> None:
        self._thread.join(timeout)
        if self._thread.is_alive():
            raise TimeoutError(f"no end after {timeout} s; seen: {[event['type'] for event in self.events][-5:]}")

    def leave(self) -> None:
        """Close the line, as a browser's tab does."""
        if self._line is not None:
            self._line.shutdown(socket.SHUT_RDWR)

    def seen(self, kind: str) -> bool:
        return any(event["type"] == kind for event in self.events)

    def _ask(self) -> None:
        try:
            with self._user.http.stream("POST", f"{self._run}/chat-stream", json=self._body, timeout=90) as answer:
                if answer.status_code != 200:
                    answer.read()
                    self.ended = f"{answer.status_code} {answer.json()['code']}"
                    return
                self._line = answer.extensions["network_stream"].get_extra_info("socket")
                for event in events_of(answer):
                    self.events.append(event)
        except httpx.HTTPError as error:
            self.ended = f"line lost ({type(error).__name__})"
            return
        last = self.events[-1] if self.events else {"type": "nothing"}
        self.ended = f"error {last['code']}" if last["type"] == "error" else str(last["type"])


def asked(scene: Scene, _: Asker) -> None:
    """Until the provider has been asked."""
    scene.openrouter.wait_for_chat(timeout=60)


def waits(scene: Scene, _: Asker) -> None:
    """Until a request waits for the table that is held."""
    scene.wait_for_waiter()


def speaks(_: Scene, asker: Asker) -> None:
    """Until the first word has come."""
    until(lambda: asker.seen("token"))


def is_done(_: Scene, asker: Asker) -> None:
    """Until the stream has ended."""
    until(lambda: bool(asker.ended))


def until(condition: Callable[[], bool], within: float = 60.0) -> None:
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("what was waited for did not happen")
        time.sleep(0.005)


@contextmanager
def small_disk(folder: Path, megabytes: int = 900) -> Iterator[Path | None]:
    """A file system of its own, of that size; None where this machine does not let us mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(folder)]
    if os.geteuid() != 0 or shutil.which("mount") is None or not _done(mount):
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)


def _done(command: list[str]) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
