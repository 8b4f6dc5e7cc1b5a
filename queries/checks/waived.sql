-- title: Which checks are waived now?
-- returns: workflow varchar, check_id varchar
-- about: A waiver needs an owner, a reason and an end within 30 days; two may be open at once.
with open_waivers as (
    select workflow, check_id, row_number() over (partition by workflow order by expires, check_id) as place
    from waivers
    where owner is not null and reason is not null
        and expires >= cast($as_of as date) and expires <= cast($as_of as date) + interval 30 day
)
select workflow, check_id
from open_waivers
where place <= 2
