"""Migrations on a real database: in order, once, each whole or not at all, and told about when they were edited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.local.database import Database
from backend.local.errors import LocalStackError
from backend.local.migrate import migrate, read_migrations
from backend.local.postgres import PostgresServer

pytestmark = pytest.mark.integration

MIGRATIONS = Path(__file__).parents[3] / "supabase" / "migrations"


@pytest.fixture
async def database(server: PostgresServer) -> AsyncIterator[Database]:
    """The server's database with nothing of an earlier test in it."""
    yield server.database
    async with server.database.connect("supabase_admin") as connection:
        await connection.execute("drop schema if exists supabase_migrations, private cascade")
        await connection.execute("drop schema public cascade")
        await connection.execute("create schema public authorization pg_database_owner")


def write(folder: Path, **files: str) -> Path:
    for name, sql in files.items():
        (folder / f"{name.removeprefix('v')}.sql").write_text(sql)
    return folder


async def history(database: Database) -> list[tuple[str, str]]:
    async with database.connect("postgres") as connection:
        cursor = await connection.execute(
            "select version, name from supabase_migrations.schema_migrations order by version"
        )
        return [(row["version"], row["name"]) for row in await cursor.fetchall()]


async def test_files_run_in_order_once_and_are_recorded_as_the_cli_does(database: Database, tmp_path: Path) -> None:
    write(tmp_path, v2_add_column="alter table t add b int;", v1_make_table="create table public.t (a int);")
    first = await migrate(database, tmp_path)
    assert first.applied == ["1_make_table.sql", "2_add_column.sql"]
    assert (await migrate(database, tmp_path)).applied == []
    write(tmp_path, v3_more="create table public.u (a int);")
    assert (await migrate(database, tmp_path)).applied == ["3_more.sql"]
    assert await history(database) == [("1", "make_table"), ("2", "add_column"), ("3", "more")]


async def test_failing_file_is_named_with_its_line_and_leaves_nothing(database: Database, tmp_path: Path) -> None:
    write(
        tmp_path,
        v1_good="create table public.good (a int);",
        v2_bad="create table public.half (a int);\n\nselect * from public.nowhere;\n",
        v3_never="create table public.never (a int);",
    )
    with pytest.raises(LocalStackError, match=r'2_bad\.sql failed, line 3: relation "public.nowhere"') as caught:
        await migrate(database, tmp_path)
    assert caught.value.code == "migration_failed"
    assert await history(database) == [("1", "good")]
    async with database.connect("postgres") as connection:
        cursor = await connection.execute("select tablename from pg_tables where schemaname = 'public'")
        assert [row["tablename"] for row in await cursor.fetchall()] == ["good"]
    write(tmp_path, v2_bad="select 1;")
    assert (await migrate(database, tmp_path)).applied == ["2_bad.sql", "3_never.sql"]


async def test_edited_file_is_told_about_and_not_run(database: Database, tmp_path: Path) -> None:
    write(tmp_path, v1_a="create table public.a (a int);\n")
    await migrate(database, tmp_path)
    write(tmp_path, v1_a="\ncreate table\n    public.a (a int)")
    assert (await migrate(database, tmp_path)).changed == [], "layout alone is no change"
    write(tmp_path, v1_a="create table public.b (a int);\n")
    report = await migrate(database, tmp_path)
    assert (report.applied, report.changed) == ([], ["1_a.sql"])


async def test_history_the_supabase_cli_split_is_the_same_file(database: Database, tmp_path: Path) -> None:
    write(tmp_path, v1_a="create table public.a (a int);\ncreate table public.b (b int);\n")
    await migrate(database, tmp_path)
    async with database.connect("postgres") as connection:
        await connection.execute(
            "update supabase_migrations.schema_migrations set statements = %s",
            (["create table public.a (a int)", "create table public.b (b int)"],),
        )
    assert (await migrate(database, tmp_path)).changed == []


async def test_version_this_code_does_not_know_is_told_about(database: Database, tmp_path: Path) -> None:
    write(tmp_path, v1_a="select 1;", v2_newer="select 2;")
    await migrate(database, tmp_path)
    (tmp_path / "2_newer.sql").unlink()
    assert (await migrate(database, tmp_path)).unknown == ["2"]


async def test_migrations_run_without_a_superusers_powers(database: Database, tmp_path: Path) -> None:
    write(tmp_path, v1_a="alter system set work_mem = '1GB';")
    with pytest.raises(LocalStackError, match=r"permission denied|ALTER SYSTEM cannot run"):
        await migrate(database, tmp_path)


def test_two_files_of_one_version_are_refused(tmp_path: Path) -> None:
    write(tmp_path, v1_a="select 1;", v1_b="select 1;")
    with pytest.raises(LocalStackError, match=r"1_b\.sql and 1_a\.sql have one version"):
        read_migrations(tmp_path)


def test_folder_without_migrations_is_refused(tmp_path: Path) -> None:
    write(tmp_path, readme="-- no version in the name")
    with pytest.raises(LocalStackError, match="No migrations"):
        read_migrations(tmp_path)


async def test_stop_prices_come_to_a_database_that_holds_runs(database: Database, tmp_path: Path) -> None:
    """A database of the version before, and a run imported into it."""
    every = read_migrations(MIGRATIONS)
    place = next(place for place, each in enumerate(every) if each.name == "carry_stop_prices")
    for each in every[:place]:
        (tmp_path / each.path.name).write_text(each.sql)
    await migrate(database, tmp_path)
    imported = """
        set local role authenticated;
        select set_config('request.jwt.claims', '{"sub": "00000000-0000-4000-8000-000000000001"}', true);
        select public.import_run((select max(id) from public.models), '{"name": "%s", "source": "csv"}',
                                 '{0, 1}', '{buy, sell}', '{A, A}', '{1, 1}', '{10, 11}' %s)
    """
    async with database.connect("supabase_admin") as connection:
        await connection.execute("""
            insert into auth.users (id, email, encrypted_password)
            values ('00000000-0000-4000-8000-000000000001', 'before@rundown.test', '') on conflict do nothing;
            insert into public.models (user_id, name, ai_model)
            values ('00000000-0000-4000-8000-000000000001', 'One', 'a/b')
        """)
        await connection.execute((imported % ("Before", "")).encode())
    assert (await migrate(database, MIGRATIONS)).applied == [each.path.name for each in every[place:]]
    async with database.connect("supabase_admin") as connection:
        await connection.execute((imported % ("After", ", p_stop_price => '{9, null}'")).encode())
    async with database.connect("supabase_admin") as connection:
        cursor = await connection.execute(
            "select public.get_run_frame(id) -> 'positions' -> 'stop_price' as stops from public.runs order by id"
        )
        assert [row["stops"] for row in await cursor.fetchall()] == [None, [9, None]]
        cursor = await connection.execute(
            "select count(*) as n from pg_proc "
            "where proname = 'import_run' and not has_function_privilege('anon', oid, 'execute')"
        )
        assert (await cursor.fetchall())[0]["n"] == 1


async def test_conversations_of_the_version_before_keep_all_that_hangs_on_them(
    database: Database, tmp_path: Path
) -> None:
    """Branches, pins, links and adopted rules, with conversations about runs made before there were subjects."""
    every = read_migrations(MIGRATIONS)
    place = next(place for place, each in enumerate(every) if each.name == "conversation_subjects")
    for each in every[:place]:
        (tmp_path / each.path.name).write_text(each.sql)
    await migrate(database, tmp_path)
    user = "00000000-0000-4000-8000-000000000002"
    as_user = f"""
        set local role authenticated;
        select set_config('request.jwt.claims', '{{"sub": "{user}"}}', true);
    """
    async with database.connect("supabase_admin") as connection:
        await connection.execute(
            f"""
            insert into auth.users (id, email, encrypted_password) values ('{user}', 'subjects@rundown.test', '')
                on conflict do nothing;
            insert into public.models (user_id, name, ai_model) values ('{user}', 'Two', 'a/b');
            """.encode()
        )
        await connection.execute(
            f"""
            {as_user}
            insert into public.runs (model_id, run_number, name, source)
                select (select max(id) from public.models), n, 'run ' || n, 'csv' from generate_series(1, 3) n;
            select public.save_chat_turn(r.id, null, 'about ' || r.name, 'q' || r.id, '{{"content": "why zebra?"}}',
                                         '{{"content": "because"}}') from public.runs r;
            -- The first question of each conversation asked in other words, and one conversation pinned.
            select public.save_chat_turn(s.run_id, s.id, 't', 'e' || s.id, '{{"content": "why, then?"}}',
                                         '{{"content": "edited"}}',
                                         p_edit_of => (select min(m.id) from public.chat_messages m
                                                       where m.session_id = s.id))
            from public.chat_sessions s;
            update public.chat_sessions set pinned = true where id = (select min(id) from public.chat_sessions);
            insert into public.chat_shares (session_id, token_hash, expires_at)
                select min(id), encode(sha256('a-token'), 'hex'), now() + interval '1 day' from public.chat_sessions;
            insert into public.model_rules (model_id, name, kind, source_message_id)
                select (select max(id) from public.models), 'stop', 'stop_loss', max(id) from public.chat_messages;
            """.encode()
        )
    assert (await migrate(database, MIGRATIONS)).applied == [each.path.name for each in every[place:]]
    async with database.connect("supabase_admin") as connection:
        cursor = await connection.execute(
            """
            select count(*) filter (where s.subject_kind = 'run' and s.subject_id = s.run_id) as sessions,
                   count(*) filter (where s.pinned) as pinned,
                   (select count(*) from public.chat_messages m where not m.pinned) as messages,
                   (select count(*) from public.model_rules where source_message_id is not null) as rules,
                   public.read_shared_chat('a-token') -> 'messages' -> 1 ->> 'content' as shared
            from public.chat_sessions s
            """
        )
        assert (await cursor.fetchall())[0] == {
            "sessions": 3,
            "pinned": 1,
            "messages": 12,
            "rules": 1,
            "shared": "edited",
        }
    async with database.connect("supabase_admin") as connection, connection.transaction():
        await connection.execute(as_user.encode())
        cursor = await connection.execute(
            """
            select count(*) as found, count(distinct subject_id) as runs, bool_and(run_name like 'run %') as named,
                   min((public.get_chat_branch(id) #>> '{messages,0,siblings}')) like '[%, %]' as branched
            from public.list_chat_sessions(p_search => 'zebra', p_kind => 'run')
            """
        )
        assert (await cursor.fetchall())[0] == {"found": 3, "runs": 3, "named": True, "branched": True}
