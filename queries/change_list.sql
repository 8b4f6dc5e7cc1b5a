-- title: What was changed, and when?
-- returns: workflow varchar, changed_at timestamp, kind varchar, version_to varchar, is_rollback boolean
-- about: Changes of prompts, models, tools, code and configuration, oldest first.
select workflow, changed_at, kind, version_to, is_rollback
from changes
where changed_at >= $since and changed_at < $until
    and ($workflow is null or workflow in (select unnest($workflow::varchar[])))
order by changed_at, workflow, kind, version_to
