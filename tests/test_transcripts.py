"""Transcripts of coding agents: what is counted once, what is joined, what is never guessed."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, ingest
from hypothesis import given
from hypothesis import strategies as st
from tables import rows, unbalanced

from ingest.conform import Conformer, Origin
from ingest.fields.messages import brief
from ingest.fields.moments import stated_time
from ingest.formats import sample
from ingest.traces import (
    claude_code_result,
    claude_code_session,
    claude_code_stream,
    codex_exec,
    codex_rollout,
    mini_swe_agent,
    openhands,
    swe_agent,
)

NINE = datetime(2026, 1, 5, 9, tzinfo=UTC)
FIXTURES = ROOT / "tests/fixtures/formats"
FORMATS = (
    claude_code_result,
    claude_code_session,
    claude_code_stream,
    codex_exec,
    codex_rollout,
    mini_swe_agent,
    openhands,
    swe_agent,
)
SESSIONS = {"short.jsonl": 1, "tool_heavy.jsonl": 4, "subagent.jsonl": 17}
"""The real sessions, and the model calls counted in them by hand."""

Row = dict[str, Any]


def values(path: Path) -> list[Row]:
    """The values of a JSON or JSON lines file."""
    words = path.read_text("utf-8")
    try:
        found = json.loads(words)
    except json.JSONDecodeError:
        return [json.loads(line) for line in words.splitlines()]
    return found if isinstance(found, list) else [found]


def fixture(name: str) -> list[Row]:
    """The values of a fixture, named by its folder and file."""
    return values(FIXTURES / name)


def table(form: Any, given_values: list[Row], name: str) -> list[Row]:
    """Every row of one table that a format yields."""
    found = list(form.read(iter(given_values)))
    return [row for record in found if isinstance(record, dict) for row in record.get(name, [])]


def steps(form: Any, given_values: list[Row]) -> list[Row]:
    """Every step that a format yields."""
    return table(form, given_values, "steps")


def claim(form: Any, given_values: list[Row]) -> Row:
    """The only claim that a format yields."""
    [found] = table(form, given_values, "run_claims")
    return found


def total(found: list[Row], name: str) -> int:
    """The sum of a column, unknown ones left out."""
    return sum(row[name] for row in found if row.get(name) is not None)


def kinds(found: list[Row]) -> Counter[str]:
    """How many steps there are of each kind."""
    return Counter(row["kind"] for row in found)


def messages(value: object) -> dict[str, Row]:
    """The last usage of every message of a model in a file, counted without any product code."""
    if isinstance(value, list):
        return {k: v for item in value for k, v in messages(item).items()}
    if not isinstance(value, dict):
        return {}
    found = {k: v for item in value.values() for k, v in messages(item).items()}
    if value.get("role") == "assistant" and value.get("id") and "usage" in value:
        found[value["id"]] = value["usage"]
    return found


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_counts_each_model_call_once(examples: Path, name: str) -> None:
    lines = values(examples / "claude-code" / name)
    told = messages(lines)
    calls = [s for s in steps(claude_code_session, lines) if s["kind"] == "llm"]
    assert {s["step_id"] for s in calls} == set(told)
    assert len(calls) == len(told) == SESSIONS[name]
    cached = ("cache_read_input_tokens", "cache_creation_input_tokens")
    assert total(calls, "output_tokens") == sum(u["output_tokens"] for u in told.values())
    for column, name_of in zip(("cache_read_tokens", "cache_write_tokens"), cached, strict=True):
        assert total(calls, column) == sum(u[name_of] for u in told.values())
    fresh = sum(u["input_tokens"] + sum(u[c] for c in cached) for u in told.values())
    assert total(calls, "input_tokens") == fresh


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_joins_every_call_of_a_tool_to_its_answer(examples: Path, name: str) -> None:
    words = (examples / "claude-code" / name).read_text("utf-8")
    found = steps(claude_code_session, values(examples / "claude-code" / name))
    tools = [s for s in found if s["kind"] == "tool"]
    assert tools
    for tool in tools:
        assert words.count(f'"id":"{tool["call_id"]}"') >= 1
        assert tool["ended_at"] >= tool["started_at"]
    assert "unknown" not in {t["name"] for t in tools}


def test_the_subagent_of_a_session_is_below_its_task(examples: Path) -> None:
    found = steps(claude_code_session, values(examples / "claude-code/subagent.jsonl"))
    [agent] = [s for s in found if s["kind"] == "agent"]
    [task] = [s for s in found if s.get("tool") == "Task"]
    assert agent["parent_step_id"] == task["step_id"]
    below = [s for s in found if s.get("parent_step_id") == agent["step_id"]]
    assert {s.get("model") for s in below if s["kind"] == "llm"} == {"claude-haiku-4-5-20251001"}


def test_files_of_one_session_join_in_any_order(tmp_path: Path) -> None:
    """The subagent's own file repeats what its session holds, and tells the rest."""
    for name, source in (("a", "session"), ("b", "subagent")):
        (tmp_path / "in").mkdir(exist_ok=True)
        words = (FIXTURES / f"claude_code.session/{source}.jsonl").read_text("utf-8")
        (tmp_path / "in" / f"{name}.jsonl").write_text(words, "utf-8")
    ingest(tmp_path / "in", "--store", tmp_path / "together")
    for name in ("b", "a"):
        ingest(tmp_path / "in" / f"{name}.jsonl", "--store", tmp_path / "apart")
    ask = "select kind, count(*), sum(input_tokens) from steps group by kind order by kind"
    found = rows(tmp_path / "together", ask)
    assert found == rows(tmp_path / "apart", ask)
    assert ("llm", 5, 123 + 125 + 150 + 7 + 14) in found
    assert not unbalanced(tmp_path / "together")


def test_a_resumed_session_that_copied_lines_adds_no_step() -> None:
    lines = fixture("claude_code.session/session.jsonl")
    copied = [
        line | {"sessionId": "later", "forkedFrom": {"sessionId": line.get("sessionId")}}
        for line in lines
        if "uuid" in line
    ]
    own = [s["step_id"] for s in steps(claude_code_session, lines)]
    assert [s["step_id"] for s in steps(claude_code_session, copied)] == own
    assert [s["step_id"] for s in steps(claude_code_session, lines + lines)] == own


def test_a_program_that_speaks_for_the_model_is_no_model_call() -> None:
    found = steps(claude_code_session, fixture("claude_code.session/session.jsonl"))
    assert kinds(found) == {"llm": 4, "tool": 3, "human": 2, "agent": 1, "other": 3}
    assert [s["http_status"] for s in found if "http_status" in s] == [529]


def test_a_stream_has_the_tokens_and_cost_of_its_result() -> None:
    lines = fixture("claude_code.stream/stream.jsonl")
    told = claim(claude_code_stream, lines)
    assert (told["input_tokens"], told["output_tokens"], told["cost_usd"]) == (350, 55, 0.0123)
    found = steps(claude_code_stream, lines)
    assert not any("input_tokens" in s for s in found)
    assert [s["call_id"] for s in found if s.get("is_executed") is False] == ["toolu_11"]
    assert [s["step_id"] for s in found] == sorted(s["step_id"] for s in found)


def test_a_stream_that_was_cut_claims_no_output() -> None:
    found = steps(claude_code_stream, fixture("claude_code.stream/cut.json"))
    assert total(found, "input_tokens") == 195 + 155
    assert not any("output_tokens" in s for s in found)


def test_a_rollout_counts_the_growth_of_its_totals() -> None:
    found = steps(codex_rollout, fixture("codex.rollout/rollout.jsonl"))
    assert total(found, "input_tokens") == 2_200
    assert total(found, "output_tokens") == 80
    assert total(found, "cache_read_tokens") == 1_100
    assert kinds(found) == {"llm": 2, "tool": 2, "human": 1}


def test_the_usage_of_a_rollout_may_stand_before_its_text() -> None:
    """Older versions wrote the running total before what the model said."""
    lines = fixture("codex.rollout/rollout.jsonl")
    usage = [line for line in lines if line["payload"].get("type") == "token_count"]
    rest = [line for line in lines if line not in usage]
    spoken = [
        i
        for i, line in enumerate(rest)
        if line["payload"].get("type") == "reasoning" or line["payload"].get("role") == "assistant"
    ]
    moved = [*rest[: spoken[0]], usage[1], *rest[spoken[0] : spoken[1]], usage[3]]
    found = steps(codex_rollout, moved + rest[spoken[1] :])
    assert [s["input_tokens"] for s in found if s["kind"] == "llm"] == [1_000, 1_200]


def test_an_event_without_totals_does_not_start_them_anew() -> None:
    """Codex writes events of its limits in between, which tell of no usage."""
    lines = fixture("codex.rollout/rollout.jsonl")
    limits = {"type": "event_msg", "payload": {"type": "token_count", "info": None}}
    last = max(n for n, line in enumerate(lines) if line["payload"].get("type") == "token_count")
    for info in (None, {}, {"last_token_usage": {"input_tokens": 7}}):
        limits["payload"]["info"] = info
        found = steps(codex_rollout, [*lines[:last], limits, *lines[last:]])
        assert total(found, "input_tokens") == 2_200


def test_a_fork_does_not_count_what_its_parent_did() -> None:
    lines = fixture("codex.rollout/forked_subagent.jsonl")
    assert total(steps(codex_rollout, lines), "input_tokens") == 700
    assert claim(codex_rollout, lines)["parent_run_id"] == "019c8a4c-0000-7000-8000-000000000001"


def test_a_rollout_may_name_the_zone_of_some_times_only() -> None:
    lines = fixture("codex.rollout/forked_subagent.jsonl")
    own = [line | {"timestamp": line["timestamp"].removesuffix("Z")} for line in lines[3:]]
    assert len(table(codex_rollout, lines[:3] + own, "run_claims")) == 1


def test_rollouts_one_after_another_are_runs_of_their_own() -> None:
    both = fixture("codex.rollout/rollout.jsonl") + fixture("codex.rollout/usage_records.jsonl")
    assert len(table(codex_rollout, both, "run_claims")) == 2
    assert total(steps(codex_rollout, both), "input_tokens") == 2_200 + 1_100


@pytest.mark.parametrize("name", ["legacy.jsonl", "first_version.json"])
def test_a_rollout_without_times_claims_none(name: str) -> None:
    found = steps(codex_rollout, fixture(f"codex.rollout/{name}"))
    assert [s["kind"] for s in found] == ["human", "llm", "tool", "llm"]
    assert not any(s.get("started_at") or s.get("ended_at") for s in found)


def test_cost_stands_on_the_steps_or_on_the_run_never_on_both() -> None:
    for form, name in (
        (mini_swe_agent, "mini_swe_agent.trajectory/v2.traj.json"),
        (mini_swe_agent, "mini_swe_agent.trajectory/v1.traj.json"),
        (swe_agent, "swe_agent.trajectory/task.traj"),
        (openhands, "openhands.trajectory/events.json"),
        (openhands, "openhands.trajectory/events_v1.json"),
        (openhands, "openhands.trajectory/output_v1.jsonl"),
    ):
        lines = fixture(name)
        on_steps = any(s.get("cost_usd") is not None for s in steps(form, lines))
        assert on_steps != (claim(form, lines).get("cost_usd") is not None), name


def test_accumulated_metrics_add_up_to_their_last() -> None:
    found = steps(openhands, fixture("openhands.trajectory/events.json"))
    assert total(found, "cost_usd") == pytest.approx(0.02)
    assert total(found, "input_tokens") == 900


def test_a_command_of_blanks_is_a_call_without_a_name() -> None:
    run = {"trajectory": [{"action": " \n", "observation": "none"}], "info": {}}
    assert [s["name"] for s in steps(swe_agent, [run])] == ["assistant", "unknown"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ([{"type": "text", "text": "no " * 400}], ("no " * 400)[:500]),
        ({"code": 5}, '{"code": 5}'),
        (529, "529"),
        (False, None),
        ({}, None),
    ],
)
def test_an_error_is_told_by_its_beginning(error: object, told: str | None) -> None:
    assert brief(error) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("2026-01-05T09:00:00", NINE.replace(tzinfo=None)),
        ("2026-01-05T10:00:00+01:00", NINE),
        ("2026-01-05 09:00:00 UTC", NINE),
        (1767603600.000001, NINE.replace(microsecond=1)),
        ("1767603600000", NINE),
        ("1970-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-12:00", None),
        (0, None),
        ("soon", None),
        ([], None),
    ],
)
def test_a_time_keeps_the_zone_it_was_stated_in(value: object, told: datetime | None) -> None:
    found = stated_time(value)
    assert found == told
    assert (found and found.tzinfo is None) == (told and told.tzinfo is None)


def test_a_file_that_grows_stays_the_same_run() -> None:
    [run] = fixture("mini_swe_agent.trajectory/v2.traj.json")
    early = run | {"messages": run["messages"][:4]}
    assert claim(mini_swe_agent, [early])["run_id"] == claim(mini_swe_agent, [run])["run_id"]
    events = fixture("openhands.trajectory/events.json")
    assert claim(openhands, events[:5])["run_id"] == claim(openhands, events)["run_id"]


def test_ending_well_is_no_success() -> None:
    for form in FORMATS:
        for path in sorted((FIXTURES / form.NAME).glob("*.*")):
            votes = table(form, values(path), "outcome_votes")
            assert not votes or form is openhands


NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def changed(value: Any, choose: random.Random, other: Any) -> Any:
    """A value with one of its parts, at any depth, taken out or replaced."""
    if isinstance(value, dict) and value and choose.random() < 0.85:
        key = choose.choice(sorted(value))
        if choose.random() < 0.1:
            return {k: v for k, v in value.items() if k != key}
        return value | {key: changed(value[key], choose, other)}
    if isinstance(value, list) and value and choose.random() < 0.85:
        place = choose.randrange(len(value))
        return [*value[:place], changed(value[place], choose, other), *value[place + 1 :]]
    return other


@pytest.mark.parametrize("form", FORMATS, ids=lambda f: f.NAME)
@given(choose=st.randoms(use_true_random=False), other=JSON)
def test_no_value_makes_a_format_raise(form: Any, choose: random.Random, other: Any) -> None:
    path = choose.choice(sorted(p for p in (FIXTURES / form.NAME).glob("*") if p.is_file()))
    given_values = values(path)
    place = choose.randrange(len(given_values))
    broken = changed(given_values[place], choose, other)
    given_values[place] = broken if isinstance(broken, dict) else {"type": broken}
    form.accepts(sample("json", given_values))
    conformer = Conformer(Origin("source", "file"), form.HOLDS)
    for record in form.read(iter(given_values)):
        if isinstance(record, dict):
            assert sum(len(record.get(t, ())) for t in form.RECORDS.split()) == 1
            conformer.take(record)
