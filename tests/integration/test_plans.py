"""Every request of the API on a large database, and what PostgreSQL itself counted: no table was read whole.

The counter of sequential scans (pg_stat_user_tables) sees every statement as it was executed, those inside functions,
policies and foreign keys too, with the caller's role and row-level security. The requests are made from the OpenAPI
document, so that a new endpoint is in it by itself.

The size is 1,000 runs of 100 positions; RUNDOWN_SCALE=10000x1000 makes it the ten million that was measured once.
"""

import os
import time
from pathlib import Path

import httpx
import psycopg
import pytest

from backend.local.postgres import running_socket_dir
from tests.integration.security.openapi_calls import requests_of
from tests.integration.security.test_isolation import PUBLIC, furnish
from tests.support.fakes.openrouter import FakeOpenRouter
from tests.support.product import Account, Product, running_product

pytestmark = [pytest.mark.integration, pytest.mark.long, pytest.mark.timeout(7200)]

RUNS, POSITIONS = (int(part) for part in os.environ.get("RUNDOWN_SCALE", "1000x100").split("x"))
USERS = 50
# Others' data, written by the superuser without triggers: what it hangs on is made in the same breath.
_FILL = """
set session_replication_role = replica;
insert into auth.users (email, encrypted_password) select 'scale-' || n || '@example.com', 'x'
from generate_series(1, {users}) n;
insert into public.models (user_id, name, ai_model)
select id, 'm' || n, 'offline/analyst' from auth.users, generate_series(1, 100) n where email like 'scale-%';
insert into public.runs (user_id, model_id, run_number, name, source)
select m.user_id, m.id, 100 + n, 'r' || n, 'csv'
from (select *, row_number() over (order by id) as place from public.models where name ~ '^m[1-5]$') m,
     generate_series(1, {runs}) n where n % {models} = m.place - 1;
insert into public.positions (user_id, run_id, seq, ts, action, symbol, quantity, price)
select r.user_id, r.id, s, '2026-01-01'::timestamptz + s * interval '1 minute',
       case s % 2 when 1 then 'buy' else 'sell' end, 'S' || s % 20, 1, 100 + s % 7
-- In the order of the widest index, run by run: every index then grows at few places, which stay in memory.
from (select user_id, id from public.runs where source = 'csv' and run_number > 100 order by user_id, id) r
cross join lateral generate_series(1, {positions}) s;
insert into public.chat_sessions (user_id, model_id, run_id, session_title)
select user_id, model_id, id, 'why' from public.runs where run_number > 100;
insert into public.chat_messages (user_id, session_id, role, content)
select s.user_id, s.id, case n % 2 when 1 then 'user' else 'assistant' end, 'text ' || n
from public.chat_sessions s, generate_series(1, 6) n where s.session_title = 'why';
insert into public.model_rules (user_id, model_id, name, kind)
select user_id, id, 'rule ' || n, 'stop_loss' from public.models, generate_series(1, 8) n where name ~ '^m[1-5]$';
insert into public.chat_shares (user_id, session_id, token_hash, expires_at)
select user_id, id, encode(sha256(id::text::bytea), 'hex'), now() + interval '9 days' from public.chat_sessions
where session_title = 'why';
set session_replication_role = default;
"""
_COUNTED = """
select relname, seq_scan from pg_stat_user_tables where schemaname = 'public'
"""
# A backend that ends hands in what it has counted.
_HAND_IN = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = 'authenticator'"


def test_no_request_reads_a_whole_table(tmp_path: Path, openrouter: FakeOpenRouter) -> None:
    home = tmp_path / "home"
    with running_product(home, OPENROUTER_BASE_URL=openrouter.base_url, RUNDOWN_DEMO="false") as product:
        account = product.account("plans@example.com")
        ids = furnish(account, "plans")
        with _database(home) as connection:
            began_at = time.monotonic()
            connection.execute(_FILL.format(users=USERS, models=USERS * 5, runs=RUNS, positions=POSITIONS).encode())
            connection.execute("vacuum analyze")
            filled_s = time.monotonic() - began_at
        account = product.account("plans@example.com")
        requests = list(requests_of(account.get("/openapi.json"), ids))
        reads = [request for request in requests if request.verb == "get"]
        before = _scans(home, product.base_url)
        taken = []
        for request in requests:
            answer = account.http.request(**request.arguments())
            taken.append((answer.elapsed.total_seconds(), request.name))
            assert answer.status_code < 300 or request.name in PUBLIC, (request.name, answer.text)
        after = _scans(home, product.base_url)
        scans = {table: count - before[table] for table, count in after.items() if count > before[table]}
    slowest = ", ".join(f"{name} {seconds:.2f} s" for seconds, name in sorted(taken, reverse=True)[:3])
    print(
        f"{RUNS:,} runs, {RUNS * POSITIONS:,} positions, written in {filled_s:.0f} s: {len(requests)} requests, "
        f"sequential scans: {scans}; the slowest requests: {slowest}"
    )
    assert len(reads) > 15
    assert scans == {}


def test_counter_sees_a_whole_table_being_read(product: Product, alice: Account) -> None:
    """The control: one statement without an index to go by, and the counter says so."""
    before = _scans(product.home, product.base_url)
    with _database(product.home) as connection:
        connection.execute("select count(*) from public.positions where fees < -1")
    assert _scans(product.home, product.base_url)["positions"] > before["positions"]


def _database(home: Path) -> psycopg.Connection:
    return psycopg.connect(f"host={running_socket_dir(home)} user=supabase_admin dbname=postgres", autocommit=True)


def _scans(home: Path, base_url: str) -> dict[str, int]:
    """Sequential scans of each table up to now."""
    with _database(home) as connection:
        connection.execute(_HAND_IN)
        counted = dict(connection.execute(_COUNTED).fetchall())
    _wait_until_ready(base_url)
    return counted


def _wait_until_ready(base_url: str) -> None:
    """PostgREST connects anew."""
    deadline = time.monotonic() + 60
    while httpx.get(f"{base_url}/readyz").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)
