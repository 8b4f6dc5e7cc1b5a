-- Every run that has a call to price is touched; what was priced is remembered and taken off, so that a price
-- which no list has any more does not stay. Reported costs are not touched.
create or replace temp table touched_before as from touched_runs;

create or replace temp table priced_before as
select run_id, step_id, cost_usd from steps where cost_source = 'priced';

update steps set cost_usd = null, cost_source = null, price_version = null where cost_source = 'priced';

insert into touched_runs
select distinct run_id from steps
where cost_usd is null and input_tokens is not null and run_id not in (select run_id from touched_before);
