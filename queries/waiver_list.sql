-- title: Which checks are waived, by whom, and does the waiver hold?
-- returns: workflow varchar, check_id varchar, owner varchar, reason varchar, control varchar, expires date,
--   standing varchar, why varchar
-- about: A waiver needs an owner, a reason, a compensating control and an end within 30 days of $as_of (else
--   of the newest data); two may be open at once. Zero tolerance is never waived: the scorecard sees to that.
with clock as (
    select cast(coalesce($as_of::timestamp, (select max(as_of) from store_state)) as date) as today
),
judged as (
    select waivers.*, today,
        owner is not null and reason is not null and control is not null and expires is not null as is_whole,
        expires < today as is_over,
        expires > today + interval 30 day as is_long
    from waivers cross join clock
),
placed as (
    select *, row_number() over (
        partition by workflow, is_whole and not is_over and not is_long order by expires, check_id
    ) as place
    from judged
)
select
    workflow,
    check_id,
    owner,
    reason,
    control,
    expires,
    case when not is_whole then 'void' when is_over then 'expired' when is_long or place > 2 then 'void' else 'open' end
        as standing,
    case
        when not is_whole then 'it needs an owner, a reason, a compensating control and an end'
        when is_over then 'it ended on ' || cast(expires as varchar)
        when is_long then 'it ends more than 30 days ahead'
        when place > 2 then 'two others are open already'
        else 'until ' || cast(expires as varchar)
    end as why
from placed
order by workflow, expires, check_id
