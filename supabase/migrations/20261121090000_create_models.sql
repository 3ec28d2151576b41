-- Trading models: which language model, with what parameters, answers for a strategy's runs.
create table public.models (
    id bigint generated always as identity primary key,
    user_id uuid not null default auth.uid() references auth.users (id) on delete cascade,
    name text not null check (length(btrim(name)) between 1 and 120),
    ai_model text not null check (length(ai_model) between 1 and 200),
    model_parameters jsonb not null default '{}' check (jsonb_typeof(model_parameters) = 'object'),
    custom_instructions text not null default '' check (length(custom_instructions) <= 20000),
    api_key_ciphertext text,
    api_key_hint text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (id, user_id)
);
create index models_user_id_idx on public.models (user_id, id desc);

alter table public.models enable row level security;
alter table public.models force row level security;

-- Hosted Supabase grants everything on a new table to its API roles; start from nothing instead.
revoke all on public.models from anon, authenticated;
grant select, delete on public.models to authenticated;
grant insert (name, ai_model, model_parameters, custom_instructions) on public.models to authenticated;
grant update (name, ai_model, model_parameters, custom_instructions, api_key_ciphertext, api_key_hint, updated_at)
    on public.models to authenticated;

create policy "Owners read their models" on public.models
    for select to authenticated using ((select auth.uid()) = user_id);
create policy "Owners create models" on public.models
    for insert to authenticated with check ((select auth.uid()) = user_id);
create policy "Owners change their models" on public.models
    for update to authenticated using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy "Owners delete their models" on public.models
    for delete to authenticated using ((select auth.uid()) = user_id);
