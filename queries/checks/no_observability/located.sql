-- id: OBS-6
-- title: Can failures be located without guessing?
-- gate: no
-- estimator: share
-- limits: 0.90 / 0.70 from 20
-- limit_kind: policy
-- good: high
-- unit: failed runs
-- fix: Assert what each step must leave behind, and name the kind of its errors: {evidence}.
-- owner: engineering
-- uses: finished
-- about: A failure is located when its first recorded failing step says what kind of error it had, when
--   a guardrail stopped there, or when a person or an evaluator marked the step. Steps off the critical
--   path come last. First recorded is not the cause, and the last error is often only the symptom.
with failures as (select * from finished where outcome = 'failure'),
firsts as (
    select steps.run_id, steps.step_id, coalesce(steps.tool, steps.step, steps.name) as subject,
        coalesce(nullif(steps.error_class, 'unknown'), case when steps.error_type not in ('_OTHER', 'unknown') then
            steps.error_type end, case when steps.kind = 'guardrail' then 'stopped by a guardrail' end) as reason
    from steps
    join failures on failures.run_id = steps.run_id
    where (steps.status = 'error' or steps.in_band_error) and coalesce(steps.agent, '') <> 'user_simulator'
        and steps.run_started_at > $since and steps.run_started_at <= $as_of
    qualify row_number() over (
        partition by steps.run_id
        order by case when steps.critical_ms = 0 and steps.duration_ms > 0 then 1 else 0 end,
            coalesce(steps.ended_at, steps.started_at) nulls last, steps.depth desc, steps.seq, steps.step_id
    ) = 1
),
marked as (
    select run_id, min(step_id) as step_id
    from feedback
    where step_id is not null and verdict <> 'correct' and created_at <= $as_of
        and source in ('evaluator', 'reviewer', 'sampled_review')
    group by run_id
)
select
    failures.workflow,
    failures.run_id,
    coalesce(case when firsts.reason is not null then firsts.step_id end, marked.step_id, firsts.step_id) as step_id,
    firsts.reason is null and marked.run_id is null as failed,
    cast(failures.started_at as date) as observed_on,
    failures.started_at as observed_at,
    case
        when firsts.reason is not null then firsts.subject || ': first recorded failing step, ' || firsts.reason
        when marked.run_id is not null then 'marked step: judged wrong by a person or an evaluator'
        when firsts.run_id is not null then firsts.subject || ': first recorded failing step, of unknown kind'
        else 'no failing step: the run failed and every step passed'
    end as why,
    case when firsts.run_id is null then 2.0 else 1.0 end as weight
from failures
left join firsts on firsts.run_id = failures.run_id
left join marked on marked.run_id = failures.run_id
