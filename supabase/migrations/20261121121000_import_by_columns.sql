-- An import arrives as columns, not as row objects: a third of the bytes, and no JSON object to open per row.
-- The run remembers the file it was made of, so that the same file a second time can be told.
alter table public.runs
    -- SHA-256 of the file's bytes (and of the strategy chosen in it, when it holds several), in hexadecimal.
    add column content_sha256 text check (content_sha256 ~ '^[0-9a-f]{64}$');
create index runs_content_idx on public.runs (model_id, content_sha256) where content_sha256 is not null;
grant insert (content_sha256) on public.runs to authenticated;

drop function public.import_run(bigint, jsonb, json);

-- One import, one transaction: the run and all its positions, or nothing.
-- The arrays are the columns of public.positions in order of seq, times in microseconds since the epoch; a column that
-- no row uses is left out. A file that the model already has is refused as a unique violation unless p_again.
-- The timeout is the function's own: PostgREST takes it for the whole call, whatever the role's is.
create function public.import_run(
    p_model_id bigint, p_run jsonb, p_ts bigint[], p_action text[], p_symbol text[] default null,
    p_quantity numeric[] default null, p_price numeric[] default null, p_fees numeric[] default null,
    p_funding numeric[] default null, p_trade_ref text[] default null, p_realized_pnl numeric[] default null,
    p_low_price numeric[] default null, p_high_price numeric[] default null, p_cash numeric[] default null,
    p_equity numeric[] default null, p_holdings json[] default null, p_tag text[] default null,
    p_reasoning text[] default null, p_again boolean default false)
returns jsonb
language plpgsql
security invoker
set search_path = ''
set statement_timeout = '10min'
as $$
declare
    new_run public.runs;
begin
    -- Serialises numbering per model; also answers "not yours" before any work is done.
    perform 1 from public.models where id = p_model_id for update;
    if not found then
        raise exception 'model not found' using errcode = 'P0002';
    end if;
    if not p_again and exists (
        select 1 from public.runs r where r.model_id = p_model_id and r.content_sha256 = p_run ->> 'content_sha256') then
        raise exception 'already imported' using errcode = '23505';
    end if;
    insert into public.runs (model_id, run_number, name, source, status, currency, initial_cash, started_at,
                             ended_at, periods_per_year, settings, published, summary, notes, content_sha256)
    select p_model_id,
           coalesce((select max(r.run_number) from public.runs r where r.model_id = p_model_id), 0) + 1,
           p_run ->> 'name', p_run ->> 'source', coalesce(p_run ->> 'status', 'completed'),
           coalesce(p_run ->> 'currency', 'USD'), (p_run ->> 'initial_cash')::numeric,
           (p_run ->> 'started_at')::timestamptz, (p_run ->> 'ended_at')::timestamptz,
           (p_run ->> 'periods_per_year')::integer, coalesce(p_run -> 'settings', '{}'),
           coalesce(p_run -> 'published', '{}'), coalesce(p_run -> 'summary', '{}'), coalesce(p_run ->> 'notes', ''),
           p_run ->> 'content_sha256'
    returning * into new_run;
    insert into public.positions (run_id, seq, ts, action, symbol, quantity, price, fees, funding, trade_ref,
                                  realized_pnl, low_price, high_price, cash, equity, holdings, tag, reasoning)
    select new_run.id, x.seq, 'epoch'::timestamptz + x.ts * '1 microsecond'::interval, x.action,
           coalesce(x.symbol, ''), x.quantity, x.price, coalesce(x.fees, 0), coalesce(x.funding, 0), x.trade_ref,
           x.realized_pnl, x.low_price, x.high_price, x.cash, x.equity, x.holdings::jsonb, x.tag, x.reasoning
    from unnest(p_ts, p_action, p_symbol, p_quantity, p_price, p_fees, p_funding, p_trade_ref, p_realized_pnl,
                p_low_price, p_high_price, p_cash, p_equity, p_holdings, p_tag, p_reasoning)
        with ordinality as x (ts, action, symbol, quantity, price, fees, funding, trade_ref, realized_pnl, low_price,
                              high_price, cash, equity, holdings, tag, reasoning, seq);
    return to_jsonb(new_run);
end;
$$;

revoke execute on all functions in schema public from public, anon;
grant execute on function public.import_run(
    bigint, jsonb, bigint[], text[], text[], numeric[], numeric[], numeric[], numeric[], text[], numeric[], numeric[],
    numeric[], numeric[], numeric[], json[], text[], text[], boolean) to authenticated;
