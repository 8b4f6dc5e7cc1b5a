-- title: Which formats were loaded, and what became of their records?
-- returns: format varchar, files bigint, records bigint, loaded bigint, duplicates bigint, ignored bigint,
--   rejected bigint, bytes bigint, newest_loaded_at timestamp
-- about: records = loaded + duplicates + ignored + rejected.
select
    format, count(*) as files,
    cast(sum(records) as bigint) as records, cast(sum(loaded) as bigint) as loaded,
    cast(sum(duplicates) as bigint) as duplicates,
    cast(sum(records - loaded - duplicates - rejected) as bigint) as ignored,
    cast(sum(rejected) as bigint) as rejected, cast(sum(bytes) as bigint) as bytes,
    max(loaded_at) as newest_loaded_at
from sources
group by format
order by format
