-- A search names the message it found, so that it can be opened there. What is returned changes, so the function is made
-- anew, with its grant. The snippet also leaves out the lines that rule markdown's tables, and keeps the `#` of trades.
drop function public.list_chat_sessions(text, bigint, integer, boolean, timestamptz, bigint);

create function public.list_chat_sessions(
    p_search text default null, p_run_id bigint default null, p_limit integer default 50,
    p_before_pinned boolean default null, p_before_updated_at timestamptz default null, p_before_id bigint default null)
returns table (
    id bigint, model_id bigint, run_id bigint, run_number integer, run_name text, model_name text, session_title text,
    pinned boolean, created_at timestamptz, updated_at timestamptz, message_count bigint, snippet text,
    found_message_id bigint)
language sql
stable
security invoker
set search_path = ''
as $$
    with asked as (
        select case when btrim(p_search) <> '' then regexp_split_to_array(lower(btrim(p_search)), '\s+') end as words)
    select s.id, s.model_id, s.run_id, r.run_number, r.name, m.name, s.session_title, s.pinned, s.created_at,
           s.updated_at,
           (select count(*) from public.chat_messages c where c.session_id = s.id),
           hit.snippet, hit.message_id
    from asked
    cross join public.chat_sessions s
    join public.runs r on r.id = s.run_id
    join public.models m on m.id = s.model_id
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
    where (p_run_id is null or s.run_id = p_run_id)
      and (p_before_id is null
           or (s.pinned, s.updated_at, s.id) < (p_before_pinned, p_before_updated_at, p_before_id))
      and (asked.words is null
           or hit.snippet is not null
           or not exists (select 1 from unnest(asked.words) as word
                          where position(word in lower(s.session_title)) = 0))
    order by s.pinned desc, s.updated_at desc, s.id desc
    limit least(greatest(p_limit, 1), 201);
$$;

revoke execute on function public.list_chat_sessions(text, bigint, integer, boolean, timestamptz, bigint)
    from public, anon;
grant execute on function public.list_chat_sessions(text, bigint, integer, boolean, timestamptz, bigint) to authenticated;
