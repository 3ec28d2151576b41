-- A run's positions in columns, by pages: a million rows in one answer took half a minute of one statement, a tenth of a
-- gigabyte of JSON and, to be read, one uninterruptible second of the server. A page is what a hosted project's
-- statement timeout lets through. Without page arguments it answers as before; the run itself comes with the first page.
drop function public.get_run_frame(bigint);

create function public.get_run_frame(p_run_id bigint, p_after_seq integer default 0, p_limit integer default null)
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
            'reasoning', case when count(p.reasoning) > 0 then json_agg(p.reasoning) end)
        from (select * from public.positions q where q.run_id = r.id and q.seq > p_after_seq
              order by q.seq limit p_limit) p))
    from public.runs r
    where r.id = p_run_id;
$$;

revoke execute on function public.get_run_frame(bigint, integer, integer) from public, anon;
grant execute on function public.get_run_frame(bigint, integer, integer) to authenticated;
