"""A backup made while the server writes, restored into a fresh home: every table as it was at one moment."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from backend.local.attach import attached_database
from backend.local.backup import back_up, restore
from backend.local.errors import LocalStackError
from backend.local.postgres import running_socket_dir
from backend.local.stack import SUPABASE_DIR
from tests.support.fakes.openrouter import FakeOpenRouter, Turn
from tests.support.product import REPOSITORY, Product, running_product

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

MIGRATIONS = SUPABASE_DIR / "migrations"
KEY = "sk-or-v1-backed-up-51ac"
_TABLES = """
select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and n.nspname in ('public', 'auth', 'supabase_migrations') order by 1, 2
"""
# What the page, the API and direct SQL see of the schema beside its rows.
_SHAPE = """
select 'column ' || attrelid::regclass || '.' || attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull
       || ' ' || array(select unnest(attacl)::text order by 1)::text
from pg_attribute join pg_class c on c.oid = attrelid join pg_namespace n on n.oid = relnamespace
where nspname in ('public', 'auth') and attnum > 0 and not attisdropped and c.relkind = 'r'
union all select 'policy ' || tablename || ' ' || policyname || ' ' || cmd || ' ' || coalesce(qual, '') || ' '
       || coalesce(with_check, '') from pg_policies
union all select 'index ' || indexdef from pg_indexes where schemaname in ('public', 'auth')
union all select 'table ' || oid::regclass || ' ' || relrowsecurity || relforcerowsecurity || ' '
       || array(select unnest(relacl)::text order by 1)::text
from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
union all select 'function ' || oid::regprocedure || ' ' || prosecdef || ' '
       || array(select unnest(proacl)::text order by 1)::text || ' ' || md5(prosrc)
from pg_proc where pronamespace in ('public'::regnamespace, 'auth'::regnamespace)
order by 1
"""


def contents(conninfo: str) -> tuple[dict[str, str], list[str]]:
    """A digest of every row of every table, and the schema."""
    digests = {}
    with psycopg.connect(conninfo) as connection:
        for schema, name in connection.execute(_TABLES).fetchall():
            query = sql.SQL("select t::text from {} t order by 1").format(sql.Identifier(schema, name))
            rows = [row[0] for row in connection.execute(query).fetchall()]
            digests[f"{schema}.{name}"] = f"{len(rows)} {hashlib.sha256(chr(10).join(rows).encode()).hexdigest()}"
        return digests, [row[0] for row in connection.execute(_SHAPE).fetchall()]


def rundown(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("RUNDOWN_", "SUPABASE_"))}
    return subprocess.run(
        [sys.executable, "-m", "backend.cli", *arguments],
        cwd=REPOSITORY,
        env={**inherited, "RUNDOWN_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _furnish(product: Product, run_file: Path) -> str:
    account = product.account("backup@example.com")
    model_id = account.add_model("acme/analyst-1", "Backed up")
    account.http.put(f"/api/models/{model_id}/api-key?verify=false", json={"api_key": KEY}).raise_for_status()
    run = f"/api/models/{model_id}/runs/{account.import_file(model_id, run_file)['run']['id']}"
    kept = account.post(f"{run}/chat-keep", {"message": "q", "content": "a — ünï\n\ttabs\\N"})
    account.post(f"/api/chat-sessions/{kept['session_id']}/shares", {})
    account.post(f"/api/models/{model_id}/rules", {"name": "r", "kind": "stop_loss", "params": {"pct": 2}})
    return run


@pytest.mark.long
def test_everything_comes_back_and_works(tmp_path: Path, openrouter: FakeOpenRouter, freqtrade_json: Path) -> None:
    home, fresh, file = tmp_path / "home", tmp_path / "fresh", tmp_path / "all.backup"
    settings = {"OPENROUTER_BASE_URL": openrouter.base_url, "RUNDOWN_DEMO": "false"}
    with running_product(home, **settings) as product:
        run = _furnish(product, freqtrade_json)
        before = contents(f"host={running_socket_dir(home)} user=supabase_admin dbname=postgres")
        made = rundown(home, "backup", str(file), "--with-keys")
        assert made.returncode == 0, made.stderr
        assert file.stat().st_mode & 0o777 == 0o600
        assert rundown(home, "backup", str(file)).returncode == 1, "a backup is never overwritten"
    assert not [name for name, digest in before[0].items() if digest.startswith("0 ")], "tables with nothing to lose"
    back = rundown(fresh, "restore", str(file))
    assert back.returncode == 0, back.stderr
    assert (fresh / "secret.key").read_text() == (home / "secret.key").read_text()
    again = rundown(fresh, "restore", str(file))
    assert (again.returncode, "already" in again.stderr) == (1, True), "a home with a database is left alone"
    with running_product(fresh, **settings) as product:
        after = contents(f"host={running_socket_dir(fresh)} user=supabase_admin dbname=postgres")
        assert after[1] == before[1]
        # Starting is no change; signing in, below, is.
        assert after[0] == before[0]
        account = product.account("backup@example.com")
        openrouter.reset()
        openrouter.script(Turn(text="It lost."))
        assert account.ask(run, "why?")[-1]["type"] == "done"
        assert openrouter.chats[-1].headers["authorization"] == f"Bearer {KEY}"
        account.add_model(name="identity columns go on counting")


async def test_backup_taken_while_turns_are_saved_holds_no_half_turn(
    tmp_path: Path, product: Product, freqtrade_json: Path
) -> None:
    run = _furnish(product, freqtrade_json)
    account, writing = product.account("backup@example.com"), threading.Event()

    def write() -> None:
        while not writing.is_set():
            account.post(f"{run}/chat-keep", {"message": "q", "content": "a"})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        file = tmp_path / "busy.backup"
        manifest = await back_up(product.home, file, with_keys=False)
    finally:
        writing.set()
        writer.join()
    with zipfile.ZipFile(file) as archive:
        assert sorted(archive.namelist()) == ["database.dump", "manifest.json"], "no key unless it was asked for"
        key = (product.home / "secret.key").read_bytes().strip()
        assert all(
            key not in archive.read(name) and KEY.encode() not in archive.read(name) for name in archive.namelist()
        )
    fresh = tmp_path / "fresh"
    restored = await restore(fresh, file, MIGRATIONS)
    assert restored.tables == manifest.tables
    async with attached_database(fresh) as database, database.connect("supabase_admin") as connection:
        halves = await connection.execute(
            "select id from public.chat_messages q where q.role = 'user' and not exists "
            "(select 1 from public.chat_messages a where a.parent_id = q.id and a.role = 'assistant')"
        )
        assert await halves.fetchall() == []
        asked = await connection.execute("select count(*) as n from public.chat_messages where role = 'user'")
        assert (await asked.fetchall())[0]["n"] > 0


@pytest.mark.parametrize("damage", ["cut", "bytes", "no dump", "newer"])
async def test_damaged_backup_is_refused_and_leaves_no_database(damage: str, tmp_path: Path, product: Product) -> None:
    file = tmp_path / "x.backup"
    await back_up(product.home, file, with_keys=False)
    whole = file.read_bytes()
    if damage == "cut":
        file.write_bytes(whole[: len(whole) // 2])
    elif damage == "bytes":
        middle = len(whole) // 2
        file.write_bytes(whole[:middle] + bytes(64) + whole[middle + 64 :])
    else:
        with zipfile.ZipFile(file) as old:
            manifest, dump = old.read("manifest.json"), old.read("database.dump")
        with zipfile.ZipFile(file, "w") as new:
            new.writestr("manifest.json", manifest.replace(b'"20261121090000"', b'"29991231000000"'))
            if damage == "newer":
                new.writestr("database.dump", dump)
    with pytest.raises(LocalStackError) as caught:
        await restore(tmp_path / "fresh", file, MIGRATIONS)
    assert caught.value.code == "backup_unreadable"
    assert not (tmp_path / "fresh" / "postgres").exists()
