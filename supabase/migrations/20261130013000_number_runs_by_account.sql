-- A run's number tells it apart in the whole account, and not only among the runs of its model: "compare 1 and 2".
-- Runs that are there are numbered anew, in the order in which they came; far away first, so that no two meet.
update public.runs set run_number = run_number + 1000000000;
update public.runs r
set run_number = numbered.place
from (select id, row_number() over (partition by user_id order by id) as place from public.runs) numbered
where numbered.id = r.id;
alter table public.runs add constraint runs_user_id_run_number_key unique (user_id, run_number);

-- Who writes as an account gets the account's next number, whatever number is given; one import at a time.
create function public.number_run() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if auth.uid() is not null then
        perform pg_advisory_xact_lock(hashtextextended('runs.run_number:' || new.user_id::text, 0));
        new.run_number :=
            coalesce((select max(r.run_number) from public.runs r where r.user_id = new.user_id), 0) + 1;
    end if;
    return new;
end
$$;
-- For its trigger alone.
revoke execute on function public.number_run() from public, anon, authenticated;
create trigger runs_are_numbered before insert on public.runs
    for each row execute function public.number_run();
