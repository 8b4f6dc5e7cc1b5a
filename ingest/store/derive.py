"""What no single record says: run rows, the shape of their steps, and votes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import duckdb
import polars as pl

from ingest import tree
from ingest.casts import since_epoch
from ingest.declared import Declared
from ingest.load import frame
from ingest.nested_calls import USAGE, take_off_repeats
from ingest.runs import Evidence, in_order, run_row, workflow_of
from ingest.schema import TABLES
from ingest.store import evidence
from ingest.store.statements import script

Row = dict[str, Any]

RUNS_AT_ONCE = 15_000
STEPS_AT_ONCE = 80_000
STEP_INPUTS = """run_id step_id parent_step_id kind name agent tool started_at ended_at status
    in_band_error error_class error_message input_hash side_effect_recorded is_executed
    input_tokens output_tokens cache_read_tokens cache_write_tokens reasoning_tokens cost_usd
    cost_source decision source_id""".split()
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
    declared = Declared({name: evidence.every_row(connection, name) for name in Declared.TABLES})
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
    steps = evidence.grouped(connection, "steps", ", ".join(f'"{c}"' for c in STEP_INPUTS))
    for found in steps.values():
        tree.shape(found)
    _clear(connection, [step for found in steps.values() for step in take_off_repeats(found)])
    claims = {i: in_order(c) for i, c in evidence.grouped(connection, "run_claims", "*").items()}
    waits = evidence.waits(connection)
    gateway = evidence.gateway_costs(connection)
    inputs = evidence.gated_inputs(connection)
    ids = sorted(steps.keys() | claims.keys())
    workflows = {i: workflow_of(claims.get(i, []), steps.get(i, []), declared) for i in ids}
    votes = evidence.votes(connection, declared, workflows)
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


def _clear(connection: duckdb.DuckDBPyConnection, repeats: list[Row]) -> None:
    """Take the usage off the stored steps too."""
    if not repeats:
        return
    columns = ("run_id", "step_id", "repeats_usage")
    connection.register("repeats", pl.DataFrame({n: [s[n] for s in repeats] for n in columns}))
    cleared = ", ".join(f"{name} = null" for name in (*USAGE, "price_version"))
    connection.execute(
        f"update steps set repeats_usage = r.repeats_usage, {cleared} from repeats r"  # noqa: S608
        " where r.run_id = steps.run_id and r.step_id = steps.step_id"
    )
    connection.unregister("repeats")


def _place_step(step: Row, run: Row, declared: Declared, inputs: dict[Any, Any]) -> None:
    workflow, tool = run["workflow"], step["tool"] or step["name"]
    step.update(workflow=workflow, stage=run["stage"], version=run["version"])
    step["run_started_at"] = run["started_at"]
    step["step"] = declared.step_of(workflow, step)
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
