"""Phoenix, MLflow, Opik and Datadog: counts on real exports, their traps, and garbage."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.containers import open_values
from ingest.feedback.judgement import judgement
from ingest.fields.datadog_ids import span_id, trace_id
from ingest.fields.moments import FIRST, moment
from ingest.fields.python_text import structured
from ingest.files import open_raw
from ingest.formats import Ignored, Read, Reject
from ingest.registry import FORMATS, named
from ingest.traces.mlflow_run.run import run_id_of
from ingest.traces.mlflow_run.spans import span_id as mlflow_span_id

FIXTURES = Path(__file__).parent / "fixtures" / "formats"
VENDORS = ("phoenix", "mlflow", "opik", "datadog")
FORMS = [form for form in FORMATS if form.NAME.startswith(VENDORS)]
FUZZ = settings(
    deadline=None, max_examples=60, database=None, suppress_health_check=[HealthCheck.too_slow]
)
USAGE = ("input_tokens", "output_tokens", "cache_read_tokens", "reasoning_tokens")


def opened(path: Path) -> tuple[str, list[Read]]:
    """The one format of a file and its records."""
    with open_raw(path, path.name) as stream:
        values = open_values(stream, path.name)
        (name,) = [form.NAME for form in FORMATS if form.accepts(values.sample)]
        return name, list(named(name).read(iter(values)))


def table(found: list[Read], name: str) -> list[dict[str, Any]]:
    """The rows of a table among the records."""
    return [row for record in found if isinstance(record, dict) for row in record.get(name, ())]


def totals(steps: list[dict[str, Any]]) -> tuple[int, ...]:
    """The sums of the tokens, in the order of USAGE."""
    return tuple(sum(step.get(name) or 0 for step in steps) for name in USAGE)


SPANS = ("phoenix.spans.df", 11, 5, 0, (480, 140, 256, 40))
RUNS = ("mlflow.df", 7, 2, 2, (360, 105, 192, 30))
EXPECTED = {
    "phoenix/spans_df.parquet": SPANS,
    "phoenix/spans_df.csv": SPANS,
    "phoenix/spans_df.jsonl": SPANS,
    "phoenix/spans_df_iso.jsonl": SPANS,
    "phoenix/rest_v1_spans.json": ("phoenix.rest.spans", *SPANS[1:]),
    "phoenix/rest_spans_list.json": ("phoenix.rest.spans", *SPANS[1:]),
    "phoenix/rest_v1_spans_otlpv1.json": ("phoenix.rest.otlpv1", *SPANS[1:]),
    "phoenix/rest_v1_traces.json": ("phoenix.rest.traces", 11, 5, 0, (0, 0, 0, 0)),
    "phoenix/rest_v1_sessions.json": ("phoenix.rest.sessions", 0, 4, 0, (0, 0, 0, 0)),
    "phoenix/rest_v1_span_annotations.json": ("phoenix.annotations", 0, 0, 4, (0, 0, 0, 0)),
    "phoenix/rest_v1_trace_annotations.json": ("phoenix.annotations", 0, 0, 1, (0, 0, 0, 0)),
    "phoenix/rest_v1_session_annotations.json": ("phoenix.annotations", 0, 0, 1, (0, 0, 0, 0)),
    "phoenix/span_annotations_df.csv": ("phoenix.annotations.df", 0, 0, 3, (0, 0, 0, 0)),
    "phoenix/span_annotations_df.parquet": ("phoenix.annotations.df", 0, 0, 3, (0, 0, 0, 0)),
    "mlflow/search_traces_df.parquet": RUNS,
    "mlflow/search_traces_df.csv": RUNS,
    "mlflow/search_traces_df.jsonl": RUNS,
    "mlflow/cli_traces_search.json": ("mlflow.trace", *RUNS[1:]),
    "mlflow/traces_list_to_dict.json": ("mlflow.trace", *RUNS[1:]),
    "mlflow/trace_0.to_json.json": ("mlflow.trace", 3, 1, 0, (120, 35, 64, 10)),
    "mlflow/trace_1.to_json.json": ("mlflow.trace", 4, 1, 2, (240, 70, 128, 20)),
    "opik/rest_spans_page.json": ("opik.rest.spans", 3, 0, 0, (120, 35, 0, 0)),
    "opik/rest_traces_page.json": ("opik.rest.traces", 0, 1, 2, (0, 0, 0, 0)),
    "opik/trace_01a205bf-5d5b-7e97-b4bc-9a66a887e8bf.json": (
        "opik.cli.trace",
        3,
        1,
        2,
        (120, 35, 0, 0),
    ),
    "opik/trace_heterogeneous_TRUNCATED_by_opik_bug.csv": ("opik.cli.csv", 1, 1, 2, (0, 0, 0, 0)),
    "datadog/intake_spans.json": ("datadog.llmobs.spans", 3, 1, 0, (120, 35, 64, 0)),
    "datadog/intake_evals.json": ("datadog.llmobs.evals", 0, 0, 2, (0, 0, 0, 0)),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_export_gives_the_counted_rows(name: str, examples: Path) -> None:
    form, found = opened(examples / "formats" / name)
    steps = table(found, "steps")
    runs = {claim["run_id"] for claim in table(found, "run_claims")}
    feedback = table(found, "feedback")
    counted = (form, len(steps), len(runs), len(feedback), totals(steps))
    assert counted == EXPECTED[name]
    assert sum(isinstance(record, Reject) for record in found) == ("TRUNCATED" in name)


def test_every_real_export_is_counted(examples: Path) -> None:
    files = {f"{v}/{p.name}" for v in VENDORS for p in (examples / "formats" / v).iterdir()}
    assert files == set(EXPECTED)


@pytest.mark.parametrize(
    ("folder", "names", "within"),
    [
        ("phoenix", ("rest_v1_spans.json", "rest_v1_spans_otlpv1.json"), 0),
        ("phoenix", ("rest_v1_spans.json", "spans_df.parquet", "spans_df.csv"), 0),
        ("phoenix", ("rest_v1_spans.json", "spans_df.jsonl", "spans_df_iso.jsonl"), 1_000),
        (
            "mlflow",
            (
                "cli_traces_search.json",
                "traces_list_to_dict.json",
                "search_traces_df.parquet",
                "search_traces_df.csv",
                "search_traces_df.jsonl",
            ),
            0,
        ),
    ],
)
def test_the_containers_of_an_export_tell_the_same_steps(
    folder: str, names: tuple[str, ...], within: int, examples: Path
) -> None:
    told = [by_id(table(opened(examples / "formats" / folder / n)[1], "steps")) for n in names]
    for other in told[1:]:
        assert other.keys() == told[0].keys()
        for step_id, step in other.items():
            first = told[0][step_id]
            times = ("started_at", "ended_at")
            assert all(0 <= first[t] - step[t] <= within for t in times)
            assert {k: v for k, v in step.items() if k not in times} == {
                k: v for k, v in first.items() if k not in times
            }


def by_id(steps: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Steps by their ids, without what is not known."""
    return {s["step_id"]: {k: v for k, v in s.items() if v is not None} for s in steps}


def test_an_annotation_is_the_same_in_a_page_and_a_dataframe(examples: Path) -> None:
    folder = examples / "formats" / "phoenix"
    page, csv, parquet = (
        {row["feedback_id"]: row for row in table(opened(folder / name)[1], "feedback")}
        for name in (
            "rest_v1_span_annotations.json",
            "span_annotations_df.csv",
            "span_annotations_df.parquet",
        )
    )
    assert csv == parquet
    assert csv.items() <= page.items()


def test_a_span_of_datadog_and_its_evaluation_join(examples: Path) -> None:
    folder = examples / "formats" / "datadog"
    steps = by_id(table(opened(folder / "intake_spans.json")[1], "steps"))
    for row in table(opened(folder / "intake_evals.json")[1], "feedback"):
        assert steps[row["step_id"]]["kind"] == "llm"
        assert steps[row["step_id"]]["run_id"] == row["run_id"]


def test_a_truncated_csv_says_what_is_missing(examples: Path) -> None:
    name = "trace_heterogeneous_TRUNCATED_by_opik_bug.csv"
    (reject,) = (r for r in opened(examples / "formats/opik" / name)[1] if isinstance(r, Reject))
    assert reject.code == "truncated"
    assert "1 of its 3 spans" in reject.reason


ROW = {
    "context.trace_id": "5f0c1a2b3d4e5f60718293a4b5c6d7e8",
    "span_kind": "LLM",
    "start_time": 1_790_000_000_000,
    "attributes.llm.token_count.prompt": 90,
    "attributes.llm.token_count.completion": 30,
}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_call_around_a_call_counts_once_in_any_order(order: tuple[int, ...]) -> None:
    ids = ["a1b2c3d4e5f60718", "b2c3d4e5f6071829", "c3d4e5f60718293a"]
    rows = [
        ROW | {"context.span_id": ids[0], "parent_id": None, "span_kind": "AGENT"},
        ROW | {"context.span_id": ids[1], "parent_id": ids[0]},
        ROW | {"context.span_id": ids[2], "parent_id": ids[1]},
    ]
    steps = table(list(named("phoenix.spans.df").read(rows[i] for i in order)), "steps")
    assert totals(steps) == (90, 30, 0, 0)
    assert by_id(steps)[ids[2]]["input_tokens"] == 90


def test_assessments_count_once_and_only_where_they_judge() -> None:
    _, found = opened(FIXTURES / "mlflow.trace" / "trace.json")
    rows = {row["name"]: row for row in table(found, "feedback")}
    assert rows.keys() == {"correctness", "relevance", "tone", "stars", "parts", "grounded", "calm"}
    assert rows["grounded"]["source"] == "reviewer"
    assert rows["calm"]["target_kind"] == "session"


def test_input_tokens_include_a_cache_that_is_counted_apart() -> None:
    for name in ("mlflow.trace/mlflow_2.json", "opik.cli.trace/trace.json"):
        steps = table(opened(FIXTURES / name)[1], "steps")
        (call,) = (s for s in steps if s.get("cache_write_tokens"))
        assert (call["input_tokens"], call["cache_read_tokens"]) == (80, 30)


def test_sums_on_a_trace_are_nobodys_tokens() -> None:
    for name in ("phoenix.rest.traces", "phoenix.rest.sessions", "opik.rest.traces"):
        claims = table(opened(FIXTURES / name / "page.json")[1], "run_claims")
        assert not any({"input_tokens", "cost_usd"} & claim.keys() for claim in claims)


@pytest.mark.parametrize(
    ("value", "score", "label", "verdict"),
    [
        (True, 1.0, "True", "correct"),
        (0.4, 0.4, None, "incorrect"),
        (4, None, "4", None),
        ("correct", None, "correct", "correct"),
        (["a"], None, '["a"]', None),
        (None, None, None, None),
    ],
)
def test_a_judgement_of_any_type(
    value: Any, score: float | None, label: str | None, verdict: str | None
) -> None:
    row = judgement("correctness", value)
    assert (row.get("score"), row.get("label"), row.get("verdict")) == (score, label, verdict)
    assert "verdict" not in judgement("tone", value)


@FUZZ
@given(st.integers(FIRST, 4_000_000_000_000_000))
def test_a_time_is_the_same_in_any_unit(micros: int) -> None:
    when = datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)
    for spelled in (micros * 1_000, str(micros * 1_000), when, when.isoformat(), str(when)):
        assert moment(spelled) == micros
    if micros >= 10**14:
        assert moment(micros) == micros
        assert moment(micros // 1_000) == micros // 1_000 * 1_000
        assert moment(micros // 1_000_000) == micros // 1_000_000 * 1_000_000


def records(name: str, value: dict[str, Any]) -> list[Read]:
    """What the format of that name reads of one value."""
    return list(named(name).read(iter([value])))


def rejects(found: list[Read]) -> list[tuple[str, str]]:
    """Place and reason of each reject."""
    return [(r.place, r.reason) for r in found if isinstance(r, Reject)]


def test_a_trace_of_phoenix_keeps_the_judgements_on_the_spans_it_lists() -> None:
    times = {"start_time": "2026-09-21T13:33:20Z", "end_time": "2026-09-21T13:33:21Z"}
    judged = {"annotations.0.annotation.name": "tone", "annotations.0.annotation.score": 1}
    span = {"span_id": "a1b2c3d4e5f60718", "span_kind": "LLM", "attributes": judged, **times}
    trace = {"trace_id": ROW["context.trace_id"], "project_id": "p", **times}
    found = records("phoenix.rest.traces", trace | {"spans": ["?", span]})
    assert [row["name"] for row in table(found, "feedback")] == ["tone"]
    assert rejects(found) == [("spans[0]", "an object was expected.")]


def test_a_trace_without_an_id_costs_a_session_no_other() -> None:
    traces = [{"id": "x"}, {"trace_id": ROW["context.trace_id"]}]
    found = records("phoenix.rest.sessions", {"session_id": "s", "traces": traces})
    assert [claim["session_id"] for claim in table(found, "run_claims")] == ["s"]
    assert rejects(found) == [("traces[0]", "it has no trace_id.")]


def test_an_assessment_with_a_wrong_time_costs_no_run() -> None:
    info = {"trace_id": "tr-1", "trace_metadata": {}, "request_time": "2026-09-21T13:33:20Z"}
    judged = {"assessment_name": "tone", "feedback": {"value": 1}, "last_update_time": "soon"}
    found = records("mlflow.trace", {"info": info | {"assessments": [judged]}})
    assert len(table(found, "run_claims")) == 1
    assert rejects(found) == [("assessments[0]", "last_update_time: 'soon' is not a time.")]


def test_an_assessment_without_an_id_counts_beside_others() -> None:
    info = {"trace_id": "tr-1", "trace_metadata": {}, "request_time": "2026-09-21T13:33:20Z"}
    judged = [{"assessment_name": n, "feedback": {"value": 1}} for n in ("tone", "success")]
    found = records("mlflow.trace", {"info": info | {"assessments": judged}})
    assert [row["name"] for row in table(found, "feedback")] == ["tone", "success"]


def test_an_evaluation_with_a_wrong_time_costs_no_span() -> None:
    span = {"trace_id": "2", "span_id": "1", "start_ns": 1_790_000_000_000_000_000, "duration": 5}
    judged = {"evaluation": {"tone": {"value": 1, "timestamp_ms": "soon"}}, "meta": {}}
    found = records("datadog.llmobs.spans", {"_dd.stage": "raw", "spans": [span | judged]})
    assert len(table(found, "steps")) == 1
    assert rejects(found) == [("spans[0].evaluation.tone", "timestamp_ms: 'soon' is not a time.")]


def test_a_span_of_opik_that_ended_at_no_time_costs_no_run() -> None:
    trace = {"id": "t", "start_time": "2026-09-21T13:33:20Z"}
    spans = [{"id": "s", "end_time": "soon"}, {"id": "r"}]
    found = records("opik.cli.trace", {"trace": trace, "spans": spans})
    assert [step["step_id"] for step in table(found, "steps")] == ["r"]
    assert rejects(found) == [("spans[0]", "end_time: 'soon' is not a time.")]


def test_a_call_of_mlflow_counts_the_same_when_it_is_sent_as_opentelemetry() -> None:
    attributes = {
        "mlflow.spanType": "CHAT_MODEL",
        "mlflow.llm.provider": "anthropic",
        "mlflow.chat.tokenUsage": {
            "input_tokens": 100,
            "output_tokens": 5,
            "cache_read_input_tokens": 30,
        },
    }
    told = {name: json.dumps(value) for name, value in attributes.items()}
    pairs = [{"key": name, "value": {"stringValue": value}} for name, value in told.items()]
    ids = {"traceId": ROW["context.trace_id"], "spanId": "a1b2c3d4e5f60718"}
    times = {"startTimeUnixNano": str(10**18), "endTimeUnixNano": str(10**18 + 10**9)}
    otlp = {"resourceSpans": [{"scopeSpans": [{"spans": [{**ids, **times, "attributes": pairs}]}]}]}
    own = {"span_id": ids["spanId"], "start_time_unix_nano": 10**18, "attributes": told}
    trace = {"info": {"trace_id": f"tr-{ids['traceId']}", "trace_metadata": {}}}
    for found in (
        records("otlp.traces", otlp),
        records("mlflow.trace", trace | {"data": {"spans": [own]}}),
    ):
        assert totals(table(found, "steps")) == (130, 5, 30, 0)


def test_what_is_nested_deep_is_a_reject() -> None:
    deep: Any = "x"
    for _ in range(1_000):
        deep = [deep]
    for form in FORMS:
        for value in ({"data": [deep]}, {"spans": [deep]}, {"data": [{"attributes": deep}]}):
            assert records(form.NAME, value)


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)


@FUZZ
@given(st.lists(PLAIN) | st.dictionaries(st.text(max_size=9), PLAIN))
def test_what_python_prints_reads_back(value: Any) -> None:
    assert structured(repr(value)) == value


@pytest.mark.parametrize("year", [0, 10**30])
def test_a_date_that_is_none_stays_text(year: int) -> None:
    cell = f"[datetime.datetime({year}, 1, 1)]"
    assert structured(cell) == cell


@FUZZ
@given(st.text(alphabet="{}[]()'\",:.aZ0-array datetime.nan\\\n", max_size=60))
def test_any_cell_is_read_without_running_it(cell: str) -> None:
    structured(cell)


@FUZZ
@given(st.integers(1, 2**64 - 1), st.integers(1, 2**128 - 1))
def test_ids_of_datadog_are_those_of_opentelemetry(span: int, trace: int) -> None:
    assert span_id(str(span)) == f"{span:016x}"
    assert trace_id(f"{trace:032X}") == f"{trace:032x}"


@FUZZ
@given(st.binary(min_size=8, max_size=8).filter(any))
def test_ids_of_mlflow_are_those_of_opentelemetry(raw: bytes) -> None:
    spelled = (raw.hex(), f"0x{raw.hex()}", base64.b64encode(raw).decode())
    assert {mlflow_span_id(text) for text in spelled} == {raw.hex()}
    assert run_id_of(f"tr-{raw.hex()}") == run_id_of(f"trace:/a.b/{raw.hex()}") == raw.hex()


KEYS = st.sampled_from(
    """data spans trace traces info content attributes context context.trace_id context.span_id
    trace_id span_id parent_id parent_span_id id name start_time end_time start_ns duration
    request_time trace_metadata assessments feedback value source metadata tags meta metrics
    evaluation feedback_scores comments value_by_author created_at events status status_code
    start_time_unix_nano end_time_unix_nano span_kind annotations notes traceId usage type input
    output error_info attributes.llm.input_messages attributes.input.value eval.x.score join_on
    span score_value label timestamp_ms result annotator_kind annotation_name assessment_name
    create_time trace_start_time trace_span_count span_usage_prompt_tokens""".split()
)
IDS = st.sampled_from(["5f0c1a2b3d4e5f60718293a4b5c6d7e8", "a1b2c3d4e5f60718", "17", "tr-1", "x"])
SHAPED = st.recursive(
    PLAIN | IDS | st.sampled_from([1_790_000_000_000, "2026-09-21T13:33:20Z", "[{'a': nan}]"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=8),
    max_leaves=20,
)


@settings(FUZZ, max_examples=150)
@given(st.lists(st.dictionaries(KEYS, SHAPED, max_size=9), max_size=3))
def test_garbage_is_never_a_crash(values: list[dict[str, Any]]) -> None:
    for form in FORMS:
        for record in form.read(iter(values)):
            if not isinstance(record, Reject | Ignored):
                counted = sum(len(record.get(name, ())) for name in form.RECORDS.split())
                assert counted == 1


def mangled(value: Any) -> Iterator[Any]:
    """The value with one part at a time replaced by something of another shape."""
    if isinstance(value, dict):
        for key, held in value.items():
            for other in (None, 7, "x", [], {}, [1], {"a": 1}):
                yield {**value, key: other}
            yield from ({**value, key: inner} for inner in itertools.islice(mangled(held), 40))
    elif isinstance(value, list):
        for at, held in enumerate(value):
            for inner in itertools.islice(mangled(held), 40):
                yield [*value[:at], inner, *value[at + 1 :]]


@pytest.mark.parametrize(
    "name",
    [
        "phoenix.rest.spans/list.json",
        "phoenix.cli.trace/trace.json",
        "phoenix.annotations/page.json",
        "mlflow.trace/trace.json",
        "opik.cli.trace/trace.json",
        "opik.rest.traces/page.json",
        "datadog.llmobs.spans/export.json",
        "datadog.llmobs.evals/body.json",
    ],
)
def test_one_wrong_part_is_never_a_crash(name: str) -> None:
    path = FIXTURES / name
    with open_raw(path, path.name) as stream:
        values = list(open_values(stream, path.name))
    form = named(path.parent.name)
    for value in values:
        for wrong in itertools.islice(mangled(value), 600):
            list(form.read(iter([wrong])))
