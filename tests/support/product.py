"""The whole product as a person starts it: `rundown serve` in a process of its own, and clients that talk to it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

REPOSITORY = Path(__file__).resolve().parents[2]
READY = re.compile(r"Rundown is ready: (http://\S+)")
PASSWORD = "a-long-enough-password"


class Product:
    """`rundown serve` on a port the system chooses; `log` holds what it printed."""

    def __init__(self, home: Path, *, repository: Path = REPOSITORY, **environment: str) -> None:
        self.home = home
        self._repository = repository
        self.log: list[str] = []
        self.base_url = ""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("RUNDOWN_", "SUPABASE_", "OPENROUTER_"))}
        # Every start would compile all packages anew.
        inherited.pop("PYTHONDONTWRITEBYTECODE", None)
        self._environment = {**inherited, "RUNDOWN_HOME": str(home), "RUNDOWN_PORT": "0", **environment}
        self._ready = threading.Event()

    def start(self, timeout: float = 180) -> None:
        began_at = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "backend.cli", "serve"],
            cwd=self._repository,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        while not self._ready.wait(0.05):
            if self.process.poll() is not None or time.monotonic() - began_at > timeout:
                self.stop()
                raise RuntimeError("the product did not start:\n" + "".join(self.log))
        self.seconds_to_ready = time.monotonic() - began_at

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.log.append(line)
            if found := READY.search(line):
                self.base_url = found.group(1)
                self._ready.set()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(30)
        self._reader.join(5)
        return code

    def workers(self) -> list[psutil.Process]:
        """Its worker processes, where it was started with several; none once it is gone."""
        found = []
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.process.pid).children():
                with suppress(psutil.NoSuchProcess):
                    if "spawn_main" in " ".join(child.cmdline()):
                        found.append(child)
        return found

    def account(self, email: str) -> Account:
        """A new account, signed in."""
        body = {"email": email, "password": PASSWORD}
        answer = httpx.post(f"{self.base_url}/auth/v1/signup", json=body, timeout=30)
        if answer.status_code == 422:
            return self.sign_in(email, PASSWORD)
        answer.raise_for_status()
        return Account(self.base_url, answer.json()["access_token"])

    def sign_in(self, email: str, password: str) -> Account:
        answer = httpx.post(
            f"{self.base_url}/auth/v1/token?grant_type=password",
            json={"email": email, "password": password},
            timeout=30,
        )
        answer.raise_for_status()
        return Account(self.base_url, answer.json()["access_token"])

    def demo(self) -> Account:
        demo = httpx.get(f"{self.base_url}/api/config", timeout=30).json()["demo"]
        return self.sign_in(demo["email"], demo["password"])


@contextmanager
def running_product(home: Path, **environment: str) -> Iterator[Product]:
    product = Product(home, **environment)
    product.start()
    try:
        yield product
    finally:
        product.stop()


@dataclass
class Account:
    """A signed-in user's view of the API."""

    base_url: str
    token: str
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.base_url, headers={"Authorization": f"Bearer {self.token}"}, timeout=60)

    def get(self, path: str, **params: Any) -> Any:
        answer = self.http.get(path, params=params)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: Any) -> Any:
        answer = self.http.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def add_model(self, ai_model: str = "offline/analyst", name: str = "A model", **more: Any) -> int:
        model_id: int = self.post("/api/models", {"name": name, "ai_model": ai_model, **more})["id"]
        return model_id

    def import_file(self, model_id: int, path: Path, **fields: str) -> Any:
        answer = self.http.post(
            f"/api/models/{model_id}/runs/import", files={"file": (path.name, path.read_bytes())}, data=fields
        )
        assert answer.status_code == 201, answer.text
        return answer.json()

    def ask(self, run: str, message: str, **more: Any) -> list[dict[str, Any]]:
        """All events of an answer; `run` is the run's path."""
        with self.http.stream("POST", f"{run}/chat-stream", json={"message": message, **more}) as answer:
            if answer.status_code != 200:
                answer.read()
                raise AssertionError(f"{answer.status_code}: {answer.text}")
            return list(events_of(answer))


def events_of(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    """The events of an SSE response as they come."""
    for line in answer.iter_lines():
        if line.startswith("data:"):
            yield json.loads(line.removeprefix("data:"))


def text_of(events: list[dict[str, Any]]) -> str:
    return "".join(event["content"] for event in events if event["type"] == "token")


def types_of(events: list[dict[str, Any]]) -> list[str]:
    """Event types in order, runs of one type as one."""
    types: list[str] = []
    for event in events:
        if not types or types[-1] != event["type"]:
            types.append(event["type"])
    return types
