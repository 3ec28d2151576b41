-- What a Supabase database has before the first migration, as far as Rundown and supabase-js need it.
-- Run by the superuser at every start; each statement may run again.

do $$
declare
    role_name text;
begin
    foreach role_name in array array['anon', 'authenticated', 'service_role', 'authenticator', 'postgres',
                                     'supabase_auth_admin'] loop
        if not exists (select 1 from pg_catalog.pg_roles where rolname = role_name) then
            execute format('create role %I', role_name);
        end if;
    end loop;
end;
$$;

-- The API's roles: nobody signs in as them; PostgREST becomes them by the token's role.
alter role anon nologin noinherit nosuperuser nobypassrls;
alter role authenticated nologin noinherit nosuperuser nobypassrls;
alter role service_role nologin noinherit nosuperuser bypassrls;
alter role authenticator login noinherit nosuperuser nobypassrls nocreaterole nocreatedb;
grant anon, authenticated, service_role to authenticator;

-- Owns what migrations make. Not a superuser, as on hosted Supabase, so that a migration that works here works there.
alter role postgres login createrole createdb replication bypassrls nosuperuser;
grant anon, authenticated, service_role to postgres;
alter role supabase_auth_admin login noinherit createrole nosuperuser nobypassrls;
alter role supabase_auth_admin set search_path = auth;

-- One statement may not hold a connection for ever. Hosted Supabase stops at 8 s; a slow disk at home may take longer.
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '60s';
alter role authenticator set statement_timeout = '60s';

revoke all on database postgres from public;
grant connect, temporary, create on database postgres to postgres;
grant connect on database postgres to authenticator, supabase_auth_admin;

revoke all on schema public from public;
grant usage on schema public to anon, authenticated, service_role;
grant usage, create on schema public to postgres;
-- Hosted Supabase does so too, and migrations take back what they do not mean to give.
alter default privileges for role postgres in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on sequences to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on functions to anon, authenticated, service_role;

create schema if not exists supabase_migrations authorization postgres;

create schema if not exists auth authorization supabase_auth_admin;
revoke all on schema auth from public;
-- Usage alone lets a role name what is inside; each table and function has to be granted by itself.
grant usage on schema auth to anon, authenticated, service_role, postgres;

create table if not exists auth.users (
    id uuid primary key default gen_random_uuid(),
    aud varchar(255) not null default 'authenticated',
    role varchar(255) not null default 'authenticated',
    email varchar(255) not null,
    encrypted_password varchar(255) not null,
    email_confirmed_at timestamptz,
    last_sign_in_at timestamptz,
    raw_app_meta_data jsonb not null default '{}',
    raw_user_meta_data jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index if not exists users_email_key on auth.users (lower(email));

create table if not exists auth.sessions (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references auth.users (id) on delete cascade,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    refreshed_at timestamptz,
    aal text not null default 'aal1',
    user_agent text
);
create index if not exists sessions_user_id_idx on auth.sessions (user_id, created_at);

create table if not exists auth.refresh_tokens (
    id bigint generated always as identity primary key,
    token varchar(255) not null unique,
    user_id uuid not null references auth.users (id) on delete cascade,
    session_id uuid not null references auth.sessions (id) on delete cascade,
    parent varchar(255),
    revoked boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index if not exists refresh_tokens_session_id_idx on auth.refresh_tokens (session_id, revoked);
create index if not exists refresh_tokens_user_id_idx on auth.refresh_tokens (user_id);

alter table auth.users owner to supabase_auth_admin;
alter table auth.sessions owner to supabase_auth_admin;
alter table auth.refresh_tokens owner to supabase_auth_admin;
grant select, references on auth.users to postgres;

-- The claims of the request's token, as PostgREST hands them over; null outside a request.
create or replace function auth.jwt() returns jsonb
language sql stable
return nullif(current_setting('request.jwt.claims', true), '')::jsonb;

create or replace function auth.uid() returns uuid
language sql stable
return (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid;

create or replace function auth.role() returns text
language sql stable
return nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role';

alter function auth.jwt() owner to supabase_auth_admin;
alter function auth.uid() owner to supabase_auth_admin;
alter function auth.role() owner to supabase_auth_admin;
revoke execute on function auth.jwt(), auth.uid(), auth.role() from public;
grant execute on function auth.uid(), auth.jwt(), auth.role() to authenticated, service_role, postgres;
