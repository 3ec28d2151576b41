-- A conversation is a tree. A question that was edited, or answered anew, gets a sibling; the older one stays as it was.
-- Without a parent a message begins the conversation. Reading follows parents up from the newest message.
alter table public.chat_messages
    add column parent_id bigint check (parent_id < id),
    add constraint chat_messages_id_session_key unique (id, session_id);
-- What was written so far is one branch: each message follows the one before it.
alter table public.chat_messages no force row level security;
update public.chat_messages m
set parent_id = b.parent_id
from (select c.id, lag(c.id) over (partition by c.session_id order by c.id) as parent_id
      from public.chat_messages c) b
where b.id = m.id and b.parent_id is not null;
alter table public.chat_messages force row level security;
alter table public.chat_messages
    add constraint chat_messages_parent_fkey foreign key (parent_id, session_id)
        references public.chat_messages (id, session_id) on delete cascade;
create index chat_messages_parent_idx on public.chat_messages (parent_id, session_id) where parent_id is not null;
grant insert (parent_id) on public.chat_messages to authenticated;

drop function public.save_chat_turn(bigint, bigint, text, text, jsonb, jsonb);

-- One turn, one transaction: the session (made if new), the user's message and the assistant's, or nothing.
-- The question goes after p_parent_id; or in the place of p_edit_of, beside it; or, with neither, after the newest
-- message. With p_question_id nothing is asked: that question is answered once more.
-- The same request_id a second time returns the turn that was saved the first time.
create function public.save_chat_turn(
    p_run_id bigint, p_session_id bigint, p_title text, p_request_id text, p_user jsonb, p_assistant jsonb,
    p_parent_id bigint default null, p_edit_of bigint default null, p_question_id bigint default null)
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

-- One branch of a conversation, oldest message first, each with the ids of its siblings (itself among them), and what
-- the whole conversation used. The branch ends in p_message_id, or (p_below) in the newest message under it; without
-- p_message_id in the conversation's newest. p_limit keeps the last so many. Null when there is no such conversation.
create function public.get_chat_branch(
    p_session_id bigint, p_run_id bigint default null, p_message_id bigint default null,
    p_below boolean default true, p_limit integer default null)
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
        where s.id = p_session_id and (p_run_id is null or s.run_id = p_run_id)),
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
    where s.id = p_session_id and (p_run_id is null or s.run_id = p_run_id);
$$;

revoke execute on function
    public.save_chat_turn(bigint, bigint, text, text, jsonb, jsonb, bigint, bigint, bigint),
    public.get_chat_branch(bigint, bigint, bigint, boolean, integer) from public, anon;
grant execute on function
    public.save_chat_turn(bigint, bigint, text, text, jsonb, jsonb, bigint, bigint, bigint),
    public.get_chat_branch(bigint, bigint, bigint, boolean, integer) to authenticated;
