"""Trace formats: rows of hand-written files, traps of each dialect, counts of real files."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.formats import Format, Ignored, Reject, sample
from ingest.traces import FORMATS, otlp, tau2, tau2_index
from ingest.traces.billing import put_tokens
from ingest.traces.content import without_content
from ingest.traces.failures import is_in_band_error
from ingest.traces.nested import nested
from ingest.traces.wire import any_value, hex_id, micros

HERE = Path(__file__).parent / "fixtures" / "traces"
EXAMPLES = Path(__file__).parents[2] / "shared" / "examples"
TRACE = "0af7651916cd43dd8448eb211c80319c"
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


def decoded(path):
    """The values of a JSON or JSON lines file."""
    data = path.read_bytes()
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        return [orjson.loads(line) for line in data.splitlines()]
    return found if isinstance(found, list) else [found]


def rows(form, path):
    """What a format yields for a file, as a list."""
    return list(form.read(iter(decoded(path))))


def steps_of(name):
    """The steps of a fixture by their names."""
    found = [r for r in rows(otlp, HERE / name) if isinstance(r, dict)]
    return {r["steps"][0]["name"]: r["steps"][0] for r in found}


def one_span(**fields):
    """An OTLP request with one sound span, changed by `fields`."""
    span = {"traceId": TRACE, "spanId": "b7ad6b7169203331", "name": "n"} | fields
    return {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}


def lines(found):
    """One JSON line a row, without nulls; rejects and ignored records as they are."""
    for record in found:
        if isinstance(record, dict):
            named = ((table, row) for table, some in record.items() for row in some)
        else:
            named = [(type(record).__name__.lower(), record._asdict())]
        for table, row in named:
            kept = {k: v for k, v in row.items() if v is not None}
            yield json.dumps({"table": table, **kept}, ensure_ascii=False, default=str)


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


def any_of(plain):
    """The AnyValue of a plain value."""
    if plain is None:
        return {}
    if isinstance(plain, bool):
        return {"boolValue": plain}
    if isinstance(plain, int):
        return {"intValue": str(plain)}
    if isinstance(plain, float):
        return {"doubleValue": plain}
    if isinstance(plain, str):
        return {"stringValue": plain}
    if isinstance(plain, list):
        return {"arrayValue": {"values": [any_of(item) for item in plain]}}
    fields = [{"key": key, "value": any_of(item)} for key, item in plain.items()]
    return {"kvlistValue": {"values": fields}}


FUZZ = settings(
    deadline=None, max_examples=60, database=None, suppress_health_check=[HealthCheck.too_slow]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)
PLAIN = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)


@FUZZ
@given(PLAIN)
def test_any_value_reads_back_what_was_written(plain):
    assert any_value(any_of(plain)) == plain


@FUZZ
@given(st.sampled_from([8, 16]), st.data())
def test_an_id_is_the_same_in_hex_and_base64(size, data):
    raw = data.draw(st.binary(min_size=size, max_size=size))
    expected = raw.hex() if any(raw) else None
    spelled = (raw.hex(), raw.hex().upper(), base64.b64encode(raw).decode())
    assert {hex_id(text, size * 2) for text in spelled} == {expected}


@FUZZ
@given(st.integers(1_000, 2**64 - 1))
def test_a_time_is_exact_as_text_and_as_number(nanoseconds):
    assert micros(str(nanoseconds)) == micros(nanoseconds) == nanoseconds // 1_000


KEYS = st.sampled_from(
    [
        "resource",
        "attributes",
        "scopeSpans",
        "spans",
        "traceId",
        "spanId",
        "parentSpanId",
        "name",
        "kind",
        "status",
        "code",
        "events",
        "startTimeUnixNano",
        "endTimeUnixNano",
        "key",
        "value",
        "stringValue",
        "intValue",
        "arrayValue",
        "kvlistValue",
        "values",
        "links",
        "gen_ai.operation.name",
    ]
)
WORDS = st.sampled_from([TRACE, "b7ad6b7169203331", "1767225600000000000", "exception", "chat"])
GARBAGE = st.recursive(
    SCALARS | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)
FIELDS = st.dictionaries(KEYS, GARBAGE, max_size=6)
ATTRIBUTE_NAMES = st.sampled_from(
    [
        "gen_ai.operation.name",
        "gen_ai.tool.name",
        "gen_ai.tool.definitions",
        "gen_ai.usage.input_tokens",
        "gen_ai.response.finish_reasons",
        "gen_ai.request.model",
        "openinference.span.kind",
        "error.type",
        "traceloop.span.kind",
        "llm.tools.0.tool",
        "llm.request.type",
        "pilot.blocked",
        "pilot.outcome",
        "user.id",
        "gen_ai.tool.call.result",
        "llm.cost.total",
        "gen_ai.usage.cost",
        "http.status_code",
        "session.id",
    ]
)


@FUZZ
@given(st.lists(GARBAGE, max_size=3) | GARBAGE)
def test_garbage_in_a_request_is_never_an_exception(entries):
    for found in otlp.read(iter([{"resourceSpans": entries}, {"resource_spans": entries}])):
        assert isinstance(found, dict | Reject | Ignored)


@FUZZ
@given(FIELDS)
def test_garbage_in_a_span_is_one_record(fields):
    assert len(list(otlp.read(iter([one_span(**fields)])))) == 1


@FUZZ
@given(st.dictionaries(ATTRIBUTE_NAMES, PLAIN, max_size=8))
def test_any_attribute_value_makes_a_step(given_attributes):
    pairs = [{"key": k, "value": any_of(v)} for k, v in given_attributes.items()]
    (found,) = otlp.read(iter([one_span(attributes=pairs)]))
    assert isinstance(found, dict)


@FUZZ
@given(GARBAGE, GARBAGE, FIELDS)
def test_garbage_in_a_tau2_run_is_one_record(messages, run_info, fields):
    value = {**fields, "task_id": "1", "run_info": run_info, "messages": messages}
    assert len(list(tau2.read(iter([value])))) == 1


def examples(folder):
    """The folder of real files, or a skip that says it is missing."""
    if not (EXAMPLES / folder).is_dir():
        pytest.skip(f"no {folder} beside the repository: real example files are not part of it")
    return EXAMPLES / folder


def totals(steps, agent):
    """Tokens in and out, and dollars, of an agent's steps."""
    own = [s for s in steps if s["agent"] == agent]
    sums = [sum(s.get(c) or 0 for s in own) for c in ("input_tokens", "output_tokens", "cost_usd")]
    return sums[0], sums[1], round(sums[2], 6)


@pytest.mark.parametrize(
    ("model", "success", "messages", "errors", "agent", "simulator", "seconds"),
    [
        (
            "mini",
            65,
            (1_475, 904, 878),
            37,
            (8_160_310, 352_652, 1.322114),
            (1_790_848, 37_006, 0.543536),
            8_610.38,
        ),
        (
            "nano",
            38,
            (1_603, 1_023, 980),
            117,
            (9_337_792, 551_925, 0.378572),
            (1_937_021, 46_525, 0.555028),
            7_416.42,
        ),
    ],
)
def test_tau2_reproduces_the_counted_totals(
    model, success, messages, errors, agent, simulator, seconds
):
    files = sorted((examples("tau2-retail") / f"_gpt-5-{model}__base__all_").glob("task_*.json"))
    runs = [record for file in files for record in rows(tau2, file)]
    steps = [step for run in runs for step in run["steps"]]
    claims = [run["run_claims"][0] for run in runs]
    assert len({c["run_id"] for c in claims}) == 114
    assert sum(v["outcome"] == "success" for r in runs for v in r["outcome_votes"]) == success
    names = [("tool" if s["kind"] == "tool" else s["agent"]) for s in steps]
    counted = tuple(names.count(n) for n in ("assistant", "tool", "user_simulator"))
    assert counted == messages
    assert sum(bool(s.get("in_band_error")) for s in steps) == errors
    assert totals(steps, "assistant") == agent
    assert totals(steps, "user_simulator") == simulator
    assert round(sum(c["duration_ms"] for c in claims) / 1_000, 2) == seconds
    assert {c["domain"] for c in claims} == {"retail"}


def test_the_tau2_index_beside_the_runs_holds_no_record():
    index = examples("tau2-retail") / "_gpt-5-mini__base__all_" / "index.json"
    assert [f.NAME for f in FORMATS if f.accepts(sample("json", decoded(index)))] == ["tau2.index"]
    assert rows(tau2_index, index) == []


@pytest.mark.parametrize(
    ("name", "steps", "tokens", "seconds"),
    [
        ("rag_earnings_agent", 18, (629, 19), 50.588775),
        ("smol_deep_research_agent", 8, (17_952, 7_122), 94.682711),
    ],
)
def test_openinference_reproduces_the_counted_totals(name, steps, tokens, seconds):
    found = rows(otlp, examples("otlp-openinference") / f"{name}.json")
    mine = [record["steps"][0] for record in found]
    assert len(mine) == steps
    assert len({s["run_id"] for s in mine}) == 1
    counted = [sum(s.get(c) or 0 for s in mine) for c in ("input_tokens", "output_tokens")]
    assert tuple(counted) == tokens
    (root,) = [c for r in found for c in r.get("run_claims", []) if c.get("root_name")]
    assert (root["ended_at"] - root["started_at"]) / 1_000_000 == seconds


def test_one_trace_is_the_same_in_hex_and_in_base64():
    folder = examples("formats") / "otlp"
    names = ("genai_spans.otlp.jsonl", "TRAP_plain_protobuf_json_base64_ids.json")
    hexed, packed = (
        {r["steps"][0]["step_id"]: r["steps"][0] for r in rows(otlp, folder / name)}
        for name in names
    )
    assert hexed == packed
