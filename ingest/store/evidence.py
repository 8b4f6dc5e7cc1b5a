"""What the store knows of the runs in the registered relation `some_runs`, by run."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import duckdb
import polars as pl

from ingest.declared import Declared
from ingest.load import frame
from ingest.outcomes import vote_of_feedback
from ingest.store.statements import script

Row = dict[str, Any]


def every_row(connection: duckdb.DuckDBPyConnection, table: str) -> list[Row]:
    """A whole small table."""
    found: pl.DataFrame = connection.sql(f"select * from {table} order by all").pl()  # noqa: S608
    return found.to_dicts()


def grouped(
    connection: duckdb.DuckDBPyConnection, table: str, columns: str, order: str = "all"
) -> dict[str, list[Row]]:
    """Rows of the chunk's runs by run id, times as microseconds."""
    found = connection.sql(
        f"select {columns} from {table}"  # noqa: S608
        f" where run_id in (select run_id from some_runs) order by {order}"
    ).pl()
    return _by_run(found)


def _by_run(found: pl.DataFrame) -> dict[str, list[Row]]:
    times = [n for n, kind in found.schema.items() if isinstance(kind, pl.Datetime)]
    plain = found.with_columns(pl.col(times).dt.epoch("us")) if times else found
    names, place = plain.columns, plain.columns.index("run_id")
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in plain.rows():
        grouped[row[place]].append(dict(zip(names, row, strict=True)))
    return dict(grouped)


def waits(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[int, int]]]:
    """The times people took to decide, in microseconds."""
    found = connection.sql("""
        select run_id, requested_at, decided_at from approvals
        where decided_at is not null and decider_type is distinct from 'policy'
            and decider_type is distinct from 'model'
            and run_id in (select run_id from some_runs)
        order by all
    """).pl()
    return {
        run_id: [(r["requested_at"], r["decided_at"]) for r in rows]
        for run_id, rows in _by_run(found).items()
    }


def gateway_costs(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """What a gateway logged, in US dollars."""
    found = connection.sql("""
        select run_id, sum(cost_usd) as cost_usd from costs
        where source = 'gateway_log' and run_id in (select run_id from some_runs)
        group by run_id
    """).pl()
    return dict(zip(found["run_id"], found["cost_usd"], strict=True))


def gated_inputs(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str]:
    """What the tools that an approval rule looks into were called with, by run and step."""
    found = connection.sql("""
        select p.run_id, p.step_id, p.input
        from payloads p join steps s using (run_id, step_id)
        where s.run_id in (select run_id from some_runs) and s.kind = 'tool'
            and coalesce(s.tool, s.name) in
                (select action from workflow_approvals where condition is not null)
    """).pl()
    return {(r[0], r[1]): r[2] for r in found.iter_rows()}


def votes(
    connection: duckdb.DuckDBPyConnection, declared: Declared, workflows: dict[str, str]
) -> dict[str, list[Row]]:
    """The chunk's votes by run; those that feedback casts are written anew."""
    connection.execute("""
        delete from outcome_votes where vote_id like 'feedback:%'
            and run_id in (select run_id from some_runs)
    """)
    names = connection.sql("""
        select * from feedback where run_id in (select run_id from some_runs) order by feedback_id
    """).pl()
    cast: list[Row] = []
    for rows in _by_run(names).values():
        for row in rows:
            vote = vote_of_feedback(row, declared.outcome_rule(workflows[row["run_id"]]))
            cast += [vote] if vote else []
    connection.register("cast_votes", frame("outcome_votes", cast))
    connection.execute("insert into outcome_votes by name select * from cast_votes")
    connection.unregister("cast_votes")
    script(connection, "votes")
    return _by_run(connection.sql("select * from run_votes order by all").pl())
