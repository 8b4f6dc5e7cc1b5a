-- title: Which opinions on the outcome of this run are there?
-- returns: source varchar, outcome varchar, score double, name varchar, voted_at timestamp,
--   source_id varchar
-- about: The order is that of precedence: the first row decides, ties go to the newest.
select
    source, outcome, score, name, voted_at, source_id
from outcome_votes
where run_id = $run_id
order by case source when 'label' then 1 when 'downstream' then 2 when 'reviewer' then 3 when 'evaluator' then 4 else 5 end,
    voted_at desc nulls last, source_id
