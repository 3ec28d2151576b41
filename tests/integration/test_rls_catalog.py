"""A sweep through the catalog: what has to hold for every table and function, also one nobody has thought of yet."""

from __future__ import annotations

import json
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from backend.local.stack import EmbeddedStack
from tests.conftest import PASSWORD, MakeUser
from tests.integration.rls_cases import CASES, FUNCTIONS, PUBLIC_FUNCTIONS, TRIGGER_FUNCTIONS, make_person

pytestmark = pytest.mark.integration

_TABLES = """
select c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
       array(select p.cmd::text from pg_policies p
             where p.schemaname = 'public' and p.tablename = c.relname order by 1) as verbs,
       exists (select 1 from pg_policies p where p.schemaname = 'public' and p.tablename = c.relname
               and (p.roles <> '{authenticated}' or coalesce(p.qual, p.with_check) not like '%auth.uid()%')) as loose,
       exists (select 1 from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
               where i.indrelid = c.oid and a.attname = 'user_id') as indexed,
       exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'user_id' and a.attnotnull)
           as owned
from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1
"""
_RELATION_GRANTS = """
select c.relname || ': ' || a.privilege_type as name
from pg_class c, aclexplode(c.relacl) a
where c.relnamespace = 'public'::regnamespace
  and (a.grantee = 0 or a.grantee = 'anon'::regrole
       or (a.grantee = 'authenticated'::regrole and a.privilege_type not in ('SELECT', 'DELETE')))
union all
select c.relname || '.' || t.attname || ': ' || a.privilege_type
from pg_class c join pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a
where c.relnamespace = 'public'::regnamespace
  and (a.grantee = 0 or a.grantee = 'anon'::regrole
       or (a.grantee = 'authenticated'::regrole and t.attname in ('id', 'user_id', 'created_at')))
"""
_FUNCTIONS = """
select p.oid::regprocedure::text as name,
       p.prosecdef as definer,
       has_function_privilege('anon', p.oid, 'execute') as by_anon,
       exists (select 1 from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0)
           as by_all,
       coalesce(p.proconfig @> array['search_path=""'], false) as pinned
from pg_proc p where p.pronamespace = 'public'::regnamespace
"""


async def _catalog(stack: EmbeddedStack, query: str) -> list[dict[str, Any]]:
    async with stack.database.connect("supabase_admin") as connection:
        return await (await connection.execute(query.encode())).fetchall()


async def test_every_public_table_has_a_case_here(stack: EmbeddedStack) -> None:
    assert sorted(CASES) == [table["name"] for table in await _catalog(stack, _TABLES)]


async def test_every_public_table_is_locked_to_its_owner(stack: EmbeddedStack) -> None:
    for table in await _catalog(stack, _TABLES):
        assert table["enabled"], f"{table['name']}: row-level security is off"
        assert table["forced"], f"{table['name']}: row-level security is not forced on its owner"
        assert table["verbs"] == ["DELETE", "INSERT", "SELECT", "UPDATE"], f"{table['name']}: {table['verbs']}"
        assert not table["loose"], f"{table['name']}: a policy for more than authenticated, or without auth.uid()"
        assert table["owned"], f"{table['name']}: user_id is missing or may be null"
        assert table["indexed"], f"{table['name']}: no index leads with user_id"


async def test_nothing_public_is_granted_wider_than_its_use(stack: EmbeddedStack) -> None:
    assert [grant["name"] for grant in await _catalog(stack, _RELATION_GRANTS)] == []


async def test_no_public_view_escapes_row_level_security(stack: EmbeddedStack) -> None:
    views = "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('m', 'f')"
    assert await _catalog(stack, views) == []
    loose = (
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v'"
        " and not coalesce(reloptions @> array['security_invoker=true'], false)"
    )
    assert await _catalog(stack, loose) == []


async def test_every_public_function_runs_as_its_caller(stack: EmbeddedStack) -> None:
    functions = {each["name"].split("(")[0].removeprefix("public."): each for each in await _catalog(stack, _FUNCTIONS)}
    assert set(functions) == set(FUNCTIONS) | PUBLIC_FUNCTIONS | TRIGGER_FUNCTIONS
    for name in PUBLIC_FUNCTIONS:
        each = functions.pop(name)
        assert each["definer"]
        assert each["pinned"], f"{name} has no empty search_path"
        assert not each["by_all"], f"{name} can be called by public"
    for each in functions.values():
        assert not each["definer"], f"{each['name']} is security definer"
        assert not each["by_anon"], f"{each['name']} can be called by anon"
        assert not each["by_all"], f"{each['name']} can be called by public"
        assert each["pinned"], f"{each['name']} has no empty search_path"


@pytest.mark.parametrize(
    ("statement", "query", "symptom"),
    [
        ("alter table public.runs disable row level security", _TABLES, ("enabled", False)),
        ("alter table public.runs no force row level security", _TABLES, ("forced", False)),
        ('create policy "Open" on public.runs for select to anon using (true)', _TABLES, ("loose", True)),
        ("grant select on public.runs to anon", _RELATION_GRANTS, ("name", "runs: SELECT")),
        ("grant update (user_id) on public.runs to authenticated", _RELATION_GRANTS, ("name", "runs.user_id: UPDATE")),
        ("grant execute on function public.get_run_frame to anon", _FUNCTIONS, ("by_anon", True)),
        ("alter function public.get_run_frame security definer", _FUNCTIONS, ("definer", True)),
        ("create table public.forgotten (id int)", _TABLES, ("owned", False)),
        ("create table public.forgotten (id int)", _RELATION_GRANTS, ("name", "forgotten: INSERT")),
    ],
)
async def test_sweep_sees_the_hole(statement: str, query: str, symptom: tuple[str, Any], stack: EmbeddedStack) -> None:
    """A sweep that can't fail proves nothing: each hole it is for, made and rolled back."""
    connection = await psycopg.AsyncConnection.connect(
        stack.database.conninfo("postgres"), row_factory=psycopg.rows.dict_row
    )
    try:
        await connection.execute(statement.encode())
        rows = await (await connection.execute(query.encode())).fetchall()
    finally:
        await connection.rollback()
        await connection.close()
    name, value = symptom
    assert value in [row[name] for row in rows]


_COLUMNS = """
select a.attname as name, has_column_privilege('authenticated', a.attrelid, a.attnum, 'update') as may_update
from pg_attribute a where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped
"""


async def test_a_direct_sql_session_of_a_stranger_touches_no_row_of_any_table(
    stack: EmbeddedStack, rest: httpx.AsyncClient, make_user: MakeUser
) -> None:
    """Every table of the catalog, also one made tomorrow: nothing to read, to change or to delete."""
    await make_person("catalog-owner@example.com", rest, make_user)
    stranger = await stack.ensure_user("catalog-stranger@example.com", PASSWORD)
    claims = json.dumps({"sub": stranger, "role": "authenticated"})
    tables = [table["name"] for table in await _catalog(stack, _TABLES)]
    connection = await psycopg.AsyncConnection.connect(
        stack.database.conninfo("supabase_admin"), row_factory=psycopg.rows.dict_row
    )
    try:
        for name in tables:
            table = sql.Identifier("public", name)
            there = await (await connection.execute(sql.SQL("select count(*) as n from {}").format(table))).fetchone()
            assert there, name
            assert there["n"] > 0, f"{name}: no row that could be seen; give it one in rls_cases.py"
            columns = await (await connection.execute(_COLUMNS, (f"public.{name}",))).fetchall()
            statements = [sql.SQL("select * from {}").format(table), sql.SQL("delete from {}").format(table)]
            statements += [
                sql.SQL("update {} set {c} = {c}").format(table, c=sql.Identifier(column["name"]))
                for column in columns
                if column["may_update"]
            ]
            for statement in statements:
                await connection.execute("savepoint before")
                await connection.execute("select set_config('request.jwt.claims', %s, true)", (claims,))
                await connection.execute("set local role authenticated")
                touched = await connection.execute(statement)
                assert touched.rowcount == 0, (name, statement.as_string(connection))
                await connection.execute("rollback to savepoint before")
    finally:
        await connection.rollback()
        await connection.close()
