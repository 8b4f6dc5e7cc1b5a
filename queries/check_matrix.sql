-- title: What did every check find last time?
-- returns: workflow varchar, stage varchar, pattern varchar, check_id varchar, state varchar, held_state varchar,
--   k double, n double, n_eff double, value double, lo double, hi double, alarms double,
--   evidence_level varchar,
--   coverage double, missing json, limit_a double, limit_r double, limit_kind varchar,
--   formula_version varchar, as_of timestamp, "window" varchar
with staged as (
    select workflow, stage, row_number() over (partition by workflow order by count(*) desc, stage) as place
    from runs
    where stage not in ('test', 'replay')
    group by workflow, stage
)
select
    results.workflow,
    coalesce(declared.stage, staged.stage, 'pilot') as stage,
    case split_part(check_id, '-', 1)
        when 'WF' then 'technology_before_workflow'
        when 'GOV' then 'no_governance'
        when 'INT' then 'integrations_underestimated'
        when 'MA' then 'multi_agent_too_early'
        when 'OBS' then 'no_observability'
        when 'COST' then 'no_cost_model'
        when 'FB' then 'no_human_feedback'
    end as pattern,
    check_id, state, held_state, k, n, n_eff, value, lo, hi, alarms, evidence_level, coverage,
    missing, limit_a, limit_r, limit_kind, formula_version, as_of, "window"
from check_results as results
left join workflows as declared on declared.workflow = results.workflow
left join staged on staged.workflow = results.workflow and staged.place = 1
where as_of = (select max(as_of) from check_results)
order by results.workflow, pattern, check_id
