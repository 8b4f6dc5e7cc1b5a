"""A format that a mapping declares: its records become the rows of one canonical table."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from itertools import islice
from typing import Any, Literal, NamedTuple

from ingest import canonical, hashes
from ingest.feedback.verdicts import verdict_of
from ingest.formats import Ignored, Placed, Read, Reject, Rows, Sample, Value
from ingest.mapping import cells
from ingest.mapping.document import Cell, Mapping
from ingest.paths import Record, under
from ingest.schema import Column

PREFIX = "mapped."
RUN = "run."
ENOUGH = 200
ENDED = frozenset({"ended_at", "duration_ms"})
ATTRIBUTES = "attributes."
NAMED_AFTER = ("tool", "agent", "model", "kind")
TARGETS = (("step", "step_id"), ("run", "run_id"))
NAMES = tuple(canonical.BY_STEM)
OPINIONS = {"feedback": frozenset({"label", "score", "verdict"})}
JSON = Column("attributes", "json", False, ())


class Needs(NamedTuple):
    """The columns a mapping must fill: all of some, and one of others."""

    all_of: frozenset[str]
    one_of: frozenset[str] = frozenset()


NEEDS = {
    "runs": Needs(frozenset(), frozenset({"run_id", "started_at"})),
    "steps": Needs(frozenset({"run_id", "kind"})),
    "feedback": Needs(frozenset(), frozenset({"target_id", "run_id", "step_id"})),
}


def needs(stem: str) -> Needs:
    """What a mapping to the table of that stem must fill; the rest follows from it."""
    header = canonical.BY_STEM[stem].header
    return NEEDS.get(stem, Needs(header.required, header.any_of))


def columns(stem: str) -> dict[str, Column]:
    """Every column that can be filled, by the name a mapping gives it.

    A mapping to steps may also say what it knows of the run: `run.session_id`, `run.outcome`.
    """
    found = _columns(stem)
    if stem == "steps":
        found |= {f"{RUN}{name}": column for name, column in _columns("runs").items()}
    return found


def _columns(stem: str) -> dict[str, Column]:
    form = canonical.BY_STEM[stem]
    header = form.header
    known = {c.name: c for c in form.table.columns}
    names = header.required | header.optional | header.any_of
    return {n: known.get(n, Column(n, "any", False, ())) for n in names if n != "attributes"}


def column(stem: str, name: str) -> Column | None:
    """The column a mapping means by a name, None where there is none such."""
    if (found := columns(stem).get(name)) is not None:
        return found
    bare = name.removeprefix(RUN) if stem == "steps" else name
    inside = "runs" if bare != name else stem
    has_facts = any(c.name == "attributes" for c in canonical.BY_STEM[inside].table.columns)
    return JSON if has_facts and bare.startswith(ATTRIBUTES) else None


def records(value: Value, path: str | None) -> Iterator[Record]:
    """The records of one value of a file: itself, or the items of the list at the path."""
    return iter([Record(value, (value,))]) if path is None else under(value, path)


class Mapped:
    """The format of one mapping; a run may come from several files."""

    HOLDS: Literal["whole", "part"] = "part"
    BASIS: Literal["files", "documentation"] = "files"

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self.NAME = f"{PREFIX}{mapping.mapping}"
        self.OBTAIN = f"What the mapping {mapping.mapping} declares."
        self._form = canonical.BY_STEM[mapping.table]
        self.RECORDS = self._form.RECORDS
        self._cells = [
            (name, cell, found)
            for name, cell in mapping.columns.items()
            if (found := column(mapping.table, name)) is not None
        ]

    def accepts(self, sample: Sample) -> bool:
        """Whether some record holds the paths of every column that is needed."""
        return sample.container != "yaml" and any(map(self._fits, self._head(sample)))

    def fit(self, sample: Sample) -> int:
        """How many of the mapping's paths hold something in the sample."""
        head = self._head(sample)
        return sum(any(r.at(path) is not None for r in head) for path in self.paths())

    def paths(self) -> list[str]:
        """Every path the mapping reads."""
        return [cell.path for cell in self.mapping.columns.values() if cell.path]

    def needed(self) -> list[str]:
        """The paths without which a file is not of this format."""
        wanted = needs(self.mapping.table)
        given = self.mapping.columns
        names = wanted.all_of | wanted.one_of | OPINIONS.get(self.mapping.table, frozenset())
        must = [given[n] for n in sorted(names) if n in given]
        return [c.path for c in must if c.path] or self.paths()

    def lacks(self, sample: Sample) -> list[str]:
        """The needed paths that hold nothing in the sample, with what was probably meant."""
        head = self._head(sample)
        found = [p for p in self.needed() if any(r.at(p) is not None for r in head)]
        lost = [p for p in self.needed() if p not in found]
        keys = {f"{k}" for r in head if isinstance(r.item, dict) for k in r.item} - {*found}
        near = ((p, difflib.get_close_matches(p, sorted(keys), 1)) for p in lost)
        return [f'{p} (did you mean "{n[0]}"?)' if n else p for p, n in near] or [
            "records that meet its `when`"
        ]

    def read(self, values: Iterator[Value]) -> Iterator[Read]:
        """The rows of every record, with its place inside its value."""
        for value in values:
            empty = True
            for record in records(value, self.mapping.records):
                empty = False
                yield self._record(record)
            if empty:
                yield Ignored(f"nothing at {self.mapping.records}")

    def _head(self, sample: Sample) -> list[Record]:
        found = (r for value in sample.values for r in records(value, self.mapping.records))
        return list(islice(found, ENOUGH))

    def _fits(self, record: Record) -> bool:
        return self._is_meant(record) and all(record.at(p) is not None for p in self.needed())

    def _is_meant(self, record: Record) -> bool:
        for path, wanted in self.mapping.when.items():
            words = wanted if isinstance(wanted, list) else [wanted]
            if cells.fold(record.at(path)) not in map(cells.fold, words):
                return False
        return True

    def _record(self, record: Record) -> Read:
        if not isinstance(record.item, dict):
            return Reject("not_an_object", "a JSON object was expected.", record.place)
        if not self._is_meant(record):
            return Ignored("left out by the mapping's `when`")
        row: dict[str, Any] = {}
        for name, cell, meant in self._cells:
            try:
                found = cells.value_of(cell, meant, record, self.mapping.decimal)
            except (ValueError, OverflowError) as error:
                return Reject("bad_value", f"{name}{_from(cell)}: {error}.", record.place)
            if found is not None:
                _put(row, name, found)
        if not row:
            return Ignored("empty record")
        rows = self._rows(row, record)
        return Placed(rows, record.place) if isinstance(rows, dict) else rows

    def _rows(self, row: dict[str, Any], record: Record) -> Rows | Reject:
        run = row.pop(RUN, {})
        if self.mapping.table == "runs":
            row.setdefault("run_id", _identity(record))
        if self.mapping.table == "feedback":
            _complete_feedback(row)
        if self.mapping.table != "steps":
            return self._form.rows(row)
        row.setdefault("step_id", _identity(record))
        row.setdefault("name", next((row[n] for n in NAMED_AFTER if n in row), None))
        if ENDED.isdisjoint(self.mapping.columns):
            run = {"status": "unknown"} | run
        return _with_run(self._form.rows(row), run | {"run_id": row.get("run_id")})


def _identity(record: Record) -> str:
    """A hash that tells a record without an id; turns that say the same differ by their place."""
    return hashes.of_value([record.place, record.item] if record.place else record.item)


def _from(cell: Cell) -> str:
    return f" (from {cell.path})" if cell.path else ""


def _put(row: dict[str, Any], name: str, found: Any) -> None:
    """Set a column; those of the run and the facts without a column are kept apart."""
    if name.startswith(RUN):
        _put(row.setdefault(RUN, {}), name.removeprefix(RUN), found)
    elif name.startswith(ATTRIBUTES):
        row.setdefault("attributes", {})[name.removeprefix(ATTRIBUTES)] = found
    else:
        row[name] = found


def _complete_feedback(row: dict[str, Any]) -> None:
    """What feedback is about, and what its score says where no verdict does."""
    for kind, name in TARGETS:
        if "target_id" not in row and name in row:
            row["target_kind"], row["target_id"] = kind, row[name]
    row.setdefault("target_kind", "run")
    row.setdefault("source", "unknown")
    row.setdefault("name", "feedback")
    score = row.get("score")
    if score is not None and 0 <= score <= 1:
        row.setdefault("verdict", verdict_of(float(score)))


def _with_run(rows: Rows | Reject, run: dict[str, Any]) -> Rows | Reject:
    told = canonical.BY_STEM["runs"].rows(run)
    if isinstance(rows, Reject) or isinstance(told, Reject):
        return rows if isinstance(rows, Reject) else told
    (known,), (claim,) = told["run_claims"], rows["run_claims"]
    stated = {k: v for k, v in known.items() if v is not None}
    return (
        rows | told | {"run_claims": [stated | {k: v for k, v in claim.items() if v is not None}]}
    )
