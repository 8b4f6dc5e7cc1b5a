"""The mapping files themselves: YAML with a key `mapping`, kept in the store for later loads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import orjson
from pydantic import ValidationError

from ingest.formats import Read, Sample, Value
from ingest.mapping import cells, mapped
from ingest.mapping.document import Cell, Mapping
from ingest.schema import Column
from ingest.workflows import faults
from ingest.workflows.declaration import KEYS

NAME = "mapping.yaml"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "mappings"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "`python -m ingest --draft-mapping FILE > our.yaml` writes a first one for a format of your"
    " own: mapping (its name), table, records, when and columns."
)


def accepts(sample: Sample) -> bool:
    """YAML with the key `mapping` that is no declaration of a workflow."""
    is_workflow = len(sample.columns & KEYS) >= 2 or not sample.columns.isdisjoint(BUDGETS)
    return sample.container == "yaml" and sample.has("mapping") and not is_workflow


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One row per mapping, or one reject that says everything that is wrong with it."""
    for value in values:
        document = faults.plain(value)
        try:
            found = Mapping.model_validate(document)
        except ValidationError as error:
            yield faults.reject(faults.of(error, value, Mapping))
            continue
        wrong = list(_loose_ends(found, value))
        row = {"mapping": found.mapping, "declaration": orjson.dumps(document).decode()}
        yield faults.reject(wrong) if wrong else {"mappings": [row]}


BUDGETS = frozenset({"budgets", "scope_kind", "amount"})


def _loose_ends(found: Mapping, value: Value) -> Iterator[faults.Fault]:
    """Tables and columns nobody knows, columns that are missing, and units that do not fit."""
    if found.table not in mapped.NAMES:
        words = f'no table "{found.table}". {faults.nearest(found.table, mapped.NAMES)}'
        yield faults.fault(value, ("table",), words)
        return
    for name, cell in found.columns.items():
        place: faults.Place = ("columns", name)
        column = mapped.column(found.table, name)
        if column is None:
            near = faults.nearest(name, mapped.columns(found.table))
            words = f'"{name}" is no column of {found.table}. {near}'
            yield faults.fault(value, place, words)
        elif words := _misfit(name, cell, column):
            yield faults.fault(value, place, words)
    yield from _missing(found, value)


def _misfit(name: str, cell: Cell, column: Column) -> str:
    known = cells.units(column)
    if cell.unit and cell.unit not in known:
        if not known:
            return f'{name} takes no unit, so "{cell.unit}" cannot be read.'
        return f'{name} cannot be given in "{cell.unit}". {faults.nearest(cell.unit, known)}'
    if cell.format and column.kind != "time":
        return f"{name} is no time, so it takes no format."
    if cell.scale and column.kind != "float":
        return f"{name} is on no scale."
    strange = {str(w) for w in cell.words.values() if w is not None} - set(column.words)
    if column.words and strange:
        return f'{name} cannot be "{min(strange)}". {faults.nearest(min(strange), column.words)}'
    return ""


def _missing(found: Mapping, value: Value) -> Iterator[faults.Fault]:
    wanted = mapped.needs(found.table)
    hint = "write {0}: {{value: …}} where the file does not hold it."
    for name in sorted(wanted.all_of - found.columns.keys()):
        words = f'"{name}" is missing, which {found.table} need; {hint.format(name)}'
        yield faults.fault(value, ("columns",), words)
    if wanted.one_of and wanted.one_of.isdisjoint(found.columns):
        names = ", ".join(sorted(wanted.one_of))
        words = f"one of {names} is missing, which {found.table} need."
        yield faults.fault(value, ("columns",), words)
