"""PostgreSQL refuses to run as root: the ways around it, in folders that nobody else may enter."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from backend.local import privileges
from backend.local.errors import LocalStackError
from backend.local.home import prepare_home
from backend.local.postgres import PostgresServer, find_binaries
from backend.local.privileges import RunAs, choose_run_as

pytestmark = pytest.mark.integration

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="about what root does")
NOBODY = 65534


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home under a folder of mode 0700, which PostgreSQL's user could not enter by itself."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    return prepare_home(closed / "home")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may look into."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def _without_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without user namespaces and without a program that makes accounts, as many containers are."""
    works = privileges._works

    def answer(run_as: RunAs, home: Path, postgres: Path) -> str | None:
        return "unshare: Operation not permitted" if run_as.kind == "namespace" else works(run_as, home, postgres)

    monkeypatch.setattr(privileges, "_works", answer)
    monkeypatch.setattr(privileges, "_system_account", lambda: None)


async def _serve_once(server: PostgresServer) -> int:
    """Start, ask, stop; returns as which user (as the machine sees it) the server ran."""
    await server.start()
    try:
        assert await server.database.answers()
        assert server.process.pid is not None
        return int(psutil.Process(server.process.pid).uids().effective)
    finally:
        await server.stop()


@only_root
async def test_root_without_namespaces_runs_the_server_as_another_user(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_namespaces(monkeypatch)
    server = PostgresServer(home, durable=False)
    assert server.run_as.kind == "user"
    assert await _serve_once(server) == server.run_as.uid == server.data_dir.stat().st_uid != 0
    # The data's owner is kept from then on, namespaces or not.
    monkeypatch.undo()
    again = PostgresServer(home, durable=False)
    assert again.run_as == server.run_as
    assert await _serve_once(again) == server.run_as.uid


@only_root
async def test_root_with_namespaces_keeps_the_files_its_own(home: Path) -> None:
    server = PostgresServer(home, durable=False)
    if server.run_as.kind != "namespace":
        pytest.skip("this machine allows no user namespaces")
    assert await _serve_once(server) == 0
    assert server.data_dir.stat().st_uid == 0


@only_root
def test_root_whose_data_needs_a_namespace_that_is_not_there_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_namespaces(monkeypatch)
    (home / "postgres").mkdir()
    with pytest.raises(LocalStackError, match="user namespace"):
        choose_run_as(home, home / "postgres", find_binaries() / "postgres")


@only_root
def test_root_that_can_be_nobody_else_is_told_to_be_someone_else(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privileges, "_works", lambda *_: "setresuid: Operation not permitted")
    monkeypatch.setattr(privileges, "_system_account", lambda: None)
    with pytest.raises(LocalStackError, match=r"not run as root.*Start Rundown as an ordinary user"):
        choose_run_as(home, home / "postgres", find_binaries() / "postgres")


@only_root
def test_ordinary_user_with_anothers_data_is_told_how_to_get_it(open_folder: Path) -> None:
    data = open_folder / "postgres"
    data.mkdir()
    os.seteuid(NOBODY)
    try:
        with pytest.raises(LocalStackError, match=r"belongs to another user \(uid 0\).*chown") as caught:
            choose_run_as(open_folder, data, find_binaries() / "postgres")
        assert choose_run_as(open_folder, open_folder / "none", find_binaries() / "postgres") == RunAs()
    finally:
        os.seteuid(0)
    assert caught.value.code == "home_not_writable"
