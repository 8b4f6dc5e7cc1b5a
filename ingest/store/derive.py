"""What no single record says: run rows, the shape of their steps, and votes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import duckdb
import polars as pl

from ingest import tree
from ingest.casts import since_epoch
from ingest.declared import Declared
from ingest.load import frame
from ingest.outcomes import vote_of_feedback
from ingest.runs import Evidence, in_order, run_row, workflow_of
from ingest.schema import TABLES
from ingest.store.statements import script

Row = dict[str, Any]

RUNS_AT_ONCE = 15_000
STEPS_AT_ONCE = 80_000
STEP_INPUTS = """run_id step_id parent_step_id kind name agent tool started_at ended_at status
    in_band_error error_class error_message input_hash side_effect_recorded is_executed
    input_tokens output_tokens cache_read_tokens cache_write_tokens reasoning_tokens cost_usd
    cost_source source_id""".split()
STEP_RESULTS = """seq depth agent agent_path reenters_agent self_ms critical_ms attempt step
    side_effect is_gated is_executed workflow stage version run_started_at""".split()


def as_of(connection: duckdb.DuckDBPyConnection, loaded_at: datetime) -> datetime:
    """The newest run, feedback or cost not after the load, over the whole store.

    Feedback that states no time has that of its file, which says nothing of the data.
    """
    connection.register("load", pl.DataFrame({"loaded_at": [loaded_at]}))
    newest = connection.sql("""
        select max(t) as newest from (
            select started_at as t from steps union all
            select started_at from run_claims union all
            select created_at from feedback where time_source is distinct from 'file' union all
            select period_end from costs
        ) where t <= (select loaded_at from load)
    """).pl()["newest"][0]
    connection.unregister("load")
    return newest or loaded_at


def derive(
    connection: duckdb.DuckDBPyConnection, loaded_at: datetime, moment: datetime
) -> list[date]:
    """Derive every run of the temp table `touched_runs`; the UTC days whose rollups change."""
    declared = Declared({name: _all(connection, name) for name in Declared.TABLES})
    days = set(_days(connection))
    for ids in _chunks(connection):
        connection.begin()
        connection.register("some_runs", pl.DataFrame({"run_id": ids}, {"run_id": pl.String}))
        _derive_chunk(connection, declared, loaded_at, moment)
        days |= set(_days(connection))
        connection.unregister("some_runs")
        connection.commit()
    return sorted(days)


def _chunks(connection: duckdb.DuckDBPyConnection) -> Iterator[list[str]]:
    """The touched runs in the order they began, a bounded number of steps at a time."""
    found = connection.sql("""
        select run_id, coalesce(n, 0) as n from touched_runs
        left join (
            select run_id, min(started_at) as began, count(*) as n from steps group by all
        ) using (run_id)
        order by began, run_id
    """).pl()
    ids: list[str] = []
    steps = 0
    for run_id, n in found.iter_rows():
        if ids and (steps + n > STEPS_AT_ONCE or len(ids) == RUNS_AT_ONCE):
            yield ids
            ids, steps = [], 0
        ids.append(run_id)
        steps += n
    if ids:
        yield ids


def _days(connection: duckdb.DuckDBPyConnection) -> list[date]:
    found = connection.sql("""
        select distinct started_at::date as day
        from runs where run_id in (select run_id from touched_runs)
    """).pl()
    return list(found["day"])


def _derive_chunk(
    connection: duckdb.DuckDBPyConnection, declared: Declared, loaded: datetime, moment: datetime
) -> None:
    steps = _grouped(connection, "steps", ", ".join(f'"{c}"' for c in STEP_INPUTS))
    for found in steps.values():
        tree.shape(found)
    claims = {i: in_order(c) for i, c in _grouped(connection, "run_claims", "*").items()}
    waits = _waits(connection)
    gateway = _gateway_costs(connection)
    inputs = _gated_inputs(connection)
    ids = sorted(steps.keys() | claims.keys())
    workflows = {i: workflow_of(claims.get(i, []), steps.get(i, []), declared) for i in ids}
    votes = _votes(connection, declared, workflows)
    rows = []
    for run_id in ids:
        known = Evidence(
            workflows[run_id],
            claims.get(run_id, []),
            steps.get(run_id, []),
            votes.get(run_id, []),
            waits.get(run_id, []),
            gateway.get(run_id),
        )
        row = run_row(run_id, known, declared, moment, since_epoch(loaded))
        rows.append(row)
        for step in known.steps:
            _place_step(step, row, declared, inputs)
    _write(connection, rows, [s for found in steps.values() for s in found])


def _place_step(step: Row, run: Row, declared: Declared, inputs: dict[Any, Any]) -> None:
    workflow, tool = run["workflow"], step["tool"] or step["name"]
    step.update(workflow=workflow, stage=run["stage"], version=run["version"])
    step["run_started_at"] = run["started_at"]
    named = tool if step["kind"] == "tool" else step["name"]
    step["step"] = declared.step_of(workflow, step["kind"], named)
    if step["step"] is None and step["kind"] == "agent" and step["agent"]:
        step["step"] = declared.step_of(workflow, "agent", step["agent"])
    is_tool = step["kind"] == "tool"
    effect = declared.side_effect(workflow, tool if is_tool else None, step["side_effect_recorded"])
    step["side_effect"] = effect
    if step["is_executed"] is None and is_tool:
        step["is_executed"] = True
    step["is_gated"] = None
    if is_tool and declared.has(workflow):
        gated = declared.gates(workflow, tool)
        payload = inputs.get((step["run_id"], step["step_id"]))
        step["is_gated"] = declared.is_gated(workflow, tool, payload) if gated else False


def _all(connection: duckdb.DuckDBPyConnection, table: str) -> list[Row]:
    found: pl.DataFrame = connection.sql(f"select * from {table} order by all").pl()  # noqa: S608
    return found.to_dicts()


def _grouped(
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


def _waits(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[int, int]]]:
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


def _gateway_costs(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    found = connection.sql("""
        select run_id, sum(cost_usd) as cost_usd from costs
        where source = 'gateway_log' and run_id in (select run_id from some_runs)
        group by run_id
    """).pl()
    return dict(zip(found["run_id"], found["cost_usd"], strict=True))


def _gated_inputs(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str]:
    found = connection.sql("""
        select p.run_id, p.step_id, p.input
        from payloads p join steps s using (run_id, step_id)
        where s.run_id in (select run_id from some_runs) and s.kind = 'tool'
            and coalesce(s.tool, s.name) in
                (select action from workflow_approvals where condition is not null)
    """).pl()
    return {(r[0], r[1]): r[2] for r in found.iter_rows()}


def _votes(
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


def _write(connection: duckdb.DuckDBPyConnection, runs: list[Row], steps: list[Row]) -> None:
    connection.register("derived_runs", frame("runs", runs))
    connection.execute("delete from runs where run_id in (select run_id from some_runs)")
    connection.execute("insert into runs by name select * from derived_runs")
    kinds = TABLES["steps"].polars()
    names = ["run_id", "step_id", *STEP_RESULTS]
    columns = {n: [s[n] for s in steps] for n in names}
    connection.register("derived_steps", pl.DataFrame(columns, {n: kinds[n] for n in names}))
    taken = ", ".join(f"{n} = d.{n}" for n in STEP_RESULTS)
    connection.execute(
        f"update steps s set {taken} from derived_steps d"  # noqa: S608
        " where s.run_id = d.run_id and s.step_id = d.step_id"
    )
    script(connection, "run_times")
    connection.unregister("derived_runs")
    connection.unregister("derived_steps")
