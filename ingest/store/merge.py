"""Incoming rows into the canonical tables: the greatest version of a row wins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
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
        cost_source input_tokens output_tokens cache_read_tokens cache_write_tokens
        reasoning_tokens repeats_usage""".split()
    ),
    "costs": frozenset("run_id step_id cost_usd".split()),
    "feedback": frozenset(
        """run_id step_id category severity triaged_at triaged_by resolution resolved_at
        fix_version eval_case""".split()
    ),
    "payloads": frozenset({"run_started_at", "block"}),
}
# What derivation cleared from a repeated call was stated all the same.
STATED_COST = "coalesce(cost_source = 'reported' or repeats_usage = 'tokens_and_cost', false)::int"
ROWS_AT_ONCE = 100_000
BYTES_AT_ONCE = 32 << 20
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
# Tables whose records are replaced whole, with what belongs to them.
WHOLE = (
    ("run_claims", "run_id", OF_RUN, "holds = 'whole'"),
    ("workflows", "workflow", OF_WORKFLOW, "true"),
)


def merge(connection: duckdb.DuckDBPyConnection, group: list[Loaded]) -> None:
    """Merge the rows of several files; no transaction is needed, for a load that dies is dropped.

    Runs of whole-run formats and declarations are replaced whole by the greatest record; other
    rows by (stated update time, end, number of filled columns, source_id), so that neither the
    order of files nor the split into groups shows in the tables.
    """
    files = _files(group)
    beaten: dict[str, str] = {}
    for owner, key, children, whole in WHOLE:
        if owner in files:
            _register(connection, owner, _rows(files[owner]))
            _find_losers(connection, owner, key, whole)
            for table in (owner, *children):
                beaten[table] = _beaten(owner, key)
                connection.execute(f"delete from {table} t using {beaten[table]}")  # noqa: S608
            connection.unregister(f"incoming_{owner}")
    for table in (*(w[0] for w in WHOLE), *files):
        for rows in _chunks(files.pop(table, [])):
            _register(connection, table, rows)
            if table in beaten:
                kept = f"from incoming_{table} t where not exists (from {beaten[table]})"
                _register(connection, table, connection.sql(kept).to_arrow_table())
            _upsert(connection, table)
            connection.unregister(f"incoming_{table}")


def _files(group: Iterable[Loaded]) -> dict[str, list[Path]]:
    """The Arrow files of every table, in the order of the files they come from."""
    paths: dict[str, list[Path]] = {}
    for loaded in group:
        for table, path in loaded.tables.items():
            paths.setdefault(table, []).append(path)
    return paths


def _rows(files: list[Path]) -> pa.Table:
    return pa.concat_tables(pa.ipc.open_file(pa.OSFile(str(f))).read_all() for f in files)


def _chunks(files: list[Path]) -> Iterator[pa.Table]:
    """The rows of the files in their order, a bounded part at a time."""
    waiting: list[pa.RecordBatch] = []
    for batch in chain.from_iterable(map(_batches, files)):
        waiting.append(batch)
        rows, size = sum(b.num_rows for b in waiting), sum(b.nbytes for b in waiting)
        if rows >= ROWS_AT_ONCE or size >= BYTES_AT_ONCE:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    with pa.ipc.open_file(pa.OSFile(str(path))) as reader:
        yield from (reader.get_batch(number) for number in range(reader.num_record_batches))


def _register(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    """Make rows readable as `incoming_<table>`, numbered in their order.

    Never inside a transaction: until it ends, it would hold on to rows no longer registered.
    """
    if "arrival" not in rows.column_names:
        rows = rows.append_column("arrival", pa.array(range(rows.num_rows), pa.int64()))
    connection.register(f"incoming_{table}", rows)


def _order(table: str) -> str:
    """The `order by` that puts the version that wins first."""
    columns = [c.name for c in TABLES[table].columns]
    counted = [c for c in columns if c not in DERIVED.get(table, ())]
    filled = " + ".join(f'("{c}" is not null)::int' for c in counted)
    if table == "steps":
        filled += f" + {STATED_COST} + (input_tokens is not null or repeats_usage is not null)::int"
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


def _find_losers(connection: duckdb.DuckDBPyConnection, owner: str, key: str, whole: str) -> None:
    """The records, stored or incoming, that a greater record of the same thing replaces."""
    connection.execute(f"""
        create or replace temp table losers_{owner} as
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


def _beaten(owner: str, key: str) -> str:
    return f"losers_{owner} l where t.{key} = l.{key} and t.source_id = l.source_id"


def _filled_order(table: str) -> str:
    columns = [c.name for c in TABLES[table].columns]
    filled = " + ".join(f'("{c}" is not null)::int' for c in columns)
    ended = "ended_at" if "ended_at" in columns else "null::timestamp"
    return f"{ended} as ended, ({filled}) as filled"
