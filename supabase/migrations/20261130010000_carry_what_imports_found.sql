-- What an import must go on saying of a run, and what a fill may say beside price and quantity: its leverage, the money
-- that a point of price is worth, the coin of its fees where it is not the run's currency, the account, and whether it
-- opened or closed something.
alter table public.runs
    add column warnings jsonb not null default '[]' check (jsonb_typeof(warnings) = 'array');
grant insert (warnings) on public.runs to authenticated;
alter table public.positions
    add column leverage numeric check (leverage > 0),
    add column multiplier numeric check (multiplier > 0),
    add column fee_currency text check (length(fee_currency) between 1 and 12),
    add column account text check (length(account) between 1 and 200),
    add column open_close text check (open_close in ('open', 'close'));
grant insert (leverage, multiplier, fee_currency, account, open_close) on public.positions to authenticated;

drop function public.import_run(
    bigint, jsonb, bigint[], text[], text[], numeric[], numeric[], numeric[], numeric[], text[], numeric[], numeric[],
    numeric[], numeric[], numeric[], numeric[], json[], text[], text[], boolean);

-- As before, with the new columns.
create function public.import_run(
    p_model_id bigint, p_run jsonb, p_ts bigint[], p_action text[], p_symbol text[] default null,
    p_quantity numeric[] default null, p_price numeric[] default null, p_fees numeric[] default null,
    p_funding numeric[] default null, p_trade_ref text[] default null, p_realized_pnl numeric[] default null,
    p_low_price numeric[] default null, p_high_price numeric[] default null, p_stop_price numeric[] default null,
    p_cash numeric[] default null, p_equity numeric[] default null, p_holdings json[] default null,
    p_tag text[] default null, p_reasoning text[] default null, p_leverage numeric[] default null,
    p_multiplier numeric[] default null, p_fee_currency text[] default null, p_account text[] default null,
    p_open_close text[] default null, p_again boolean default false)
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
                             ended_at, periods_per_year, settings, published, warnings, summary, notes, content_sha256)
    select p_model_id,
           coalesce((select max(r.run_number) from public.runs r where r.model_id = p_model_id), 0) + 1,
           p_run ->> 'name', p_run ->> 'source', coalesce(p_run ->> 'status', 'completed'),
           coalesce(p_run ->> 'currency', 'USD'), (p_run ->> 'initial_cash')::numeric,
           (p_run ->> 'started_at')::timestamptz, (p_run ->> 'ended_at')::timestamptz,
           (p_run ->> 'periods_per_year')::integer, coalesce(p_run -> 'settings', '{}'),
           coalesce(p_run -> 'published', '{}'), coalesce(p_run -> 'warnings', '[]'), coalesce(p_run -> 'summary', '{}'),
           coalesce(p_run ->> 'notes', ''), p_run ->> 'content_sha256'
    returning * into new_run;
    insert into public.positions (run_id, seq, ts, action, symbol, quantity, price, fees, funding, trade_ref,
                                  realized_pnl, low_price, high_price, stop_price, cash, equity, holdings, tag,
                                  reasoning, leverage, multiplier, fee_currency, account, open_close)
    select new_run.id, x.seq, 'epoch'::timestamptz + x.ts * '1 microsecond'::interval, x.action,
           coalesce(x.symbol, ''), x.quantity, x.price, coalesce(x.fees, 0), coalesce(x.funding, 0), x.trade_ref,
           x.realized_pnl, x.low_price, x.high_price, x.stop_price, x.cash, x.equity, x.holdings::jsonb,
           x.tag, x.reasoning, x.leverage, x.multiplier, x.fee_currency, x.account, x.open_close
    from unnest(p_ts, p_action, p_symbol, p_quantity, p_price, p_fees, p_funding, p_trade_ref, p_realized_pnl,
                p_low_price, p_high_price, p_stop_price, p_cash, p_equity, p_holdings, p_tag, p_reasoning, p_leverage,
                p_multiplier, p_fee_currency, p_account, p_open_close)
        with ordinality as x (ts, action, symbol, quantity, price, fees, funding, trade_ref, realized_pnl, low_price,
                              high_price, stop_price, cash, equity, holdings, tag, reasoning, leverage, multiplier,
                              fee_currency, account, open_close, seq);
    return to_jsonb(new_run);
end;
$$;

revoke execute on function public.import_run(
    bigint, jsonb, bigint[], text[], text[], numeric[], numeric[], numeric[], numeric[], text[], numeric[], numeric[],
    numeric[], numeric[], numeric[], numeric[], json[], text[], text[], numeric[], numeric[], text[], text[], text[],
    boolean) from public, anon;
grant execute on function public.import_run(
    bigint, jsonb, bigint[], text[], text[], numeric[], numeric[], numeric[], numeric[], text[], numeric[], numeric[],
    numeric[], numeric[], numeric[], numeric[], json[], text[], text[], numeric[], numeric[], text[], text[], text[],
    boolean) to authenticated;

-- As before, with the new columns.
create or replace function public.get_run_frame(p_run_id bigint, p_after_seq integer default 0, p_limit integer default null)
returns json
language sql
stable
security invoker
set search_path = ''
as $$
    select json_build_object('run', case when p_after_seq = 0 then to_jsonb(r.*) end, 'positions', (
        select json_build_object(
            'seq', coalesce(json_agg(p.seq), '[]'),
            'ts', coalesce(json_agg(date_part('epoch', date_trunc('second', p.ts))::bigint * 1000000
                                    + date_part('microseconds', p.ts)::bigint % 1000000), '[]'),
            'action', coalesce(json_agg(p.action), '[]'),
            'symbol', coalesce(json_agg(p.symbol), '[]'),
            'quantity', case when count(p.quantity) > 0 then json_agg(p.quantity) end,
            'price', case when count(p.price) > 0 then json_agg(p.price) end,
            'fees', coalesce(json_agg(p.fees), '[]'),
            'funding', coalesce(json_agg(p.funding), '[]'),
            'trade_ref', case when count(p.trade_ref) > 0 then json_agg(p.trade_ref) end,
            'realized_pnl', case when count(p.realized_pnl) > 0 then json_agg(p.realized_pnl) end,
            'low_price', case when count(p.low_price) > 0 then json_agg(p.low_price) end,
            'high_price', case when count(p.high_price) > 0 then json_agg(p.high_price) end,
            'stop_price', case when count(p.stop_price) > 0 then json_agg(p.stop_price) end,
            'cash', case when count(p.cash) > 0 then json_agg(p.cash) end,
            'equity', case when count(p.equity) > 0 then json_agg(p.equity) end,
            'holdings', case when count(p.holdings) > 0 then json_agg(p.holdings) end,
            'tag', case when count(p.tag) > 0 then json_agg(p.tag) end,
            'reasoning', case when count(p.reasoning) > 0 then json_agg(p.reasoning) end,
            'leverage', case when count(p.leverage) > 0 then json_agg(p.leverage) end,
            'multiplier', case when count(p.multiplier) > 0 then json_agg(p.multiplier) end,
            'fee_currency', case when count(p.fee_currency) > 0 then json_agg(p.fee_currency) end,
            'account', case when count(p.account) > 0 then json_agg(p.account) end,
            'open_close', case when count(p.open_close) > 0 then json_agg(p.open_close) end)
        from (select * from public.positions q where q.run_id = r.id and q.seq > p_after_seq
              order by q.seq limit p_limit) p))
    from public.runs r
    where r.id = p_run_id;
$$;
