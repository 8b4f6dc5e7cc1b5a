-- title: The tools a workflow may use, one row a tool, scope and stage, with the pattern its name stands for.
-- about: Null scope or stage means every one. A list with `*` allows everything and so says nothing:
--   `is_wildcard`.
select
    workflow, tool, scope, stage, side_effect, break_glass,
    replace(replace(tool, '_', '!_'), '*', '%') as pattern,
    bool_or(tool = '*') over (partition by workflow) as is_wildcard
from workflow_tools
