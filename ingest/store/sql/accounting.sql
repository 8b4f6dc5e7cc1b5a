update sources set orphans = null, clock_skewed = null, unfinished = null;

update sources set loaded = coalesce((
    select sum(n)::bigint from rows_kept k
    where k.source_id = sources.source_id and list_contains(string_split(sources.records_table, ' '), k.name)
), 0)
where format <> 'refused';

update sources set
    duplicates = records - loaded - rejected
        - coalesce(list_sum(map_values(ignored::map(varchar, bigint))), 0)::bigint
where format <> 'refused';

update sources set rows_by_table = coalesce((
    select json_group_object(name, n) from (
        select name, n from rows_kept k where k.source_id = sources.source_id order by name)
), '{}'::json)
where format <> 'refused';

create or replace temp table step_quality as
select
    s.source_id,
    count(*) filter (where s.parent_step_id is not null and p.step_id is null) as orphans,
    count(*) filter (where s.started_at < p.started_at - interval 2 seconds) as clock_skewed,
    count(*) filter (where s.started_at is not null and s.ended_at is null) as unfinished
from steps s
left join steps p on p.run_id = s.run_id and p.step_id = s.parent_step_id
group by s.source_id;

update sources set orphans = q.orphans, clock_skewed = q.clock_skewed, unfinished = q.unfinished
from step_quality q where q.source_id = sources.source_id;

create or replace temp table unresolved as
select source_id, count(*) filter (where run_id is null) as orphans from feedback group by source_id;

update sources set orphans = u.orphans from unresolved u where u.source_id = sources.source_id;
