-- title: Which checks were red when they were last measured?
-- returns: workflow varchar, check_id varchar, as_of timestamp, k double, n double, n_eff double,
--   value double, lo double, hi double
select workflow, check_id, as_of, k, n, n_eff, value, lo, hi
from (
    select *, row_number() over (partition by workflow, check_id order by as_of desc) as place
    from check_results
    where as_of < $as_of and state in ('green', 'amber', 'red', 'not_applicable')
)
where place = 1 and state = 'red'
