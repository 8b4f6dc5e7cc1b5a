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
from itertools import pairwise
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


class Demo(NamedTuple):
    folder: Path
    truth: demo.Truth
    spans: dict[str, dict[str, list[Span]]]


@pytest.fixture(scope="module")
def world(demo_files: Path) -> Demo:
    planted = orjson.loads((demo_files / "planted.txt").read_bytes())
    days = {name: dt.date.fromisoformat(planted[name]) for name in ("first", "end")}
    return Demo(demo_files, demo.Truth(**planted | days), read_spans(demo_files))


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


def read_spans(folder: Path) -> dict[str, dict[str, list[Span]]]:
    found: dict[str, dict[str, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for path in sorted((folder / "traces").rglob("*.jsonl.*")):
        for line in lines(path):
            for resource in line["resourceSpans"]:
                name = plain(resource["resource"]["attributes"])["service.name"]
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
    total = sum(len(spans) for runs in world.spans.values() for spans in runs.values())
    assert total == world.truth.steps
    assert 95_000 < total < 105_000


def test_nothing_happens_after_the_last_day(world: Demo) -> None:
    until = ago(world, -1)
    limit = moment(f"{until}T00:00:00Z")
    for runs in world.spans.values():
        for spans in runs.values():
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
    calls, failed = Counter[str](), Counter[str]()
    for spans in world.spans[workflow].values():
        for span in spans:
            tool = tool_of(span)
            if tool and "pilot.blocked" not in span.attributes:
                calls[tool] += 1
                failed[tool] += span.is_error or "gen_ai.tool.call.is_error" in span.attributes
    assert all(failed[tool] / calls[tool] < 0.008 for tool in calls)


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
        for workflow, runs in world.spans.items()
        if workflow not in NO_GATEWAY
        for spans in runs.values()
        for s in spans
        if "gen_ai.usage.cost" in s.attributes
    }
    rows = lines(world.folder / "costs" / "litellm_spend_logs.jsonl.gz")
    logged = {r["request_id"]: r["spend"] for r in rows if r["status"] == "success"}
    assert logged == traced
    assert {r["spend"] for r in rows if r["status"] == "failure"} == {0.0}


def test_closed_months_are_invoiced_a_little_above_the_traces(world: Demo) -> None:
    traced: dict[str, float] = defaultdict(float)
    for runs in world.spans.values():
        for spans in runs.values():
            for span in spans:
                found = span.attributes
                cost = found.get("gen_ai.usage.cost", found.get("llm.cost.total", 0.0))
                traced[str(dt.datetime.fromtimestamp(span.started / 1e9, dt.UTC))[:7]] += cost
    for month in sorted({ago(world, days)[:7] for days in range(84)}):
        rows = table(world.folder / "costs" / f"focus_{month}.csv.gz")
        billed = sum(float(r["BilledCost"]) for r in rows if r["x_Model"])
        credits = [r for r in rows if r["ChargeCategory"] == "Credit"]
        is_closed = month != ago(world, 0)[:7]
        assert (1.01 < billed / traced[month] < 1.045) if is_closed else billed == 0
        assert len(credits) == is_closed
    assert max(r["ChargePeriodEnd"] for r in rows) == f"{ago(world, -1)}T00:00:00Z"


def test_budgets_hold_except_for_one_workflow(world: Demo) -> None:
    end = world.truth.end
    for workflow, runs in world.spans.items():
        spent = sum(
            s.attributes.get("gen_ai.usage.cost", s.attributes.get("llm.cost.total", 0.0))
            for spans in runs.values()
            for s in spans
            if s.started >= moment(f"{end.replace(day=1)}T00:00:00Z")
        )
        projected = spent / end.day * monthrange(end.year, end.month)[1]
        budget = declared(world, workflow)["budget"]["monthly"]
        assert budget == world.truth.budgets[workflow]
        if workflow == "contract-review":
            assert projected > 1.3 * budget
        else:
            assert projected < 0.75 * budget


def test_stop_and_rollback_were_drilled_lately(world: Demo) -> None:
    drilled = Counter(
        (r["workflow"], r["stage"] == declared(world, r["workflow"])["stage"])
        for r in table(world.folder / "operations" / "drills.csv")
        if r["passed"] == "true" and r["ran_at"] > ago(world, 80)
    )
    assert drilled == {(w, True): 2 for w in world.spans}


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
