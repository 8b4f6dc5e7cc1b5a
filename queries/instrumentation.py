"""What is most worth recording next: the fields whose absence keeps checks from being measured."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import polars as pl

from queries.rules import Check, checks

PREFIX = "Not measured: "

FIELDS: dict[str, pl.DataType] = {
    "field": pl.String(),
    "rows_lacking": pl.Int64(),
    **dict.fromkeys(("gate_checks", "checks", "alone"), pl.Int64()),
    "source": pl.String(),
    "check_ids": pl.List(pl.String()),
    "workflows": pl.List(pl.String()),
}


class Gap(NamedTuple):
    """One thing that one check of one workflow lacks."""

    field: str
    check: Check
    workflow: str
    rows: int
    is_only: bool

    @property
    def hint(self) -> str:
        """Which importer or setting supplies what the check lacks."""
        return self.check.header.get("hint", "")


def instrumentation(results: pl.DataFrame) -> pl.DataFrame:
    """One row a missing field, those that unlock most gate checks first, from rows of check_matrix.

    gate_checks and checks count the checks that wait for it, alone those that in some workflow wait
    for nothing else. rows_lacking adds up the workflows; null where no row could hold it yet.
    source says which importer or setting supplies it. Checks with too few rows wait for runs, not
    for fields, and are left out; so are those that no data can answer.
    """
    groups: dict[str, list[Gap]] = defaultdict(list)
    for result in results.iter_rows(named=True):
        for gap in gaps(result):
            groups[gap.field].append(gap)
    rows = [_row(field, group) for field, group in groups.items()]
    rows.sort(key=lambda row: (-row["gate_checks"], -row["checks"], -row["alone"], row["field"]))
    return pl.DataFrame(rows, schema=FIELDS)


def gaps(result: dict[str, Any]) -> Iterator[Gap]:
    """What one row of check_matrix lacks."""
    check = checks().get(result["check_id"])
    is_silent = result["state"] == "not_measured" or result["held_state"]
    if check is None or check.unmeasured or not is_silent:
        return
    named = [gap for gap in json.loads(result["missing"] or "[]") if gap["field"]]
    for gap in named:
        yield Gap(_label(check, gap), check, result["workflow"], gap["lacking"], len(named) == 1)


def _label(check: Check, gap: dict[str, Any]) -> str:
    """The field by its name; a thing that is no column is told as the check tells it."""
    if gap["field"] != check.unit:
        return str(gap["field"])
    return str(gap["text"]).removeprefix(PREFIX).rstrip(".")


def _row(field: str, group: list[Gap]) -> dict[str, Any]:
    waiting = {gap.check.id: gap.check for gap in group}
    lacking: dict[str, int] = {}
    for gap in group:
        lacking[gap.workflow] = max(gap.rows, lacking.get(gap.workflow, 0))
    order = list(checks())
    return {
        "field": field,
        "rows_lacking": sum(lacking.values()) or None,
        "gate_checks": sum(check.gate != "no" for check in waiting.values()),
        "checks": len(waiting),
        "alone": len({gap.check.id for gap in group if gap.is_only}),
        "source": _source(group),
        "check_ids": sorted(waiting, key=order.index),
        "workflows": sorted(lacking),
    }


def _source(group: list[Gap]) -> str:
    """The commonest hint of the checks that rest on the field before all, else of any."""
    first = [gap.hint for gap in group if [n.label for n in gap.check.needs[:1]] == [gap.field]]
    hints = Counter(hint for hint in first or [gap.hint for gap in group] if hint)
    return hints.most_common(1)[0][0] if hints else ""
