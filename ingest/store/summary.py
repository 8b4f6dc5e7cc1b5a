"""What a load brought, in the figures its user wants first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import duckdb
import orjson
import polars as pl

MOST_USEFUL = 3


class Gap(NamedTuple):
    """Data that are not there, how many checks wait for them, and how to bring them."""

    field: str
    checks: int
    hint: str


class Summary(NamedTuple):
    """The runs of one load: how their outcome is known, how their model calls are costed, and the
    missing data that would let most checks be measured."""

    runs: int
    outcomes: dict[str, int]
    calls: dict[str, int]
    gaps: list[Gap]


def summarise(connection: duckdb.DuckDBPyConnection) -> Summary:
    """The summary of the load whose runs are in the temp table `touched_runs`."""
    outcomes = _counts(
        connection,
        """
        select case when outcome = 'unknown' then 'unknown' else outcome_source end as name,
            count(*) as n
        from runs where run_id in (select run_id from touched_runs) group by 1
        """,
    )
    calls = _counts(
        connection,
        """
        select case when cost_usd is null then 'unpriced' else cost_source end as name,
            count(*) as n
        from steps
        where kind = 'llm' and agent is distinct from 'user_simulator'
            and run_id in (select run_id from touched_runs) group by 1
        """,
    )
    missing = connection.sql("""
        select workflow, check_id, missing from check_results
        where as_of = (select max(as_of) from check_results) and state = 'not_measured'
            and workflow in
                (select workflow from runs where run_id in (select run_id from touched_runs))
    """).pl()
    return Summary(sum(outcomes.values()), outcomes, calls, _gaps(missing.iter_rows(named=True)))


def _counts(connection: duckdb.DuckDBPyConnection, question: str) -> dict[str, int]:
    found: pl.DataFrame = connection.sql(question).pl().sort("n", "name", descending=[True, False])
    return dict(found.iter_rows())


def _gaps(unmeasured: Iterable[dict[str, Any]]) -> list[Gap]:
    """The fields that most checks wait for; a check counts once, in however many workflows. What
    only time brings has no hint and is no gap; the hint is of the check that lacks least."""
    waiting: dict[str, dict[str, tuple[int, str]]] = {}
    for row in unmeasured:
        missing = orjson.loads(row["missing"] or "[]")
        for gap in missing:
            if gap["field"] and gap["hint"]:
                found = waiting.setdefault(gap["field"], {})
                found[row["check_id"]] = (len(missing), gap["hint"])
    ranked = sorted(waiting.items(), key=lambda item: (-len(item[1]), item[0]))
    return [Gap(field, len(hints), min(hints.values())[1]) for field, hints in ranked[:MOST_USEFUL]]
