-- How much one user may store: rows of each table, the size of a rule's and a model's parameters, the bytes of messages.
-- Beyond it an insert fails with 54000 (program limit exceeded), which the API answers as `quota`.
-- A statement may go as far beyond as another that runs at the same moment: nobody waits for a count.

-- Constraints that do not look at what is there already.
alter table public.model_rules
    add constraint model_rules_params_size check (octet_length(params::text) <= 4096) not valid;
alter table public.models
    add constraint models_model_parameters_size check (octet_length(model_parameters::text) <= 16384) not valid;
alter table public.chat_messages
    add constraint chat_messages_size check (
        octet_length(content) <= 2000000 and pg_column_size(tool_results) <= 16777216
        and pg_column_size(checks) <= 4194304 and octet_length(tool_calls::text) <= 65536) not valid;

-- Where PostgREST does not look; a trigger's function needs no right of whoever fires it.
create schema if not exists private;
revoke all on schema private from public;

-- Arguments: the most rows, and a column that the rows are counted by besides the user ('' for none).
create function private.refuse_rows_beyond_quota() returns trigger
language plpgsql
set search_path = ''
as $$
declare
    most constant bigint := tg_argv[0]::bigint;
    of_each constant text := tg_argv[1];
    whose constant uuid := auth.uid();
    held bigint;
begin
    -- What no user does (a restored backup, a migration) is not counted.
    if whose is null then
        return null;
    end if;
    if of_each = '' then
        execute format('select count(*) from (select 1 from public.%I where user_id = $1 limit $2) as held', tg_table_name)
            into held using whose, most + 1;
    else
        execute format(
            'select max(each.held) from (select count(*) as held from public.%1$I as t where t.user_id = $1 and t.%2$I '
            'in (select added.%2$I from added) group by t.%2$I) as each', tg_table_name, of_each)
            into held using whose;
    end if;
    if held > most then
        raise exception using errcode = '54000', message = format('at most %s rows of %s', most, tg_table_name);
    end if;
    return null;
end;
$$;
revoke execute on function private.refuse_rows_beyond_quota() from public;

-- Sizes as stored, compressed: nothing is unpacked for them.
create function private.refuse_messages_beyond_quota() returns trigger
language plpgsql
set search_path = ''
as $$
declare
    whose constant uuid := auth.uid();
    held bigint;
begin
    if whose is null then
        return null;
    end if;
    select sum(pg_column_size(m.content) + pg_column_size(m.tool_results) + pg_column_size(m.checks)) into held
    from public.chat_messages as m where m.user_id = whose;
    if held > tg_argv[0]::bigint then
        raise exception using errcode = '54000', message = 'messages take more than their quota';
    end if;
    return null;
end;
$$;
revoke execute on function private.refuse_messages_beyond_quota() from public;

create trigger models_quota after insert on public.models
    for each statement execute function private.refuse_rows_beyond_quota('500', '');
create trigger runs_quota after insert on public.runs
    for each statement execute function private.refuse_rows_beyond_quota('10000', '');
create trigger model_rules_quota after insert on public.model_rules
    referencing new table as added
    for each statement execute function private.refuse_rows_beyond_quota('100', 'model_id');
create trigger chat_sessions_quota after insert on public.chat_sessions
    for each statement execute function private.refuse_rows_beyond_quota('20000', '');
create trigger chat_messages_rows_quota after insert on public.chat_messages
    referencing new table as added
    for each statement execute function private.refuse_rows_beyond_quota('2000', 'session_id');
create trigger chat_messages_bytes_quota after insert on public.chat_messages
    for each statement execute function private.refuse_messages_beyond_quota('1073741824');
create trigger chat_shares_quota after insert on public.chat_shares
    for each statement execute function private.refuse_rows_beyond_quota('2000', '');
