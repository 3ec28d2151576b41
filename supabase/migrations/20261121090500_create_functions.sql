-- What must be one transaction, or one round trip. All run as the caller, under row-level security.

-- One import, one transaction: the run and all its positions, or nothing.
-- p_positions is an array of rows named as the columns of public.positions, already in order of seq.
create function public.import_run(p_model_id bigint, p_run jsonb, p_positions json)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    new_run public.runs;
begin
    -- Serialises numbering per model; also answers "not yours" before any work is done.
    perform 1 from public.models where id = p_model_id for update;
    if not found then
        raise exception 'model not found' using errcode = 'P0002';
    end if;
    insert into public.runs (model_id, run_number, name, source, status, currency, initial_cash, started_at,
                             ended_at, periods_per_year, settings, published, summary, notes)
    select p_model_id,
           coalesce((select max(r.run_number) from public.runs r where r.model_id = p_model_id), 0) + 1,
           p_run ->> 'name', p_run ->> 'source', coalesce(p_run ->> 'status', 'completed'),
           coalesce(p_run ->> 'currency', 'USD'), (p_run ->> 'initial_cash')::numeric,
           (p_run ->> 'started_at')::timestamptz, (p_run ->> 'ended_at')::timestamptz,
           (p_run ->> 'periods_per_year')::integer, coalesce(p_run -> 'settings', '{}'),
           coalesce(p_run -> 'published', '{}'), coalesce(p_run -> 'summary', '{}'), coalesce(p_run ->> 'notes', '')
    returning * into new_run;
    insert into public.positions (run_id, seq, ts, action, symbol, quantity, price, fees, funding, trade_ref,
                                  realized_pnl, low_price, high_price, cash, equity, holdings, tag, reasoning)
    select new_run.id, x.seq, x.ts, x.action, coalesce(x.symbol, ''), x.quantity, x.price, coalesce(x.fees, 0),
           coalesce(x.funding, 0), x.trade_ref, x.realized_pnl, x.low_price, x.high_price, x.cash, x.equity,
           x.holdings, x.tag, x.reasoning
    from json_to_recordset(p_positions) as x (
        seq integer, ts timestamptz, action text, symbol text, quantity numeric, price numeric, fees numeric,
        funding numeric, trade_ref text, realized_pnl numeric, low_price numeric, high_price numeric, cash numeric,
        equity numeric, holdings jsonb, tag text, reasoning text);
    return to_jsonb(new_run);
end;
$$;

-- A run and its positions, column-wise, as one value: not capped by the API's row limit, one round trip.
-- Times are microseconds since the epoch. Text that only some rows carry comes as it is; null when not found.
create function public.get_run_frame(p_run_id bigint)
returns json
language sql
stable
security invoker
set search_path = ''
as $$
    select json_build_object('run', to_jsonb(r.*), 'positions', (
        select json_build_object(
            'seq', coalesce(json_agg(p.seq), '[]'),
            'ts', coalesce(json_agg((extract(epoch from p.ts) * 1000000)::bigint), '[]'),
            'action', coalesce(json_agg(p.action), '[]'),
            'symbol', coalesce(json_agg(p.symbol), '[]'),
            'quantity', coalesce(json_agg(p.quantity), '[]'),
            'price', coalesce(json_agg(p.price), '[]'),
            'fees', coalesce(json_agg(p.fees), '[]'),
            'funding', coalesce(json_agg(p.funding), '[]'),
            'trade_ref', coalesce(json_agg(p.trade_ref), '[]'),
            'realized_pnl', coalesce(json_agg(p.realized_pnl), '[]'),
            'low_price', coalesce(json_agg(p.low_price), '[]'),
            'high_price', coalesce(json_agg(p.high_price), '[]'),
            'cash', coalesce(json_agg(p.cash), '[]'),
            'equity', coalesce(json_agg(p.equity), '[]'),
            'holdings', coalesce(json_agg(p.holdings), '[]'),
            'tag', coalesce(json_agg(p.tag), '[]'),
            'reasoning', coalesce(json_agg(p.reasoning), '[]'))
        from (select * from public.positions q where q.run_id = r.id order by q.seq) p))
    from public.runs r
    where r.id = p_run_id;
$$;

-- One turn, one transaction: the session (made if new), the user's message and the assistant's, or nothing.
-- The same request_id a second time returns the turn that was saved the first time.
create function public.save_chat_turn(
    p_run_id bigint, p_session_id bigint, p_title text, p_request_id text, p_user jsonb, p_assistant jsonb)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_session_id bigint := p_session_id;
    v_model_id bigint;
    v_user_message_id bigint;
    v_message_id bigint;
begin
    if p_request_id is not null then
        select m.session_id, m.id,
               (select max(u.id) from public.chat_messages u
                where u.session_id = m.session_id and u.role = 'user' and u.id < m.id)
        into v_session_id, v_message_id, v_user_message_id
        from public.chat_messages m
        where m.request_id = p_request_id and m.role = 'assistant';
        if found then
            return jsonb_build_object('session_id', v_session_id, 'message_id', v_message_id,
                                      'user_message_id', v_user_message_id);
        end if;
        v_session_id := p_session_id;
    end if;
    if v_session_id is null then
        select r.model_id into v_model_id from public.runs r where r.id = p_run_id;
        if not found then
            raise exception 'run not found' using errcode = 'P0002';
        end if;
        insert into public.chat_sessions (model_id, run_id, session_title)
        values (v_model_id, p_run_id, p_title)
        returning id into v_session_id;
    else
        update public.chat_sessions s set updated_at = now()
        where s.id = v_session_id and s.run_id = p_run_id;
        if not found then
            raise exception 'session not found' using errcode = 'P0002';
        end if;
    end if;
    insert into public.chat_messages (session_id, role, content)
    values (v_session_id, 'user', p_user ->> 'content')
    returning id into v_user_message_id;
    insert into public.chat_messages (session_id, role, content, tool_calls, tool_results, checks, usage, stopped,
                                      request_id)
    values (v_session_id, 'assistant', p_assistant ->> 'content', coalesce(p_assistant -> 'tool_calls', '[]'),
            coalesce(p_assistant -> 'tool_results', '[]'), coalesce(p_assistant -> 'checks', '[]'),
            nullif(p_assistant -> 'usage', 'null'), coalesce((p_assistant ->> 'stopped')::boolean, false), p_request_id)
    returning id into v_message_id;
    return jsonb_build_object('session_id', v_session_id, 'message_id', v_message_id,
                              'user_message_id', v_user_message_id);
end;
$$;

-- Sessions with what a list shows of them; p_search looks into titles and messages.
-- Paged by (pinned, updated_at, id), newest first: pass the last row's values to go on.
create function public.list_chat_sessions(
    p_search text default null, p_run_id bigint default null, p_limit integer default 50,
    p_before_pinned boolean default null, p_before_updated_at timestamptz default null, p_before_id bigint default null)
returns table (
    id bigint, model_id bigint, run_id bigint, run_number integer, run_name text, model_name text, session_title text,
    pinned boolean, created_at timestamptz, updated_at timestamptz, message_count bigint, snippet text)
language sql
stable
security invoker
set search_path = ''
as $$
    select s.id, s.model_id, s.run_id, r.run_number, r.name, m.name, s.session_title, s.pinned, s.created_at,
           s.updated_at,
           (select count(*) from public.chat_messages c where c.session_id = s.id),
           (select substring(c.content from greatest(position(lower(p_search) in lower(c.content)) - 60, 1) for 200)
            from public.chat_messages c
            where p_search is not null and c.session_id = s.id
              and position(lower(p_search) in lower(c.content)) > 0
            order by c.id desc limit 1)
    from public.chat_sessions s
    join public.runs r on r.id = s.run_id
    join public.models m on m.id = s.model_id
    where (p_run_id is null or s.run_id = p_run_id)
      and (p_before_id is null
           or (s.pinned, s.updated_at, s.id) < (p_before_pinned, p_before_updated_at, p_before_id))
      and (p_search is null
           or position(lower(p_search) in lower(s.session_title)) > 0
           or exists (select 1 from public.chat_messages c
                      where c.session_id = s.id and position(lower(p_search) in lower(c.content)) > 0))
    order by s.pinned desc, s.updated_at desc, s.id desc
    limit least(greatest(p_limit, 1), 201);
$$;

revoke execute on all functions in schema public from public, anon;
grant execute on function public.import_run(bigint, jsonb, json),
    public.get_run_frame(bigint),
    public.save_chat_turn(bigint, bigint, text, text, jsonb, jsonb),
    public.list_chat_sessions(text, bigint, integer, boolean, timestamptz, bigint) to authenticated;
-- Hosted Supabase grants these on every new sequence; identity columns need no grant to count.
revoke all on all sequences in schema public from anon, authenticated;
