-- title: What was loaded, and what became of every record?
-- returns: source_id varchar, path varchar, format varchar, bytes bigint, loaded_at timestamp,
--   records bigint, loaded bigint, duplicates bigint, ignored bigint, rejected bigint,
--   ignored_reasons json, rows_by_table json, orphans bigint, clock_skewed bigint, unfinished bigint,
--   times_without_zone bigint, records_table varchar, schema_version bigint
-- about: records = loaded + duplicates + ignored + rejected.
select
    source_id, path, format, bytes, loaded_at, records, loaded, duplicates,
    records - loaded - duplicates - rejected as ignored, rejected, ignored as ignored_reasons, rows_by_table,
    orphans, clock_skewed, unfinished, times_without_zone, records_table, schema_version
from sources
order by loaded_at desc, path, source_id
