-- title: What was left out on purpose, and why?
-- returns: format varchar, reason varchar, records bigint, files bigint
with reasons as (
    select format, ignored, unnest(json_keys(ignored)) as reason from sources
)
select
    format, reason,
    cast(sum(cast(json_extract_string(ignored, '$."' || replace(reason, '"', '\"') || '"') as bigint)) as bigint) as records,
    count(*) as files
from reasons
group by format, reason
order by records desc, format, reason
