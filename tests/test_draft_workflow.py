"""The declaration drafted from observed runs: it loads, it fits the runs, and guesses nothing."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from conftest import ingest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_builder import AS_OF, Rows, build, build_store, run_row, step_row

import queries
from ingest.containers import open_values
from ingest.declared import Declared
from ingest.errors import IngestError
from ingest.store.generations import Store
from ingest.store.observed import Observed
from ingest.workflows import declaration
from ingest.workflows.draft import draft, text
from queries.engine import ask

NASTY = [
    *(
        "^",
        "$",
        "source",
        "*",
        "%",
        "",
        " ",
        "~",
        "null",
        "yes",
        "1",
        "1e3",
        "2026-11-02",
        "=",
        "<<",
    ),
    *("a: b", "- x", "# c", "a #b", "{x}", "[y", "'", '"', "\\", "a\nid: evil", "\ttab", "x" * 500),
    *("tool:a", ":a", "a", "agent:a", "__lines__", "\x1b[31m", "\u2028", "\ufeff", "é😀", "\x7f"),
]
NAMES = st.sampled_from(NASTY) | st.text(max_size=30)
Paths = list[list[tuple[str, str]]]
STEPS = st.tuples(st.sampled_from(["tool", "agent", "human", "llm", "plan"]), NAMES)


def observed(rows: Rows, workflow: str = "refunds") -> Observed:
    return Observed(build(rows), workflow)


def runs_of(*paths: str, **columns: Any) -> Rows:
    """One run a path, over twenty days; a letter is a tool of that name, one second each."""
    begin, apart = AS_OF - timedelta(days=20), timedelta(days=20) / len(paths)
    runs = [run_row(f"r{n}", begin + n * apart, **columns) for n in range(len(paths))]
    steps = [
        step_row(run, f"s{n}", after_s=2 * n, tool=letter, name=letter)
        for run, path in zip(runs, paths, strict=True)
        for n, letter in enumerate(path)
    ]
    return {"runs": runs, "steps": steps}


def declared(drafted: str) -> dict[str, list[dict[str, Any]]]:
    """The rows that loading a draft gives."""
    stream = io.BufferedReader(io.BytesIO(drafted.encode()))
    values = open_values(stream, "draft.yaml")
    assert declaration.accepts(values.sample)
    (rows,) = declaration.read(iter(values))
    assert isinstance(rows, dict), rows
    assert not values.broken
    return rows


def off_map(rows: Rows, tables: dict[str, list[dict[str, Any]]]) -> list[str]:
    """The runs that the shipped WF-2 finds off the drafted map, mapped as loading maps them."""
    found = Declared({name: tables.get(name, []) for name in Declared.TABLES})
    blank = {"kind": "tool", "tool": None, "agent": None, "decision": None}
    steps = [
        step | {"step": found.step_of(step["workflow"], blank | step)}
        for step in ({"workflow": "refunds"} | s for s in rows["steps"])
    ]
    maps = {t: tables[t] for t in ("workflow_steps", "workflow_edges", "workflow_paths")}
    window = {"since": AS_OF - timedelta(days=28), "as_of": AS_OF, "n_min": 1, "limit_a": 0.05}
    judged = ask(build(rows | maps | {"steps": steps}), queries.checks()["WF-2"].sql, window)
    return sorted(row["run_id"] for row in judged.iter_rows(named=True) if row["failed"])


def comments(drafted: str) -> str:
    return "\n".join(line for line in drafted.splitlines() if "#" in line)


def test_steps_and_edges_are_those_of_the_runs() -> None:
    rows = runs_of(*["abcd"] * 10, *["abd"] * 5, "acd")
    drafted = text(observed(rows))
    tables = declared(drafted)
    assert [s["step"] for s in tables["workflow_steps"]] == ["a", "b", "c", "d"]
    assert {(e["from_step"], e["to_step"]) for e in tables["workflow_edges"]} == {
        *(("^", "a"), ("a", "b"), ("b", "c"), ("c", "d"), ("b", "d"), ("a", "c"), ("d", "$"))
    }
    assert "  - [b, c]  # 10 of 16 runs" in drafted
    assert "  - c  # tool, seen in 11 of 16 runs" in drafted
    assert not off_map(rows, tables)


def test_repeats_are_one_step_and_rare_edges_are_counted() -> None:
    rows = runs_of(*["aabbc"] * 199, "abbac")
    drafted = text(observed(rows))
    tables = declared(drafted)
    assert ("a", "a") not in {(e["from_step"], e["to_step"]) for e in tables["workflow_edges"]}
    assert "# rarer transitions left out: 2, taken in 1 of 200 runs" in drafted
    assert off_map(rows, tables) == ["r199"]


def test_a_tangle_is_no_map_and_says_so() -> None:
    paths = ["".join(path) for path in permutations("abcde")][:60]
    rows = runs_of(*paths)
    drafted = text(observed(rows))
    assert "# TODO constraints: [" in drafted
    assert "transitions between 5 steps are hardly an order" in drafted
    assert "# TODO constraints" not in text(observed(runs_of("abc")))
    assert not off_map(rows, declared(drafted))


def test_a_run_without_any_of_the_steps_is_pointed_at() -> None:
    rows = runs_of("ab", "")
    drafted = text(observed(rows))
    assert '  - ["^", "$"]  # 1 of 2 runs; TODO without any of the steps?' in drafted
    assert not off_map(rows, declared(drafted))


def test_runs_without_a_time_are_drafted_from_without_a_rate() -> None:
    rows = runs_of("ab", "ab", time_source="load", ended_at=None)
    for run in rows["runs"]:
        run["started_at"] = AS_OF + timedelta(days=1)
    for step in rows["steps"]:
        step["started_at"] = step["ended_at"] = None
    for seq, step in enumerate(rows["steps"]):
        step["seq"] = seq
    drafted = text(observed(rows))
    assert "drafted from 2 finished runs, none of them with a time." in drafted
    assert "# TODO expected_monthly_volume: RUNS  # 2 runs without a time are too little" in drafted
    pairs = {(e["from_step"], e["to_step"]) for e in declared(drafted)["workflow_edges"]}
    assert pairs == {("^", "a"), ("a", "b"), ("b", "$")}


def test_steps_that_overlap_are_not_one_after_the_other() -> None:
    (run,) = runs_of("a")["runs"]
    times = [("a", 0, 1000), ("b", 2000, 5000), ("c", 2100, 4000), ("d", 5995, 7000)]
    steps = [
        step_row(run, name, tool=name, name=name)
        | {
            "started_at": run["started_at"] + timedelta(milliseconds=start),
            "ended_at": run["started_at"] + timedelta(milliseconds=end),
        }
        for name, start, end in times
    ]
    tables = declared(text(observed({"runs": [run], "steps": steps})))
    pairs = {(e["from_step"], e["to_step"]) for e in tables["workflow_edges"]}
    assert pairs == {("^", "a"), ("a", "b"), ("c", "d"), ("d", "$")}


def test_a_step_may_begin_ten_milliseconds_early() -> None:
    (run,) = runs_of("a")["runs"]
    for early_ms, follows in ((10, True), (11, False)):
        steps = [
            step_row(run, "1", tool="a", name="a"),
            step_row(run, "2", after_s=1 - early_ms / 1000, tool="b", name="b"),
        ]
        tables = declared(text(observed({"runs": [run], "steps": steps})))
        pairs = {(e["from_step"], e["to_step"]) for e in tables["workflow_edges"]}
        assert (("a", "b") in pairs) is follows


def test_model_calls_are_no_steps_and_agents_hold_theirs() -> None:
    (run,) = runs_of("a")["runs"]

    def step(name: str, kind: str, after: float, path: str | None, **more: Any) -> dict[str, Any]:
        agent = {"agent": name} if kind == "agent" else {}
        return step_row(run, name, after, kind=kind, name=name, agent_path=path, **agent, **more)

    steps = [
        step("team", "agent", 0, "team"),
        step("planner", "agent", 2, "team > planner"),
        step("gpt", "llm", 2.1, "team > planner"),
        step("web", "tool", 2.2, "team > planner", tool="web"),
        step("route", "plan", 4, "team", decision="which_desk"),
        step("approve", "human", 6, "team"),
        step("pii", "guardrail", 7, "team", decision="triggered"),
    ]
    drafted = text(observed({"runs": [run], "steps": steps}))
    tables = declared(drafted)
    assert [s["step"] for s in tables["workflow_steps"]] == ["planner", "which_desk", "approve"]
    assert 'whole runs are inside of it: "team"' in drafted
    assert 'it is inside of one: "web"' in drafted
    assert '#   "which_desk": {criteria: TEXT, branches: {"approve": CONDITION}}' in drafted
    assert [t["tool"] for t in tables["workflow_tools"]] == ["web"]


def test_one_agent_that_calls_nothing_is_a_step() -> None:
    (run,) = runs_of("a")["runs"]
    steps = [step_row(run, "1", kind="agent", name="invoke_agent bot", agent="bot")]
    tables = declared(text(observed({"runs": [run], "steps": steps})))
    assert [s["step"] for s in tables["workflow_steps"]] == ["bot"]


def test_runs_of_model_calls_alone_have_no_map() -> None:
    (run,) = runs_of("a")["runs"]
    drafted = text(observed({"runs": [run], "steps": [step_row(run, "1", kind="llm", name="gpt")]}))
    tables = declared(drafted)
    assert not tables["workflow_steps"] and not tables["workflow_edges"]
    assert "# TODO steps: the traces name no tool, agent, decision or person" in drafted


def test_a_name_of_two_kinds_is_told_apart_by_a_pattern() -> None:
    (run,) = runs_of("a")["runs"]
    steps = [
        step_row(run, "1", 0, kind="llm", name="answer"),
        step_row(run, "2", 2, tool="search", name="search"),
        step_row(run, "3", 4, kind="human", name="search"),
        step_row(run, "4", 6, tool="mcp:find", name="x"),
        step_row(run, "5", 8, tool="find", name="x"),
        step_row(run, "6", 10, tool="answer", name="x"),
    ]
    rows = {"runs": [run], "steps": steps}
    tables = declared(text(observed(rows)))
    patterns = {s["step"]: s["pattern"] for s in tables["workflow_steps"]}
    assert patterns == {
        "search": "tool:search",
        "search (human)": "human:search",
        "mcp:find": None,
        "find": "tool:find",
        "answer": "tool:answer",
    }
    assert not off_map(rows, tables)


def test_tools_are_listed_with_what_was_seen_of_them() -> None:
    rows = runs_of(*["ab"] * 150, "ax")
    rows["steps"][0]["side_effect_recorded"] = "write"
    rows["steps"][1]["side_effect_recorded"] = "external"
    rows["steps"] += [
        step_row(rows["runs"][0], "wild", 9, tool="crm.*", name="x"),
        step_row(rows["runs"][0], "like", 11, tool="%", name="x"),
        step_row(rows["runs"][0], "blocked", 13, tool="rm", name="x", is_executed=False),
    ]
    drafted = text(observed(rows))
    tables = declared(drafted)
    effects = {t["tool"]: t["side_effect"] for t in tables["workflow_tools"]}
    assert effects == {"a": "write", "b": "external"}
    assert '  # TODO "x": called in 1 of 151 runs; side effect not recorded.' in drafted
    assert '  # TODO "crm.*": called in 1 of 151 runs' in drafted
    assert '  # TODO "%": called in 1 of 151 runs' in drafted
    assert '"rm"' not in drafted
    assert '#   "b": {when: "amount > 50", sla_h: 4, min_read_s: 10}  # external' in drafted


def test_what_only_people_know_is_asked_and_never_guessed() -> None:
    rows = runs_of(*["ab"] * 100, channel="web", cost_usd=0.5, machine_ms=2_000.0)
    drafted = text(observed(rows))
    kept = yaml.safe_load(drafted)
    asked = {
        *("owner", "done_when", "approvals_required", "exception_paths", "risk", "reviewed_at"),
        *("fallback", "value_per_outcome", "human_baseline", "trigger", "slo", "budget"),
    }
    assert not asked & kept.keys()
    assert all(f"# TODO {key}" in drafted for key in asked)
    assert kept["source"] == "discovered"
    assert kept["expected_monthly_volume"] == 150
    assert '# channels seen: "web" in 100 runs' in drafted
    assert "# TODO slo: {success: 1, p95_machine_s: 2}" in drafted
    assert (
        "# TODO budget: {monthly: 77, per_run_cap: 0.5}  # seen: $50.00 for 100 of 100" in drafted
    )


def test_nothing_is_said_of_what_was_not_seen() -> None:
    rows = runs_of("ab", outcome="unknown", outcome_source="none", machine_ms=None)
    drafted = text(observed(rows))
    kept = yaml.safe_load(drafted)
    assert not {"inputs", "outputs", "expected_monthly_volume"} & kept.keys()
    assert "# seen: no outcome, no time" in drafted
    assert "# no cost is known" in drafted
    assert "# TODO expected_monthly_volume: RUNS  # 1 runs in 0 days are too little" in drafted
    assert "drafted from one finished run," in drafted


def test_the_newest_four_weeks_count_where_they_hold_thirty_runs() -> None:
    old = [run_row(f"old{n}", AS_OF - timedelta(days=60)) for n in range(5)]
    rows = runs_of(*["a"] * 30)
    rows["runs"] += old
    rows["steps"] += [step_row(run, "s", tool="z", name="z") for run in old]
    assert '"z"' not in text(observed(rows)) and "- z" not in text(observed(rows))
    few = {"runs": rows["runs"][1:], "steps": rows["steps"][1:]}
    assert "  - z  # tool, seen in 5 of 34 runs" in text(observed(few))


def test_a_stage_is_drafted_only_where_all_runs_agree() -> None:
    rows = runs_of("a", "a")
    assert yaml.safe_load(text(observed(rows)))["stage"] == "pilot"
    rows["runs"].append(run_row("replayed", AS_OF - timedelta(days=1), stage="replay"))
    drafted = text(observed(rows))
    assert "stage" not in yaml.safe_load(drafted)
    assert "# TODO stage: one for all runs  # seen: pilot of 2 runs, replay of 1 runs" in drafted
    assert "finished runs" in drafted and "2 finished runs" in drafted


def test_a_declared_workflow_is_drafted_all_the_same_and_keeps_what_names_its_runs() -> None:
    rows = runs_of("ab")
    rows["workflows"] = [{"workflow": "refunds", "match_source": "desk/.*", "source_id": "f"}]
    rows["sources"] = [{"source_id": "f", "path": "flows/refunds.yaml"}]
    drafted = text(observed(rows))
    assert '# It is declared already in "flows/refunds.yaml"; loading this file takes' in drafted
    assert declared(drafted)["workflows"][0]["match_source"] == "desk/.*"


def test_an_unknown_workflow_is_answered_with_the_nearest(tmp_path: Path) -> None:
    store = Store(build_store(tmp_path / "store", runs_of("ab")))
    with pytest.raises(
        IngestError, match=r'^refund: no such workflow in the store\. Did you mean "r'
    ):
        draft(store, "refund")
    with pytest.raises(IngestError, match=r"zebra: no such .* Known: refunds\."):
        draft(store, "zebra")
    with pytest.raises(IngestError, match="nothing is loaded yet"):
        draft(Store(tmp_path / "nowhere"), "refunds")


def test_a_workflow_without_finished_runs_has_no_draft() -> None:
    rows = runs_of("ab", stage="test")
    with pytest.raises(IngestError, match="no finished run of it outside test and replay"):
        text(observed(rows))
    with pytest.raises(IngestError, match="It holds none yet"):
        text(observed({}, "refunds"))


@pytest.mark.parametrize("kind", ["tool", "agent", "human", "plan"])
def test_odd_names_make_a_draft_that_loads_and_fits(kind: str) -> None:
    check([[(kind, name) for name in NASTY[k::4]] for k in range(4)], "a: b\n- x")


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(st.lists(st.lists(STEPS, max_size=6), min_size=1, max_size=4), NAMES)
def test_any_names_make_a_draft_that_loads_and_fits(paths: Paths, workflow: str) -> None:
    check(paths, workflow.strip() or "w")


def check(paths: Paths, workflow: str) -> None:
    begin = AS_OF - timedelta(days=3)
    runs = [
        run_row(f"r{n}", begin, workflow=workflow, channel=workflow, input_source=workflow)
        for n in range(len(paths))
    ]
    steps = [
        step_row(run, str(n), 2 * n, kind=kind, name=name or "-", **{SAYS.get(kind, "tool"): name})
        for run, path in zip(runs, paths, strict=True)
        for n, (kind, name) in enumerate(path)
    ]
    rows: Rows = {"runs": runs, "steps": steps}
    drafted = text(observed(rows, workflow))
    tables = declared(drafted)
    assert [w["workflow"] for w in tables["workflows"]] == [workflow]
    assert yaml.safe_load(drafted).keys() <= KEYS
    tools = {t["tool"] for t in tables["workflow_tools"]}
    assert tools <= {name or "-" for path in paths for kind, name in path if kind == "tool"}
    assert not [tool for tool in tools if set("*%") & set(tool)]
    assert not off_map(rows, tables)


SAYS = {"agent": "agent", "plan": "decision"}
KEYS = {
    *("id", "stage", "source", "inputs", "outputs", "steps", "match", "edges", "allowed_tools"),
    "expected_monthly_volume",
}


@pytest.mark.slow
def test_a_draft_goes_round_by_way_of_the_command(tmp_path: Path) -> None:
    begin = datetime.fromisoformat("2026-11-01T08:00:00")
    runs, steps = [], []
    for n in range(120):
        start = begin + timedelta(hours=3 * n)
        path = [
            "crm.get_order",
            "refund_choice",
            *(["billing.refund"] if n % 3 else []),
            "mail: send",
        ]
        path = path[:1] + path[2:] if n == 7 else path
        runs.append({"run_id": f"r{n}", "workflow": "refunds", "started_at": start.isoformat()})
        runs[-1] |= {"ended_at": (start + timedelta(seconds=30)).isoformat(), "status": "ok"}
        for k, name in enumerate(path):
            begun = start + timedelta(seconds=3 * k)
            step = {"run_id": f"r{n}", "step_id": f"{n}-{k}", "name": name, "kind": "tool"}
            decided = {"kind": "plan", "name": "choose", "decision": name}
            times = {"started_at": begun, "ended_at": begun + timedelta(seconds=2)}
            steps.append(
                step
                | {c: t.isoformat() for c, t in times.items()}
                | (decided if name == "refund_choice" else {"tool": name})
            )
    store = tmp_path / "store"
    for stem, rows in (("runs", runs), ("steps", steps)):
        (tmp_path / f"{stem}.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    ingest(tmp_path / "runs.jsonl", tmp_path / "steps.jsonl", "--store", store)
    drafted = ingest("--draft-workflow", "refunds", "--store", store).stdout
    (tmp_path / "refunds.yaml").write_text(drafted, "utf-8")
    ingest(tmp_path / "refunds.yaml", "--store", store)
    with duckdb.connect(store / (store / "CURRENT").read_text().strip(), read_only=True) as found:
        states = dict(found.sql("select check_id, state from check_results").fetchall())
        counted = found.sql("select k, n from check_results where check_id = 'WF-2'").fetchall()[0]
        mapped = found.sql("select step, count(*) from steps group by step").fetchall()
    assert states["WF-1"] in ("amber", "red")
    assert counted == (1, 120)
    assert {step for step, _ in mapped} == {
        *("crm.get_order", "refund_choice", "billing.refund", "mail: send")
    }
    missed = ingest("--draft-workflow", "refnds", "--store", store, expect=2)
    assert 'refnds: no such workflow in the store. Did you mean "refunds"?' in missed.stderr
