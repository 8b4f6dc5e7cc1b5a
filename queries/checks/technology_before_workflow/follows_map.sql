-- id: WF-2
-- title: Do real runs follow the map?
-- gate: pilot
-- estimator: share
-- limits: 0.05 / 0.20 from 30
-- from_production: 100
-- limit_kind: policy
-- unit: finished runs
-- needs: workflow_edges by workflow
-- hint: Declare steps and edges in the workflow's file, and `match` patterns for the names seen in traces.
-- fix: Either declare the transition or stop the agent taking it: {evidence}.
-- owner: product owner
-- uses: finished, declared_edges, taken
-- about: Directly-follows over declared steps, repeats collapsed. Steps that overlap in time have no
--   order and are not judged; a run that broke off with an error is not judged on its last step, WF-5 does.
--   A declared exception path may be entered from anywhere.
with judged as (
    select
        finished.workflow,
        finished.run_id,
        finished.started_at,
        min(case when declared.workflow is null then taken.from_step || ' → ' || taken.to_step end) as edge,
        sum(case when declared.workflow is null then 1 else 0 end) as off_map
    from taken
    join finished on finished.run_id = taken.run_id
    left join declared_edges as declared
        on declared.workflow = finished.workflow
        and declared.from_step = taken.from_step and declared.to_step = taken.to_step
    group by finished.workflow, finished.run_id, finished.started_at
)
select
    workflow,
    run_id,
    cast(null as varchar) as step_id,
    off_map > 0 as failed,
    cast(started_at as date) as observed_on,
    started_at as observed_at,
    coalesce(edge || ': not a declared transition', 'every transition is declared') as why,
    cast(off_map as double) as weight
from judged
