"""Canonical files: the header alone says which table they are, and every header says one."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.canonical import FORMATS, chosen, headers
from ingest.conform import BadRecordError, Conformer, Origin
from ingest.containers import open_values
from ingest.files import open_raw
from ingest.formats import Format, Ignored, Reject, sample
from ingest.schema import TABLES

FIXTURES = Path(__file__).parent / "fixtures" / "canonical"
STEMS = headers()
FILES = sorted(p for p in FIXTURES.iterdir() if p.name != "expected.json")


def accepting(columns: frozenset[str]) -> list[str]:
    found = sample("csv", [dict.fromkeys(columns, "x")])
    return [f.NAME for f in FORMATS if f.accepts(found)]


def named(stem: str) -> Format:
    return next(f for f in FORMATS if f"canonical.{stem}" == f.NAME)


def test_the_tables_people_write_by_hand_are_there() -> None:
    assert set(STEMS) == {
        *("runs", "steps", "outcomes", "triage", "feedback", "costs", "approvals", "changes"),
        *("drills", "external_counts", "alerts", "budgets", "prices", "fx_rates", "tombstones"),
    }


@pytest.mark.parametrize("stem", STEMS)
def test_a_whole_header_means_its_own_table(stem: str) -> None:
    required, optional = STEMS[stem]
    assert accepting(frozenset((*required, *optional))) == [f"canonical.{stem}"]


@pytest.mark.parametrize("stem", STEMS)
def test_the_header_of_the_table_itself_means_it(stem: str) -> None:
    table = {"outcomes": "outcome_votes"}.get(stem, stem)
    assert accepting(frozenset(c.name for c in TABLES[table].columns)) == [f"canonical.{stem}"]


@pytest.mark.parametrize(
    ("columns", "stem"),
    [
        ("run_id outcome", "outcomes"),
        ("task_key outcome score", "outcomes"),
        ("run_id workflow started_at", "runs"),
        ("run_id step_id kind name", "steps"),
        ("feedback_id resolution", "triage"),
        ("workflow counted_on source n", "external_counts"),
        ("run_id deleted_at reason", "tombstones"),
        ("currency valid_from usd_per_unit", "fx_rates"),
        ("scope_kind scope period amount currency", "budgets"),
        ("workflow ran_at kind passed", "drills"),
        ("workflow changed_at kind", "changes"),
        ("outcome", None),
        ("run_id outcome mood", None),
        ("feedback_id", None),
        ("workflow", None),
    ],
)
def test_the_shortest_headers(columns: str, stem: str | None) -> None:
    assert accepting(frozenset(columns.split())) == ([f"canonical.{stem}"] if stem else [])


@settings(deadline=None)
@given(st.sampled_from(sorted(STEMS)), st.data())
def test_the_choice_is_total(stem: str, data: st.DataObject) -> None:
    """Whatever optional columns are left out, at most one format accepts, and `chosen` names it."""
    required, optional = STEMS[stem]
    kept = data.draw(st.sets(st.sampled_from(optional))) if optional else set()
    columns = frozenset((*required, *kept))
    form = chosen(columns)
    assert accepting(columns) == ([form.NAME] if form else [])


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_files_become_the_expected_rows(path: Path) -> None:
    form = named(path.stem)
    with open_raw(path, path.name) as stream:
        values = open_values(io.BufferedReader(io.BytesIO(stream.read())), path.name)
        assert form.accepts(values.sample)
        records = list(form.read(iter(values)))
    found = [taken(form, record) for record in records]
    expected = json.loads((FIXTURES / "expected.json").read_text("utf-8"))
    assert json.loads(json.dumps(found, default=str)) == expected[path.name]


def taken(form: Format, record: Any) -> Any:
    """The rows as they would be stored, or what refused them."""
    if isinstance(record, Ignored):
        return f"ignored: {record.reason}"
    conformer = Conformer(Origin("source", "file"), form.HOLDS)
    try:
        conformer.take(record)
    except BadRecordError as error:
        return str(error)
    return {
        table: [{k: v for k, v in row.items() if k in record[table][0]} for row in rows]
        for part in (conformer.drain(), *conformer.finish())
        for table, rows in part.items()
    }


def test_runs_say_nothing_of_what_is_computed() -> None:
    given_row = {"run_id": "r", "workflow": "w", "started_at": "2026-11-03", "n_steps": "9"}
    (rows,) = named("runs").read(iter([given_row | {"outcome": "unknown", "machine_ms": "1"}]))
    assert rows == {
        "run_claims": [
            {
                "run_id": "r",
                "started_at": "2026-11-03",
                "workflow_name": "w",
                "deployment": None,
            }
        ]
    }


@settings(deadline=None)
@given(st.sampled_from(FORMATS), st.data())
def test_garbage_becomes_rejects(form: Format, data: st.DataObject) -> None:
    required, optional = STEMS[form.NAME.removeprefix("canonical.")]
    columns = st.sampled_from((*required, *optional))
    cells = st.none() | st.booleans() | st.integers() | st.floats() | st.lists(st.text())
    (typed,) = form.read(iter([data.draw(st.dictionaries(columns, cells))]))
    assert isinstance(typed, dict | Reject | Ignored)
    (written,) = form.read(iter([data.draw(st.dictionaries(columns, st.text()))]))
    if isinstance(written, dict):
        taken(form, written)
