"""LangSmith, the OpenAI Agents SDK and Inspect AI: real files, and the traps of their formats."""

from __future__ import annotations

import io
import json
import struct
import zlib
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from backports import zstd
from conftest import ingest
from hypothesis import given
from hypothesis import strategies as st
from tables import rows, unbalanced

from ingest.conform import BadRecordError, Conformer, Origin
from ingest.containers import open_values
from ingest.errors import IngestError
from ingest.feedback import langsmith_feedback
from ingest.files import open_raw
from ingest.formats import Ignored, Reject
from ingest.registry import FORMATS
from ingest.traces import (
    inspect_ai,
    inspect_index,
    langsmith,
    openai_agents,
    openai_agents_runstate,
)
from ingest.traces.inspect_log.events import TAKEN
from ingest.traces.inspect_log.usage import put_total, put_usage

OURS = (inspect_ai, langsmith, langsmith_feedback, openai_agents, openai_agents_runstate)
ACCEPTED = {
    "formats/inspect/weather.eval": "inspect.eval",
    "formats/inspect/weather.json": "inspect.eval",
    "formats/langsmith/bulk_export_runs.CONSTRUCTED.parquet": "langsmith.runs",
    "formats/langsmith/list_feedback_sdk_dump.json": "langsmith.feedback",
    "formats/langsmith/list_runs_sdk_dump.json": "langsmith.runs",
    "formats/langsmith/list_runs_sdk_dump.jsonl": "langsmith.runs",
    "formats/langsmith/rest_runs_query.CONSTRUCTED.json": "langsmith.runs",
    "formats/openai_agents/ingest_body.json": "openai_agents.items",
    "formats/openai_agents/run_state_with_pending_approval.json": "openai_agents.runstate",
    "formats/openai_agents/trace_items.jsonl": "openai_agents.items",
    "inspect/2025-02-11T15-17-00-05-00_popularity_dPiJifoWeEQBrfWsAopzWr.eval": "inspect.eval",
    "inspect/2025-05-12T20-28-13-04-00_popularity.json": "inspect.eval",
    "inspect/log_tool_call_error.json": "inspect.eval",
}
SAMPLE = {"id": 1, "epoch": 1, "uuid": "S", "messages": [], "events": []}
HEADER = {"version": 2, "status": "success", "eval": {"task": "t", "model": "m"}, "plan": {}}
ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)


def opened(data: bytes) -> Any:
    """The values of a file with these bytes."""
    return open_values(io.BufferedReader(io.BytesIO(data)), "log.eval")


def archive(*entries: tuple[str, bytes, int]) -> bytes:
    """A ZIP archive of names, contents and methods, Zstandard among them."""
    pack = {0: bytes, 8: lambda data: zlib.compress(data)[2:-4], 93: zstd.compress}
    body, directory = b"", b""
    for name, data, method in entries:
        packed = pack.get(method, bytes)(data)
        sizes = (zlib.crc32(data), len(packed), len(data), len(name), 0)
        shared = struct.pack("<HHHHHIIIHH", 20, 0, method, 0, 0x5B41, *sizes)
        directory += b"PK\1\2" + struct.pack("<H", 20) + shared
        directory += struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + name.encode()
        body += b"PK\3\4" + shared + name.encode() + packed
    ends = (0, 0, len(entries), len(entries), len(directory), len(body), 0)
    return body + directory + b"PK\5\6" + struct.pack("<HHHHIIH", *ends)


def log(*samples: object, **fields: object) -> list[Any]:
    """What is read of a JSON log with these samples."""
    return list(inspect_ai.read(iter([{**HEADER, "samples": list(samples), **fields}])))


def sample(*events: dict[str, Any], **fields: object) -> dict[str, Any]:
    """A sample with these events, a second apart."""
    times = [{"timestamp": f"2026-11-02T08:00:{n:02d}+00:00"} for n in range(len(events))]
    placed = [time | event for time, event in zip(times, events, strict=True)]
    return {**SAMPLE, "events": placed, **fields}


def run(number: int, kind: str = "chain", *above: int, **fields: object) -> dict[str, Any]:
    """A LangSmith run below others, the first of them the root."""
    way = ".".join(f"20261103T091500{n:06d}Zid-{n}" for n in (*above, number))
    base = {"id": f"id-{number}", "run_type": kind, "name": kind, "dotted_order": way}
    return base | {"trace_id": f"id-{(*above, number)[0]}", "status": "success"} | fields


def steps(form: Any, *values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The steps that are read, by id."""
    found = [r for r in form.read(iter(values)) if isinstance(r, dict)]
    return {s["step_id"]: s for r in found for s in r.get("steps", ())}


@pytest.mark.parametrize("name", ACCEPTED)
def test_an_example_is_accepted_by_one_format(examples: Path, name: str) -> None:
    with open_raw(examples / name, name) as stream:
        found = open_values(stream, name).sample
    assert [form.NAME for form in FORMATS if form.accepts(found)] == [ACCEPTED[name]]


def test_inspect_examples_give_the_counts_they_state(examples: Path, tmp_path: Path) -> None:
    ingest(examples / "inspect", "--store", tmp_path / "store")
    found = rows(
        tmp_path / "store",
        """select path, count(*), sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)),
            string_agg(distinct status) from runs r join sources s using (source_id)
            group by path order by path""",
    )
    assert [row[1:] for row in found] == [(10, 640, "ok"), (3, 198, "cancelled"), (1, 1, "ok")]
    assert not unbalanced(tmp_path / "store")
    votes = rows(
        tmp_path / "store",
        "select outcome, count(*) from runs where outcome <> 'unknown' group by all order by 1",
    )
    assert votes == [("failure", 1), ("success", 2)]


def test_langsmith_examples_are_one_pair_of_traces(examples: Path, tmp_path: Path) -> None:
    ingest(examples / "formats/langsmith", "--store", tmp_path / "store")
    found = rows(
        tmp_path / "store",
        """select workflow, session_id, status, n_steps, input_tokens, output_tokens,
            round(cost_usd, 7) from runs order by started_at""",
    )
    assert found == [
        ("weather_agent", "conv-1", "ok", 3, 120, 35, 0.0000342),
        ("weather_agent", "conv-1", "error", 3, 120, 35, 0.0000342),
    ]
    assert not unbalanced(tmp_path / "store")


def test_agents_examples_count_each_call_once(examples: Path, tmp_path: Path) -> None:
    ingest(examples / "formats/openai_agents", "--store", tmp_path / "store")
    found = rows(
        tmp_path / "store",
        "select workflow, status, n_llm_calls, input_tokens from runs order by started_at",
    )
    assert found == [
        ("weather_wf", "ok", 2, 240),
        ("Agent workflow", "ok", 2, 240),
        ("Agent workflow", "ok", 2, 240),
        ("Agent workflow", "error", 1, None),
    ]
    assert not unbalanced(tmp_path / "store")


def test_entries_are_read_whatever_their_method() -> None:
    data = json.dumps(SAMPLE).encode()
    values = opened(
        archive(
            ("samples/1_epoch_1.json", data, 0),
            ("samples/2_epoch_1.json", data.replace(b'"id": 1', b'"id": NaN'), 8),
            ("samples/3_epoch_1.json", data, 93),
            ("samples/4_epoch_1.json", data, 12),
            ("samples/5_epoch_1.json", b"[]", 93),
            ("samples/6_epoch_1.json", b"{", 93),
            ("header.json", json.dumps(HEADER).encode(), 93),
        )
    )
    found = list(inspect_ai.read(iter(values)))
    assert [getattr(r, "code", "read") for r in found] == [
        *["read"] * 3,
        "damaged",
        "not_an_object",
        "bad_json",
    ]
    assert next(r.place for r in found if isinstance(r, Reject)) == "samples/4_epoch_1.json"


@pytest.mark.parametrize("text", ['{"a": NaN, "b": "\\ud800"}', '{"a": NaN, "b": 1e', "[NaN]"])
def test_what_only_looks_like_an_object_with_nan_is_refused(text: str) -> None:
    data = archive(("samples/1.json", text.encode(), 0), ("header.json", b"{}", 0))
    found = next(iter(opened(data)))
    assert [type(r) for _, r in found["samples"]] == [Reject]


def test_of_two_entries_of_one_name_the_last_counts() -> None:
    old, new = ({**HEADER, "status": status} for status in ("started", "success"))
    entries = [("header.json", json.dumps(h).encode(), 93) for h in (old, new)]
    assert next(iter(opened(archive(*entries))))["status"] == "success"


def test_an_entry_that_was_altered_is_refused() -> None:
    data = archive(("samples/1.json", b'{"id": 1}', 0), ("header.json", b"{}", 0))
    found = next(iter(opened(data.replace(b'{"id": 1}', b'{"id": 2}'))))
    assert [r.code for _, r in found["samples"]] == ["damaged"]


def test_an_entry_beyond_the_limit_is_not_inflated() -> None:
    data = archive(("samples/1.json", b"{}", 0), ("header.json", b"{}", 0))
    at = data.index(b"PK\1\2") + 24
    found = next(iter(opened(data[:at] + struct.pack("<I", 1 << 30) + data[at + 4 :])))
    ((_, refused),) = found["samples"]
    assert "larger than 256 MB" in refused.reason


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (archive(("readme.txt", b"hello", 0)), "no Inspect log"),
        (archive(("header.json", b"{}", 93))[:-8], "damaged or not complete"),
        (b"PK\3\4" + b"\0" * 40, "damaged or not complete"),
    ],
)
def test_another_archive_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(IngestError, match=words):
        opened(data)


@given(st.binary(max_size=200), st.integers(0, 400))
def test_a_damaged_archive_never_breaks_the_reader(noise: bytes, at: int) -> None:
    data = archive(
        ("samples/1.json", json.dumps(SAMPLE).encode(), 93),
        ("header.json", json.dumps(HEADER).encode(), 8),
    )
    at = 4 + at % (len(data) - 4)
    damaged = data[:at] + noise + data[at + len(noise) :]
    try:
        values = list(opened(damaged))
    except IngestError:
        return
    list(inspect_ai.read(iter(values)))


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"input_tokens": 56, "output_tokens": 35, "total_tokens": 155, "cache": 64}, (120, 35)),
        ({"input_tokens": 120, "output_tokens": 35, "total_tokens": 155, "cache": 64}, (120, 35)),
        ({"input_tokens": 56, "output_tokens": 35, "cache": 64}, (120, 35)),
        ({"input_tokens": 1, "output_tokens": 1, "total_tokens": 1}, (1, 0)),
        ({"input_tokens": 9, "output_tokens": 2, "total_tokens": 18, "reasoning": 7}, (9, 9)),
        ({"output_tokens": 3}, (None, 3)),
        ({"input_tokens": "x", "output_tokens": None}, (None, None)),
    ],
)
def test_input_holds_the_cache_whichever_way_a_version_counted(
    usage: dict[str, Any], expected: tuple[int | None, int | None]
) -> None:
    stated = {
        "input_tokens_cache_read": usage.get("cache"),
        "reasoning_tokens": usage.get("reasoning"),
    }
    row: dict[str, Any] = {}
    put_usage(row, usage | stated)
    assert (row["input_tokens"], row["output_tokens"]) == expected


def test_the_usage_of_several_models_is_added() -> None:
    row: dict[str, Any] = {}
    put_total(row, {"a": {"input_tokens": 1}, "b": {"input_tokens": 2, "total_cost": 0.5}, "c": 7})
    assert (row["input_tokens"], row["cost_usd"]) == (3, 0.5)
    assert "output_tokens" not in row


@pytest.mark.parametrize(
    ("fields", "whole", "status"),
    [
        ({}, "success", "ok"),
        ({}, "error", "ok"),
        ({}, "cancelled", "cancelled"),
        ({}, "started", "running"),
        ({"completed_at": "2026-11-02T08:00:00Z"}, "started", "ok"),
        ({"error": {"message": "ValueError('x')"}}, "cancelled", "error"),
        ({"error": {"message": "CancelledError()"}}, "error", "cancelled"),
        ({"limit": {"type": "time"}}, "success", "timeout"),
        ({"limit": {"type": "operator"}}, "success", "cancelled"),
    ],
)
def test_a_sample_ends_as_it_or_its_evaluation_says(
    fields: dict[str, Any], whole: str, status: str
) -> None:
    found = log(sample(**fields), status=whole)
    assert found[0]["run_claims"][0]["status"] == status


@pytest.mark.parametrize(
    ("value", "outcome", "score"),
    [
        ("C", "success", 1.0),
        ("I", "failure", 0.0),
        ("P", "partial", 0.5),
        ("N", "failure", 0.0),
        (True, "success", 1.0),
        (0.7, "partial", 0.7),
        (12, None, None),
        (None, None, None),
        ([1], None, None),
        ({"a": 1}, None, 1.0),
    ],
)
def test_the_headline_score_is_a_vote_where_its_scale_is_known(
    value: object, outcome: str | None, score: float | None
) -> None:
    (found,) = log(sample(scores={"s": {"value": value}}, started_at="2026-11-02T08:00:00Z"))
    assert [v["outcome"] for v in found["outcome_votes"]] == ([outcome] if outcome else [])
    assert [f["score"] for f in found["feedback"]] == ([score] if value not in (None, [1]) else [])


def test_the_stated_headline_scorer_votes_and_the_others_are_feedback() -> None:
    scores = {"first": {"value": "I"}, "second": {"value": "C"}}
    results = {"headline": {"scorer": "second"}, "scores": [{"name": "first"}]}
    (found,) = log(sample({"event": "info"}, scores=scores), results=results)
    assert [(v["name"], v["outcome"]) for v in found["outcome_votes"]] == [("second", "success")]
    assert [f["name"] for f in found["feedback"]] == ["first", "second"]


def test_a_call_keeps_what_is_new_in_its_input() -> None:
    said = [{"role": "user", "content": str(n)} for n in range(3)]
    calls = [{"event": "model", "model": "m", "input": said[:n], "output": {}} for n in (1, 3)]
    (found,) = log(sample(*calls))
    assert [p["input"] for p in found["payloads"]] == [said[:1], said[1:]]


def test_the_span_of_a_tool_call_is_the_call() -> None:
    around = {"event": "span_begin", "id": "A", "type": "solver", "name": "generate"}
    span = {"event": "span_begin", "id": "T", "parent_id": "A", "type": "tool", "name": "look"}
    within = {"event": "model", "uuid": "M", "span_id": "T", "model": "m", "output": {}}
    for inside in ("A", "T"):
        call = {"event": "tool", "uuid": "C", "span_id": inside, "function": "look", "id": "c"}
        for order in permutations([span, within, call]):
            (found,) = log(sample(around, *order))
            parents = {s["step_id"]: s["parent_step_id"] for s in found["steps"]}
            assert parents == {"A": None, "C": "A", "M": "C"}


def test_spans_that_stand_in_each_other_end_the_search() -> None:
    one = {"event": "span_begin", "id": "A", "parent_id": "B", "type": "agent", "name": "a"}
    other = {"event": "span_begin", "id": "B", "parent_id": "A", "type": "solver", "name": "b"}
    tools = [{**e, "type": "tool", "id": f"{e['id']}t", "parent_id": "Bt"} for e in (one, other)]
    call = {"event": "model", "span_id": "At", "model": "m", "output": {}}
    (found,) = log(sample(one, other, *tools, call))
    assert len(found["steps"]) == 3


@pytest.mark.parametrize(
    "listing",
    [
        {"eval_set_id": "s1", "tasks": [{"name": "add", "task_id": "t1", "model": "m"}]},
        {"a.eval": {"version": 2, "status": "success", "eval": {"task": "add", "model": "m"}}},
    ],
)
def test_a_listing_beside_the_logs_holds_no_record(listing: dict[str, Any]) -> None:
    stream = io.BufferedReader(io.BytesIO(json.dumps(listing).encode()))
    found = open_values(stream, "x.json")
    assert [form.NAME for form in FORMATS if form.accepts(found.sample)] == ["inspect.index"]
    assert list(inspect_index.read(iter(found))) == []


@given(ANY_JSON, st.sampled_from(["events", "messages", "scores", "limit", "error", "uuid"]))
def test_any_value_in_a_sample_is_read_or_refused(value: Any, name: str) -> None:
    for record in log({**SAMPLE, name: value}, value):
        assert isinstance(record, dict | Reject | Ignored)


@given(ANY_JSON, st.sampled_from(sorted(TAKEN)))
def test_any_event_is_read_or_refused(value: Any, kind: str) -> None:
    fields = ("timestamp", "id", "function", "output", "input", "input_refs", "call", "events")
    for name in fields:
        event = {"event": kind, "timestamp": "2026-11-02T08:00:00Z", name: value}
        for record in log({**SAMPLE, "events": [event, event]}):
            assert isinstance(record, dict | Reject)


@given(ANY_JSON)
def test_any_json_is_read_or_refused(value: Any) -> None:
    shapes = [value, run(1, "llm", extra=value, outputs=value), run(1, "tool", outputs=value)]
    shapes += [{"runs": [value]}, {"data": [value]}, {"object": "trace.span", "span_data": value}]
    shapes += [{"object": "trace", "id": value}, {"current_turn": 1, "context": value}]
    span = {"object": "trace.span", "id": "s", "trace_id": "t", "span_data": value, "error": value}
    shapes += [span, {"id": "f", "run_id": "r", "key": value, "score": value, "value": value}]
    for form in OURS:
        conformer = Conformer(Origin("source", "file"), form.HOLDS)
        for record in form.read(iter([s for s in shapes if isinstance(s, dict)])):
            if not isinstance(record, dict):
                continue
            try:
                conformer.take(record)
            except BadRecordError as error:
                assert str(error)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_call_inside_a_call_counts_once_in_any_order(order: tuple[int, ...]) -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 2, "total_cost": "0.5"}
    found = [run(1), run(2, "llm", 1, **usage), run(3, "llm", 1, 2, **usage)]
    read = steps(langsmith, *(found[n] for n in order))
    assert sum(s.get("input_tokens") or 0 for s in read.values()) == 10
    assert sum(s.get("cost_usd") or 0 for s in read.values()) == 0.5


def test_two_calls_side_by_side_both_count() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 2}
    read = steps(langsmith, run(1), run(2, "llm", 1, **usage), run(3, "llm", 1, **usage))
    assert [s.get("input_tokens") for s in read.values()] == [None, 10, 10]


def test_sums_on_roots_are_not_read() -> None:
    read = steps(langsmith, run(1, prompt_tokens=10, completion_tokens=2, total_cost="0.5"))
    assert "input_tokens" not in read["id-1"]
    assert "cost_usd" not in read["id-1"]


def test_dotted_order_stands_in_for_trace_parent_and_time() -> None:
    bare = run(3, "tool", 1, 2)
    del bare["trace_id"]
    found = steps(langsmith, bare)["id-3"]
    assert (found["run_id"], found["parent_step_id"]) == ("id-1", "id-2")
    assert str(found["started_at"]) == "2026-11-03 09:15:00.000003+00:00"


@pytest.mark.parametrize(
    ("fields", "step", "trace"),
    [
        ({}, "ok", "ok"),
        ({"status": "pending"}, "unset", "running"),
        ({"status": None, "end_time": None}, "unset", "running"),
        ({"status": None}, "unset", "unknown"),
        ({"status": None, "end_time": "2026-11-03T09:16:00"}, "ok", "ok"),
        ({"status": "error", "error": "ValueError('x')"}, "error", "error"),
        ({"status": "error", "error": "GraphInterrupt(())"}, "unset", "running"),
    ],
)
def test_a_pending_or_interrupted_root_is_running(
    fields: dict[str, Any], step: str, trace: str
) -> None:
    (found,) = langsmith.read(iter([run(1, **fields)]))
    assert isinstance(found, dict)
    assert found["steps"][0]["status"] == step
    assert found["run_claims"][0]["status"] == trace


def test_tokens_are_found_wherever_an_export_kept_them() -> None:
    usage = {"input_tokens": 50, "output_tokens": 9, "input_token_details": {"cache_read": 16}}
    message = {"kwargs": {"usage_metadata": usage}}
    places: list[dict[str, Any]] = [
        {"extra": json.dumps({"metadata": {"usage_metadata": usage}})},
        {"outputs": {"usage_metadata": usage}},
        {"outputs": {"generations": [[{"message": message}]]}},
        {"prompt_tokens": 50, "completion_tokens": 9, "prompt_token_details": {"cache_read": 16}},
        {"prompt_tokens": 50.0, "completion_tokens": "9", "outputs": {"usage_metadata": usage}},
        {"prompt_tokens": 0, "total_tokens": 0, "outputs": {"usage_metadata": usage}},
    ]
    for place in places:
        found = steps(langsmith, run(1, "llm", **place))["id-1"]
        told = [found[f"{n}_tokens"] for n in ("input", "output", "cache_read")]
        assert told == [50, 9, 16], place


def test_who_the_user_is_stays_hashed() -> None:
    extra = {"metadata": {"user_id": "u-1", "user_email": "a@b.example", "tier": "gold"}}
    found = json.dumps(list(langsmith.read(iter([run(1, extra=extra)]))), default=str)
    assert "gold" in found
    assert "a@b.example" not in found.replace(json.dumps(extra), "")
    assert "u-1" not in found


def test_a_preference_is_no_verdict() -> None:
    pair = {"run_id": "r", "trace_id": "r", "key": "correctness", "feedback_source": None}
    pair |= {"comparative_experiment_id": "c", "created_at": "2026-11-03T12:00:00"}
    found = list(
        langsmith_feedback.read(iter([{**pair, "id": str(n), "score": n} for n in (1, 0)]))
    )
    told = [r["feedback"][0] for r in found if isinstance(r, dict)]
    assert [(f["score"], f["label"], f["verdict"]) for f in told] == [
        (1.0, "preferred", None),
        (0.0, "not preferred", None),
    ]


def span(number: int, kind: str, second: int, **fields: object) -> dict[str, Any]:
    """A span of the Agents SDK that ended in that second."""
    base = {"object": "trace.span", "id": f"span_{number}", "trace_id": "trace_1"}
    at = f"2026-11-04T10:00:{second:02d}+00:00"
    return base | {"ended_at": at, "span_data": {"type": kind, "name": kind}} | fields


def test_the_agent_that_ended_last_decides_in_any_order() -> None:
    trace = {"object": "trace", "id": "trace_1", "workflow_name": "w"}
    failed = {"message": "Error in agent run", "data": {"error": "x"}}
    inner = span(1, "agent", 3, error=failed, parent_id="span_2")
    items = [trace, inner, span(2, "agent", 5), span(3, "custom", 6, error=failed)]
    for order in permutations(items):
        found = [r for r in openai_agents.read(iter(order)) if isinstance(r, dict)]
        assert [c["status"] for r in found for c in r.get("run_claims", ())] == ["ok"]


def test_an_agent_whose_turn_failed_has_failed_in_any_order() -> None:
    tripped = {"message": "Guardrail tripwire triggered", "data": {"guardrail": "block"}}
    turn = span(2, "custom", 3, error=tripped, parent_id="span_1")
    turn["span_data"]["data"] = {"sdk_span_type": "turn", "turn": 1, "agent_name": "A"}
    items = [{"object": "trace", "id": "trace_1"}, span(1, "agent", 4, parent_id="span_0"), turn]
    for order in permutations(items):
        found = [r for r in openai_agents.read(iter(order)) if isinstance(r, dict)]
        claims = [c for r in found for c in r.get("run_claims", ())]
        assert [c["status"] for c in claims] == ["error"]
        assert claims[0]["error_message"] == "Guardrail tripwire triggered"


def test_a_trace_told_twice_is_two_records_of_one_run() -> None:
    trace = {"object": "trace", "id": "trace_1", "workflow_name": "w"}
    assert len(list(openai_agents.read(iter([trace, trace])))) == 2


def test_a_saved_state_counts_its_approvals_as_ignored() -> None:
    item = {"type": "tool_approval_item", "tool_name": "refund", "raw_item": {"name": "refund"}}
    state = {
        "$schemaVersion": "1.21",
        "current_turn": 1,
        "current_step": {"type": "next_step_interruption", "data": {"interruptions": [item]}},
        "context": {"approvals": {"ship": {"approved": ["c1", "c2"], "rejected": []}}},
    }
    found = list(openai_agents_runstate.read(iter([state])))
    assert [type(r).__name__ for r in found] == ["dict", "Ignored", "Ignored", "Ignored"]
    assert found[0]["run_claims"][0]["status"] == "running"
