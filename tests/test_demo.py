"""The demo's files, read with plain Python, hold what was planned and nothing else."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import hashlib
import io
import re
from calendar import monthrange
from collections import Counter, defaultdict
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest
import yaml
from backports import zstd

from ingest import demo

CLEAN = ("claims-intake", "invoice-matching", "support-triage")
NO_GATEWAY = ("support-triage", "research-briefs")


class Span(NamedTuple):
    span_id: str
    parent: str
    name: str
    started: int
    ended: int
    is_error: bool
    attributes: dict[str, Any]


Runs = dict[str, dict[str, list[Span]]]


class Demo(NamedTuple):
    folder: Path
    truth: demo.Truth
    spans: Runs
    replays: Runs

    @property
    def every_run(self) -> list[tuple[str, str, list[Span]]]:
        both = chain(self.spans.items(), self.replays.items())
        return [(workflow, run, spans) for workflow, runs in both for run, spans in runs.items()]


@pytest.fixture(scope="module")
def world(demo_files: Path) -> Demo:
    planted = orjson.loads((demo_files / "planted.txt").read_bytes())
    days = {name: dt.date.fromisoformat(planted[name]) for name in ("first", "end")}
    replayed = set(demo_files.glob("traces/*/replays.*"))
    live = set(demo_files.glob("traces/*/*.jsonl.*")) - replayed
    return Demo(
        demo_files,
        demo.Truth(**planted | days),
        read_spans(sorted(live), {"production", "staging"}),
        read_spans(sorted(replayed), {"replay"}),
    )


def read(path: Path) -> bytes:
    body = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(body)
    return zstd.decompress(body) if path.suffix == ".zst" else body


def lines(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in read(path).splitlines()]


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(read(path).decode())))


def plain(attributes: list[dict[str, Any]]) -> dict[str, Any]:
    found = {}
    for pair in attributes:
        ((kind, value),) = pair["value"].items()
        found[pair["key"]] = int(value) if kind == "intValue" else value
    return found


def read_spans(paths: list[Path], environments: set[str]) -> Runs:
    found: Runs = defaultdict(lambda: defaultdict(list))
    for path in paths:
        for line in lines(path):
            for resource in line["resourceSpans"]:
                about = plain(resource["resource"]["attributes"])
                assert about["deployment.environment.name"] in environments
                name = about["service.name"]
                for span in resource["scopeSpans"][0]["spans"]:
                    found[name][span["traceId"]].append(
                        Span(
                            span["spanId"],
                            span.get("parentSpanId", ""),
                            span["name"],
                            int(span["startTimeUnixNano"]),
                            int(span["endTimeUnixNano"]),
                            span["status"].get("code") == 2,
                            plain(span["attributes"]),
                        )
                    )
    return found


def tool_of(span: Span) -> str | None:
    return span.attributes.get("gen_ai.tool.name") or span.attributes.get("tool.name")


def arguments_of(span: Span) -> str:
    found = span.attributes
    return found.get("gen_ai.tool.call.arguments") or found["input.value"]


def kind_of(span: Span) -> str:
    found = span.attributes
    if found.get("pilot.human"):
        return "human"
    word = found.get("gen_ai.operation.name") or found.get("openinference.span.kind", "").lower()
    kinds = {"execute_tool": "tool", "invoke_agent": "agent", "chat": "llm"}
    return kinds.get(word, word or "other")


def declared(world: Demo, workflow: str) -> dict[str, Any]:
    return yaml.safe_load((world.folder / "workflows" / f"{workflow}.yaml").read_text())


def path_of(spans: list[Span], match: dict[str, str]) -> list[str]:
    walk = ["^"]
    for span in sorted(spans, key=lambda s: s.started):
        subject = f"{kind_of(span)}:{tool_of(span) or span.name}"
        steps = [s for s, pattern in match.items() if re.fullmatch(pattern, subject)]
        if steps and steps[0] != walk[-1]:
            walk += steps
    return [*walk, "$"]


def test_the_same_seed_writes_the_same_bytes(world: Demo, tmp_path: Path) -> None:
    truth = demo.write(tmp_path, world.truth.end)
    first, second = digests(world.folder), digests(tmp_path)
    assert first == second
    assert len(first) > 110
    assert orjson.dumps(truth._asdict()) == orjson.dumps(world.truth._asdict())


def digests(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in folder.rglob("*")
        if p.is_file()
    }


def test_runs_and_spans_are_as_many_as_planned(world: Demo) -> None:
    assert {w: len(runs) for w, runs in world.spans.items()} == world.truth.runs
    assert sum(world.truth.runs.values()) == 12_000
    assert {w: len(runs) for w, runs in world.replays.items()} == world.truth.replays
    total = sum(len(spans) for _, _, spans in world.every_run)
    assert total == world.truth.steps
    assert 95_000 < total < 106_000


def test_nothing_happens_after_the_last_day(world: Demo) -> None:
    until = ago(world, -1)
    limit = moment(f"{until}T00:00:00Z")
    for _, _, spans in world.every_run:
        assert all(s.started < s.ended < limit for s in spans)
    scores = lines(world.folder / "feedback" / "langfuse_scores.jsonl.gz")
    assert max(s["timestamp"] for s in scores) < until
    for name, columns in {
        "feedback/triage.csv": ("triaged_at", "resolved_at"),
        "feedback/outcomes.csv.gz": ("voted_at",),
        "feedback/approvals.csv.gz": ("requested_at", "decided_at"),
        "operations/drills.csv": ("ran_at", "ended_at"),
    }.items():
        for row in table(world.folder / name):
            assert all(row[c] < until for c in columns)


def test_runs_are_split_over_lines_and_files(world: Demo) -> None:
    places: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for path in (world.folder / "traces" / "claims-intake").iterdir():
        for n, line in enumerate(lines(path)):
            for span in line["resourceSpans"][0]["scopeSpans"][0]["spans"]:
                places[span["traceId"]].add((path.name, n))
    assert sum(len(p) > 1 for p in places.values()) > 100
    assert sum(len({name for name, _ in p}) > 1 for p in places.values()) > 0


def test_nine_refunds_lack_a_valid_approval(world: Demo) -> None:
    planted = {(run, step) for run, step, _ in world.truth.unapproved}
    assert len(planted) == 9
    assert {kind for *_, kind in world.truth.unapproved} == {"none", "late", "payload", "policy"}
    assert unapproved(world, "refund-desk") == planted
    recent = moment(f"{ago(world, 27)}T00:00:00Z")
    runs = world.spans["refund-desk"]
    assert all(runs[run][0].started > recent for run, _ in planted)


@pytest.mark.parametrize("workflow", sorted({*CLEAN, "kyc-screening"}))
def test_elsewhere_every_gated_action_is_approved(world: Demo, workflow: str) -> None:
    assert unapproved(world, workflow) == set()


def unapproved(world: Demo, workflow: str) -> set[tuple[str, str]]:
    ((action, rule),) = declared(world, workflow)["approvals_required"].items()
    field, _, limit = rule["when"].partition(" > ")
    valid = {
        (row["step_id"], row["payload_hash"]): row["decided_at"]
        for row in table(world.folder / "feedback" / "approvals.csv.gz")
        if row["decision"] in ("approved", "edited") and row["decider_type"] == "human"
    }
    gated, bad = 0, set()
    for run, spans in world.spans[workflow].items():
        for span in spans:
            if tool_of(span) != action or span.is_error:
                continue
            arguments = arguments_of(span)
            if orjson.loads(arguments)[field] <= int(limit):
                continue
            gated += 1
            decided = valid.get((span.span_id, hashlib.sha256(arguments.encode()).hexdigest()))
            if decided is None or moment(decided) > span.started:
                bad.add((run, span.span_id))
    assert gated > 90
    return bad


def ago(world: Demo, days: int) -> str:
    return str(world.truth.end - dt.timedelta(days))


def moment(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp() * 1000) * 1_000_000


def test_only_planned_runs_leave_the_declared_map(world: Demo) -> None:
    for workflow, runs in world.spans.items():
        document = declared(world, workflow)
        edges = {tuple(e) for e in document["edges"]}
        off = {
            run
            for run, spans in runs.items()
            if not edges.issuperset(pairs(path_of(spans, document["match"])))
        }
        planned = set(world.truth.running) & set(runs)
        if workflow == "kyc-screening":
            planned |= set(world.truth.skipped_verify)
        assert off == planned, workflow
    assert len(world.truth.running) == 3
    assert 0.12 < len(world.truth.skipped_verify) / world.truth.runs["kyc-screening"] < 0.18


def pairs(walk: list[str]) -> set[tuple[str, str]]:
    return set(pairwise(walk))


def test_one_tool_fails_for_good_and_a_third_of_it_silently(world: Demo) -> None:
    last: dict[tuple[str, str], Span] = {}
    for run, spans in world.spans["order-repair"].items():
        for span in sorted(spans, key=lambda s: s.started):
            if tool_of(span) == "erp.update_order":
                last[run, arguments_of(span)] = span
    silent = [r for (r, _), s in last.items() if s.attributes.get("gen_ai.tool.call.is_error")]
    failed = [r for (r, _), s in last.items() if s.is_error] + silent
    assert Counter(failed) == Counter(world.truth.failed_calls)
    assert 0.045 < len(failed) / len(last) < 0.075
    assert 0.25 < len(silent) / len(failed) < 0.42


@pytest.mark.parametrize("workflow", [*CLEAN, "refund-desk", "kyc-screening", "contract-review"])
def test_other_tools_nearly_always_work(world: Demo, workflow: str) -> None:
    attempts, failed = Counter[str](), Counter[str]()
    last: dict[tuple[str, str, str], Span] = {}
    for run, spans in world.spans[workflow].items():
        for span in spans:
            tool = tool_of(span)
            if tool and "pilot.blocked" not in span.attributes:
                attempts[tool] += 1
                failed[tool] += span.is_error or "gen_ai.tool.call.is_error" in span.attributes
                last[run, tool, arguments_of(span)] = span
    assert all(failed[tool] / attempts[tool] < 0.03 for tool in attempts)
    lost = Counter(tool for (_, tool, _), span in last.items() if span.is_error)
    assert all(n / attempts[tool] < 0.005 for tool, n in lost.items())
    assert len(lost) == (workflow in CLEAN)


def test_agents_are_entered_again_below_themselves_as_planned(world: Demo) -> None:
    for workflow in ("contract-review", "research-briefs"):
        circled = {run for run, spans in world.spans[workflow].items() if circles(spans)}
        planned = set(world.truth.circled) if workflow == "contract-review" else set()
        assert circled == planned
    assert 0.05 < len(world.truth.circled) / world.truth.runs["contract-review"] < 0.11


def circles(spans: list[Span]) -> bool:
    by_id = {s.span_id: s for s in spans}
    for span in spans:
        above, agent = by_id.get(span.parent), span.attributes.get("gen_ai.agent.name")
        while kind_of(span) == "agent" and above:
            if kind_of(above) == "agent" and above.attributes["gen_ai.agent.name"] == agent:
                return True
            above = by_id.get(above.parent)
    return False


def test_only_planned_traces_are_broken(world: Demo) -> None:
    broken = set()
    for runs in world.spans.values():
        for run, spans in runs.items():
            ids = {s.span_id for s in spans} | {""}
            roots = sum(not s.parent for s in spans)
            if roots != 1 or any(s.parent not in ids for s in spans):
                broken.add(run)
    planted = {*world.truth.orphaned, *world.truth.rootless}
    assert broken == planted | set(world.truth.running)
    assert 0.09 < len(planted) / world.truth.runs["research-briefs"] < 0.15


def test_outcomes_are_known_except_where_planned(world: Demo) -> None:
    known = {row["run_id"] for row in table(world.folder / "feedback" / "outcomes.csv.gz")}
    judged = {s["traceId"] for s in lines(world.folder / "feedback" / "langfuse_scores.jsonl.gz")}
    for workflow, runs in world.spans.items():
        unknown = set(runs) - known - set(world.truth.running)
        assert unknown == set(world.truth.unknown_outcome.get(workflow, []))
        assert not unknown & judged
        share = len(unknown) / len(runs)
        assert 0.45 < share < 0.6 if workflow == "research-briefs" else share < 0.05


def test_success_is_believable_and_one_channel_is_bad(world: Demo) -> None:
    outcomes = {r["run_id"]: r["outcome"] for r in table(world.folder / "feedback/outcomes.csv.gz")}
    rates: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for workflow, runs in world.spans.items():
        for run, spans in runs.items():
            root = next((s for s in spans if not s.parent), None)
            if root and run in outcomes:
                good = outcomes[run] == "success"
                rates[workflow, root.attributes["pilot.channel"]].append(good)
    shares = {key: sum(found) / len(found) for key, found in rates.items()}
    assert min(shares, key=lambda k: shares[k]) == ("contract-review", "phone")
    assert shares.pop(("contract-review", "phone")) < 0.75
    assert all(0.8 < share < 0.98 for share in shares.values())


def test_people_review_a_sample_everywhere_but_in_one_workflow(world: Demo) -> None:
    owner = {run: w for w, runs in world.spans.items() for run in runs}
    since = ago(world, 29)
    sampled = Counter(
        owner[s["traceId"]]
        for s in lines(world.folder / "feedback" / "langfuse_scores.jsonl.gz")
        if s["source"] == "ANNOTATION" and s["queueId"] and s["timestamp"] > since
    )
    assert sampled["kyc-screening"] == 0
    assert all(sampled[w] >= 105 for w in world.spans if w != "kyc-screening")


def test_flags_are_triaged_within_two_days_but_in_one_workflow(world: Demo) -> None:
    owner = {run: w for w, runs in world.spans.items() for run in runs}
    triaged = {r["feedback_id"]: r for r in table(world.folder / "feedback" / "triage.csv")}
    since, until = ago(world, 27), ago(world, 2)
    waits: dict[str, list[float]] = defaultdict(list)
    for score in lines(world.folder / "feedback" / "langfuse_scores.jsonl.gz"):
        if score["source"] == "API" and since < score["timestamp"] < until:
            row = triaged.get(score["id"])
            days = (
                (moment(row["triaged_at"]) - moment(score["timestamp"])) / 8.64e13 if row else 99.0
            )
            waits[owner[score["traceId"]]].append(days)
    late = waits.pop("kyc-screening")
    assert len(late) >= 20
    assert sum(d > 5 for d in late) / len(late) > 0.8
    assert all(max(days) <= 2 and len(days) >= 20 for days in waits.values())


def test_the_gateway_logs_what_the_traces_say(world: Demo) -> None:
    traced = {
        s.attributes["gen_ai.response.id"]: s.attributes["gen_ai.usage.cost"]
        for workflow, _, spans in world.every_run
        if workflow not in NO_GATEWAY
        for s in spans
        if "gen_ai.usage.cost" in s.attributes
    }
    rows = lines(world.folder / "costs" / "litellm_spend_logs.jsonl.gz")
    logged = {r["request_id"]: r["spend"] for r in rows if r["status"] == "success"}
    assert logged == traced
    assert {r["spend"] for r in rows if r["status"] == "failure"} == {0.0}


def test_closed_months_are_invoiced_a_little_above_the_traces(world: Demo) -> None:
    traced: dict[str, float] = defaultdict(float)
    for _, _, spans in world.every_run:
        for span in spans:
            traced[str(dt.datetime.fromtimestamp(span.started / 1e9, dt.UTC))[:7]] += cost_of(span)
    for month in sorted({ago(world, days)[:7] for days in range(84)}):
        rows = table(world.folder / "costs" / f"focus_{month}.csv.gz")
        billed = sum(float(r["BilledCost"]) for r in rows if r["x_Model"])
        credits = [r for r in rows if r["ChargeCategory"] == "Credit"]
        is_closed = month != ago(world, 0)[:7]
        assert (1.01 < billed / traced[month] < 1.045) if is_closed else billed == 0
        assert len(credits) == is_closed
    assert max(r["ChargePeriodEnd"] for r in rows) == f"{ago(world, -1)}T00:00:00Z"


def cost_of(span: Span) -> float:
    return float(
        span.attributes.get("gen_ai.usage.cost", span.attributes.get("llm.cost.total", 0.0))
    )


def test_budgets_hold_except_for_one_workflow(world: Demo) -> None:
    end = world.truth.end
    since = moment(f"{end.replace(day=1)}T00:00:00Z")
    spent: dict[str, float] = defaultdict(float)
    for workflow, _, spans in world.every_run:
        spent[workflow] += sum(cost_of(s) for s in spans if s.started >= since)
    for workflow in world.spans:
        projected = spent[workflow] / end.day * monthrange(end.year, end.month)[1]
        budget = declared(world, workflow)["budget"]["monthly"]
        assert budget == world.truth.budgets[workflow]
        if workflow == "contract-review":
            assert projected > 1.3 * budget
        else:
            assert projected < 0.75 * budget


def drills(world: Demo, kind: str) -> list[dict[str, str]]:
    rows = table(world.folder / "operations" / "drills.csv")
    return [row for row in rows if row["kind"] == kind and row["passed"] == "true"]


@pytest.mark.parametrize("kind", ["stop", "rollback"])
def test_every_workflow_was_drilled_lately_on_its_stage(world: Demo, kind: str) -> None:
    rows = drills(world, kind)
    assert all(row["ran_at"] > ago(world, 80) for row in rows)
    stages = {w: declared(world, w)["stage"] for w in world.spans}
    assert {row["workflow"]: row["stage"] for row in rows} == stages


def test_traces_show_that_a_stop_stops(world: Demo) -> None:
    for drill in drills(world, "stop"):
        began, over = moment(drill["ran_at"]), moment(drill["ended_at"])
        runs = world.spans[drill["workflow"]].values()
        spells = [(min(s.started for s in run), max(s.ended for s in run)) for run in runs]
        met = [ended for started, ended in spells if started < over and ended >= began]
        assert met
        assert max(met) < over


def test_a_fault_was_injected_into_replays_and_people_took_over(world: Demo) -> None:
    rows = drills(world, "fault_injection")
    assert {(r["workflow"], r["stage"], r["tool"]) for r in rows} == {
        ("claims-intake", "replay", "policy.get_cover")
    }
    spells = [(moment(row["ran_at"]), moment(row["ended_at"])) for row in rows]
    assert len({row["ran_at"][:10] for row in rows}) >= 7
    lost = [
        spans
        for spans in world.replays["claims-intake"].values()
        for s in spans
        if tool_of(s) == "policy.get_cover" and any(a < s.started < b for a, b in spells)
    ]
    assert len(lost) >= 2 * 20
    for spans in lost:
        ordered = sorted(spans, key=lambda s: s.started)
        assert [s.is_error for s in ordered if tool_of(s) == "policy.get_cover"] == [True, True]
        assert kind_of(ordered[-1]) == "human"


def test_what_people_corrected_became_a_test_that_ran_lately(world: Demo) -> None:
    since = moment(f"{ago(world, 13)}T00:00:00Z")
    ran = {
        (workflow, root.attributes["pilot.task_key"])
        for workflow, runs in world.replays.items()
        for spans in runs.values()
        for root in spans
        if not root.parent and root.started > since
    }
    owner = {run: w for w, runs in world.spans.items() for run in runs}
    triaged = {r["feedback_id"]: r for r in table(world.folder / "feedback" / "triage.csv")}
    scores = lines(world.folder / "feedback" / "langfuse_scores.jsonl.gz")
    corrected = [s for s in scores if s["dataType"] == "CORRECTION"]
    counts = Counter(owner[s["traceId"]] for s in corrected if s["timestamp"] > ago(world, 29))
    assert all(counts[w] >= 10 for w in world.spans if w != "kyc-screening")
    assert not counts["kyc-screening"]
    cases = {
        (owner[s["traceId"]], triaged[s["id"]]["eval_case"])
        for s in corrected
        if s["id"] in triaged
    }
    assert len(cases) == 7 * 12
    assert cases <= ran


def test_what_was_fixed_does_not_come_back(world: Demo) -> None:
    scores = lines(world.folder / "feedback" / "langfuse_scores.jsonl.gz")
    judged = {s["id"]: s["traceId"] for s in scores}
    owner = {run: w for w, runs in world.spans.items() for run in runs}
    began = {r: min(s.started for s in spans) for _, r, spans in world.every_run}
    changes = table(world.folder / "operations" / "changes.csv")
    released = {(c["workflow"], c["version_to"]): moment(c["changed_at"]) for c in changes}
    rows = table(world.folder / "feedback" / "triage.csv")
    fixed = {
        (owner[judged[r["feedback_id"]]], r["category"]): r["fix_version"]
        for r in rows
        if r["resolution"] == "fixed"
    }
    assert {category for _, category in fixed} == {"wrong_answer", "missing_field"}
    for row in rows:
        run = judged[row["feedback_id"]]
        key = (owner[run], row["category"])
        if key in fixed:
            release = released[owner[run], fixed[key]]
            assert began[run] < release <= moment(row["resolved_at"])


def test_evaluators_tell_of_failures_before_people_do(world: Demo) -> None:
    told: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for score in lines(world.folder / "feedback" / "langfuse_scores.jsonl.gz"):
        told[score["traceId"]].append(score)
    outcomes = table(world.folder / "feedback" / "outcomes.csv.gz")
    until = ago(world, 0)
    failed = [r["run_id"] for r in outcomes if r["outcome"] == "failure" and r["voted_at"] < until]
    assert len(failed) > 500
    for run in failed:
        first = min(told[run], key=lambda s: s["timestamp"])
        assert first["source"] == "EVAL"
        assert any(s["observationId"] for s in told[run])


def test_one_team_has_the_same_work_done_by_one_agent(world: Demo) -> None:
    originals = {
        root.attributes["pilot.case_id"]
        for spans in world.spans["contract-review"].values()
        for root in spans
        if "pilot.case_id" in root.attributes
    }
    alone = 0
    for spans in world.replays["contract-review"].values():
        (root,) = [s for s in spans if not s.parent]
        agents = {s.attributes.get("gen_ai.agent.name") for s in spans} - {None}
        alone += root.attributes["pilot.task_key"] in originals and len(agents) == 1
    assert alone == 100


def test_planted_requests_are_mostly_refused(world: Demo) -> None:
    owner = {run: w for w, runs in world.spans.items() for run in runs}
    rows = table(world.folder / "feedback" / "approvals.csv.gz")
    planted = [r for r in rows if r["is_seeded_test"]]
    caught = sum(r["decision"] == "rejected" for r in planted)
    assert {owner[r["run_id"]] for r in planted} == {*CLEAN, "refund-desk"}
    assert 0.85 < caught / len(planted) < 0.95


def test_one_waiver_is_open_and_one_has_ended(world: Demo) -> None:
    found = [
        [workflow, waiver["check"], str(waiver["expires"])]
        for workflow in world.spans
        for waiver in declared(world, workflow).get("waivers", [])
    ]
    assert found == world.truth.waived
    assert [day > ago(world, 0) for *_, day in found] == [True, False]


def test_a_month_that_has_just_begun_works_too(tmp_path: Path) -> None:
    told: list[str] = []
    truth = demo.write(tmp_path, dt.date(2027, 1, 1), 11, lambda name, *_: told.append(name))
    assert told == [*truth.runs, "done"]
    assert len(truth.unapproved) == 9
    assert sorted(p.name for p in (tmp_path / "costs").glob("focus*")) == [
        "focus_2026-10.csv.gz",
        "focus_2026-11.csv.gz",
        "focus_2026-12.csv.gz",
        "focus_2027-01.csv.gz",
    ]
    assert all(budget > 0 for budget in truth.budgets.values())
