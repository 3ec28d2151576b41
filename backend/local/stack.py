"""The embedded stack as one thing: PostgreSQL, migrations, PostgREST and keys, started, watched and stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from backend.local.accounts import Accounts, EmailTaken
from backend.local.database import Database
from backend.local.errors import LocalStackError
from backend.local.home import MINIMUM_FREE_BYTES, HomeLock, prepare_home
from backend.local.keys import SigningKeys, load_or_create_secret_key, load_or_create_signing_keys
from backend.local.migrate import MigrationReport, migrate
from backend.local.passwords import NO_PASSWORD, Passwords
from backend.local.postgres import PostgresServer
from backend.local.postgrest import PostgrestServer, find_postgrest
from backend.local.supervisor import CHECK_EVERY_SECONDS, Supervisor

log = structlog.get_logger(__name__)

SUPABASE_DIR = Path(__file__).resolve().parents[2] / "supabase"


class EmbeddedStack:
    """One embedded stack on one home. `start()` once, `stop()` once; the attributes hold between the two.

    `rest_url`: PostgREST, whose root is what Supabase has under `/rest/v1`. `anon_key`: the public API key.
    `jwks`, `keys`, `database`, `issuer_url`: what `create_signin_router` wants. `secret_key`: seals stored API keys.
    `migrations`: what the start did to the schema.
    """

    rest_url: str
    anon_key: str
    jwks: dict[str, list[dict[str, str]]]
    keys: SigningKeys
    database: Database
    secret_key: str
    migrations: MigrationReport

    def __init__(
        self,
        home: Path,
        *,
        public_url: str = "http://127.0.0.1:8000",
        supabase_dir: Path = SUPABASE_DIR,
        rest_port: int | None = None,
        durable: bool = True,
        minimum_free_bytes: int = MINIMUM_FREE_BYTES,
        check_every: float = CHECK_EVERY_SECONDS,
    ) -> None:
        """`public_url` is the backend's own origin; `durable=False` (tests only) does not wait for the disk."""
        self.issuer_url = f"{public_url.rstrip('/')}/auth/v1"
        self._wanted_home = home
        self._supabase_dir = supabase_dir
        self._rest_port = rest_port
        self._durable = durable
        self._minimum_free_bytes = minimum_free_bytes
        self._check_every = check_every
        self._lock: HomeLock | None = None
        self._postgres: PostgresServer | None = None
        self._postgrest: PostgrestServer | None = None
        self._supervisors: dict[str, Supervisor] = {}
        self._watching: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start everything; raises LocalStackError, with nothing left running, when that can't be."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        # What is missing is said before anything is made.
        find_postgrest(self._supabase_dir.resolve())
        home = prepare_home(self._wanted_home, minimum_free_bytes=self._minimum_free_bytes)
        lock = HomeLock(home)
        lock.acquire()
        self._lock = lock
        self.secret_key = load_or_create_secret_key(home)
        self.keys = load_or_create_signing_keys(home)
        self.jwks, self.anon_key = self.keys.jwks, self.keys.anon_key()
        self._postgres = postgres = PostgresServer(home, durable=self._durable)
        self.database = postgres.database
        await postgres.start()
        self.migrations = await migrate(self.database, self._supabase_dir / "migrations")
        self._postgrest = postgrest = PostgrestServer(
            home, self._supabase_dir, self.database, jwks_path=self.keys.jwks_path, port=self._rest_port
        )
        await postgrest.start()
        self.rest_url = postgrest.url
        self._watch(postgres, postgrest)
        log.info("the embedded database is ready", rest=self.rest_url, home=str(home))

    def _watch(self, postgres: PostgresServer, postgrest: PostgrestServer) -> None:
        self._supervisors = {
            "postgres": Supervisor(
                postgres.process,
                start=postgres.start_server,
                healthy=self.database.answers,
                check_every=self._check_every,
            ),
            "postgrest": Supervisor(
                postgrest.process,
                start=postgrest.start_server,
                # Without a database it can't be ready, and starting it again would not help.
                healthy=postgrest.alive,
                check_every=self._check_every,
            ),
        }
        self._watching = [
            asyncio.create_task(each.run(), name=f"watch {name}") for name, each in self._supervisors.items()
        ]

    async def stop(self) -> None:
        """Stop everything, the REST server first; safe to call twice, or after a start that failed."""
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        self._watching = []
        if self._postgrest is not None:
            await self._postgrest.stop()
        if self._postgres is not None:
            await self._postgres.stop()
        self._postgrest = self._postgres = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    async def ready(self) -> dict[str, bool | str]:
        """`postgres` and `postgrest` (whether each answers now), and `failure` where one was given up on."""
        if self._postgres is None or self._postgrest is None:
            return {"postgres": False, "postgrest": False, "failure": "not started"}
        postgres, postgrest = await asyncio.gather(self.database.answers(), self._postgrest.ready())
        state: dict[str, bool | str] = {"postgres": postgres, "postgrest": postgrest}
        failures = [each.failure for each in self._supervisors.values() if each.failure]
        return state | {"failure": "; ".join(failures)} if failures else state

    def process_ids(self) -> dict[str, int | None]:
        """The process ids of `postgres` and `postgrest`, None for one that is not running."""
        return {
            "postgres": self._postgres.process.pid if self._postgres else None,
            "postgrest": self._postgrest.process.pid if self._postgrest else None,
        }

    async def ensure_user(self, email: str, password: str) -> str:
        """The id of the account of `email`, made if need be; its password is `password` afterwards.

        For accounts whose password this machine chose, such as the demo's.
        """
        accounts, passwords = Accounts(self.database), Passwords()
        user = await accounts.find_user(email)
        if user is None:
            try:
                user = await accounts.add_user(email, await passwords.hash(password), {})
            except EmailTaken:
                # Another worker was faster.
                return await self.ensure_user(email, password)
        elif not await passwords.matches(password, user.encrypted_password):
            user = await accounts.update_user(user.id, encrypted_password=await passwords.hash(password))
        return str(user.id)

    async def disable_user(self, email: str) -> bool:
        """Let no password open the account of `email`, and end its sessions; False where there is none."""
        accounts = Accounts(self.database)
        user = await accounts.find_user(email)
        if user is None:
            return False
        await accounts.update_user(user.id, encrypted_password=NO_PASSWORD)
        return True


@asynccontextmanager
async def embedded_stack(
    home: Path, *, durable: bool = True, check_every: float = CHECK_EVERY_SECONDS
) -> AsyncIterator[EmbeddedStack]:
    """A running stack on `home`, stopped at the end."""
    stack = EmbeddedStack(home, durable=durable, check_every=check_every)
    await stack.start()
    try:
        yield stack
    finally:
        await stack.stop()


__all__ = ["EmbeddedStack", "LocalStackError", "embedded_stack"]
