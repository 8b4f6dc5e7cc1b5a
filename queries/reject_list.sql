-- title: Which records were refused, and why?
-- returns: path varchar, locator varchar, reason_code varchar, reason varchar, excerpt varchar
-- about: $source_id narrows it to one source.
select sources.path, rejects.locator, rejects.reason_code, rejects.reason, rejects.excerpt
from rejects
left join sources on sources.source_id = rejects.source_id
where $source_id is null or rejects.source_id = $source_id
order by sources.path, rejects.source_id, rejects.locator
