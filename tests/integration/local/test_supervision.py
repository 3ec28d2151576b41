"""What dies comes back; what we leave, however we go, does not stay."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from backend.local import supervisor
from backend.local.home import prepare_home
from backend.local.privileges import LAUNCHER
from backend.local.process import ChildProcess
from backend.local.stack import EmbeddedStack, embedded_stack
from backend.local.supervisor import Supervisor

pytestmark = pytest.mark.integration

HOLD_STACK = Path(__file__).with_name("hold_stack.py")
ROOT = Path(__file__).resolve().parents[3]


async def until(condition: Callable[[], bool], *, within: float = 15.0) -> None:
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - what is waited for is another process
            await asyncio.sleep(0.02)


def gone(pid: int) -> bool:
    """Whether a process ended; one that only waits to be buried by init has."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def _answers(stack: EmbeddedStack) -> None:
    """Returns when the stack serves a request from end to end, and says that it is ready."""
    async with httpx.AsyncClient(base_url=stack.rest_url, trust_env=False) as client, asyncio.timeout(20):
        while True:
            try:
                # Refused for want of a grant: the request went through to the database and back.
                served = (await client.get("/models")).json()["code"] == "42501"
                if served and all((await stack.ready()).values()):
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("name", ["postgres", "postgrest"])
async def test_killed_child_comes_back_on_the_same_address(name: str, tmp_path: Path) -> None:
    async with embedded_stack(tmp_path / "home", durable=False) as stack:
        user_id = await stack.ensure_user("kept@example.com", "correct horse battery")
        address, before = stack.rest_url, stack.process_ids()
        killed = before[name]
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        await until(lambda: stack.process_ids()[name] not in {None, killed})
        await _answers(stack)
        after = stack.process_ids()
        assert stack.rest_url == address
        assert {other for other in before if before[other] == after[other]} == {"postgres", "postgrest"} - {name}
        assert await stack.ensure_user("kept@example.com", "correct horse battery") == user_id


@pytest.mark.long
async def test_child_that_hangs_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FAILED_CHECKS_LIMIT", 2)
    async with embedded_stack(tmp_path / "home", durable=False, check_every=0.1) as stack:
        hung = stack.process_ids()["postgrest"]
        assert hung is not None
        os.kill(hung, signal.SIGSTOP)
        assert (await stack.ready())["postgrest"] is False
        await until(lambda: stack.process_ids()["postgrest"] not in {None, hung}, within=30)
        await _answers(stack)
        assert gone(hung)


async def test_child_that_keeps_dying_is_named_and_tried_on_until_it_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "RESTART_LIMIT", 3)
    monkeypatch.setattr(supervisor, "_BACKOFF_SECONDS", (0.0,))
    home = prepare_home(tmp_path / "home")
    child = ChildProcess("mayfly", home=home, working_dir=home, stop_signal=signal.SIGTERM, environment={})
    dies = True

    async def start() -> None:
        code = "raise SystemExit(3)" if dies else "import time; time.sleep(600)"
        await child.start([sys.executable, "-S", "-c", code])

    async def healthy() -> bool:
        return True

    await start()
    watching = Supervisor(child, start=start, healthy=healthy, check_every=2.0)
    task = asyncio.create_task(watching.run())
    await until(lambda: watching.failure is not None, within=30)
    assert watching.failure is not None
    assert "mayfly ended with status 3, 3 times" in watching.failure
    dies = False
    await until(lambda: watching.failure is None, within=30)
    assert child.pid is not None
    task.cancel()
    await child.stop()


@asynccontextmanager
async def _parent(home: Path, *before: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, int]]]:
    """A process that holds a stack on `home`, and the ids of its children."""
    process = await asyncio.create_subprocess_exec(
        *(*before, sys.executable, str(HOLD_STACK), str(home)),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    children: dict[str, int] = {}
    try:
        async with asyncio.timeout(60):
            async for line in process.stdout:
                if line.startswith(b"{"):
                    children = json.loads(line)
                    break
        assert children, "the parent ended before its stack was up"
        yield process, children
    finally:
        if process.returncode is None:
            process.kill()
        # Its pipe has to be read to the end for it to be closed.
        await process.communicate()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere orphans are ended by the next start")
async def test_parent_killed_outright_leaves_no_orphan_and_its_home_starts_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with _parent(home) as (parent, children):
        assert not any(gone(pid) for pid in children.values())
        parent.kill()
        await parent.wait()
        await until(lambda: all(gone(pid) for pid in children.values()))
    async with embedded_stack(home, durable=False) as stack:
        assert stack.migrations.applied == []
        assert await stack.ready() == {"postgres": True, "postgrest": True}


async def test_interrupted_parent_stops_its_children_and_leaves_cleanly(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with _parent(home) as (parent, children):
        parent.send_signal(signal.SIGINT)
        await asyncio.wait_for(parent.wait(), 20)
        assert all(gone(pid) for pid in children.values())
    assert not (home / "postgres" / "postmaster.pid").exists()
    assert not list((home / "run").glob("*.pid"))


async def test_child_that_outlived_its_parent_is_ended_by_the_next_start(tmp_path: Path) -> None:
    home = prepare_home(tmp_path / "home")
    orphan = psutil.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
    created = psutil.Process(orphan.pid).create_time()
    record = home / "run" / "postgrest.pid"
    record.write_text(json.dumps({"pid": orphan.pid, "created": created}))
    child = ChildProcess("postgrest", home=home, working_dir=home, stop_signal=signal.SIGTERM, environment={})
    await child.stop_left_over()
    assert gone(orphan.pid)
    assert not record.exists()


async def test_stranger_with_a_remembered_number_is_left_alone(tmp_path: Path) -> None:
    home = prepare_home(tmp_path / "home")
    (home / "run" / "postgrest.pid").write_text(json.dumps({"pid": os.getpid(), "created": 1.0}))
    child = ChildProcess("postgrest", home=home, working_dir=home, stop_signal=signal.SIGKILL, environment={})
    await child.stop_left_over()
    assert not (home / "run" / "postgrest.pid").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="everything here runs as an ordinary user already")
async def test_ordinary_user_runs_the_stack_as_themselves(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    os.chown(home, 65534, 65534)
    launcher = (sys.executable, "-S", str(LAUNCHER), "--parent", str(os.getpid()), "--death-signal", "9")
    async with _parent(home, *launcher, "--user", "65534:65534", "--") as (parent, children):
        assert {psutil.Process(pid).uids().effective for pid in children.values()} == {65534}
        parent.send_signal(signal.SIGINT)
        await asyncio.wait_for(parent.wait(), 20)
        assert all(gone(pid) for pid in children.values())
    assert (home / "postgres").stat().st_uid == 65534
