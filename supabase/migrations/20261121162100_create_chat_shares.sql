-- Read-only links to a conversation. The link's token is never stored, only its SHA-256: who reads this table can open
-- no conversation with it. A link ends by its date, by being revoked, or with its conversation.
create table public.chat_shares (
    id bigint generated always as identity primary key,
    user_id uuid not null default auth.uid() references auth.users (id) on delete cascade,
    session_id bigint not null,
    token_hash text not null unique check (token_hash ~ '^[0-9a-f]{64}$'),
    expires_at timestamptz not null,
    revoked_at timestamptz,
    created_at timestamptz not null default now(),
    check (expires_at > created_at and expires_at <= created_at + interval '366 days'),
    foreign key (session_id, user_id) references public.chat_sessions (id, user_id) on delete cascade
);
create index chat_shares_user_id_idx on public.chat_shares (user_id, session_id, id desc);

alter table public.chat_shares enable row level security;
alter table public.chat_shares force row level security;

revoke all on public.chat_shares from anon, authenticated;
grant select, delete on public.chat_shares to authenticated;
grant insert (session_id, token_hash, expires_at) on public.chat_shares to authenticated;
-- What a link opens and until when is settled when it is made; after that it can only be ended.
grant update (revoked_at) on public.chat_shares to authenticated;

create policy "Owners read their links" on public.chat_shares
    for select to authenticated using ((select auth.uid()) = user_id);
create policy "Owners share their conversations" on public.chat_shares
    for insert to authenticated with check (
        (select auth.uid()) = user_id
        and exists (select 1 from public.chat_sessions s
                    where s.id = session_id and s.user_id = (select auth.uid()))
    );
create policy "Owners revoke their links" on public.chat_shares
    for update to authenticated using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Owners delete their links" on public.chat_shares
    for delete to authenticated using ((select auth.uid()) = user_id);

-- The one door for people without an account, and so the one function that runs as its owner: it turns a live link's
-- token into that conversation's text. Nothing of the account, the model or the trades goes with it; figures keep
-- their status (verified, derived, unverified) but not what they were made of.
create function public.read_shared_chat(p_token text)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
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
            from (select row_number() over (order by c.id), c.role, c.content, c.tool_calls, c.stopped, c."timestamp",
                         c.checks
                  from public.chat_messages c
                  where c.session_id = s.id and c.user_id = h.user_id) as message), '[]'))
    from public.chat_shares h
    join public.chat_sessions s on s.id = h.session_id and s.user_id = h.user_id
    join public.runs r on r.id = s.run_id
    where h.token_hash = encode(sha256(convert_to(p_token, 'UTF8')), 'hex')
      and h.revoked_at is null
      and h.expires_at > now();
$$;

revoke execute on function public.read_shared_chat(text) from public;
grant execute on function public.read_shared_chat(text) to anon, authenticated;
revoke all on all sequences in schema public from anon, authenticated;
