-- id: FB-2
-- title: Can users flag, and do they?
-- gate: no
-- estimator: silence
-- limits: 0.01 / 0.05 from 299
-- limit_kind: policy
-- unit: finished runs that users see
-- fix: Put the control where the output is read: {evidence}.
-- owner: product owner
-- beside: FB-1
-- uses: finished, opinions
-- about: The chance that nobody flags although one user in a hundred would, an assumed floor. Silence is
--   not success; a high share of flags is information, not a fault. Only what end users said counts:
--   flags of staff hide a dead channel. Runs known not to be seen by users are left out.
with said as (select distinct run_id from opinions where source = 'end_user'),
visible as (
    select finished.workflow, finished.run_id, started_at, coalesce(channel, 'unknown channel') as channel,
        said.run_id is not null as flagged
    from finished
    left join said on said.run_id = finished.run_id
    where finished.user_visible is distinct from false
),
channels as (
    select workflow, channel, count(*) as runs, sum(case when flagged then 1 else 0 end) as flags
    from visible
    group by workflow, channel
)
select
    visible.workflow,
    run_id,
    cast(null as varchar) as step_id,
    flags = 0 as failed,
    cast(started_at as date) as observed_on,
    started_at as observed_at,
    visible.channel || ': ' || case when flags = 0 then 'no flag' else cast(flags as varchar) || ' flags' end
        || ' on ' || cast(runs as varchar) || ' runs' as why,
    case when flags = 0 then cast(runs as double) else 1.0 end as weight,
    flagged
from visible
join channels on channels.workflow = visible.workflow and channels.channel = visible.channel
