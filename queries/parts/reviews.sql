-- title: Runs of which a random sample was judged by a person in the window, one label a run.
-- about: Needs opinions. Where two labels disagree, the worse one counts.
select *
from opinions
where source = 'sampled_review' and verdict is not null and created_at > $since
qualify row_number() over (
    partition by run_id order by case when verdict = 'correct' then 1 else 0 end, created_at desc, feedback_id
) = 1
