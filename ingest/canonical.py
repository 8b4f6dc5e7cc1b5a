"""Files that already have the columns of one canonical table: approvals.csv, outcomes.csv, ...

Decided by the header alone: it is a subset of the table's columns and holds the required ones.
Where several tables fit, the one whose required columns are the most wins, then the narrowest
table, then the first listed, so that a header always means one table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from ingest import hashes
from ingest.conform import DEFAULTS
from ingest.formats import Format, Ignored, Read, Reject, Rows, Sample, Value
from ingest.schema import TABLES, Table

OWN = frozenset({"source_id", "folder"})
PAYLOAD = ("input", "output", "rationale")
DERIVED = frozenset(
    {
        *("workflow", "stage", "run_started_at", "seq", "depth", "step", "agent_path"),
        *("reenters_agent", "self_ms", "critical_ms", "attempt", "is_gated", "side_effect"),
    }
)
OPINIONS = frozenset({"label", "downstream", "reviewer", "evaluator", "feedback"})


class Stem(NamedTuple):
    """What a file is called, the table it fills, and where its header differs from the table's."""

    stem: str
    table: str
    required: frozenset[str] | None = None
    any_of: frozenset[str] = frozenset()
    extra: tuple[str, ...] = ()


STEMS = (
    Stem("runs", "runs", frozenset({"run_id", "workflow", "started_at"})),
    Stem("steps", "steps", frozenset({"run_id", "step_id", "kind", "name"}), extra=PAYLOAD),
    Stem("outcomes", "outcome_votes", frozenset({"outcome"}), frozenset({"run_id", "task_key"})),
    Stem("triage", "triage", any_of=frozenset({"resolution", "triaged_at", "category"})),
    *(
        Stem(name, name)
        for name in (
            *("feedback", "costs", "approvals", "changes", "drills", "external_counts"),
            *("alerts", "budgets", "prices", "fx_rates", "tombstones"),
        )
    ),
)


class Header(NamedTuple):
    """The columns a file must have, and those it may have."""

    required: frozenset[str]
    optional: frozenset[str]
    any_of: frozenset[str]

    def fits(self, columns: frozenset[str]) -> bool:
        """Whether a file with these columns can be read."""
        known = self.required | self.optional | self.any_of
        enough = not self.any_of or bool(columns & self.any_of)
        return self.required <= columns and enough and columns - OWN <= known


class Canonical:
    """The format of one canonical file; `HOLDS` is part: a run may come from several files."""

    HOLDS: Literal["whole", "part"] = "part"
    BASIS: Literal["files", "documentation"] = "files"

    def __init__(self, stem: Stem) -> None:
        self.stem, self.table = stem.stem, TABLES[stem.table]
        self.header = _header(stem, self.table)
        self.NAME = f"canonical.{stem.stem}"
        self.RECORDS = "run_claims" if stem.table == "runs" else stem.table
        self.OBTAIN = _obtain(stem.stem, self.header)
        self._json = [c.name for c in self.table.columns if c.kind == "json"]

    def accepts(self, sample: Sample) -> bool:
        """Whether this is the table that the header means."""
        return sample.container != "yaml" and chosen(sample.columns) is self

    def read(self, values: Iterator[Value]) -> Iterator[Read]:
        """One row per row; empty cells are unknown."""
        for value in values:
            row = {k: v for k, v in value.items() if k not in OWN and v is not None and v != ""}
            yield self.rows(row) if row else Ignored("empty row")

    def rows(self, row: dict[str, Any]) -> Rows | Reject:
        """The rows that one row of such a file stands for."""
        for name in self._json:
            if isinstance(row.get(name), str):
                row[name] = hashes.parse_json(row[name]) or row[name]
        if not isinstance(row.get("attributes", {}), dict):
            return Reject("bad_value", "attributes: not a JSON object.")
        if self.stem == "runs":
            return _run(row)
        if self.stem == "steps":
            return _step(row)
        if self.stem == "outcomes":
            return {"outcome_votes": [{"source": "label"} | row]}
        return {self.table.name: [row]}


def _header(stem: Stem, table: Table) -> Header:
    """Required are the columns that are never null, apart from ids that a hash can stand in for."""
    hashed = table.key[0] if table.identity and len(table.key) == 1 else None
    given = {hashed, "attributes", *DEFAULTS.get(table.name, ())}
    never_null = {c.name for c in table.columns if c.required} - given - OWN
    required = frozenset(never_null) if stem.required is None else stem.required
    names = {c.name for c in table.columns} | set(stem.extra)
    return Header(required, frozenset(names - OWN - required - stem.any_of), stem.any_of)


def _obtain(stem: str, header: Header) -> str:
    one_of = f", one of {', '.join(sorted(header.any_of))}" if header.any_of else ""
    needs = ", ".join(sorted(header.required)) + one_of
    return f"Write {stem}.csv (or .jsonl, .parquet) with {needs}."


def _run(row: dict[str, Any]) -> Rows:
    """What a runs file claims; the columns that are computed are left to the loader."""
    claim = {c.name: row[c.name] for c in TABLES["run_claims"].columns if c.name in row}
    claim |= {"workflow_name": row.get("workflow"), "deployment": row.get("stage")}
    rows: Rows = {"run_claims": [claim]}
    source = str(row.get("outcome_source", "label")).strip().lower()
    if source in OPINIONS and str(row.get("outcome", "unknown")).strip().lower() != "unknown":
        vote = {
            k: row[k] for k in ("run_id", "workflow", "task_key", "outcome", "score") if k in row
        }
        rows["outcome_votes"] = [vote | {"source": source}]
    return rows


def _step(row: dict[str, Any]) -> Rows:
    """A step, the texts it carries, and what it says of its run."""
    key = {name: row.get(name) for name in ("run_id", "step_id")}
    texts = {name: row[name] for name in PAYLOAD if name in row}
    step = {k: v for k, v in row.items() if k not in DERIVED and k not in PAYLOAD}
    facts = {"workflow_name": "workflow", "deployment": "stage", "version": "version"}
    claim = {name: row[column] for name, column in facts.items() if column in row}
    rows: Rows = {
        "steps": [step | {"side_effect_recorded": row.get("side_effect")}],
        "run_claims": [{"run_id": row.get("run_id")} | claim],
    }
    if texts:
        rows["payloads"] = [key | texts]
    return rows


_FORMATS = tuple(map(Canonical, STEMS))
FORMATS: tuple[Format, ...] = _FORMATS
BY_STEM = {form.stem: form for form in _FORMATS}


def chosen(columns: frozenset[str]) -> Canonical | None:
    """The one format that a header means, or None."""
    fitting = [f for f in _FORMATS if f.header.fits(columns)]
    return min(
        fitting,
        key=lambda f: (-len(f.header.required), len(f.header.optional), _FORMATS.index(f)),
        default=None,
    )


def headers() -> dict[str, tuple[list[str], list[str]]]:
    """File stem to its required and its optional columns, in the order of the table.

    Of `run_id or task_key` and the like, one is required; they are among the optional ones.
    """
    found = {}
    for form in _FORMATS:
        names = [c.name for c in form.table.columns if c.name not in OWN]
        names += [name for name in sorted(form.header.optional) if name not in names]
        required = [name for name in names if name in form.header.required]
        found[form.stem] = (required, [name for name in names if name not in required])
    return found
