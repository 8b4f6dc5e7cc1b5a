-- title: How much does each workflow do, and since when is it in its stage?
-- returns: workflow varchar, stage varchar, owner varchar, first_run_at timestamp, stage_since timestamp,
--   left_pilot_at timestamp, left_limited_at timestamp, runs_28d bigint, write_steps_28d bigint, cost_usd_28d double,
--   as_of timestamp
-- uses: counted
-- about: A stage begins with the first run in it; production also with production_since. A workflow that is
--   only written down has no runs and no day. cost_usd_28d is what traces and logs that name workflows tell.
with clock as (select max(as_of) as as_of from store_state),
own as (
    select runs.*, as_of
    from runs cross join clock
    where stage not in ('test', 'replay') and started_at <= as_of and time_source <> 'load'
),
by_stage as (
    select workflow, stage, count(*) as n, min(started_at) as since,
        count(*) filter (where started_at > as_of - interval 28 day) as runs_28d
    from own
    group by workflow, stage
),
usual as (
    select workflow, stage, row_number() over (partition by workflow order by n desc, stage) as place from by_stage
),
writes as (
    select workflow, count(*) as n
    from steps cross join clock
    where side_effect in ('write', 'external') and coalesce(is_executed, status <> 'error')
        and stage not in ('test', 'replay')
        and run_started_at > as_of - interval 28 day and run_started_at <= as_of
    group by workflow
),
spent as (
    select workflow, sum(cost_usd) as cost_usd
    from counted cross join clock
    where in_workflow and day > cast(as_of as date) - 28
    group by workflow
),
names as (select workflow from by_stage union select workflow from workflows),
staged as (
    select names.workflow, coalesce(declared.stage, usual.stage) as stage, declared.production_since,
        coalesce(declared.owner_product, declared.owner_operations, declared.owner_engineering) as owner
    from names
    left join workflows as declared on declared.workflow = names.workflow
    left join usual on usual.workflow = names.workflow and usual.place = 1
),
begun as (
    select workflow, min(since) as first_run_at, cast(sum(runs_28d) as bigint) as runs_28d,
        min(since) filter (where stage = 'limited') as limited_at,
        min(since) filter (where stage = 'production') as production_at
    from by_stage
    group by workflow
)
select
    staged.workflow,
    case when begun.first_run_at is null then 'idea' else coalesce(staged.stage, 'pilot') end as stage,
    staged.owner,
    begun.first_run_at,
    case staged.stage
        when 'production' then least(cast(production_since as timestamp), production_at)
        when 'limited' then limited_at
        else first_run_at
    end as stage_since,
    least(limited_at, production_at, cast(production_since as timestamp)) as left_pilot_at,
    least(production_at, cast(production_since as timestamp)) as left_limited_at,
    coalesce(begun.runs_28d, 0) as runs_28d,
    coalesce(writes.n, 0) as write_steps_28d,
    spent.cost_usd as cost_usd_28d,
    clock.as_of
from staged
cross join clock
left join begun on begun.workflow = staged.workflow
left join writes on writes.workflow = staged.workflow
left join spent on spent.workflow = staged.workflow
order by staged.workflow
