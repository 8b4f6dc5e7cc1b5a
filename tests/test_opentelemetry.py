"""OpenTelemetry in every form: containers, shapes, dialects, events, and what is counted once."""

from __future__ import annotations

import io
import json
import struct
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from backports import zstd
from conftest import ingest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tables import rows
from trace_files import any_of

from ingest.conform import Conformer, Origin
from ingest.containers import Values, open_values
from ingest.files import open_raw, walk
from ingest.formats import Ignored, Read, Reject
from ingest.protobuf_values import open_protobuf
from ingest.registry import FORMATS, named
from ingest.traces import jaeger, otel_console, otel_spans, otlp, otlp_logs, zipkin
from ingest.traces.opentelemetry.claude_code import step_of

FIXTURES = Path(__file__).parent / "fixtures" / "formats"
FORMS = (otlp, otlp_logs, otel_console, otel_spans, jaeger, zipkin)
FUZZ = settings(
    deadline=None, max_examples=60, database=None, suppress_health_check=[HealthCheck.too_slow]
)
TRACE = "0af7651916cd43dd8448eb211c80319c"


def opened(data: bytes, name: str = "file") -> Values:
    return open_values(io.BufferedReader(io.BytesIO(data)), name)  # type: ignore[arg-type]


def records(path: Path) -> tuple[str, list[Read]]:
    """The one format of a file, and its records."""
    with open_raw(path, path.name) as stream:
        values = open_values(stream, path.name)
        (form,) = [f for f in FORMATS if f.accepts(values.sample)]
        return form.NAME, list(form.read(iter(values)))


def steps(found: list[Read]) -> list[dict[str, Any]]:
    return [step for r in found if isinstance(r, dict) for step in r.get("steps", ())]


def summed(found: list[Read]) -> tuple[int, int, int]:
    """Tokens in, out and read from the cache."""
    names = ("input_tokens", "output_tokens", "cache_read_tokens")
    a, b, c = (sum(s.get(n) or 0 for s in steps(found)) for n in names)
    return a, b, c


def pairs(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": any_of(value)} for key, value in found.items()]


def log_request(*logs: dict[str, Any], **resource: str) -> dict[str, Any]:
    """An OTLP request of log records."""
    inner = {"resource": {"attributes": pairs(resource)}, "scopeLogs": [{"logRecords": list(logs)}]}
    return {"resourceLogs": [inner]}


GENAI = (480, 140, 256)
EXAMPLES = {
    "TRAP_plain_protobuf_json_base64_ids.json": ("otlp.traces", 11, GENAI),
    "collector_format-proto.lenprefixed.pb": ("otlp.traces", 11, GENAI),
    "collector_json_zstd_legacy.lenprefixed.zst": ("otlp.traces", 11, GENAI),
    "collector_json_zstd_native.jsonl.zst": ("otlp.traces", 11, GENAI),
    "single_ExportTraceServiceRequest.pb": ("otlp.traces", 11, GENAI),
    "genai_spans.otlp.jsonl": ("otlp.traces", 11, GENAI),
    "genai_logs.otlp.jsonl": ("otlp.logs", 5, GENAI),
    "single_ExportLogsServiceRequest.pb": ("otlp.logs", 5, GENAI),
    "genai_metrics.otlp.jsonl": ("otlp.metrics", 0, (0, 0, 0)),
    "single_ExportMetricsServiceRequest.pb": ("otlp.metrics", 0, (0, 0, 0)),
    "console_exporter_pretty.json": ("otel.console", 3, (120, 35, 64)),
    "console_exporter_oneline.jsonl": ("otel.console", 3, (120, 35, 64)),
    "langfuse_sdk_spans.otlp.jsonl": ("otlp.traces", 6, (133, 40, 67)),
    "logfire_pydanticai_spans.otlp.jsonl": ("otlp.traces", 4, (240, 70, 128)),
    "openinference_spans.otlp.jsonl": ("otlp.traces", 5, (245, 70, 128)),
    "traceloop_spans.otlp.jsonl": ("otlp.traces", 5, (245, 70, 128)),
    "traceloop_old_spans.otlp.jsonl": ("otlp.traces", 5, (245, 70, 128)),
    "traceloop_sdk_spans.otlp.jsonl": ("otlp.traces", 4, (120, 35, 64)),
    "v2_spans.otlp.jsonl": ("otlp.traces", 5, (245, 70, 0)),
    "v2_optin_spans.otlp.jsonl": ("otlp.traces", 5, (245, 70, 0)),
    "v2_logs.otlp.jsonl": ("otlp.logs", 0, (0, 0, 0)),
    "v2_optin_logs.otlp.jsonl": ("otlp.logs", 3, (240, 70, 0)),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_real_sample_gives_its_counted_steps_and_tokens(examples: Path, name: str) -> None:
    form, found = records(examples / "formats" / "otlp" / name)
    assert (form, len(steps(found)), summed(found)) == EXAMPLES[name]
    assert not [r for r in found if isinstance(r, Reject)]


def test_the_protobuf_and_the_json_of_a_request_give_the_same_rows(examples: Path) -> None:
    folder = examples / "formats" / "otlp"
    names = (
        "genai_spans.otlp.jsonl",
        "collector_format-proto.lenprefixed.pb",
        "collector_json_zstd_legacy.lenprefixed.zst",
        "single_ExportTraceServiceRequest.pb",
    )
    first, *others = (
        sorted(json.dumps([r["steps"], r["payloads"]], sort_keys=True) for r in found)
        for _, found in (records(folder / name) for name in names)
    )
    assert all(found == first for found in others)


def test_a_walk_finds_every_container(examples: Path) -> None:
    found, skipped = walk([examples / "formats" / "otlp"])
    assert not skipped
    assert len(found) == len(EXAMPLES)


@pytest.mark.slow
def test_log_records_alone_and_beside_their_spans_count_a_call_once(
    examples: Path, tmp_path: Path
) -> None:
    folder = examples / "formats" / "otlp"
    ask = "select count(*) as n, sum(input_tokens) as tokens from steps where kind = 'llm'"
    alone, both = tmp_path / "alone", tmp_path / "both"
    ingest(folder / "genai_logs.otlp.jsonl", "--store", alone)
    ingest(folder / "genai_logs.otlp.jsonl", folder / "genai_spans.otlp.jsonl", "--store", both)
    assert rows(alone, ask) == rows(both, ask) == [(5, 480)]
    assert rows(alone, "select distinct status from runs") == [("unknown",)]
    judged = "select name, score, label, source, step_id is not null from feedback"
    assert rows(both, judged) == [("Relevance", 0.9, "relevant", "evaluator", True)] * 2


@pytest.mark.slow
def test_claude_code_spans_and_logs_are_one_step_a_call(tmp_path: Path) -> None:
    spans = FIXTURES / "otlp.traces/claude_code.jsonl"
    logs = FIXTURES / "otlp.logs/claude_code.jsonl"
    for number, files in enumerate(((spans, logs), (logs, spans))):
        store = tmp_path / str(number)
        ingest(*files, "--store", store, expect=1)
        where = "where run_id = '000000000000000000000000000000d1'"
        called = f"select input_tokens, output_tokens, cost_usd from steps {where} and kind = 'llm'"
        assert rows(store, called) == [(125, 40, 0.0012)]
        tools = f"select tool, status, in_band_error, parent_step_id from steps {where}"
        assert rows(store, f"{tools} and kind = 'tool'") == [
            ("Bash", "unset", True, "0000000000000001")
        ]
        asked = "select action, decision, decider_type from approvals order by action"
        assert rows(store, asked) == [
            ("Bash", "approved", "human"),
            ("Write", "rejected", "policy"),
        ]


@pytest.mark.parametrize("decision", ["approved", "approved_for_session", "denied", "abort"])
def test_an_approval_names_the_step_of_the_call_it_is_about(decision: str) -> None:
    found = {"conversation.id": "c", "tool_name": "shell", "call_id": "7", "decision": decision}
    ids = []
    for event in ("codex.tool_decision", "codex.tool_result"):
        log = {
            "timeUnixNano": "1780000000000000000",
            "attributes": pairs({**found, "event.name": event}),
        }
        (record,) = otlp.read(iter([log_request(log)]))
        (row,) = record.get("approvals") or record["steps"]
        ids.append(row["step_id"])
    assert ids[0] == ids[1]


def test_an_event_is_known_by_its_attribute_its_field_or_its_body() -> None:
    found = {"session.id": "s", "request_id": "r", "input_tokens": 1}
    spelled = (
        {"attributes": pairs({**found, "event.name": "claude_code.api_request"})},
        {
            "attributes": pairs({**found, "event.name": "api_request"}),
            "eventName": "event a/b.rs:7",
        },
        {"attributes": pairs(found), "eventName": "claude_code.api_request"},
        {"attributes": pairs(found), "body": {"stringValue": "claude_code.api_request"}},
    )
    request = log_request(*spelled, **{"service.name": "claude-code"})
    found_ids = {step["step_id"] for step in steps(list(otlp.read(iter([request]))))}
    assert found_ids == {step_of("r")}


def test_a_session_of_the_resource_is_the_run_of_its_events() -> None:
    log = {"attributes": pairs({"request_id": "r"}), "eventName": "claude_code.api_request"}
    (record,) = otlp.read(iter([log_request(log, **{"session.id": "s-1"})]))
    assert (record["steps"][0]["run_id"], record["run_claims"][0]["session_id"]) == ("s-1", "s-1")


def framed(*messages: bytes) -> bytes:
    return b"".join(struct.pack(">I", len(m)) + m for m in messages)


REQUEST = (FIXTURES / "otlp.traces/request.pb").read_bytes()


def test_a_file_that_breaks_off_loses_only_its_end() -> None:
    values = opened(framed(REQUEST, REQUEST)[:-3])
    assert len(list(values)) == 1
    assert [r.code for r in values.broken] == ["cut_off"]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (zstd.compress(REQUEST)[:-4], "too_long"),
        (b"\x28\xb5\x2f\xfd" + b"\xff" * 30, "bad_zstd"),
        (b"\x0a\x02\x12\x09", "bad_message"),
        (b'{"resourceSpans": [', "bad_message"),
    ],
)
def test_a_damaged_message_costs_itself_only(bad: bytes, code: str) -> None:
    values = opened(framed(REQUEST, bad, REQUEST))
    assert len(list(values)) == 2
    assert [(r.code, r.place) for r in values.broken] == [(code, "message 2")]


@pytest.mark.parametrize(
    "text",
    [b"\n{}\n", b'\n\n{"a": 1}\n', b"\na,b\n1,2\n", b"\n- a\n- b\n", b"\n[1]", b"a,b\n1,2\n"],
)
def test_text_that_begins_with_a_line_break_is_not_protobuf(text: bytes) -> None:
    assert open_protobuf(io.BytesIO(text), text) is None


@FUZZ
@given(st.binary(max_size=200), st.integers(0, 60))
def test_no_bytes_raise_anything_but_a_reject(noise: bytes, at: int) -> None:
    broken = REQUEST[:at] + noise + REQUEST[at:]
    for data in (noise, broken, framed(noise, broken), framed(zstd.compress(broken))):
        found = open_protobuf(io.BytesIO(data), data[: 1 << 16])
        for _, value in found or ():
            assert isinstance(value, dict | Reject)


SCALARS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=12)
KEYS = st.sampled_from(
    """traceId spanId traceID spanID id parentId parentSpanId name operationName kind startTime
    endTime startTimeUnixNano timestamp duration attributes tags logs fields references refType
    processes process processID serviceName key value resource context trace_id span_id status
    status_code code localEndpoint shared data spans events hrTime body _spanContext
    _rawAttributes resourceLogs resourceSpans scopeLogs logRecords scopeSpans eventName batches
    trace links stringValue event.name""".split()
)
WORDS = st.sampled_from(
    [TRACE, "b7ad6b7169203331", "exception", "CHILD_OF", "codex.tool_result", "SpanKind.CLIENT"]
)
GARBAGE = st.recursive(
    SCALARS | WORDS | st.lists(st.integers(0, 2**40), min_size=2, max_size=2),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=7),
    max_leaves=25,
)


@FUZZ
@given(st.dictionaries(KEYS, GARBAGE, max_size=10), st.sampled_from(FORMS))
def test_garbage_is_never_an_exception(value: dict[str, Any], form: Any) -> None:
    for found in form.read(
        iter([value, {**value, "traceId": TRACE, "id": "1", "spanId": "1" * 16}])
    ):
        assert isinstance(found, dict | Reject | Ignored)


EVENTS = st.sampled_from(
    """claude_code.api_request claude_code.api_error claude_code.tool_result
    claude_code.tool_decision codex.sse_event codex.api_request codex.tool_result
    codex.tool_decision gen_ai.evaluation.result gen_ai.client.inference.operation.details
    gen_ai.choice other.event""".split()
)
NAMES = st.sampled_from(
    """duration_ms input_tokens cost_usd success decision source tool_name call_id tool_use_id
    request_id error event.kind input_token_count error.message gen_ai.evaluation.name
    gen_ai.evaluation.score.value gen_ai.evaluation.score.label status_code model
    gen_ai.operation.name session.id""".split()
)


@FUZZ
@example("claude_code.api_request", {"duration_ms": 1_780_000_000_001})
@given(EVENTS, st.dictionaries(NAMES, SCALARS | st.floats(allow_nan=False), max_size=9))
def test_any_event_is_one_record_with_one_row_counted(event: str, found: dict[str, Any]) -> None:
    sound = {k: v for k, v in found.items() if not isinstance(v, int) or abs(v) < 2**63}
    log = {"timeUnixNano": "1780000000000000000", "attributes": pairs(sound), "eventName": event}
    (record,) = otlp.read(iter([log_request(log, **{"session.id": "s"})]))
    if isinstance(record, dict):
        assert sum(len(record.get(table, ())) for table in otlp.RECORDS.split()) == 1
        Conformer(Origin("source", "file"), "part").take(record)


SPAN_NAMES = st.sampled_from(
    """langfuse.observation.type langfuse.observation.usage_details
    langfuse.observation.cost_details langfuse.observation.level mlflow.spanType
    mlflow.chat.tokenUsage mlflow.llm.cost span.type tool_use_id request_id input_tokens success
    annotations annotations.0.annotation.name annotations.0.annotation.score trace.evaluations
    gen_ai.usage.input_tokens gen_ai.response.finish_reasons ai.toolCall.name""".split()
)
ODD = st.sampled_from(
    ["generation", '{"input": {"a": 1}}', '["x"]', '"LLM"', "tool", "llm_request"]
)


@FUZZ
@given(
    st.dictionaries(SPAN_NAMES, SCALARS | ODD | st.lists(ODD, max_size=2), max_size=9),
    st.sampled_from(["claude_code.tool", "claude_code.llm_request", "other"]),
    st.sampled_from(["codex_exec", "claude-code", "mine"]),
)
def test_any_attributes_make_a_record_of_every_dialect(
    found: dict[str, Any], name: str, service: str
) -> None:
    span = {"traceId": TRACE, "spanId": "b7ad6b7169203331", "name": name, "startTime": [1, 2]}
    value = {**span, "attributes": found, "resource": {"attributes": {"service.name": service}}}
    first, *judged = otel_spans.read(iter([value]))
    assert isinstance(first, dict | Ignored)
    assert all(isinstance(record, dict) for record in judged)


def test_attributes_nested_too_deep_are_a_reject() -> None:
    deep: Any = "x"
    for _ in range(400):
        deep = [deep]
    span = {"traceId": TRACE, "spanId": "b7ad6b7169203331", "startTime": [1, 2]}
    (found,) = otel_spans.read(iter([{**span, "attributes": {"deep": deep}}]))
    assert isinstance(found, Reject)


def test_a_span_is_the_same_in_jaeger_zipkin_and_otlp() -> None:
    """Ids without leading zeros, microseconds, tags of text: the same row after all."""
    start = 1_780_000_000_000_000
    told = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m"}
    otlp_span = {
        "traceId": "a1".zfill(32),
        "spanId": "b2".zfill(16),
        "name": "chat m",
        "startTimeUnixNano": f"{start}000",
        "endTimeUnixNano": f"{start + 5}000",
        "attributes": pairs(told),
    }
    tags = [{"key": k, "type": "string", "value": v} for k, v in told.items()]
    at = {"startTime": start, "duration": 5}
    jaeger_span = {"traceID": "a1", "spanID": "b2", "operationName": "chat m", "tags": tags, **at}
    zipkin_span = {"traceId": "a1", "id": "b2", "name": "chat m", "tags": told}
    zipkin_span |= {"timestamp": start, "duration": 5, "localEndpoint": {}}
    found = [
        steps(
            list(otlp.read(iter([{"resourceSpans": [{"scopeSpans": [{"spans": [otlp_span]}]}]}])))
        ),
        steps(list(otel_spans.read(iter([otlp_span])))),
        steps(list(jaeger.read(iter([jaeger_span])))),
        steps(list(zipkin.read(iter([zipkin_span])))),
    ]
    assert all(f == found[0] for f in found)
    assert found[0][0]["kind"] == "llm"


def test_every_fixture_of_a_form_is_counted_whole() -> None:
    for name in ("otlp.traces", "otlp.logs", "otel.spans", "jaeger.traces", "zipkin.spans"):
        form = named(name)
        for path in sorted(p for p in (FIXTURES / name).glob("*") if p.is_file()):
            _, found = records(path)
            kinds = Counter(type(r).__name__ for r in found)
            assert sum(kinds.values()) == len(found)
            assert form.RECORDS == otlp.RECORDS
