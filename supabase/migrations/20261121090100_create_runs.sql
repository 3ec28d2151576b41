-- Runs: one finished (or running) backtest, paper or live run of a model.
create table public.runs (
    id bigint generated always as identity primary key,
    user_id uuid not null default auth.uid() references auth.users (id) on delete cascade,
    model_id bigint not null,
    run_number integer not null check (run_number > 0),
    name text not null check (length(btrim(name)) between 1 and 200),
    source text not null,
    status text not null default 'completed' check (status in ('running', 'completed', 'failed')),
    currency text not null default 'USD' check (length(currency) between 1 and 12),
    initial_cash numeric check (initial_cash >= 0),
    started_at timestamptz,
    ended_at timestamptz,
    periods_per_year integer check (periods_per_year between 1 and 100000),
    settings jsonb not null default '{}',
    published jsonb not null default '{}',
    -- Headline figures computed by backend/analysis when the positions last changed; lists show them.
    summary jsonb not null default '{}',
    notes text not null default '' check (length(notes) <= 20000),
    version integer not null default 1,
    created_at timestamptz not null default now(),
    unique (model_id, run_number),
    unique (id, user_id),
    -- Parent and child have one owner, whoever writes: the foreign key carries the owner.
    foreign key (model_id, user_id) references public.models (id, user_id) on delete cascade
);
create index runs_user_id_idx on public.runs (user_id, id desc);
create index runs_model_id_idx on public.runs (model_id, user_id);

alter table public.runs enable row level security;
alter table public.runs force row level security;
revoke all on public.runs from anon, authenticated;
grant select, delete on public.runs to authenticated;
grant insert (model_id, run_number, name, source, status, currency, initial_cash, started_at, ended_at,
              periods_per_year, settings, published, summary, notes) on public.runs to authenticated;
grant update (name, status, currency, initial_cash, periods_per_year, notes, summary, version)
    on public.runs to authenticated;

create policy "Owners read their runs" on public.runs
    for select to authenticated using ((select auth.uid()) = user_id);
create policy "Owners add runs to their models" on public.runs
    for insert to authenticated with check (
        (select auth.uid()) = user_id
        and exists (select 1 from public.models m where m.id = model_id and m.user_id = (select auth.uid()))
    );
create policy "Owners change their runs" on public.runs
    for update to authenticated using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Owners delete their runs" on public.runs
    for delete to authenticated using ((select auth.uid()) = user_id);
