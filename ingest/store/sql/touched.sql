-- Runs that something new is known about. `new_sources` holds the sources of this load.
create or replace temp table touched_runs as
with new_prices as (
    select model from prices where source_id in (select source_id from new_sources)
),
named as (
    select run_id from run_claims where source_id in (select source_id from new_sources)
    union select run_id from steps where source_id in (select source_id from new_sources)
    union select run_id from outcome_votes where source_id in (select source_id from new_sources)
    union select run_id from feedback where source_id in (select source_id from new_sources)
    union select run_id from approvals where source_id in (select source_id from new_sources)
    union select run_id from costs where source_id in (select source_id from new_sources)
    union select f.run_id from feedback f join triage t using (feedback_id)
        where t.source_id in (select source_id from new_sources)
    union select s.run_id from steps s
        where coalesce(s.cost_source, 'priced') = 'priced'
            and (s.model in (select model from new_prices) or s.response_model in (select model from new_prices))
    union select run_id from newly_resolved
    union select run_id from runs where status = 'running' and outcome = 'unknown'
    union select c.run_id from run_claims c
        where c.task_key in (select task_key from outcome_votes
            where source_id in (select source_id from new_sources))
    union select run_id from runs
        where exists (select 1 from workflows w
            where w.source_id in (select source_id from new_sources)
                and (w.workflow = runs.workflow or w.match_source is not null))
)
select distinct run_id from named
where run_id in (select run_id from known_runs);
