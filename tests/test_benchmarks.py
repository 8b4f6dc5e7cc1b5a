"""Runs of benchmarks and their failure labels: counts on real files, traps, and any JSON at all."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest
from conftest import ingest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_formats import FIXTURES, names
from test_ingest import rows, unbalanced
from trace_files import decoded

from ingest.conform import Conformer, Origin
from ingest.containers import open_values
from ingest.fields.messages import said
from ingest.files import open_raw
from ingest.formats import Ignored, Reject, Rows, sample
from ingest.traces import (
    agentdojo,
    agentrx,
    autogen_events,
    autogen_messages,
    mast,
    tau2,
    tau_bench,
    who_when,
)
from ingest.traces.transcript.chat import add_chat
from ingest.traces.transcript.speakers import speaker
from ingest.traces.transcript.steps import Transcript, reward_votes
from ingest.traces.transcript.ticks import messages_of
from ingest.tree import shape

FORMATS = (agentdojo, agentrx, autogen_events, autogen_messages, mast, tau2, tau_bench, who_when)
UNTIMED = dict.fromkeys(("started_at", "ended_at", "agent", "tool"), None) | {"kind": "llm"}
FUZZ = settings(max_examples=60, deadline=None)
PLAIN = st.none() | st.booleans() | st.integers(-5, 2**40) | st.floats() | st.text(max_size=8)
GARBAGE = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner)
)
NAMES = st.sampled_from(
    """task_id traj reward info trial trajectory_id failures steps substeps index failure_id
    step_number root_cause suite_name pipeline_name user_task_id messages utility duration error
    evaluation_timestamp history mistake_agent mistake_step name role content tool_calls tool_call
    tool_call_id mas_name mast_annotation annotations trace source type models_usage created_at
    agent_states message_thread agent_state stop_reason response usage prompt_tokens agent_id
    timestamp ticks agent_chunk user_chunk utterance_ids simulations reward_info run_info
    termination_reason
    """.split()
)
ROLES = st.sampled_from(["assistant", "user", "tool", "system"])
FIELDS = st.dictionaries(NAMES, GARBAGE, max_size=8)


def suite_of(run: Rows) -> tuple[Any, Any]:
    """The suite and the attack of an AgentDojo run."""
    claim = run["run_claims"][0]
    return claim["domain"], claim["attributes"]["agentdojo.attack_type"]


def test_agentdojo_gives_the_counted_utility_by_suite_and_attack(examples: Path) -> None:
    files = sorted((examples / "agentdojo").rglob("*.json"))
    runs = [record for file in files for record in agentdojo.read(iter(decoded(file)))]
    assert len({r["run_claims"][0]["run_id"] for r in runs}) == len(files) == 753
    done = [r for r in runs if r["outcome_votes"][0]["outcome"] == "success"]
    expected = {
        ("banking", "none"): (25, 10),
        ("banking", "important_instructions"): (144, 52),
        ("slack", "none"): (26, 5),
        ("slack", "important_instructions"): (105, 7),
        ("travel", "none"): (27, 2),
        ("travel", "important_instructions"): (140, 17),
        ("workspace", "none"): (46, 18),
        ("workspace", "important_instructions"): (240, 82),
    }
    counted, useful = Counter(map(suite_of, runs)), Counter(map(suite_of, done))
    assert {k: (counted[k], useful[k]) for k in counted} == expected
    assert sum(bool(s.get("in_band_error")) for r in runs for s in r["steps"]) == 451
    assert {r["run_claims"][0]["time_source"] for r in runs} == {"load"}
    assert not any(r["run_claims"][0]["started_at"] for r in runs)


def test_agentrx_labels_point_at_steps_of_their_own_runs(examples: Path) -> None:
    folder = examples / "agentrx-labels"
    runs = list(agentrx.read(iter(decoded(folder / "tau_dataset_failed.json"))))
    labels = list(agentrx.read(iter(decoded(folder / "tau_ground_truth.json"))))
    steps = {(s["run_id"], s["step_id"]) for r in runs for s in r["steps"]}
    judged = [row for label in labels for row in label["feedback"]]
    assert len(runs) == 29
    assert Counter(row["category"] for row in judged) == {
        "Instruction Adherence Failure": 6,
        "Intent Not Supported": 2,
        "Intent Plan Misalignment": 8,
        "Invalid Invocation": 4,
        "Misinterpretation of Tool Output": 8,
        "System Failure": 1,
        "Underspecified User Intent": 10,
    }
    assert all((row["run_id"], row["step_id"]) in steps for row in judged)
    assert len({row["feedback_id"] for row in judged}) == 39
    assert sum(row["name"] == "root_cause" for row in judged) == 29


def test_agentrx_labels_never_land_on_tau2_runs(examples: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    task = examples / "tau2-retail" / "_gpt-5-mini__base__all_" / "task_2.json"
    ingest(examples / "agentrx-labels", task, "--store", store)
    found = rows(
        store,
        """
        select f.category, r.outcome, count(*), count(s.step_id) from feedback f
        join runs r using (run_id) left join steps s using (run_id, step_id) group by all
        """,
    )
    assert sum(n for _, _, n, _ in found) == sum(n for _, _, _, n in found) == 39
    assert {outcome for _, outcome, _, _ in found} == {"failure"}
    assert rows(store, "select count(*), count(distinct workflow) from runs")[0][0] == 30
    judged = rows(
        store,
        "select count(*) from feedback join runs using (run_id) where workflow = 'retail'",
    )
    assert judged == [(0,)]
    assert not unbalanced(store)


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("agentdojo", {"agentdojo.run": 753}),
        ("agentrx-labels", {"agentrx.benchmark": 2}),
        ("tau2-retail", {"tau2.run": 228, "tau2.index": 2}),
    ],
)
def test_every_example_is_accepted_by_exactly_one_format(
    examples: Path, folder: str, expected: dict[str, int]
) -> None:
    found: Counter[str] = Counter()
    for path in (examples / folder).rglob("*.json"):
        with open_raw(path, path.name) as stream:
            found["+".join(sorted(names(open_values(stream, path.name))))] += 1
    assert found == expected


def test_an_agentrx_run_is_the_same_in_both_of_its_spellings() -> None:
    ids = [
        {record["run_claims"][0]["run_id"] for record in agentrx.read(iter(decoded(path)))}
        for path in (
            FIXTURES / "agentrx.benchmark" / "attempts.json",
            FIXTURES / "agentrx.benchmark" / "trajectories.jsonl",
        )
    ]
    assert len(ids[0] & ids[1]) == 1


def test_the_index_of_messages_tells_agentrx_from_tau_bench() -> None:
    run = {"task_id": 1, "reward": 0.0, "info": {}, "trial": 0, "traj": [{"role": "user"}]}
    numbered = {**run, "traj": [{"role": "user", "index": 1}]}
    assert [tau_bench.accepts(sample("json", [v])) for v in (run, numbered)] == [True, False]
    assert [agentrx.accepts(sample("json", [v])) for v in (run, numbered)] == [False, True]
    ids = [
        record["run_claims"][0]["run_id"]
        for form, value in ((tau_bench, run), (agentrx, numbered))
        for record in form.read(iter([value]))
    ]
    assert ids[0] != ids[1]


def test_a_call_id_used_twice_belongs_to_the_call_before_its_answer() -> None:
    transcript = Transcript("run")
    ask = {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "a"}}]}
    again = {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "b"}}]}
    answer = {"role": "tool", "tool_call_id": "c", "content": "x"}
    add_chat(transcript, [ask, answer, again, answer])
    assert [s["tool"] for s in transcript.rows.values() if s["kind"] == "tool"] == ["a", "b"]


def test_an_agentdojo_run_is_known_by_its_content_and_attempts_stay_apart() -> None:
    run = decoded(FIXTURES / "agentdojo.run" / "attacked.json")[0]
    values = [run, dict(reversed(run.items())), {**run, "duration": 5.0}]
    ids = [r["run_claims"][0]["run_id"] for r in agentdojo.read(iter(values))]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    ("error", "status"), [("boom", "error"), ({"code": 5}, "error"), (False, "ok"), (None, "ok")]
)
def test_an_error_of_any_shape_ends_a_run(error: object, status: str) -> None:
    dojo = {"suite_name": "s", "messages": [], "utility": True, "error": error}
    tau = {"task_id": 1, "traj": [], "reward": 1.0, "info": {"error": error}}
    for form, run in ((agentdojo, dojo), (tau_bench, tau)):
        (record,) = form.read(iter([run]))
        assert record["run_claims"][0]["status"] == status


def test_a_duration_beyond_the_calendar_costs_no_run() -> None:
    dojo = {"messages": [], "evaluation_timestamp": "2026-01-05 09:00:00", "duration": 1e14}
    tau = {"messages": [], "start_time": "2026-01-05T09:00:00", "duration": 1e14}
    for form, run in ((agentdojo, dojo), (tau2, tau)):
        (record,) = form.read(iter([run]))
        claim = record["run_claims"][0]
        assert claim["started_at"] and not claim["ended_at"]
        Conformer(Origin("source", "file"), "whole").take(record)


def test_a_tau2_answer_belongs_to_the_call_before_it() -> None:
    ask = [{"role": "assistant", "tool_calls": [{"id": "c", "name": name}]} for name in "ab"]
    answer = {"role": "tool", "id": "c", "content": "x"}
    run = {"task_id": "1", "messages": [ask[0], answer, ask[1], answer]}
    (record,) = tau2.read(iter([run]))
    assert [s["tool"] for s in record["steps"] if s["kind"] == "tool"] == ["a", "b"]


def test_messages_without_times_keep_the_order_of_their_numbers(tmp_path: Path) -> None:
    said = [{"role": "assistant", "content": str(n)} for n in range(12)]
    path = tmp_path / "results.json"
    path.write_bytes(orjson.dumps([{"task_id": 1, "trial": 0, "reward": 1.0, "traj": said}]))
    ingest(path, "--store", tmp_path / "store")
    found = rows(tmp_path / "store", "select step_id from steps order by seq")
    assert [step_id for (step_id,) in found] == [str(n) for n in range(12)]


def test_the_parts_of_a_numbered_step_stand_below_its_number() -> None:
    ids = ["10", "b2", "2.10", "2", "1", "2.2", "a10"]
    steps = [{"step_id": i, "parent_step_id": None, **UNTIMED} for i in ids]
    shape(steps)
    assert [s["step_id"] for s in steps] == ["a10", "b2", "1", "2", "2.2", "2.10", "10"]


@pytest.mark.parametrize("stated", [None, "?", [], float("nan")])
def test_a_reward_that_is_no_number_casts_no_vote(stated: object) -> None:
    assert reward_votes("run", stated) == []


@pytest.mark.parametrize(
    ("reward", "outcome"),
    [(True, "success"), (1.0, "success"), (0.5, "partial"), (False, "failure"), (-1, "failure")],
)
def test_a_reward_is_a_vote(reward: object, outcome: str) -> None:
    assert reward_votes("run", reward)[0]["outcome"] == outcome


def test_a_label_tells_who_speaks_and_what_it_is() -> None:
    assert speaker("Orchestrator (thought)")["kind"] == "plan"
    assert speaker("Orchestrator (-> WebSurfer)")["handoff_to"] == "WebSurfer"
    assert speaker("Computer_terminal")["kind"] == "tool"
    assert speaker("human") == {"kind": "human", "name": "human"}


def test_blocks_of_text_are_joined_and_others_kept() -> None:
    assert said([{"type": "text", "text": "a"}, {"type": "text", "content": "b"}]) == "a\nb"
    image = [{"type": "image", "url": "x"}]
    assert said(image) == image


def test_a_task_result_at_the_end_of_a_stream_is_the_same_run() -> None:
    values = decoded(FIXTURES / "autogen.messages" / "stream.jsonl")
    (whole,) = autogen_messages.read(iter(values))
    (alone,) = autogen_messages.read(iter(values[-1:]))
    assert whole == alone
    assert sum(s.get("input_tokens") or 0 for s in whole["steps"]) == 130


def test_both_sides_may_speak_in_one_tick() -> None:
    ticks = [
        {"timestamp": f"t{n}", "agent_chunk": {"content": a}, "user_chunk": {"content": u}}
        for n, (a, u) in enumerate([("He", None), ("llo", "Hi"), (None, "!"), ("Yes", None)])
    ]
    found = [(m["role"], m["content"], m["started"], m["timestamp"]) for m in messages_of(ticks)]
    assert found == [
        ("assistant", "Hello", "t0", "t1"),
        ("user", "Hi!", "t1", "t2"),
        ("assistant", "Yes", "t3", "t3"),
    ]


@FUZZ
@given(st.lists(FIELDS, min_size=1, max_size=4))
def test_any_json_is_accepted_or_not_and_never_raises(values: list[dict[str, Any]]) -> None:
    for form in FORMATS:
        assert form.accepts(sample("json", values)) in (True, False)
        for record in form.read(iter(values)):
            assert isinstance(record, dict | Reject | Ignored)


@FUZZ
@given(FIELDS, FIELDS, ROLES | GARBAGE)
def test_any_message_makes_one_record(
    run: dict[str, Any], message: dict[str, Any], role: object
) -> None:
    said_by = {**message, "role": role, "source": role, "type": "TextMessage"}
    values = {
        agentdojo: {**run, "messages": [said_by]},
        tau_bench: {**run, "traj": [said_by]},
        agentrx: {"trajectory_id": 1, "steps": [{**message, "index": 1}]},
        who_when: {**run, "history": [said_by]},
        autogen_messages: {"messages": [said_by]},
        tau2: {"task_id": "1", "messages": None, "ticks": [run, {"agent_chunk": message}]},
    }
    for form, value in values.items():
        assert len(list(form.read(iter([value])))) == 1
