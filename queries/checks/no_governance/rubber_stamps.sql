-- id: GOV-6
-- title: Are approvals real decisions or rubber stamps?
-- gate: no
-- estimator: share
-- limits: 0.10 / 0.30 from 30
-- limit_kind: policy
-- unit: approvals by people
-- applies: workflow_approvals
-- unless: No action of this workflow is declared to need approval.
-- needs: approvals
-- hint: Load approvals (requested_at, decided_at, decision, decider_type, payload_chars, is_seeded_test).
-- fix: Ask for fewer and riskier approvals, batch what is trivial, plant one wrong request in fifty: {evidence}.
-- owner: security
-- beside: GOV-7
-- uses: requests
-- about: Approved faster than it can be read: min_read_s, else five seconds or 25 characters a second. A high
--   share of approvals is no fault by itself. From ten planted requests on, catching fewer than 80 % of them
--   keeps it from green whatever the speed, as people can wait before they click.
with human as (
    select
        *,
        coalesce(min_read_s, greatest(5, coalesce(payload_chars, 0) / 25.0)) as needed_s,
        date_diff('millisecond', requested_at, decided_at) / 1000.0 as taken_s
    from requests
    where decider_type = 'human'
),
counted as (
    select
        workflow,
        count(*) filter (where is_seeded_test) as seeded,
        count(*) filter (where is_seeded_test and decision = 'rejected') as caught,
        count(*) filter (where not is_seeded_test and decision in ('approved', 'edited', 'rejected')) as decided,
        count(*) filter (where not is_seeded_test and decision in ('approved', 'edited')) as approved,
        count(*) filter (where not is_seeded_test and decision in ('approved', 'edited')
            and min_read_s is null and payload_chars is null) as unsized
    from human
    group by workflow
)
select
    human.workflow,
    run_id,
    step_id,
    coalesce(taken_s < needed_s, true) as failed,
    cast(requested_at as date) as observed_on,
    coalesce(decided_at, requested_at) as observed_at,
    'decider ' || coalesce(left(decider_hash, 8), 'unknown') || case
        when taken_s < needed_s then ' at ' || lpad(cast(extract(hour from decided_at) as varchar), 2, '0')
            || 'h: approved ' || action || ' faster than it can be read'
        when taken_s is null then ': approved ' || action || ' at a time nobody recorded'
        else ': took ' || cast(cast(taken_s as bigint) as varchar) || ' s over ' || action || '; '
            || cast(approved as varchar) || ' of ' || cast(decided as varchar) || ' approved, '
            || cast(caught as varchar) || ' of ' || cast(seeded as varchar) || ' planted requests caught'
    end as why,
    coalesce(needed_s - taken_s, needed_s) as weight,
    seeded >= 10 and caught < 0.8 * seeded as held,
    case when unsized > 0.2 * approved
        then 'payload_chars is missing on ' || cast(unsized as varchar) || ' of ' || cast(approved as varchar)
            || ' approvals, and no min_read_s is declared.' end as unmeasured
from human
join counted on counted.workflow = human.workflow
where decision in ('approved', 'edited') and not is_seeded_test
