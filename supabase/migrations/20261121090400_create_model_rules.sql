-- Rules a trader adopted for a model: enforced by their own engine, told to the agent as context.
create table public.model_rules (
    id bigint generated always as identity primary key,
    user_id uuid not null default auth.uid() references auth.users (id) on delete cascade,
    model_id bigint not null,
    name text not null check (length(btrim(name)) between 1 and 200),
    kind text not null check (length(kind) between 1 and 60),
    params jsonb not null default '{}' check (jsonb_typeof(params) = 'object'),
    code text not null default '' check (length(code) <= 50000),
    enabled boolean not null default true,
    source_message_id bigint references public.chat_messages (id) on delete set null,
    created_at timestamptz not null default now(),
    foreign key (model_id, user_id) references public.models (id, user_id) on delete cascade
);
create index model_rules_user_id_idx on public.model_rules (user_id, model_id, id);
create index model_rules_model_id_idx on public.model_rules (model_id, user_id);
create index model_rules_source_message_id_idx on public.model_rules (source_message_id);

alter table public.model_rules enable row level security;
alter table public.model_rules force row level security;
revoke all on public.model_rules from anon, authenticated;
grant select, delete on public.model_rules to authenticated;
grant insert (model_id, name, kind, params, code, enabled, source_message_id) on public.model_rules to authenticated;
grant update (name, params, code, enabled) on public.model_rules to authenticated;

create policy "Owners read their rules" on public.model_rules
    for select to authenticated using ((select auth.uid()) = user_id);
create policy "Owners adopt rules for their models" on public.model_rules
    for insert to authenticated with check (
        (select auth.uid()) = user_id
        and exists (select 1 from public.models m where m.id = model_id and m.user_id = (select auth.uid()))
        and (source_message_id is null or exists (
            select 1 from public.chat_messages c
            where c.id = source_message_id and c.user_id = (select auth.uid())))
    );
create policy "Owners change their rules" on public.model_rules
    for update to authenticated using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Owners delete their rules" on public.model_rules
    for delete to authenticated using ((select auth.uid()) = user_id);
