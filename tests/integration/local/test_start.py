"""Starting the embedded stack: the first time, again, and where it can't be, with a word on what to do."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backend.local import postgrest
from backend.local.errors import LocalStackError
from backend.local.home import HomeLock, prepare_home
from backend.local.ports import LOOPBACK, free_ports, require_free_port
from backend.local.postgres import PostgresServer
from backend.local.stack import SUPABASE_DIR, EmbeddedStack, embedded_stack

pytestmark = pytest.mark.integration


@contextmanager
def as_ordinary_user() -> Iterator[None]:
    """The body runs without root's power to write everywhere; nothing changes for who is not root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_second_start_keeps_data_keys_and_schema(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with embedded_stack(home) as first:
        assert len(first.migrations.applied) == len(list((SUPABASE_DIR / "migrations").glob("*.sql")))
        user_id = await first.ensure_user("kept@example.com", "correct horse battery")
        assert await first.ready() == {"postgres": True, "postgrest": True}
        kept = (first.secret_key, first.jwks)
    assert await first.ready() == {"postgres": False, "postgrest": False, "failure": "not started"}

    started = time.perf_counter()
    async with embedded_stack(home) as second:
        took = time.perf_counter() - started
        assert second.migrations.applied == second.migrations.changed == second.migrations.unknown == []
        assert (second.secret_key, second.jwks) == kept
        assert await second.ensure_user("kept@example.com", "correct horse battery") == user_id
    # Measured at 0.4 s; the bound leaves room for a busy machine.
    assert took < 5

    for private in (home, home / "keys", home / "postgres", home / "run"):
        assert mode(private) == 0o700, private
    for secret in ("secret.key", "keys/signing.pem", "keys/jwks.json", "run/postgrest.conf", "logs/postgres.log"):
        assert mode(home / secret) == 0o600, secret


async def test_path_that_is_long_and_odd_works(tmp_path: Path) -> None:
    home = tmp_path / ("deep, with 'quotes\" and spaces " * 3) / "Ünïcode $(HOME)" / ("x" * 60)
    async with embedded_stack(home, durable=False) as stack:
        assert (await stack.ready())["postgrest"] is True
        assert len(str(stack.database.socket_dir)) < 90
        assert mode(stack.database.socket_dir) == 0o700
    assert not stack.database.socket_dir.exists()


def test_socket_folder_of_a_start_that_was_killed_is_removed(tmp_path: Path) -> None:
    home = prepare_home(tmp_path / ("long" * 30))
    killed = PostgresServer(home).database.socket_dir
    mine = tmp_path / "rundown-mine"
    mine.mkdir()
    following = PostgresServer(home).database.socket_dir
    assert not killed.exists()
    # A note that leads elsewhere is not followed through a link.
    following.rmdir()
    following.symlink_to(mine)
    last = PostgresServer(home).database.socket_dir
    assert mine.exists()
    following.unlink()
    last.rmdir()


async def test_second_stack_on_one_home_says_who_has_it(stack: EmbeddedStack) -> None:
    home = stack.database.socket_dir.parent.parent
    with pytest.raises(LocalStackError, match=rf"already runs on .*process {os.getpid()}.*RUNDOWN_HOME") as caught:
        await EmbeddedStack(home).start()
    assert caught.value.code == "already_running"
    assert await stack.ready() == {"postgres": True, "postgrest": True}


def test_released_home_can_be_had_again(tmp_path: Path) -> None:
    home = prepare_home(tmp_path)
    for _ in range(2):
        lock = HomeLock(home)
        lock.acquire()
        lock.release()


def test_folder_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    with as_ordinary_user(), pytest.raises(LocalStackError, match=r"can't be used.*RUNDOWN_HOME") as caught:
        prepare_home(locked / "home")
    assert caught.value.code == "home_not_writable"


def test_file_in_the_way_is_named_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalStackError, match="A file stands in the way"):
        prepare_home(tmp_path / "file")
    with pytest.raises(LocalStackError, match="A file stands in the way"):
        prepare_home(tmp_path / "file" / "home")


def test_too_little_room_says_how_much_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(LocalStackError, match=r"MB are free .* wants \d+ MB") as caught:
        prepare_home(tmp_path, minimum_free_bytes=shutil.disk_usage(tmp_path).total * 2)
    assert caught.value.code == "disk_full"


def test_port_in_use_names_the_setting_to_change() -> None:
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LocalStackError, match=rf"Port {port} .*in use.*RUNDOWN_PORT") as caught:
            require_free_port(LOOPBACK, port, setting="RUNDOWN_PORT")
    assert caught.value.code == "port_in_use"
    require_free_port(LOOPBACK, port, setting="RUNDOWN_PORT")


async def test_taken_rest_port_stops_the_start_and_leaves_nothing_running(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        stack = EmbeddedStack(tmp_path / "home", rest_port=taken.getsockname()[1], durable=False)
        with pytest.raises(LocalStackError, match="in use"):
            await stack.start()
    assert stack.process_ids() == {"postgres": None, "postgrest": None}
    assert not (tmp_path / "home" / "postgres" / "postmaster.pid").exists()


async def test_port_taken_after_it_was_found_free_is_replaced(
    stack: EmbeddedStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = prepare_home(tmp_path)
    (home / "jwks.json").write_text('{"keys": []}')
    server = postgrest.PostgrestServer(home, SUPABASE_DIR, stack.database, jwks_path=home / "jwks.json")
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        offers = iter([[taken.getsockname()[1], *free_ports(1)], free_ports(2)])
        monkeypatch.setattr(postgrest, "free_ports", lambda count: next(offers))
        await server.start()
        assert await server.ready()
        await server.stop()


@pytest.mark.parametrize(("npm", "hint"), [(None, "Node.js 20"), ("npm", r"Run `npm ci` in supabase/")])
async def test_missing_postgrest_says_how_to_get_it_and_makes_nothing(
    npm: str | None, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: npm if name == "npm" else None)
    with pytest.raises(LocalStackError, match=hint) as caught:
        await EmbeddedStack(tmp_path / "home", supabase_dir=tmp_path).start()
    assert caught.value.code == "postgrest_missing"
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("system", "machine", "hint"),
    [("Darwin", "arm64", "--cpu=x64"), ("FreeBSD", "amd64", "No program is packaged for FreeBSD amd64")],
)
def test_missing_postgrest_on_a_rarer_machine_says_what_works_there(
    system: str, machine: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(LocalStackError, match=hint):
        postgrest.find_postgrest(tmp_path)
    monkeypatch.setattr(shutil, "which", lambda name: str(tmp_path / name))
    assert postgrest.find_postgrest(tmp_path) == tmp_path / "postgrest"


@pytest.mark.parametrize("content", [{"notes.txt": "mine"}, {"PG_VERSION": "18\n"}], ids=["foreign", "half-copied"])
async def test_data_folder_that_is_not_a_database_is_left_as_it_is(content: dict[str, str], tmp_path: Path) -> None:
    home = prepare_home(tmp_path / "home")
    (home / "postgres").mkdir(mode=0o700)
    for name, text in content.items():
        (home / "postgres" / name).write_text(text)
    with pytest.raises(LocalStackError, match=r"not a whole database.*Nothing was changed.*mv ") as caught:
        await EmbeddedStack(home).start()
    assert caught.value.code == "data_folder_unusable"
    assert {path.name: path.read_text() for path in (home / "postgres").iterdir()} == content


async def test_data_of_another_postgresql_is_refused_by_its_version(tmp_path: Path) -> None:
    home = prepare_home(tmp_path / "home")
    (home / "postgres" / "global").mkdir(mode=0o700, parents=True)
    (home / "postgres" / "PG_VERSION").write_text("16\n")
    (home / "postgres" / "global" / "pg_control").write_bytes(b"")
    (home / "postgres").chmod(0o700)
    with pytest.raises(LocalStackError, match=r"made by PostgreSQL 16; this Rundown brings 18") as caught:
        await EmbeddedStack(home).start()
    assert caught.value.code == "data_folder_version"


async def test_interrupted_first_start_is_begun_again(tmp_path: Path) -> None:
    home = prepare_home(tmp_path / "home")
    half = home / "postgres.new-interrupted"
    half.mkdir(mode=0o700)
    (half / "PG_VERSION").write_text("18\n")
    (home / "postgres").mkdir(mode=0o700)
    server = PostgresServer(home, durable=False)
    await server.start()
    try:
        assert await server.database.answers()
        assert not list(home.glob("postgres.new-*"))
    finally:
        await server.stop()


async def test_number_of_a_killed_server_that_another_program_has_now_does_not_stop_the_start(tmp_path: Path) -> None:
    home = prepare_home(tmp_path / "home")
    server = PostgresServer(home, durable=False)
    await server.start()
    await server.stop()
    pid_file = home / "postgres" / "postmaster.pid"
    # Our own number stands for a stranger's: alive, and not a server.
    pid_file.write_text(f"{os.getpid()}\n{home / 'postgres'}\n1\n5432\n\n\n\nready\n")
    await server.start()
    try:
        assert await server.database.answers()
    finally:
        await server.stop()


async def test_server_that_cannot_start_shows_its_log(tmp_path: Path) -> None:
    home = prepare_home(tmp_path / "home")
    server = PostgresServer(home, durable=False)
    await server.start()
    await server.stop()
    (home / "postgres" / "postgresql.conf").write_text("nonsense = on\n")
    with pytest.raises(LocalStackError, match='unrecognized configuration parameter "nonsense"') as caught:
        await server.start()
    assert str(home / "logs" / "postgres.log") in caught.value.message
