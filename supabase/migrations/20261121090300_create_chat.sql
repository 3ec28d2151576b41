-- Conversations about a run, and their messages.
create table public.chat_sessions (
    id bigint generated always as identity primary key,
    user_id uuid not null default auth.uid() references auth.users (id) on delete cascade,
    model_id bigint not null,
    run_id bigint not null,
    session_title text not null check (length(btrim(session_title)) between 1 and 200),
    pinned boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (id, user_id),
    foreign key (model_id, user_id) references public.models (id, user_id) on delete cascade,
    foreign key (run_id, user_id) references public.runs (id, user_id) on delete cascade
);
create index chat_sessions_user_id_idx on public.chat_sessions (user_id, pinned desc, updated_at desc, id desc);
create index chat_sessions_run_id_idx on public.chat_sessions (run_id, user_id, updated_at desc);
create index chat_sessions_model_id_idx on public.chat_sessions (model_id, user_id);

create table public.chat_messages (
    id bigint generated always as identity primary key,
    user_id uuid not null default auth.uid() references auth.users (id) on delete cascade,
    session_id bigint not null,
    role text not null check (role in ('user', 'assistant')),
    content text not null,
    tool_calls jsonb not null default '[]' check (jsonb_typeof(tool_calls) = 'array'),
    tool_results jsonb not null default '[]',
    checks jsonb not null default '[]',
    usage jsonb,
    stopped boolean not null default false,
    request_id text check (length(request_id) between 1 and 100),
    timestamp timestamptz not null default clock_timestamp(),
    created_at timestamptz not null default now(),
    foreign key (session_id, user_id) references public.chat_sessions (id, user_id) on delete cascade
);
create index chat_messages_session_id_idx on public.chat_messages (session_id, user_id, id);
-- A request is answered once: the second save of one request id fails instead of doubling the turn.
create unique index chat_messages_request_id_key on public.chat_messages (user_id, request_id)
    where request_id is not null;

alter table public.chat_sessions enable row level security;
alter table public.chat_sessions force row level security;
alter table public.chat_messages enable row level security;
alter table public.chat_messages force row level security;

revoke all on public.chat_sessions, public.chat_messages from anon, authenticated;
grant select, delete on public.chat_sessions, public.chat_messages to authenticated;
grant insert (model_id, run_id, session_title, pinned) on public.chat_sessions to authenticated;
grant update (session_title, pinned, updated_at) on public.chat_sessions to authenticated;
grant insert (session_id, role, content, tool_calls, tool_results, checks, usage, stopped, request_id)
    on public.chat_messages to authenticated;
-- No update grant on chat_messages: what was answered stays as it was answered.

create policy "Owners read their sessions" on public.chat_sessions
    for select to authenticated using ((select auth.uid()) = user_id);
create policy "Owners open sessions on their runs" on public.chat_sessions
    for insert to authenticated with check (
        (select auth.uid()) = user_id
        and exists (select 1 from public.runs r
                    where r.id = run_id and r.model_id = chat_sessions.model_id and r.user_id = (select auth.uid()))
    );
create policy "Owners change their sessions" on public.chat_sessions
    for update to authenticated using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Owners delete their sessions" on public.chat_sessions
    for delete to authenticated using ((select auth.uid()) = user_id);

create policy "Owners read their messages" on public.chat_messages
    for select to authenticated using ((select auth.uid()) = user_id);
create policy "Owners write messages in their sessions" on public.chat_messages
    for insert to authenticated with check (
        (select auth.uid()) = user_id
        and exists (select 1 from public.chat_sessions s
                    where s.id = session_id and s.user_id = (select auth.uid()))
    );
create policy "Nobody but the owner could change messages" on public.chat_messages
    for update to authenticated using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Owners delete their messages" on public.chat_messages
    for delete to authenticated using ((select auth.uid()) = user_id);
