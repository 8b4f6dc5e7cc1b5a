"""Every format: its fixtures are told apart by content alone, and give the expected rows.

A fixture stands in `fixtures/formats/<format name>/`, its rows beside it in `expected/`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from trace_files import lines

from ingest.conform import Conformer, Origin
from ingest.containers import Values, open_values
from ingest.files import open_raw
from ingest.formats import Format, Ignored, Read, Reject
from ingest.registry import FORMATS, named

FIXTURES = Path(__file__).parent / "fixtures" / "formats"
FILES = sorted(p for p in FIXTURES.glob("*/*") if p.is_file())


def names(values: Values) -> set[str]:
    """The formats that accept a file."""
    return {form.NAME for form in FORMATS if form.accepts(values.sample)}


def read(path: Path) -> list[Read]:
    """Every record of a fixture, read by the format of its folder."""
    form = named(path.parent.name)
    with open_raw(path, path.name) as stream:
        return list(form.read(iter(open_values(stream, path.name))))


def conformed(form: Any, records: list[Read]) -> dict[str, int]:
    """How many rows a table gets; BadRecordError where a record breaks the contract."""
    conformer = Conformer(Origin("source", "file"), form.HOLDS)
    for record in records:
        if isinstance(record, dict):
            conformer.take(record)
    parts = [conformer.drain(), *conformer.finish()]
    return {table: len(rows) for part in parts for table, rows in part.items()}


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_a_fixture_is_accepted_by_its_format_only(path: Path) -> None:
    with open_raw(path, path.name) as stream:
        assert names(open_values(stream, path.name)) == {path.parent.name}


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_a_fixture_gives_the_golden_rows(path: Path) -> None:
    records = read(path)
    expected = path.parent / "expected" / f"{path.name}.jsonl"
    found = "".join(f"{line}\n" for line in lines(records))
    if os.environ.get("GOLDEN") == "write":
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(found, "utf-8")
    assert found == expected.read_text("utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_a_record_has_one_row_in_the_tables_counted(path: Path) -> None:
    form = named(path.parent.name)
    records = read(path)
    counted = form.RECORDS.split()
    for record in records:
        if isinstance(record, Reject | Ignored):
            continue
        assert sum(len(record.get(table, ())) for table in counted) == 1, record
    assert conformed(form, records) or all(isinstance(r, Ignored) for r in records)


@pytest.mark.parametrize("form", FORMATS, ids=lambda f: f.NAME)
def test_a_format_says_how_its_files_are_obtained(form: Any) -> None:
    assert isinstance(form, Format)
    assert form.OBTAIN.endswith(".")
    assert form.BASIS in ("files", "documentation")
