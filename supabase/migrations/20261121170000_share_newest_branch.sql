-- A link shows the branch that ends in the conversation's newest message, as the conversation itself opens: what was
-- edited or answered anew goes with no link. Otherwise as before.
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
    join public.runs r on r.id = s.run_id;
$$;
