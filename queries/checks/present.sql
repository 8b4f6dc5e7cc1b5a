-- title: Which tables hold rows, at all and for each workflow?
-- returns: table_name varchar, workflow varchar, rows bigint
-- about: A row without a workflow counts the whole table.
with by_workflow as (
    select 'workflows' as table_name, workflow from workflows
    union all select 'workflow_edges', workflow from workflow_edges
    union all select 'workflow_tools', workflow from workflow_tools
    union all select 'workflow_approvals', workflow from workflow_approvals
    union all select 'declared_branches', workflow from workflow_edges where is_branch or is_exception
    union all select 'declared_branches', workflow from workflow_paths
    union all select 'declared_outputs', workflow from workflows where outputs is not null
    union all select 'budgets', scope from budgets where scope_kind = 'workflow'
    union all select 'external_counts', workflow from external_counts
)
select table_name, workflow, count(*) as rows from by_workflow group by table_name, workflow
union all
select 'approvals', null, count(*) from approvals
union all
select 'drills', null, count(*) from drills
union all
select 'feedback', null, count(*) from feedback
