-- Who belongs to whom: feedback and cost lines to their runs, triage to its feedback, money to dollars.
create or replace temp table known_runs as
select run_id from run_claims union select run_id from steps;

create or replace temp table newly_resolved (run_id varchar);

insert into newly_resolved
select target_id from feedback
where run_id is null and target_kind = 'run' and target_id in (select run_id from known_runs);
update feedback set run_id = target_id
where run_id is null and target_kind = 'run' and target_id in (select run_id from known_runs);

create or replace temp table found_steps as
select f.feedback_id, min(s.run_id) as run_id
from feedback f join steps s on s.step_id = f.target_id
where f.run_id is null and f.target_kind = 'step'
group by f.feedback_id having count(distinct s.run_id) = 1;
insert into newly_resolved select run_id from found_steps;
update feedback set run_id = found_steps.run_id, step_id = feedback.target_id
from found_steps where feedback.feedback_id = found_steps.feedback_id;

create or replace temp table found_sessions as
select f.feedback_id, min(c.run_id) as run_id
from feedback f join run_claims c on c.session_id = f.target_id
where f.run_id is null and f.target_kind = 'session'
group by f.feedback_id having count(distinct c.run_id) = 1;
insert into newly_resolved select run_id from found_sessions;
update feedback set run_id = found_sessions.run_id
from found_sessions where feedback.feedback_id = found_sessions.feedback_id;

create or replace temp table found_calls as
select c.cost_id, min(s.run_id) as run_id, min(s.step_id) as step_id
from costs c join steps s on s.response_id = c.response_id
where c.run_id is null and c.response_id is not null
group by c.cost_id having count(*) = 1;
insert into newly_resolved select run_id from found_calls;
update costs set run_id = found_calls.run_id, step_id = found_calls.step_id
from found_calls where costs.cost_id = found_calls.cost_id;

update feedback set
    category = coalesce(t.category, feedback.category),
    severity = coalesce(t.severity, feedback.severity),
    triaged_at = coalesce(t.triaged_at, feedback.triaged_at),
    triaged_by = coalesce(t.triaged_by, feedback.triaged_by),
    resolution = coalesce(t.resolution, feedback.resolution),
    resolved_at = coalesce(t.resolved_at, feedback.resolved_at),
    fix_version = coalesce(t.fix_version, feedback.fix_version),
    eval_case = coalesce(t.eval_case, feedback.eval_case)
from triage t where t.feedback_id = feedback.feedback_id;

create or replace temp table converted as
with rated as (
    select c.cost_id, c.run_id, c.cost_usd as before_usd, c.amount::double * f.usd_per_unit as cost_usd
    from costs c join fx_rates f on f.currency = c.currency and f.valid_from <= c.period_start::date
    where c.currency <> 'USD'
    qualify row_number() over (partition by c.cost_id order by f.valid_from desc) = 1
)
select * from rated where cost_usd is distinct from before_usd;
insert into newly_resolved select run_id from converted where run_id is not null;
update costs set cost_usd = converted.cost_usd from converted where converted.cost_id = costs.cost_id;
