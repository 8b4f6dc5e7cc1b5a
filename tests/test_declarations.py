"""Declarations: the whole YAML becomes rows, and what is wrong is said with line and remedy."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.conform import Conformer, Origin
from ingest.containers import open_values
from ingest.files import open_raw
from ingest.formats import Format, Ignored, Read, Reject, sample
from ingest.workflows import FORMATS, budgets, conditions, declaration
from ingest.workflows.document import Declaration

CONFORMER = Conformer(Origin("source", "file"), "whole")
FIXTURES = Path(__file__).parent / "fixtures" / "workflows"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def read(form: Format, name: str) -> list[Read]:
    path = FIXTURES / name
    with open_raw(path, path.name) as stream:
        values = open_values(io.BufferedReader(io.BytesIO(stream.read())), path.name)
        assert [f for f in FORMATS if f.accepts(values.sample)] == [form]
        return list(form.read(iter(values)))


def declared(**document: Any) -> Read:
    (found,) = declaration.read(iter([{"id": "w"} | document]))
    return found


def edges_of(**document: Any) -> set[tuple[str, str]]:
    found = declared(**document)
    assert isinstance(found, dict), found
    return {(e["from_step"], e["to_step"]) for e in found["workflow_edges"]}


def test_a_whole_declaration_becomes_the_expected_rows() -> None:
    (rows,) = read(declaration, "refunds.yaml")
    expected = json.loads((FIXTURES / "refunds.expected.json").read_text("utf-8"))
    assert json.loads(json.dumps(rows, default=str)) == expected
    conformer = Conformer(Origin("source", "refunds.yaml"), "whole")
    conformer.take(rows)
    kept = json.loads(conformer.drain()["workflows"][0]["declaration"])
    assert kept["signoffs"] == [{"gate": "limited", "by": "ana", "on": "2026-10-01"}]


def test_every_fault_is_said_with_its_line_and_the_nearest_key() -> None:
    (refused,) = read(declaration, "wrong.yaml")
    assert isinstance(refused, Reject)
    assert refused.reason == (
        'line 2: stage cannot be "pilt". Did you mean "pilot"?'
        ' line 5: slo.success cannot be "92": it should be less than or equal to 1.'
        ' line 6: unknown key "montly" in budget. Did you mean "monthly"?'
        ' line 7: unknown key "aproved_required". Did you mean "approvals_required"?'
        ' line 10: approvals_required.billing.refund.when: "amount above 50" is not a condition.'
        " Write `path op value`, joined by `and`, such as `amount > 50 and paid == true`."
        ' line 11: unknown key "expire" in waivers.0. Did you mean "expires"?'
    )


def test_names_that_stand_for_nothing_are_refused() -> None:
    (refused,) = read(declaration, "loose.yaml")
    assert isinstance(refused, Reject)
    for words in (
        '"verfy" in edges is no step. Did you mean "verify"?',
        '"$" in edges is no step. Known: intake, refund, verify.',
        'line 7: "veriffy" in match is no step. Did you mean "verify"?',
        'line 9: "crm:timout" is not `tool:error_class`. Did you mean "timeout"?',
        "line 13: per_run_cap is in US dollars, but the budget is not.",
    ):
        assert words in refused.reason


def test_without_line_numbers_the_sentence_stands_alone() -> None:
    refused = declared(risc="high")
    assert refused == Reject("bad_declaration", 'unknown key "risc". Did you mean "risk"?')


def test_budgets_load_line_by_line() -> None:
    program, team, refused = read(budgets, "budgets.yaml")
    assert program == {
        "budgets": [
            {
                "scope_kind": "program",
                "scope": "all",
                "period": "month",
                "amount": "42000.5",
                "currency": "USD",
                "valid_from": None,
            }
        ]
    }
    assert team["budgets"][0]["amount"] == "900.123456789"
    assert isinstance(refused, Reject)
    assert refused.reason.endswith('line 7: unknown key "amont". Did you mean "amount"?')


def test_entries_and_ends_follow_from_the_edges() -> None:
    chain = {"steps": ["a", "b", "c"], "edges": [["a", "b"], ["b", "c"], ["c", "a"]]}
    assert {("^", "a")} == {e for e in edges_of(**chain) if e[0] == "^"}
    assert edges_of(**chain | {"edges": [["a", "b"]]}) == {
        *(("a", "b"), ("^", "a"), ("^", "c"), ("b", "$"), ("c", "$"))
    }
    written = {"edges": [["^", "b"], ["a", "b"], ["a", "$"]]}
    assert edges_of(**chain | written) == {("^", "b"), ("a", "b"), ("a", "$")}
    assert edges_of(steps=["a", "b"]) == set()


def test_a_step_of_an_exception_path_is_no_entry() -> None:
    found = edges_of(
        steps=["a", "b", "hand"], edges=[["a", "b"]], exception_paths={"crm:timeout": "hand"}
    )
    assert found == {("^", "a"), ("a", "b"), ("b", "$"), ("hand", "$")}


def test_a_branch_is_an_edge_that_leaves_a_decision() -> None:
    found = declared(
        steps=["a", "b"], decision_points={"a": {"branches": {"b": "<=100"}}}, exception_paths={}
    )
    assert isinstance(found, dict)
    edge = next(e for e in found["workflow_edges"] if e["to_step"] == "b")
    assert (edge["is_branch"], edge["is_exception"], edge["condition"]) == (True, False, "<=100")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("slo", {"success": True}),
        ("reviewed_at", 2026),
        ("match", {"source": "("}),
        ("budget", {"monthly": -1}),
        ("steps", ["a", 1]),
        ("waivers", [{"check": "GOV-1"}]),
        ("limits", {"INT-1": [0.1]}),
    ],
)
def test_values_of_the_wrong_kind_are_refused(key: str, value: Any) -> None:
    assert isinstance(declared(**{key: value}), Reject)


def test_yaml_of_something_else_is_left_alone() -> None:
    foreign = sample("yaml", [{"version": 3, "services": {}, "id": "x"}])
    assert not [f for f in FORMATS if f.accepts(foreign)]


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(Declaration.model_fields)) | st.text(), JSON))
def test_garbage_is_one_reject(document: dict[str, Any]) -> None:
    for record in [*declaration.read(iter([document])), *budgets.read(iter([document]))]:
        assert isinstance(record, dict | Reject | Ignored)
        if isinstance(record, dict):
            CONFORMER.take(record)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("amount > 50", {"amount": 50.01}, True),
        ("amount>50", {"amount": 50}, False),
        ("amount >= 50", {"amount": "50.0"}, True),
        ("amount > 50", {}, None),
        ("amount > 50", {"amount": None}, None),
        ("amount > 50", {"amount": "many"}, None),
        ("amount > 50", None, None),
        ("order.lines.0.amount = 3", {"order": {"lines": [{"amount": 3}]}}, True),
        ("order.total != 3", {"order.total": 3}, False),
        ("paid == true", {"paid": True}, True),
        ("paid == true", {"paid": 1}, False),
        ("paid == 1", {"paid": True}, False),
        ("owner == null", {"owner": None}, True),
        ("name == 'x and y' and z != 3", {"name": "x and y", "z": 4}, True),
        ("day < 2026_no", {"day": 1}, ValueError),
        ('day < "2026-11-03"', {"day": "2026-11-02"}, True),
        ("a == 1 and b == 1", {"a": 2}, False),
        ("a == 1 and b == 1", {"a": 1}, None),
        ("amount", {}, ValueError),
        ("amount >", {}, ValueError),
        ("amount > 50 or x = 1", {}, ValueError),
        ("amount > 50and x = 1", {}, ValueError),
        ("amount > 50 and", {}, ValueError),
        ("", {}, ValueError),
    ],
)
def test_conditions(text: str, value: Any, expected: bool | type[ValueError] | None) -> None:
    if expected is ValueError:
        with pytest.raises(ValueError, match="is not a condition"):
            conditions.parse(text)
    else:
        assert conditions.holds(conditions.parse(text), value) is expected


@settings(deadline=None)
@given(st.text(), JSON)
def test_no_text_and_no_value_breaks_a_condition(text: str, value: Any) -> None:
    for words in (text, f"a > {text}", f"a.b == {text!r} and c < 1"):
        try:
            condition = conditions.parse(words)
        except ValueError as error:
            assert "is not a condition" in str(error)
        else:
            assert conditions.holds(condition, value) in {True, False, None}


@settings(deadline=None)
@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_numbers_compare_as_numbers(amount: int, limit: int) -> None:
    above = conditions.holds(conditions.parse(f"amount > {limit}"), {"amount": amount})
    assert above is (amount > limit)
    at_most = conditions.holds(conditions.parse(f"amount <= {limit}"), {"amount": str(amount)})
    assert at_most is (amount <= limit)
