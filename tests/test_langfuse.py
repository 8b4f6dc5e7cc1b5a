"""Langfuse: every export of one trace gives the same steps, and no token or dollar counts twice."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.conform import BadRecordError, Conformer, Origin
from ingest.containers import open_values
from ingest.feedback import langfuse_scores
from ingest.files import open_raw
from ingest.formats import Format, Ignored, Read, Reject, sample
from ingest.registry import FORMATS, named
from ingest.traces import (
    calls_once,
    langfuse_manifest,
    langfuse_observations,
    langfuse_trace,
    langfuse_traces,
)
from ingest.traces.langfuse.nesting import Nesting
from ingest.traces.langfuse.usage import cost, tokens

Row = dict[str, Any]

FIXTURES = Path(__file__).parent / "fixtures" / "formats"
FAMILY: tuple[Format, ...] = (
    langfuse_trace,
    *langfuse_observations.FORMATS,
    *langfuse_traces.FORMATS,
    langfuse_manifest,
)
WHOLE_TRACES = {
    "agno-2025-06-11": (6, 0.0009822),
    "beeai-2025-08-01": (29, 0.0008313),
    "claude-agent-2025-12-22": (7, 0.003582),
    "crewai-2025-07-11": (6, 0.0001269),
    "csharp-agent-with-gemini-2026-03-09": (8, 0.0034491),
    "koog-2025-08-26": (11, 0.0017875),
    "langgraph-js-2025-10-30": (20, 0.00032625),
    "microsoft-agent-2025-12-17": (4, 0.00065625),
    "openai-agents-2025-09-30": (5, 0.000632),
    "pydantic-ai-tools-2025-12-04": (12, 0.00032265),
}
EXPORTS = (
    "langfuse.trace/ui.json",
    "langfuse.api.observations/v2.json",
    "langfuse.ui.observations/export.csv",
    "langfuse.ui.observations/export.json",
    "langfuse.blob.observations/window.csv",
    "langfuse.blob.observations_v2/window.csv",
    "langfuse.blob.observations_v2/window.jsonl",
    "langfuse.blob.observations_v2/window.parquet",
)
NAMES = (
    *("id", "traceId", "trace_id", "trace", "observations", "scores", "data", "type", "timestamp"),
    *("startTime", "start_time", "endTime", "parentObservationId", "metadata", "usage", "unit"),
    *("usageDetails", "costDetails", "totalCost", "latency", "timeToFirstToken", "level", "tags"),
    *("input", "output", "cache_read_input_tokens", "total", "attributes", "corrections"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(NAMES),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner, max_size=5)
    ),
    max_leaves=12,
)


def accepting(path: Path) -> set[str]:
    with open_raw(path, path.name) as stream:
        found = open_values(stream, path.name).sample
    return {form.NAME for form in FORMATS if form.accepts(found)}


def read(form: Format, path: Path) -> list[Read]:
    with open_raw(path, path.name) as stream:
        return list(form.read(iter(open_values(stream, path.name))))


def tables(form: Format, records: Iterable[Read], origin: Origin | None = None) -> dict[str, list]:
    conformer = Conformer(origin or Origin("source", "file"), form.HOLDS)
    for record in records:
        if isinstance(record, dict):
            conformer.take(record)
    found: dict[str, list[Row]] = {}
    for part in (conformer.drain(), *conformer.finish()):
        for table, rows in part.items():
            found.setdefault(table, []).extend(rows)
    return found


def loaded(path: Path) -> dict[str, list]:
    (name,) = accepting(path)
    return tables(named(name), read(named(name), path))


def observation(here: str, above: str | None = None, **stated: Any) -> Row:
    return {
        "id": here,
        "traceId": "run-1",
        "parentObservationId": above,
        "type": "GENERATION",
        "name": "call",
        "startTime": "2026-03-02T09:00:00.000Z",
        "endTime": "2026-03-02T09:00:01.000Z",
        **stated,
    }


def used(records: Iterable[Row], form: str = "langfuse.api.observations") -> dict[str, tuple]:
    """Input tokens, output tokens and dollars by step."""
    steps = tables(named(form), named(form).read(iter(records)))["steps"]
    columns = ("input_tokens", "output_tokens", "cost_usd")
    return {step["step_id"]: tuple(step.get(c) for c in columns) for step in steps}


def test_whole_traces_hold_every_observation_and_dollar(examples: Path) -> None:
    paths = sorted((examples / "langfuse-ui").glob("*.json"))
    found = {path.name.removesuffix(".trace.json"): loaded(path)["steps"] for path in paths}
    counts = {
        name: (len(steps), math.fsum(s.get("cost_usd") or 0 for s in steps))
        for name, steps in found.items()
    }
    assert len(counts) == 20
    for name, (count, dollars) in WHOLE_TRACES.items():
        assert counts[name] == (count, pytest.approx(dollars, abs=1e-12))
    assert sum(count for count, _ in counts.values()) == 138
    total = math.fsum(dollars for _, dollars in counts.values())
    assert total == pytest.approx(0.023656749995, abs=1e-15)


def test_a_trace_in_milliseconds_is_timed_from_its_ends(examples: Path) -> None:
    steps = loaded(examples / "langfuse-ui/pydantic-ai-tools-2025-12-04.trace.json")["steps"]
    assert max(step["duration_ms"] for step in steps) == 7_424
    seconds = loaded(examples / "langfuse-ui/agno-2025-06-11.trace.json")["steps"]
    assert max(step["duration_ms"] for step in seconds) == 6_991


def test_an_orphan_stays_and_its_trace_keeps_a_root(examples: Path) -> None:
    found = loaded(examples / "langfuse-ui/csharp-agent-with-gemini-2026-03-09.trace.json")
    ids = {step["step_id"] for step in found["steps"]}
    orphans = [s for s in found["steps"] if s.get("parent_step_id") not in ids]
    assert [o["parent_step_id"] for o in orphans] == ["1db8118c6ecfd744"]
    (claim,) = found["run_claims"]
    assert (claim["root_name"], claim["service_name"], claim["environment"]) == (
        "Insights Agent C#",
        "agentic-clientinsights",
        "preprod",
    )


def test_every_example_is_of_one_format(examples: Path) -> None:
    files = [*(examples / "langfuse-ui").glob("*.json"), *(examples / "formats/langfuse").iterdir()]
    for path in files:
        assert len(accepting(path)) == 1, (path.name, accepting(path))


def test_exports_of_the_examples_agree(examples: Path) -> None:
    folder = examples / "formats/langfuse"
    names = [
        *(f"blob_observations.{e}" for e in ("csv", "jsonl", "jsonl.gz", "parquet")),
        *(f"blob_observations_v2.{e}" for e in ("csv", "jsonl", "jsonl.gz", "parquet")),
    ]
    calls = [
        {c: s.get(c) for c in ("model", "input_tokens", "output_tokens", "cost_usd", "kind")}
        for name in names
        for s in loaded(folder / name)["steps"]
        if s["kind"] == "llm"
    ]
    assert len(calls) == 8
    assert all(call == calls[0] for call in calls)
    assert (calls[0]["input_tokens"], calls[0]["cost_usd"]) == (120, pytest.approx(3.42e-05))


@pytest.mark.parametrize("export", EXPORTS)
def test_exports_agree_on_steps(export: str) -> None:
    def facts(path: Path) -> dict[str, Row]:
        steps = loaded(path)["steps"]
        dropped = {"parent_step_id", "source_id", "output_shape_hash"}
        return {s["step_id"]: {k: v for k, v in s.items() if k not in dropped} for s in steps}

    expected = facts(FIXTURES / "langfuse.api.observations/v2.json")
    assert facts(FIXTURES / export) == expected
    assert len(expected) == 10


def test_the_newest_of_two_windows_says_so() -> None:
    form = named("langfuse.blob.observations")
    steps = tables(form, read(form, FIXTURES / "langfuse.blob.observations/window.jsonl"))["steps"]
    older, newer = (s for s in steps if s["step_id"] == "b000000000000006")
    assert newer["record_at"] > older["record_at"]
    assert newer["error_message"] == "Order service did not answer in time."


@pytest.mark.parametrize(
    ("buckets", "expected"),
    [
        ({"input": 10, "output": 4, "total": 14}, (10, 4, None, None, None)),
        (
            {"input": 56, "input_cached_tokens": 64, "output": 35, "total": 155},
            (120, 35, 64, None, None),
        ),
        (
            {"input": 179, "output": 35, "input_cache_read": 0, "output_reasoning": 64},
            (179, 99, 0, None, 64),
        ),
        (
            {"input": 6, "output": 2055, "completion_details.reasoning": 1104, "total": 2061},
            (6, 2055, None, None, 1104),
        ),
        (
            {"input": 120, "output": 35, "cache_read_input_tokens": 64, "total": 155},
            (120, 35, 64, None, None),
        ),
        (
            {"input_tokens": 40, "cache_read_input_tokens": 64, "cache_creation_input_tokens": 16},
            (120, None, 64, 16, None),
        ),
        (
            {"prompt_tokens": 120, "completion_tokens": 35, "cache_read_input_tokens": 64},
            (120, 35, 64, None, None),
        ),
        (
            {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4}, "total_tokens": 9},
            (9, None, 4, None, None),
        ),
        (
            {"input": 5, "input_cache_creation_5m": 2, "input_cache_creation_1h": 3, "output": 1},
            (10, 1, None, 5, None),
        ),
        (
            {
                "input": 5,
                "cache_creation_input_tokens": 3,
                "cache_creation.ephemeral_5m_input_tokens": 3,
            },
            (8, None, None, 3, None),
        ),
        ({"promptTokens": 8, "completionTokens": 2, "totalTokens": 10}, (8, 2, None, None, None)),
        ({"input": 1195, "total": 1195}, (1195, None, None, None, None)),
        ({"input": 5, "output": 845, "total": 2023}, (5, 845, None, None, None)),
    ],
)
def test_buckets_become_totals_that_hold_their_parts(buckets: Row, expected: tuple) -> None:
    assert tokens({"usage_details": buckets}) == expected


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"usage_details": {}},
        {"usage_details": {"input": 0, "output": 0, "total": 0}},
        {"usage_details": {"total": 12}},
        {"usage_details": {"input": "many"}},
        {"usage": {"input": 12, "output": 3, "unit": "CHARACTERS"}},
        {"input_usage": 0, "output_usage": 0, "total_usage": 0},
    ],
)
def test_what_states_no_tokens_has_none(record: Row) -> None:
    assert tokens(record) is None


@pytest.mark.parametrize(
    ("record", "dollars"),
    [
        ({"total_cost": 0.25}, 0.25),
        ({"total_cost": "0.25"}, 0.25),
        ({"total_cost": 0, "cost_details": {"total": 0.25}}, 0.25),
        ({"cost_details": {"input": 0.125, "output": 0.125}}, 0.25),
        ({"calculated_total_cost": 0.25}, 0.25),
        ({"total_cost": 0, "cost_details": {}}, None),
        ({"total_cost": 0, "cost_details": {"input": 0, "total": 0}}, None),
        ({"total_cost": 0, "cost_details": {"total": 0}, "model_id": "m"}, 0.0),
        ({"total_cost": -1}, None),
        ({}, None),
    ],
)
def test_a_zero_is_a_cost_only_where_there_is_a_price(record: Row, dollars: float | None) -> None:
    assert cost(record) == dollars


WRAPPED = [
    observation("a", type="AGENT", usageDetails={"input": 30, "output": 6}, totalCost=0.5),
    observation("s", "a", type="SPAN"),
    observation("b", "s", usageDetails={"input": 20, "output": 4}, totalCost=0.25),
    observation("c", "b", usageDetails={"input": 20, "output": 4}, totalCost=0.25),
    observation("d", "a", usageDetails={"input": 10, "output": 2}, totalCost=0.25),
]


@given(st.permutations(WRAPPED), st.integers(0, 4))
def test_a_call_around_a_call_counts_once_in_any_order(order: list[Row], twice: int) -> None:
    assert used([*order, order[twice]]) == {
        "a": (None, None, None),
        "s": (None, None, None),
        "b": (None, None, None),
        "c": (20, 4, 0.25),
        "d": (10, 2, 0.25),
    }


def test_a_call_that_used_more_than_it_holds_keeps_its_dollars() -> None:
    outer = observation("a", usageDetails={"input": 14, "output": 43}, totalCost=0.5)
    inner = observation("b", "a", usageDetails={"input": 62, "output": 85}, totalCost=0.75)
    assert used([outer, inner]) == {"a": (None, None, 0.5), "b": (62, 85, 0.75)}
    trace = {"id": "run-1", "timestamp": "2026-03-02T09:00:00Z", "observations": [outer, inner]}
    assert used([trace], "langfuse.trace") == used([outer, inner])


def test_long_lists_keep_every_observation_in_order() -> None:
    ahead = calls_once.AHEAD
    many = [observation(f"o-{n}") for n in range(2 * ahead + 3)]
    assert list(used(many)) == [o["id"] for o in many]


def test_parents_in_a_circle_end() -> None:
    nesting = Nesting()
    steps = [
        {"step_id": "a", "parent_step_id": "b", "input_tokens": 3},
        {"step_id": "b", "parent_step_id": "a"},
        {"step_id": "c", "parent_step_id": "c", "cost_usd": 1.0},
    ]
    for step in steps:
        nesting.add(step)
    for step in steps:
        nesting.settle(step)
    assert [s.get("input_tokens") for s in steps] == [3, None, None]


def test_a_time_without_zone_is_utc_whatever_the_reader_says() -> None:
    form = named("langfuse.blob.observations_v2")
    origin = Origin("source", "file", zone=timezone(timedelta(hours=9)))
    path = FIXTURES / "langfuse.blob.observations_v2/window.csv"
    assert tables(form, read(form, path), origin)["steps"] == loaded(path)["steps"]
    score = {
        "id": "s",
        "trace_id": "t",
        "name": "x",
        "value": 1,
        "timestamp": "2026-03-02 09:00:00",
    }
    (row,) = tables(langfuse_scores, langfuse_scores.read(iter([score])), origin)["feedback"]
    assert row["created_at"] == 1_772_442_000_000_000


def test_a_time_of_1970_is_unknown() -> None:
    (step,) = tables(
        named("langfuse.api.observations"),
        named("langfuse.api.observations").read(
            iter([observation("a", startTime="1970-01-01T00:00:00Z", endTime=None)])
        ),
    )["steps"]
    assert step.get("started_at") is None


def test_first_tokens_come_in_the_unit_of_the_latency() -> None:
    ends = {"latency": 1.0, "timeToFirstToken": 0.25}
    slow = {"latency": 1_000, "timeToFirstToken": 250}
    form = named("langfuse.api.observations")
    steps = tables(form, form.read(iter([observation("a", **ends), observation("b", **slow)])))
    assert [s["ttft_ms"] for s in steps["steps"]] == [250, 250]


def test_columns_of_an_export_are_scores_where_they_hold_lists() -> None:
    found = loaded(FIXTURES / "langfuse.ui.traces/export.csv")
    assert [(r["name"], r.get("score"), r.get("label")) for r in found["feedback"]] == [
        ("helpfulness", 0.9, None),
        ("tone", None, "polite"),
        ("success", 1.0, "True"),
    ]
    assert {r["source"] for r in found["feedback"]} == {"unknown"}
    assert len(found["run_claims"]) == 2


def test_a_trace_without_observations_replaces_no_steps() -> None:
    page = FIXTURES / "langfuse.api.traces/page.json"
    assert named(accepting(page).pop()).HOLDS == "part"
    (claim,) = loaded(page)["run_claims"]
    assert (claim["cost_usd"], claim["workflow_name"]) == (0.00369224, "warranty")


def test_people_are_hashed_and_their_names_left_out() -> None:
    text = str(loaded(FIXTURES / "langfuse.trace/ui.json"))
    assert "someone@example.org" not in text
    assert "u-17" not in text


@settings(deadline=None, max_examples=200)
@given(st.lists(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=8), max_size=4))
def test_garbage_becomes_rejects(values: list[Row]) -> None:
    for form in FAMILY:
        form.accepts(sample("json", values))
        conformer = Conformer(Origin("source", "file"), form.HOLDS)
        for record in form.read(iter(values)):
            assert isinstance(record, dict | Reject | Ignored)
            if isinstance(record, dict):
                with contextlib.suppress(BadRecordError):
                    conformer.take(record)
