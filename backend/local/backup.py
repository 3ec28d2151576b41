"""The embedded database as one file, whole and consistent while it runs, and back into an empty home.

The file is a ZIP: `manifest.json`, `database.dump` (pg_dump's own format) and, only if asked for, the two keys of the
home. The dump holds sealed OpenRouter keys; without the server's key nobody opens them.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from pydantic import BaseModel, Field, ValidationError

from backend.local.attach import attached_database
from backend.local.database import Database
from backend.local.errors import LocalStackError
from backend.local.home import HomeLock, prepare_home, write_private
from backend.local.migrate import bootstrap, migrate, read_migrations
from backend.local.postgres import MAJOR_VERSION, PostgresServer, find_binaries
from backend.settings import inherited

_FORMAT = "rundown-backup/1"
_MANIFEST, _DUMP = "manifest.json", "database.dump"
# Where each key stands in the home, and in the file.
_KEY_FILES = ("secret.key", "keys/signing.pem")
_MANIFEST_LIMIT_BYTES = 1_000_000
_KEY_LIMIT_BYTES = 64 * 1024
# A dump is compressed by itself and stored as it is: one that unpacks to more was not made by `rundown backup`.
_MOST_TIMES_LARGER = 2
_TABLES = """
select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and n.nspname in ('public', 'auth', 'supabase_migrations') order by 1, 2
"""


class BackupManifest(BaseModel):
    """What a backup holds; `tables` counts the rows of each table at the moment it shows."""

    format: str
    created_at: datetime
    postgres: int
    migrations: list[str]
    tables: dict[str, int]
    keys: list[str] = Field(default_factory=list)

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(self.tables.values())


async def back_up(home: Path, file: Path, *, with_keys: bool) -> BackupManifest:
    """Write everything of `home`'s database to `file` (mode 0600), as it is at one moment.

    Raises:
        LocalStackError: `no_database`, `backup_failed`.
    """
    folder_of_file = _free_place(file)
    async with attached_database(home) as database:
        with tempfile.TemporaryDirectory(dir=folder_of_file, prefix=".rundown-backup-") as folder:
            dump = Path(folder) / _DUMP
            manifest = await _dump(database, dump)
            manifest.keys = [name for name in _KEY_FILES if with_keys and (home / name).is_file()]
            whole = Path(folder) / "whole.zip"
            await asyncio.to_thread(_pack, whole, manifest, dump, {name: home / name for name in manifest.keys})
            whole.replace(file)
    return manifest


async def restore(home: Path, file: Path, migrations: Path) -> BackupManifest:
    """Make the database of an empty `home` from `file`, bring it up to date, and check every table's rows.

    All or nothing: when it fails `home` has no database, as before. What can be seen to be wrong with the file, and
    what is in its way, is refused before anything is written.

    Raises:
        LocalStackError: `backup_unreadable`, `home_not_empty`, `restore_failed`, `migration_failed`.
    """
    manifest = _read_manifest(file)
    unknown = set(manifest.migrations) - {each.version for each in read_migrations(migrations)}
    if unknown:
        raise LocalStackError(
            f"{file} was made by a newer Rundown (it has the migrations {', '.join(sorted(unknown))}). Update this one "
            "first.",
            code="backup_unreadable",
        )
    _refuse_what_is_there(home, manifest)
    keys = _read_keys(file, manifest)
    await _check_dump(file, manifest)
    home = prepare_home(home)
    lock = HomeLock(home)
    lock.acquire()
    try:
        # Again, now that nobody else writes there.
        _refuse_what_is_there(home, manifest)
        await _restore_database(home, file, manifest, migrations)
        _write_keys(home, keys)
    finally:
        lock.release()
    return manifest


async def _dump(database: Database, dump: Path) -> BackupManifest:
    # The dump and the counts are of one snapshot, whatever is written meanwhile.
    connection = await psycopg.AsyncConnection.connect(database.conninfo("supabase_admin"), autocommit=True)
    async with connection:
        await connection.execute("begin isolation level repeatable read read only")
        exported = await (await connection.execute("select pg_export_snapshot()")).fetchone()
        await _run(
            "pg_dump",
            database,
            *("--format", "custom", "--file", str(dump), "--snapshot", exported[0] if exported else ""),
        )
        found = await connection.execute("select version from supabase_migrations.schema_migrations order by 1")
        return BackupManifest(
            format=_FORMAT,
            created_at=datetime.now(UTC),
            postgres=MAJOR_VERSION,
            migrations=[row[0] for row in await found.fetchall()],
            tables=await count_rows(connection),
        )


async def count_rows(connection: psycopg.AsyncConnection[Any]) -> dict[str, int]:
    """Rows of every table, by `schema.table`."""
    tables = await (await connection.execute(_TABLES)).fetchall()
    counts = {}
    for schema, name in tables:
        query = sql.SQL("select count(*) from {}").format(sql.Identifier(schema, name))
        row = await (await connection.execute(query)).fetchone()
        counts[f"{schema}.{name}"] = row[0] if row else 0
    return counts


def _pack(whole: Path, manifest: BackupManifest, dump: Path, keys: Mapping[str, Path]) -> None:
    descriptor = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    # pg_dump has compressed already.
    with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_MANIFEST, manifest.model_dump_json(indent=2))
        for name, path in keys.items():
            archive.writestr(name, path.read_bytes())
        archive.write(dump, _DUMP)
        archive.close()
        file.flush()
        os.fsync(file.fileno())


def _read_manifest(file: Path) -> BackupManifest:
    try:
        with zipfile.ZipFile(file) as archive:
            if archive.getinfo(_MANIFEST).file_size > _MANIFEST_LIMIT_BYTES or archive.testzip() is not None:
                raise ValueError(_MANIFEST)
            if archive.getinfo(_DUMP).file_size > _MOST_TIMES_LARGER * file.stat().st_size:
                raise ValueError(_DUMP)
            manifest = BackupManifest.model_validate(json.loads(archive.read(_MANIFEST)))
    except FileNotFoundError as error:
        raise LocalStackError(f"There is no file {file}.", code="backup_unreadable") from error
    except (zipfile.BadZipFile, KeyError, ValueError, ValidationError, OSError) as error:
        raise LocalStackError(f"{file} is no whole backup of Rundown's.", code="backup_unreadable") from error
    if manifest.format != _FORMAT or manifest.postgres > MAJOR_VERSION:
        raise LocalStackError(f"{file} was made by a newer Rundown. Update this one first.", code="backup_unreadable")
    return manifest


def _refuse_what_is_there(home: Path, manifest: BackupManifest) -> None:
    there = [name for name in ("postgres", *manifest.keys) if (home / name).exists()]
    if there:
        raise LocalStackError(
            f"{home} holds {', '.join(there)} already; a backup is restored into a home of its own. Name another "
            "folder with RUNDOWN_HOME, or move what is there away.",
            code="home_not_empty",
        )


async def _restore_database(home: Path, file: Path, manifest: BackupManifest, migrations: Path) -> None:
    postgres = PostgresServer(home)
    try:
        await postgres.start()
        try:
            # The roles are no part of a database's dump; the tables made along with them are replaced.
            await bootstrap(postgres.database)
            await _load(home, file, postgres.database)
            connection = await psycopg.AsyncConnection.connect(postgres.database.conninfo("supabase_admin"))
            async with connection:
                counted = await count_rows(connection)
            if counted != manifest.tables:
                raise LocalStackError("The backup does not hold the rows it says.", code="restore_failed")
            await migrate(postgres.database, migrations)
        finally:
            await postgres.stop()
    except BaseException:
        await asyncio.to_thread(shutil.rmtree, postgres.data_dir, ignore_errors=True)
        raise


async def _check_dump(file: Path, manifest: BackupManifest) -> None:
    """Refuse a dump that is none, or that is of other tables than the manifest says."""
    with tempfile.TemporaryDirectory(prefix="rundown-restore-") as folder:
        dump = Path(folder) / _DUMP
        await asyncio.to_thread(_unpack_dump, file, dump)
        process = await asyncio.create_subprocess_exec(
            *(str(find_binaries() / "pg_restore"), "--list", str(dump)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=inherited("PATH") | {"LC_ALL": "C"},
        )
        listed, _ = await process.communicate()
    lines = [line.split() for line in listed.decode(errors="replace").splitlines() if not line.startswith(";")]
    # Number; catalog, object, TABLE, schema, name, owner.
    tables = {f"{words[4]}.{words[5]}" for words in lines if words[3:4] == ["TABLE"] and len(words) > 6}
    if process.returncode != 0 or not set(manifest.tables) <= tables:
        raise LocalStackError(f"{file} is no whole backup of Rundown's.", code="backup_unreadable")


def _unpack_dump(file: Path, dump: Path) -> None:
    with zipfile.ZipFile(file) as archive, archive.open(_DUMP) as packed, dump.open("wb") as unpacked:
        shutil.copyfileobj(packed, unpacked, 1 << 20)


async def _load(home: Path, file: Path, database: Database) -> None:
    with tempfile.TemporaryDirectory(dir=home, prefix="restore-") as folder:
        dump = Path(folder) / _DUMP
        await asyncio.to_thread(_unpack_dump, file, dump)
        await _run("pg_restore", database, "--clean", "--if-exists", "--single-transaction", str(dump))


def _read_keys(file: Path, manifest: BackupManifest) -> dict[str, bytes]:
    """The keys that the manifest says the file holds, and no other."""
    try:
        with zipfile.ZipFile(file) as archive:
            sizes = {name: archive.getinfo(name).file_size for name in manifest.keys}
            if not set(sizes) <= set(_KEY_FILES) or any(size > _KEY_LIMIT_BYTES for size in sizes.values()):
                raise KeyError(_MANIFEST)
            return {name: archive.read(name) for name in sizes}
    except KeyError as error:
        raise LocalStackError(f"{file} is no whole backup of Rundown's.", code="backup_unreadable") from error


def _write_keys(home: Path, keys: Mapping[str, bytes]) -> None:
    for name, content in keys.items():
        (home / name).parent.mkdir(mode=0o700, exist_ok=True)
        write_private(home / name, content)


async def _run(program: str, database: Database, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs against the database; its own words are the reason when it fails."""
    process = await asyncio.create_subprocess_exec(
        str(find_binaries() / program),
        *("--host", str(database.socket_dir), "--username", "supabase_admin", "--no-password"),
        *("--dbname", database.name),
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=inherited("PATH") | {"LC_ALL": "C"},
    )
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        words = said.decode(errors="replace").strip()[-2000:]
        code = "backup_failed" if program == "pg_dump" else "restore_failed"
        raise LocalStackError(f"{program} failed: {words}", code=code)


def _free_place(file: Path) -> Path:
    """The folder that `file`, which must not exist, will be in."""
    if file.exists():
        raise LocalStackError(f"{file} is there already. Choose another name.", code="backup_failed")
    if not file.parent.is_dir():
        raise LocalStackError(f"There is no folder {file.parent}.", code="backup_failed")
    return file.parent
