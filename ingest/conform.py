"""From the rows an adapter yields to rows of the canonical tables: types, ids, hashes."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, tzinfo
from itertools import islice
from operator import itemgetter
from typing import Any, Literal, NamedTuple

from ingest import hashes, normal
from ingest.casts import Clock, casters
from ingest.formats import Reject, Rows
from ingest.schema import TABLES

Row = dict[str, Any]

CLAIMS_AT_ONCE = 20_000


class Origin(NamedTuple):
    """Where the records of one file come from, and what the command line says of them.

    `modified_at` (microseconds) stands in for the update time of files that people edit.
    """

    source_id: str
    name: str
    folder: str = ""
    leaf: str = ""
    modified_at: int = 0
    zone: tzinfo = UTC
    option_workflow: str | None = None
    option_stage: str | None = None


EDITED_BY_HAND = frozenset(
    """costs workflows budgets triage approvals changes drills external_counts alerts fx_rates
    prices tombstones mappings""".split()
)
DEFAULTS: dict[str, Row] = {
    "steps": {
        "status": "unset",
        "in_band_error": False,
        "has_input": False,
        "has_output": False,
        "has_rationale": False,
        "workflow": "",
        "stage": "pilot",
        "run_started_at": 0,
        "seq": 0,
        "depth": 0,
    },
    "payloads": {"run_started_at": 0, "block": 0, "attributes": "{}"},
    "costs": {"attributes": "{}"},
    "prices": {"above_tokens": 0},
}
TEXTS = tuple((name, f"has_{name}", f"{name}_hash") for name in ("input", "output", "rationale"))
REQUIRED = {
    name: itemgetter(*(c.name for c in table.columns if c.required))
    for name, table in TABLES.items()
}
ID_OF = {
    name: table.key[0]
    for name, table in TABLES.items()
    if table.identity and table.key[0].endswith("_id")
}


class BadRecordError(ValueError):
    """A record that breaks the contract, with the code and the words for its reject."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Conformer:
    """Collects the rows of one file; `take` raises BadRecordError and then keeps nothing of it."""

    def __init__(self, origin: Origin, holds: Literal["whole", "part"]) -> None:
        self.origin, self.holds = origin, holds
        self.clock = Clock(origin.zone)
        self.rows: dict[str, list[Row]] = {}
        self.claims: dict[str, Row] = {}
        self.text_chars = 0
        self.seen: Counter[str] = Counter()
        self._casters = {name: casters(name, self.clock) for name in TABLES}
        self._of_file = {
            "folder": origin.folder or None,
            "leaf": origin.leaf or None,
            "path": origin.name,
            "option_workflow": origin.option_workflow,
            "option_stage": origin.option_stage,
        }

    def take(self, rows: Rows) -> None:
        """Check and keep the rows of one record."""
        done = {table: [self._row(table, row) for row in found] for table, found in rows.items()}
        if payloads := done.get("payloads"):
            self.text_chars += _describe(payloads, rows["payloads"], done.get("steps", []))
        for table, found in done.items():
            if table == "run_claims" and self.holds == "part":
                self._merge(found)
            else:
                self.rows.setdefault(table, []).extend(found)

    def drain(self) -> dict[str, list[Row]]:
        """The rows taken since the last call; merged claims come with `finish`."""
        rows, self.rows, self.text_chars = self.rows, {}, 0
        return rows

    def finish(self) -> Iterator[dict[str, list[Row]]]:
        """What is left at the end of the file, a part at a time: one claim a run."""
        while self.claims:
            some = list(islice(self.claims, CLAIMS_AT_ONCE))
            yield {"run_claims": [self.claims.pop(run_id) | self._of_file for run_id in some]}

    def _row(self, table: str, given: Row) -> Row:
        row = dict(DEFAULTS.get(table, {}))
        cast = self._casters[table]
        try:
            for name, value in given.items():
                if value is not None:
                    row[name] = cast[name](value)
        except (ValueError, TypeError, OverflowError) as error:
            raise BadRecordError("bad_value", f"{name}: {error}.") from error
        row["source_id"] = self.origin.source_id
        try:
            self._complete(table, row, given)
        except ValueError as error:
            raise BadRecordError("bad_value", f"{error}.") from error
        try:
            missing = None in REQUIRED[table](row)
        except KeyError:
            missing = True
        if missing:
            empty = [
                c.name for c in TABLES[table].columns if c.required and row.get(c.name) is None
            ]
            raise BadRecordError("missing", f"{table} needs {', '.join(empty)}, which is empty.")
        return row

    def _complete(self, table: str, row: Row, given: Row) -> None:
        if table == "run_claims":
            row["holds"] = self.holds
            row.update(self._of_file if self.holds == "whole" else {})
        elif table == "steps":
            normal.step(row)
        elif table == "costs":
            normal.cost(row, given)
        elif table == "prices":
            normal.price(row)
        elif table in ("budgets", "fx_rates"):
            normal.currency(row)
        elif table == "feedback" and row.get("created_at") is None:
            row["created_at"], row["time_source"] = self.origin.modified_at, "file"
        elif table == "outcome_votes":
            row["folder"] = self.origin.folder or None
        if table in EDITED_BY_HAND and row.get("record_at") is None:
            row["record_at"] = self.origin.modified_at
        name = ID_OF.get(table)
        if name and row.get(name) is None:
            row[name] = self._identity(table, row)

    def _identity(self, table: str, row: Row) -> str:
        """The hash of the identifying columns; equal cost lines of one file stay apart."""
        facts = {c: str(row[c]) for c in TABLES[table].identity if row.get(c) is not None}
        found = hashes.of_value(facts)
        if table != "costs":
            return found
        self.seen[found] += 1
        again = self.seen[found]
        return found if again == 1 else hashes.of_value(f"{found}/{again}")

    def _merge(self, claims: list[Row]) -> None:
        """One claim a run: what the root says wins, else what stands first in the file."""
        for new in claims:
            if "attributes" in new:
                new["attributes"] = sys.intern(new["attributes"])
            old = self.claims.get(new["run_id"])
            if old is None:
                self.claims[new["run_id"]] = new
                continue
            first, second = (
                (new, old) if new.get("root_name") and not old.get("root_name") else (old, new)
            )
            merged = second | {k: v for k, v in first.items() if v is not None}
            self.claims[new["run_id"]] = merged


def _describe(payloads: list[Row], given: list[Row], steps: list[Row]) -> int:
    """Write texts as text, and presence and hashes of every payload onto its step; the length of
    the texts."""
    by_id = {(s["run_id"], s["step_id"]): s for s in steps}
    chars = 0
    for payload, raw in zip(payloads, given, strict=True):
        step, parsed = by_id.get((payload["run_id"], payload["step_id"]), {}), Row()
        for name, has, hashed in TEXTS:
            value = raw.get(name)
            if value is None or value == "":
                continue
            is_text = isinstance(value, str)
            parsed[name] = hashes.parse_json(value) if is_text else value
            payload[name] = value if is_text else hashes.canonical(value).decode()
            chars += len(payload[name])
            step[has] = True
            step[hashed] = hashes.of_value(value if parsed[name] is None else parsed[name])
        if step.get("kind") == "tool" and raw.get("output") is not None:
            step["output_shape_hash"] = hashes.of_value(hashes.shape(parsed.get("output")))
    return chars


def reject_of(error: BadRecordError) -> Reject:
    """The reject that stands for a record which broke the contract."""
    return Reject(error.code, str(error))
