"""Incoming rows into the canonical tables: the greatest version of a row wins."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.ipc

from ingest.load import Loaded
from ingest.schema import TABLES

# Columns that derivation writes or completes; they say nothing about which record knows more.
DERIVED: dict[str, frozenset[str]] = {
    "steps": frozenset(
        """workflow stage version run_started_at seq depth step agent agent_path reenters_agent
        self_ms critical_ms attempt side_effect is_gated is_executed price_version cost_usd
        cost_source""".split()
    ),
    "costs": frozenset("run_id step_id cost_usd".split()),
    "feedback": frozenset(
        """run_id step_id category severity triaged_at triaged_by resolution resolved_at
        fix_version eval_case""".split()
    ),
    "payloads": frozenset({"run_started_at", "block"}),
}
OF_RUN = ("steps", "payloads", "outcome_votes", "approvals", "feedback")
OF_WORKFLOW = (
    "workflow_steps",
    "workflow_edges",
    "workflow_tools",
    "workflow_approvals",
    "workflow_paths",
    "waivers",
    "gate_signoffs",
)


def merge(connection: duckdb.DuckDBPyConnection, group: list[Loaded]) -> None:
    """Merge the rows of several files in one transaction.

    Runs of whole-run formats and declarations are replaced whole by the greatest record; other
    rows by (stated update time, end, number of filled columns, source_id), so that neither the
    order of files nor the split into groups shows in the tables.
    """
    connection.begin()
    try:
        _merge(connection, group)
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _merge(connection: duckdb.DuckDBPyConnection, group: list[Loaded]) -> None:
    staged = _stage(connection, group)
    if "run_claims" in staged:
        _upsert(connection, "run_claims")
        _keep_whole_winner(connection, "run_claims", "run_id", OF_RUN, staged, "holds = 'whole'")
    if "workflows" in staged:
        _keep_whole_winner(connection, "workflows", "workflow", OF_WORKFLOW, staged, "true")
        _upsert(connection, "workflows")
    for table in staged:
        if table not in ("run_claims", "workflows"):
            _upsert(connection, table)
    for table in staged:
        connection.unregister(f"incoming_{table}")


def _stage(connection: duckdb.DuckDBPyConnection, group: Iterable[Loaded]) -> list[str]:
    """Make the arriving rows of every table readable as `incoming_<table>`, in their order."""
    paths: dict[str, list[Path]] = {}
    for loaded in group:
        for table, path in loaded.tables.items():
            paths.setdefault(table, []).append(path)
    for table, files in paths.items():
        rows = pa.concat_tables(pa.ipc.open_file(pa.memory_map(str(f))).read_all() for f in files)
        arrival = pa.array(range(rows.num_rows), pa.int64())
        connection.register(f"incoming_{table}", rows.append_column("arrival", arrival))
    return list(paths)


def _order(table: str) -> str:
    """The `order by` that puts the version that wins first."""
    columns = [c.name for c in TABLES[table].columns]
    counted = [c for c in columns if c not in DERIVED.get(table, ())]
    filled = " + ".join(f'("{c}" is not null)::int' for c in counted)
    if table == "steps":
        filled += " + coalesce(cost_source = 'reported', false)::int"
    stated = [f"{c} desc nulls last" for c in ("record_at", "ended_at") if c in columns]
    return ", ".join([*stated, f"({filled}) desc", "source_id desc", "arrival desc"])


def _same(table: str, left: str, right: str) -> str:
    return " and ".join(
        f'{left}."{k}" is not distinct from {right}."{k}"' for k in TABLES[table].key
    )


def _upsert(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Put the rows that win into the table; the rows they beat go."""
    columns = [c.name for c in TABLES[table].columns]
    order = "order by started_at" if "started_at" in columns else ""
    rivals = f"""
        select t.*, false as is_new from {table} t
        where exists (select 1 from incoming_{table} i where {_same(table, "i", "t")})
    """  # noqa: S608
    if not _is_contested(connection, table, rivals):
        connection.execute(
            f"insert into {table} by name"  # noqa: S608
            f" select * exclude (arrival) from incoming_{table} {order}"
        )
        return
    _find_winners(connection, table, rivals)
    connection.execute(
        f"delete from {table} t using winners w where {_same(table, 't', 'w')}"  # noqa: S608
    )
    connection.execute(
        f"insert into {table} by name"  # noqa: S608
        f" select * exclude (arrival, is_new) from winners {order}"
    )


def _find_winners(connection: duckdb.DuckDBPyConnection, table: str, rivals: str) -> None:
    keys = ", ".join(f'"{k}"' for k in TABLES[table].key)
    connection.execute(f"""
        create or replace temp table winners as
        with contest as (
            select *, true as is_new from incoming_{table} union all by name {rivals}
        )
        select * from contest
        qualify row_number() over (partition by {keys} order by {_order(table)}) = 1
    """)  # noqa: S608
    connection.execute("delete from winners where not is_new")


def _is_contested(connection: duckdb.DuckDBPyConnection, table: str, rivals: str) -> bool:
    """Whether any incoming row shares its key with another row, incoming or stored."""
    keys = ", ".join(f'"{k}"' for k in TABLES[table].key)
    counts = connection.sql(f"""
        select (select count(*) from incoming_{table}) as arrived,
            (select count(*) from (select distinct {keys} from incoming_{table})) as different,
            (select count(*) from ({rivals})) as rivals
    """).pl()  # noqa: S608
    return bool(counts["arrived"][0] != counts["different"][0] or counts["rivals"][0])


def _keep_whole_winner(
    connection: duckdb.DuckDBPyConnection,
    owner: str,
    key: str,
    children: tuple[str, ...],
    staged: list[str],
    whole: str,
) -> None:
    """Drop every row that belongs to a record which a greater record of the same thing replaces."""
    connection.execute(f"""
        create or replace temp table losers as
        with contest as (
            select {key}, source_id, record_at, {_filled_order(owner)} from {owner}
            where {whole} and {key} in (select {key} from incoming_{owner})
            union
            select {key}, source_id, record_at, {_filled_order(owner)} from incoming_{owner}
            where {whole}
        )
        select {key}, source_id from contest
        qualify row_number() over (partition by {key}
            order by record_at desc nulls last, ended desc nulls last, filled desc,
            source_id desc) > 1
    """)  # noqa: S608
    for table in (owner, *children):
        beaten = f"l where t.{key} = l.{key} and t.source_id = l.source_id"
        connection.execute(f"delete from {table} t using losers {beaten}")  # noqa: S608
        if table in staged:
            kept = f"select * from incoming_{table} t where not exists (from losers {beaten})"  # noqa: S608
            connection.register(f"incoming_{table}", connection.sql(kept).to_arrow_table())


def _filled_order(table: str) -> str:
    columns = [c.name for c in TABLES[table].columns]
    filled = " + ".join(f'("{c}" is not null)::int' for c in columns)
    ended = "ended_at" if "ended_at" in columns else "null::timestamp"
    return f"{ended} as ended, ({filled}) as filled"
