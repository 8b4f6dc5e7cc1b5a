"""Usage that a framework's span repeats of the provider's inside it counts once, over any files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import ingest
from hypothesis import given
from hypothesis import strategies as st
from tables import content, rows

from ingest.nested_calls import take_off_repeats


def step(step_id: str, parent: str | None, kind: str = "llm", tokens: Any = (10, 5)) -> Any:
    """One row of a run as derivation sees it."""
    given_tokens = dict(zip(("input_tokens", "output_tokens"), tokens or (None, None), strict=True))
    return {
        "step_id": step_id,
        "parent_step_id": parent,
        "kind": kind,
        "cost_usd": 1.0,
        "cost_source": "reported",
    } | given_tokens


def kept(steps: list[Any]) -> dict[str, Any]:
    take_off_repeats(steps)
    return {s["step_id"]: s["input_tokens"] for s in steps}


def test_the_outer_of_two_equal_calls_gives_up_its_usage() -> None:
    steps = [step("outer", None), step("between", "outer", "chain", None), step("inner", "between")]
    assert kept(steps) == {"outer": None, "between": None, "inner": 10}
    assert steps[0]["cost_usd"] is None


def test_a_call_that_adds_up_the_calls_inside_gives_up_its_usage() -> None:
    inner = [step("a", "sum"), step("b", "sum", tokens=(1, 2))]
    assert kept([step("sum", None, tokens=(11, 7)), *inner])["sum"] is None


def test_a_call_of_its_own_keeps_its_usage() -> None:
    """An agent that is itself a model call may call another one: other tokens, other call."""
    assert kept([step("own", None, tokens=(12, 5)), step("inner", "own")])["own"] == 12


def test_three_shells_leave_the_innermost() -> None:
    assert kept([step("a", None), step("b", "a"), step("c", "b")]) == {
        "a": None,
        "b": None,
        "c": 10,
    }


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 3)), max_size=7))
def test_rings_and_gaps_of_parents_end(edges: list[tuple[int, int, int]]) -> None:
    steps = [step(str(a), str(b), tokens=(n, n)) for a, b, n in edges]
    found = kept(steps)
    assert all(value in (None, 0, 1, 2, 3) for value in found.values())


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_calls_of_two_files_are_counted_once(tmp_path: Path, order: tuple[int, ...]) -> None:
    call = {"run_id": "r", "kind": "llm", "name": "chat", "model": "gpt-4o", "input_tokens": 10}
    call |= {"started_at": "2026-03-01T10:00:00Z", "ended_at": "2026-03-01T10:00:01Z"}
    outer = call | {"step_id": "outer", "output_tokens": 5}
    inner = call | {"step_id": "inner", "output_tokens": 5, "parent_step_id": "outer"}
    files = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for path, row in zip(files, (outer, inner), strict=True):
        path.write_text(json.dumps(row))
    for place in order:
        ingest(files[place], "--store", tmp_path / "store")
    ingest(*files, "--store", tmp_path / "once")
    found = rows(tmp_path / "store", "select input_tokens, output_tokens, cost_usd from runs")
    assert found == [(10, 5, pytest.approx(10 * 2.5e-6 + 5 * 1e-5))]
    assert rows(tmp_path / "store", "select step_id from steps where repeats_usage = 'tokens'") == [
        ("outer",)
    ]
    one, two = content(tmp_path / "store"), content(tmp_path / "once")
    assert {t: one[t] for t in ("runs", "steps", "prices")} == {
        t: two[t] for t in ("runs", "steps", "prices")
    }


def test_the_price_of_a_repeated_call_is_not_kept_whatever_else_is_loaded(tmp_path: Path) -> None:
    call = {"run_id": "r", "kind": "llm", "name": "chat", "input_tokens": 10, "output_tokens": 5}
    call |= {"started_at": "2026-03-01T10:00:00Z", "ended_at": "2026-03-01T10:00:01Z"}
    steps = [
        call | {"step_id": "outer", "model": "gpt-4o"},
        call | {"step_id": "inner", "model": "gpt-5-mini", "parent_step_id": "outer"},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, steps)))
    (tmp_path / "b.jsonl").write_text(json.dumps(call | {"run_id": "s", "step_id": "other"}))
    ingest(tmp_path / "a.jsonl", "--store", tmp_path / "one")
    ingest(tmp_path / "b.jsonl", "--store", tmp_path / "one")
    ingest(tmp_path / "a.jsonl", tmp_path / "b.jsonl", "--store", tmp_path / "two")
    priced = "select model, cost_usd > 0, price_version from steps where cost_usd is not null"
    listed = "select * exclude (record_at) from prices order by all"
    for store in ("one", "two"):
        ((model, is_dear, version),) = rows(tmp_path / store, priced)
        assert (model, is_dear, "genai-prices" in version) == ("gpt-5-mini", True, True)
    assert rows(tmp_path / "one", listed) == rows(tmp_path / "two", listed)
