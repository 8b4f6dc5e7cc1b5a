"""Trace formats: rows of hand-written files, and the traps of each dialect."""

from __future__ import annotations

import json
import os
from pathlib import Path

import orjson
import pytest
from trace_files import HERE, TRACE, any_of, decoded, lines, one_span, rows, steps_of

from ingest.conform import Origin
from ingest.fields.content import without_content
from ingest.fields.failures import is_in_band_error
from ingest.fields.nested import nested
from ingest.fields.usage import put_tokens
from ingest.formats import Format, Ignored, Reject, sample
from ingest.load import load
from ingest.traces import FORMATS, otlp, tau2, tau2_index

CASES = [
    (otlp, "otlp/genai_today.jsonl"),
    (otlp, "otlp/older_names.jsonl"),
    (otlp, "otlp/openinference.jsonl"),
    (otlp, "otlp/snake_case.jsonl"),
    (otlp, "otlp/wrapped_calls.jsonl"),
    (otlp, "otlp/broken.jsonl"),
    (tau2, "tau2/task.json"),
    (tau2, "tau2/without_messages.json"),
    (tau2, "tau2/results.json"),
    (tau2_index, "tau2/index.json"),
]
NAMES = [name for _, name in CASES]


@pytest.mark.parametrize(("form", "name"), CASES, ids=NAMES)
def test_rows_equal_the_golden_file(form, name):
    expected = HERE / Path(name).parent / "expected" / f"{Path(name).stem}.jsonl"
    found = "".join(f"{line}\n" for line in lines(rows(form, HERE / name)))
    if os.environ.get("GOLDEN") == "write":
        expected.write_text(found, "utf-8")
    assert found == expected.read_text("utf-8")


@pytest.mark.parametrize(("form", "name"), CASES, ids=NAMES)
def test_a_file_is_accepted_by_its_own_format_only(form, name):
    taken = sample("json", decoded(HERE / name))
    assert [f.NAME for f in FORMATS if f.accepts(taken)] == [form.NAME]


@pytest.mark.parametrize(
    "value",
    [
        {"task_id": "1", "reward": 1.0},
        {"tasks": [{"task_id": "1"}]},
        {"id": "run", "messages": [], "model": "m"},
        {"traceId": TRACE, "spanId": "b7ad6b7169203331", "name": "a bare span"},
    ],
)
def test_other_json_is_accepted_by_none(value):
    assert not any(form.accepts(sample("json", [value])) for form in FORMATS)


def test_a_csv_with_such_columns_is_not_otlp():
    assert not otlp.accepts(sample("csv", [{"resourceSpans": "1"}]))


def test_formats_say_how_to_obtain_a_file():
    for form in FORMATS:
        typed: Format = form
        assert typed.OBTAIN.endswith(".")


def test_usage_summed_on_agents_is_not_counted():
    steps = steps_of("otlp/genai_today.jsonl")
    assert sum(s.get("input_tokens") or 0 for s in steps.values()) == 120 + 5
    assert sum(s.get("cost_usd") or 0 for s in steps.values()) == 0.00042


def test_only_the_innermost_of_nested_model_calls_is_billed():
    steps = steps_of("otlp/wrapped_calls.jsonl")
    billed = {n: (s.get("input_tokens"), s.get("cost_usd")) for n, s in steps.items()}
    assert billed == {
        "inner": (10, 0.1),
        "tokens only": (3, None),
        "outer": (None, None),
        "outermost": (None, None),
    }


def test_no_text_of_a_message_reaches_the_run():
    claims = [
        claim
        for name in ("genai_today", "older_names", "openinference")
        for record in rows(otlp, HERE / f"otlp/{name}.jsonl")
        if isinstance(record, dict)
        for claim in record.get("run_claims", [])
    ]
    assert any(c.get("root_name") for c in claims)
    assert "never in runs" not in json.dumps(claims)


def test_a_user_is_kept_as_a_hash_only():
    found = rows(otlp, HERE / "otlp/genai_today.jsonl")
    claims = [c for r in found if isinstance(r, dict) for c in r.get("run_claims", [])]
    assert any(len(c.get("user_hash", "")) == 64 for c in claims)
    assert '"u-1"' not in json.dumps([r for r in found if isinstance(r, dict)])


def test_run_attributes_leave_out_long_texts_and_keep_numbers():
    given = {"gen_ai.prompt.0.content": "hi", "note": "x" * 2_000, "tier": "gold", "a.prompt": 3}
    assert without_content(given) == {"tier": "gold", "a.prompt": 3}


def test_every_broken_span_is_a_reject_with_its_place_and_the_rest_loads():
    found = rows(otlp, HERE / "otlp/broken.jsonl")
    places = [r.place for r in found if isinstance(r, Reject)]
    spans = "resourceSpans[0].scopeSpans[0].spans"
    assert places[:9] == [f"{spans}[{n}]" for n in range(1, 10)]
    assert len(found) - len(places) == 3
    assert all(r.reason.endswith(".") for r in found if isinstance(r, Reject))


def test_logs_and_metrics_are_ignored_with_the_reason():
    found = rows(otlp, HERE / "otlp/genai_today.jsonl")
    assert [r.reason.split(":")[0] for r in found if isinstance(r, Ignored)] == [
        "log records",
        "metrics",
    ]


@pytest.mark.parametrize(
    ("answer", "is_error"),
    [
        ('{"isError": true}', True),
        ({"is_error": True}, True),
        ('{"error": "no"}', True),
        ('{"success": false}', True),
        ('{"error": null, "success": true}', False),
        ('{"error": "", "rows": []}', False),
        ('{"rows": [{"error": "deep"}]}', False),
        ("Error: this failed", False),
        ('{"error": ', False),
        ('["error"]', False),
        (None, False),
    ],
)
def test_only_a_structured_flag_makes_an_in_band_error(answer, is_error):
    assert is_in_band_error({}, answer) is is_error


@pytest.mark.parametrize("name", ["mcp.is_error", "gen_ai.tool.call.is_error", "pilot.is_error"])
def test_a_flag_on_the_span_makes_an_in_band_error(name):
    assert is_in_band_error({name: True}, None)
    assert not is_in_band_error({name: False}, None)


def test_flattened_lists_are_in_the_order_of_their_numbers():
    given = {"p.10.c": "c", "p.2.c": "b", "p.0.c": "a", "p.version": "7", "q.0.c": "no"}
    assert nested(given, "p.") == [{"c": "a"}, {"c": "b"}, {"c": "c"}]


def test_tokens_counted_apart_from_the_cache_are_added_to_the_total():
    step: dict[str, int] = {}
    put_tokens(step, 40, 7, 64, 16, None)
    assert step["input_tokens"] == 120


def test_a_deeply_nested_attribute_is_a_reject():
    value: dict[str, object] = {"stringValue": "x"}
    for _ in range(200):
        value = {"arrayValue": {"values": [value]}}
    (found,) = otlp.read(iter([one_span(attributes=[{"key": "deep", "value": value}])]))
    assert isinstance(found, Reject)
    assert "nested deeper" in found.reason


def with_attributes(found):
    """The attribute list of a span that says `found`."""
    return [{"key": key, "value": any_of(value)} for key, value in found.items()]


@pytest.mark.parametrize(
    ("found", "status", "expected"),
    [
        ({"pilot.termination_reason": "timeout"}, {}, "timeout"),
        ({"pilot.termination_reason": "Deadline"}, {"code": 2}, "timeout"),
        ({"pilot.termination_reason": "user_cancelled"}, {"code": 1}, "cancelled"),
        ({"pilot.termination_reason": "aborted", "error.type": "timeout"}, {}, "cancelled"),
        ({"pilot.termination_reason": "max_turns"}, {}, "ok"),
        ({"error.type": "DeadlineExceeded"}, {}, "timeout"),
        ({"error.type": "asyncio.CancelledError"}, {"code": 2}, "cancelled"),
        ({"error.type": "504"}, {"code": 2}, "timeout"),
        ({"error.type": "ValueError"}, {}, "error"),
        ({"http.response.status_code": 408}, {}, "ok"),
        ({}, {"code": 2}, "error"),
    ],
)
def test_a_root_says_how_its_run_ended(found, status, expected):
    times = {"startTimeUnixNano": "1767225600000000000", "endTimeUnixNano": "1767225601000000000"}
    value = one_span(attributes=with_attributes(found), status=status, **times)
    (record,) = otlp.read(iter([value]))
    assert record["run_claims"][0]["status"] == expected


def test_a_resource_may_say_how_its_runs_ended():
    value = one_span()
    reason = with_attributes({"pilot.termination_reason": "cancelled"})
    value["resourceSpans"][0]["resource"] = {"attributes": reason}
    (record,) = otlp.read(iter([value]))
    assert record["run_claims"][0]["status"] == "cancelled"


@pytest.mark.parametrize("kind", ["LLM", "EMBEDDING"])
def test_an_openinference_call_keeps_the_response_id_it_was_given(kind):
    found = {"openinference.span.kind": kind, "gen_ai.response.id": "resp-1"}
    (record,) = otlp.read(iter([one_span(attributes=with_attributes(found))]))
    assert record["steps"][0]["response_id"] == "resp-1"


def test_a_span_refused_by_the_loader_is_said_with_its_place(tmp_path):
    value = one_span()
    spans = value["resourceSpans"][0]["scopeSpans"][0]["spans"]
    wrong = with_attributes({"pilot.outcome": "brilliant"})
    spans.append({**spans[0], "spanId": "b7ad6b7169203332", "attributes": wrong})
    path = tmp_path / "spans.jsonl"
    path.write_bytes(orjson.dumps(one_span()) + b"\n" + orjson.dumps(value))
    loaded = load(path, Origin("source", path.name), tmp_path / "out")
    (reject,) = loaded.rejects
    assert reject["locator"] == "line 2, resourceSpans[0].scopeSpans[0].spans[1]"
    assert reject["reason"].startswith("outcome: 'brilliant' is none of success")
    assert loaded.rows_by_table["steps"] == 2
