-- A conversation is about a subject: a run, the desk as a whole, and later a strategy, a paper engine, an assistant. A
-- kind that has an id brings a nullable key of its own that carries its owner, and is added to the check and to
-- subject_id by its room's migration. Runs and models are joined left: a conversation without them is listed too.
alter table public.chat_sessions
    alter column model_id drop not null,
    alter column run_id drop not null,
    add column subject_kind text not null default 'run',
    add column metadata jsonb not null default '{}'
        check (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 65536),
    add column subject_id bigint generated always as (run_id) stored,
    add constraint chat_sessions_subject_check check (
        case subject_kind
            when 'run' then run_id is not null and model_id is not null
            when 'desk' then run_id is null and model_id is null
            else false
        end);
create index chat_sessions_subject_idx
    on public.chat_sessions (user_id, subject_kind, subject_id, pinned desc, updated_at desc, id desc);
grant insert (subject_kind, metadata) on public.chat_sessions to authenticated;
grant update (metadata) on public.chat_sessions to authenticated;

drop policy "Owners open sessions on their runs" on public.chat_sessions;
create policy "Owners open sessions on what is theirs" on public.chat_sessions
    for insert to authenticated with check (
        (select auth.uid()) = user_id
        and (run_id is null
             or exists (select 1 from public.runs r
                        where r.id = run_id and r.model_id = chat_sessions.model_id
                          and r.user_id = (select auth.uid())))
    );

-- A message can be pinned; what was asked and answered stays as it was.
alter table public.chat_messages add column pinned boolean not null default false;
create index chat_messages_pinned_idx on public.chat_messages (user_id, id desc) where pinned;
grant update (pinned) on public.chat_messages to authenticated;
alter policy "Nobody but the owner could change messages" on public.chat_messages rename to "Owners pin their messages";

drop function public.save_chat_turn(bigint, bigint, text, text, jsonb, jsonb, bigint, bigint, bigint);

-- One turn, one transaction: the session (made if new), the user's message and the assistant's, or nothing.
-- The question goes after p_parent_id; or in the place of p_edit_of, beside it; or, with neither, after the newest
-- message. With p_question_id nothing is asked: that question is answered once more.
-- The same request_id a second time returns the turn that was saved the first time.
create function public.save_chat_turn(
    p_kind text, p_subject_id bigint, p_session_id bigint, p_title text, p_request_id text, p_user jsonb,
    p_assistant jsonb, p_parent_id bigint default null, p_edit_of bigint default null,
    p_question_id bigint default null)
returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
declare
    v_session_id bigint := p_session_id;
    v_model_id bigint;
    v_parent_id bigint;
    v_user_message_id bigint;
    v_message_id bigint;
begin
    if p_request_id is not null then
        select m.session_id, m.id, m.parent_id into v_session_id, v_message_id, v_user_message_id
        from public.chat_messages m
        where m.request_id = p_request_id and m.role = 'assistant';
        if found then
            return jsonb_build_object('session_id', v_session_id, 'message_id', v_message_id,
                                      'user_message_id', v_user_message_id);
        end if;
        v_session_id := p_session_id;
    end if;
    if v_session_id is null then
        if p_kind = 'run' then
            select r.model_id into v_model_id from public.runs r where r.id = p_subject_id;
            if not found then
                raise exception 'run not found' using errcode = 'P0002';
            end if;
        end if;
        insert into public.chat_sessions (subject_kind, model_id, run_id, session_title)
        values (p_kind, v_model_id, case when p_kind = 'run' then p_subject_id end, p_title)
        returning id into v_session_id;
    else
        update public.chat_sessions s set updated_at = now()
        where s.id = v_session_id and s.subject_kind = p_kind and s.subject_id is not distinct from p_subject_id;
        if not found then
            raise exception 'session not found' using errcode = 'P0002';
        end if;
    end if;
    if p_question_id is not null then
        select m.id into v_user_message_id from public.chat_messages m
        where m.id = p_question_id and m.session_id = v_session_id and m.role = 'user';
    elsif p_edit_of is not null then
        select m.parent_id into v_parent_id from public.chat_messages m
        where m.id = p_edit_of and m.session_id = v_session_id and m.role = 'user';
    elsif p_parent_id is not null then
        select m.id into v_parent_id from public.chat_messages m
        where m.id = p_parent_id and m.session_id = v_session_id;
    else
        select max(m.id) into v_parent_id from public.chat_messages m where m.session_id = v_session_id;
    end if;
    -- An aggregate always finds its row, so this asks only about the messages that were named.
    if not found then
        raise exception 'message not found' using errcode = 'P0002';
    end if;
    if p_question_id is null then
        insert into public.chat_messages (session_id, parent_id, role, content)
        values (v_session_id, v_parent_id, 'user', p_user ->> 'content')
        returning id into v_user_message_id;
    end if;
    insert into public.chat_messages (session_id, parent_id, role, content, tool_calls, tool_results, checks, usage,
                                      stopped, request_id)
    values (v_session_id, v_user_message_id, 'assistant', p_assistant ->> 'content',
            coalesce(p_assistant -> 'tool_calls', '[]'), coalesce(p_assistant -> 'tool_results', '[]'),
            coalesce(p_assistant -> 'checks', '[]'), nullif(p_assistant -> 'usage', 'null'),
            coalesce((p_assistant ->> 'stopped')::boolean, false), p_request_id)
    returning id into v_message_id;
    return jsonb_build_object('session_id', v_session_id, 'message_id', v_message_id,
                              'user_message_id', v_user_message_id);
end;
$$;

drop function public.get_chat_branch(bigint, bigint, bigint, boolean, integer);

-- One branch of a conversation, oldest message first, each with the ids of its siblings (itself among them), and what
-- the whole conversation used. The branch ends in p_message_id, or (p_below) in the newest message under it; without
-- p_message_id in the conversation's newest. p_limit keeps the last so many. Null when there is no such conversation.
create function public.get_chat_branch(
    p_session_id bigint, p_kind text default null, p_subject_id bigint default null,
    p_message_id bigint default null, p_below boolean default true, p_limit integer default null)
returns jsonb
language sql
stable
security invoker
set search_path = ''
as $$
    with recursive
    own as (
        select m.id, m.parent_id, m.role, m.usage
        from public.chat_messages m
        join public.chat_sessions s on s.id = m.session_id
        where s.id = p_session_id
          and (p_kind is null or (s.subject_kind = p_kind and s.subject_id is not distinct from p_subject_id))),
    below as (
        select o.id from own o where o.id = p_message_id
        union all
        select c.id
        from below b join public.chat_messages c on c.parent_id = b.id and c.session_id = p_session_id
        where p_below),
    branch as (
        select o.id, o.parent_id, 1 as depth
        from own o
        where o.id = case when p_message_id is null then (select max(id) from own) else (select max(id) from below) end
        union all
        select o.id, o.parent_id, b.depth + 1
        from branch b join public.chat_messages o on o.id = b.parent_id and o.session_id = p_session_id
        where p_limit is null or b.depth < p_limit),
    families as (
        select coalesce(o.parent_id, 0) as parent, o.role, jsonb_agg(o.id order by o.id) as ids
        from own o group by 1, 2)
    select jsonb_build_object(
        'messages', coalesce(
            (select jsonb_agg(to_jsonb(m) || jsonb_build_object('siblings', f.ids) order by m.id)
             from branch b
             join public.chat_messages m on m.id = b.id
             join families f on f.parent = coalesce(m.parent_id, 0) and f.role = m.role), '[]'),
        'usage', (select jsonb_build_object(
                      'prompt_tokens', coalesce(sum((o.usage ->> 'prompt_tokens')::numeric)
                          filter (where jsonb_typeof(o.usage -> 'prompt_tokens') = 'number'), 0),
                      'completion_tokens', coalesce(sum((o.usage ->> 'completion_tokens')::numeric)
                          filter (where jsonb_typeof(o.usage -> 'completion_tokens') = 'number'), 0),
                      'cost_usd', sum((o.usage ->> 'cost_usd')::numeric)
                          filter (where jsonb_typeof(o.usage -> 'cost_usd') = 'number'))
                  from own o))
    from public.chat_sessions s
    where s.id = p_session_id
      and (p_kind is null or (s.subject_kind = p_kind and s.subject_id is not distinct from p_subject_id));
$$;

drop function public.list_chat_sessions(text, bigint, integer, boolean, timestamptz, bigint);

-- The caller's conversations, pinned first, then the newest; of one kind, or of one subject of that kind.
create function public.list_chat_sessions(
    p_search text default null, p_kind text default null, p_subject_id bigint default null,
    p_limit integer default 50, p_before_pinned boolean default null, p_before_updated_at timestamptz default null,
    p_before_id bigint default null)
returns table (
    id bigint, subject_kind text, subject_id bigint, model_id bigint, run_id bigint, run_number integer, run_name text,
    model_name text, session_title text, pinned boolean, created_at timestamptz, updated_at timestamptz,
    message_count bigint, snippet text, found_message_id bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    with asked as (
        select case when btrim(p_search) <> '' then regexp_split_to_array(lower(btrim(p_search)), '\s+') end as words)
    select s.id, s.subject_kind, s.subject_id, s.model_id, s.run_id, r.run_number, r.name, m.name, s.session_title,
           s.pinned, s.created_at, s.updated_at,
           (select count(*) from public.chat_messages c where c.session_id = s.id),
           hit.snippet, hit.message_id
    from asked
    cross join public.chat_sessions s
    left join public.runs r on r.id = s.run_id
    left join public.models m on m.id = s.model_id
    left join lateral (
        select case when around.at > 60 then '… ' || regexp_replace(around.text, '^\S*\s+', '') else around.text end
               as snippet,
               found.id as message_id
        from (select c.id,
                     regexp_replace(regexp_replace(c.content, ':?-{3,}:?|#+\s|[*`|>]', ' ', 'g'), '\s+', ' ', 'g')
                     as plain
              from public.chat_messages c
              where asked.words is not null and c.session_id = s.id
                and not exists (select 1 from unnest(asked.words) as word
                                where position(word in lower(c.content)) = 0)
              order by c.id desc limit 1) as found,
             lateral (select position(asked.words[1] in lower(found.plain)) as at) as place,
             lateral (select place.at,
                             btrim(substring(found.plain from greatest(place.at - 60, 1) for 220)) as text) as around
    ) as hit on true
    where (p_kind is null or s.subject_kind = p_kind)
      and (p_subject_id is null or s.subject_id = p_subject_id)
      and (p_before_id is null
           or (s.pinned, s.updated_at, s.id) < (p_before_pinned, p_before_updated_at, p_before_id))
      and (asked.words is null
           or hit.snippet is not null
           or not exists (select 1 from unnest(asked.words) as word
                          where position(word in lower(s.session_title)) = 0))
    order by s.pinned desc, s.updated_at desc, s.id desc
    limit least(greatest(p_limit, 1), 201);
$$;

-- What a live link opens, whatever the conversation is about; without a run there is no run_name.
create or replace function public.read_shared_chat(p_token text)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    with recursive
    shared as (
        select h.user_id, h.session_id, h.expires_at
        from public.chat_shares h
        where h.token_hash = encode(sha256(convert_to(p_token, 'UTF8')), 'hex')
          and h.revoked_at is null
          and h.expires_at > now()),
    branch as (
        select c.*
        from public.chat_messages c
        where c.id = (select max(n.id)
                      from public.chat_messages n
                      join shared h on n.session_id = h.session_id and n.user_id = h.user_id)
        union all
        select c.*
        from branch b
        join public.chat_messages c on c.id = b.parent_id and c.session_id = b.session_id and c.user_id = b.user_id)
    select jsonb_build_object(
        'title', s.session_title,
        'run_name', r.name,
        'created_at', s.created_at,
        'expires_at', h.expires_at,
        'messages', coalesce((
            select jsonb_agg(jsonb_build_object(
                'id', row_number, 'role', role, 'content', content, 'tool_calls', tool_calls, 'stopped', stopped,
                'timestamp', "timestamp",
                'checks', coalesce((
                    select jsonb_agg(jsonb_build_object('text', f -> 'text', 'start', f -> 'start', 'end', f -> 'end',
                                                        'status', f -> 'status'))
                    from jsonb_array_elements(checks) as f), '[]')
                ) order by row_number)
            from (select row_number() over (order by b.id), b.role, b.content, b.tool_calls, b.stopped, b."timestamp",
                         b.checks
                  from branch b) as message), '[]'))
    from shared h
    join public.chat_sessions s on s.id = h.session_id and s.user_id = h.user_id
    left join public.runs r on r.id = s.run_id;
$$;

revoke execute on function
    public.save_chat_turn(text, bigint, bigint, text, text, jsonb, jsonb, bigint, bigint, bigint),
    public.get_chat_branch(bigint, text, bigint, bigint, boolean, integer),
    public.list_chat_sessions(text, text, bigint, integer, boolean, timestamptz, bigint) from public, anon;
grant execute on function
    public.save_chat_turn(text, bigint, bigint, text, text, jsonb, jsonb, bigint, bigint, bigint),
    public.get_chat_branch(bigint, text, bigint, bigint, boolean, integer),
    public.list_chat_sessions(text, text, bigint, integer, boolean, timestamptz, bigint) to authenticated;
