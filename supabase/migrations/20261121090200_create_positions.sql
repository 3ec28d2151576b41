-- Positions: one row, one action of a run. The action gives the direction; quantity is never negative.
create table public.positions (
    id bigint generated always as identity,
    -- No foreign key of its own to auth.users: the run's covers it, and one less is a quarter of an import's time.
    user_id uuid not null default auth.uid(),
    run_id bigint not null,
    seq integer not null check (seq > 0),
    ts timestamptz not null,
    action text not null check (action in ('buy', 'sell', 'short', 'cover', 'hold')),
    symbol text not null default '',
    quantity numeric check (quantity > 0),
    price numeric check (price >= 0),
    fees numeric not null default 0,
    funding numeric not null default 0,
    trade_ref text,
    realized_pnl numeric,
    low_price numeric,
    high_price numeric,
    cash numeric,
    equity numeric,
    holdings jsonb,
    tag text,
    reasoning text,
    created_at timestamptz not null default now(),
    -- Leads with run_id so that the table can be partitioned or distributed on it.
    primary key (run_id, id),
    unique (run_id, seq),
    foreign key (run_id, user_id) references public.runs (id, user_id) on delete cascade,
    check (action = 'hold' or (quantity is not null and price is not null and symbol <> ''))
);
create index positions_user_id_idx on public.positions (user_id, run_id, seq);

alter table public.positions enable row level security;
alter table public.positions force row level security;
revoke all on public.positions from anon, authenticated;
grant select, delete on public.positions to authenticated;
grant insert (run_id, seq, ts, action, symbol, quantity, price, fees, funding, trade_ref, realized_pnl,
              low_price, high_price, cash, equity, holdings, tag, reasoning) on public.positions to authenticated;
grant update (tag, reasoning) on public.positions to authenticated;

create policy "Owners read their positions" on public.positions
    for select to authenticated using ((select auth.uid()) = user_id);
-- "in (select …)" is evaluated once a statement, not once a row: an import is one statement.
create policy "Owners add positions to their runs" on public.positions
    for insert to authenticated with check (
        (select auth.uid()) = user_id
        and run_id in (select r.id from public.runs r where r.user_id = (select auth.uid()))
    );
create policy "Owners annotate their positions" on public.positions
    for update to authenticated using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Owners delete their positions" on public.positions
    for delete to authenticated using ((select auth.uid()) = user_id);
