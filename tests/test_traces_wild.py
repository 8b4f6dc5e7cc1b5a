"""Trace formats in the wild: garbage is never a crash, and real files give their counted totals."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trace_files import TRACE, any_of, decoded, one_span, rows

from ingest.formats import Ignored, Reject, sample
from ingest.traces import FORMATS, otlp, tau2, tau2_index
from ingest.traces.opentelemetry.wire import any_value, hex_id, micros

EXAMPLES = Path(__file__).parents[2] / "shared" / "examples"
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


def test_base64_may_begin_as_hex_does():
    assert hex_id("0xFzbBr4MSk=", 16) == base64.b64decode("0xFzbBr4MSk=").hex()
    assert hex_id("0xeee19b7ec3c1b174", 16) == "eee19b7ec3c1b174"


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


@pytest.mark.parametrize(
    ("cost", "tokens", "known"), [(0.0, 12, None), (0.5, 12, 0.5), (0.0, None, 0.0)]
)
def test_no_cost_for_tokens_that_were_used_is_unknown(cost, tokens, known):
    usage = tokens and {"prompt_tokens": tokens, "completion_tokens": 1}
    message = {"role": "assistant", "content": "x", "cost": cost, "usage": usage}
    run = {"id": "r", "task_id": "1", "reward_info": None, "messages": [message]}
    (found,) = tau2.read(iter([run]))
    assert found["steps"][0]["cost_usd"] == known


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
