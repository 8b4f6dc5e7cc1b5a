-- title: How fresh is each table?
-- returns: table_name varchar, rows bigint, newest_at timestamp
select 'runs' as table_name, count(*) as rows, max(started_at) as newest_at from runs
union all
select 'steps' as table_name, count(*) as rows, max(started_at) as newest_at from steps
union all
select 'costs' as table_name, count(*) as rows, max(period_end) as newest_at from costs
union all
select 'feedback' as table_name, count(*) as rows, max(created_at) as newest_at from feedback
union all
select 'approvals' as table_name, count(*) as rows, max(requested_at) as newest_at from approvals
union all
select 'changes' as table_name, count(*) as rows, max(changed_at) as newest_at from changes
union all
select 'drills' as table_name, count(*) as rows, max(ran_at) as newest_at from drills
union all
select 'external_counts' as table_name, count(*) as rows, max(cast(counted_on as timestamp)) as newest_at from external_counts
union all
select 'alerts' as table_name, count(*) as rows, max(fired_at) as newest_at from alerts
union all
select 'workflows' as table_name, count(*) as rows, max(reviewed_at) as newest_at from workflows
union all
select 'budgets' as table_name, count(*) as rows, max(cast(valid_from as timestamp)) as newest_at from budgets
union all
select 'prices' as table_name, count(*) as rows, max(cast(nullif(valid_from, date '1970-01-01') as timestamp)) as newest_at from prices
order by table_name
