"""The runs of a workflow and their steps, as a healthy agent or team makes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from store_builder import AS_OF, Rows, run_row

from worlds.homes import DAYS, DRILL_DAYS, FIXED_DAYS, RECENT_DAYS, Home
from worlds.trail import VERSION, Row, Trail

EARLIER_VERSION = "7"
FIXED_ON = AS_OF - timedelta(days=FIXED_DAYS)
DRILLED_ON = (AS_OF - timedelta(days=DRILL_DAYS)).date()
OLD_DEFECTS = 15
TIMEOUT, RATE_LIMIT, SERVER = ("timeout", 504), ("rate_limit", 429), ("server", 503)
READS = ("zendesk.get_ticket", "crm.get_order")
Hiccup = tuple[str, str, int]
HICCUPS: list[Hiccup] = [
    (tool, *error)
    for tool in (*READS, "zendesk.reply")
    for error in (TIMEOUT, RATE_LIMIT, SERVER)
    for _ in range(2)
]


class Course(NamedTuple):
    """What happens in one run after verifying: its path, the call that is retried, and the end."""

    path: tuple[str, ...]
    hiccup: Hiccup | None = None
    fails: bool = False


REFUND, REPLY = ("decide", "refund", "reply"), ("decide", "reply")
HANDOVER, LATE_HANDOVER = ("decide", "handover"), ("decide", "refund", "reply", "handover")
RARE = [
    *[Course(("handover",))] * 5,
    *[Course(HANDOVER)] * 3,
    *[Course(HANDOVER, (tool, *TIMEOUT)) for tool in READS for _ in range(3)],
    *[Course(LATE_HANDOVER, ("billing.refund", *TIMEOUT))] * 3,
]


def traffic(dice: Random, home: Home) -> Rows:
    """Runs, steps and approvals of nine weeks, the last four at full volume."""
    runs = _runs(dice, home)
    rows: Rows = {"runs": runs, "steps": [], "approvals": []}
    for run, course in zip(runs, _courses(dice, home, runs), strict=True):
        trail = Trail(run, "desk", dice)
        if home.is_team:
            _by_team(trail, home, course, rows["approvals"])
        else:
            _by_one(trail, home, course, rows["approvals"])
        _ending(trail, course)
        rows["steps"] += trail.close()
    return rows


def _runs(dice: Random, home: Home) -> list[Row]:
    runs = []
    for day in range(DAYS, -1, -1):
        date = (AS_OF - timedelta(days=day)).replace(hour=6)
        is_recent = day <= RECENT_DAYS
        count = home.runs_per_day + dice.randint(-1, 1) if is_recent else 3
        for number in range(count):
            start = date + timedelta(seconds=dice.randrange(9 * 3600))
            runs.append(_run(home, f"{home.workflow}.{day}.{number}", start, dice))
    return runs


def _run(home: Home, run_id: str, start: datetime, dice: Random) -> Row:
    return run_row(
        run_id,
        start,
        workflow=home.workflow,
        stage=home.stage,
        version=VERSION if start > FIXED_ON else EARLIER_VERSION,
        channel=dice.choice(("email", "chat")),
        architecture="multi" if home.is_team else "single",
        case_id=f"case {run_id}",
        input_hash=f"ticket {run_id}",
        input_source="zendesk.ticket",
        output_sink="zendesk.reply",
        user_visible=True,
        sample_prob=1.0,
        outcome_source="downstream",
    )


def _courses(dice: Random, home: Home, runs: list[Row]) -> list[Course]:
    """A course a run: rare paths, retries, failures, and the day a fault was injected."""
    since = AS_OF - timedelta(days=RECENT_DAYS)
    days = [run["started_at"].date() for run in runs]
    recent = [n for n, day in enumerate(days) if day > since.date() and day != DRILLED_ON]
    old = [n for n, run in enumerate(runs) if run["started_at"] < FIXED_ON]
    dice.shuffle(recent)
    rare = dict(zip(recent, RARE, strict=False))
    drilled = [n for n, day in enumerate(days) if day == DRILLED_ON]
    rare |= {n: Course(HANDOVER, (READS[n % 2], *SERVER)) for n in drilled}
    hiccups = dict(zip(recent[len(RARE) :], HICCUPS, strict=False))
    fails = {*recent[-home.failures :], *dice.sample(old, OLD_DEFECTS)}
    return [
        rare.get(n) or Course(dice.choice((REFUND, REPLY)), hiccups.get(n), n in fails)
        for n in range(len(runs))
    ]


def _by_one(trail: Trail, home: Home, course: Course, approvals: list[Row]) -> None:
    trail.llm("read the ticket", 900, step="intake")
    _look_up(trail, home, course)
    _act(trail, course, approvals)


def _by_team(trail: Trail, home: Home, course: Course, approvals: list[Row]) -> None:
    root = trail.owner
    ticket = f"ticket {trail.run['run_id']}"
    trail.llm("plan", 250, step="intake", role="plan")
    trail.agent("researcher", root)
    trail.llm("read the ticket", 900, step="intake")
    _look_up(trail, home, course)
    trail.tool("zendesk.note", step="verify", **_written(ticket))
    trail.back_to(root)
    trail.agent("writer", root)
    trail.tool("zendesk.get_note", step="verify", resource_key=ticket)
    _act(trail, course, approvals)
    trail.back_to(root)


def _look_up(trail: Trail, home: Home, course: Course) -> None:
    _call(trail, "zendesk.get_ticket", course, step="intake")
    _call(trail, "crm.get_order", course, step="verify")
    _call(trail, trail.dice.choice(home.spare_tools), course, step="verify")


def _call(trail: Trail, tool: str, course: Course, **columns: Any) -> Row:
    """A call that answers, at the second attempt where the course has a hiccup for it."""
    columns["input_hash"] = f"{tool} {trail.run['run_id']}"
    if course.hiccup is None or course.hiccup[0] != tool:
        return trail.tool(tool, **columns)
    _, error_class, http_status = course.hiccup
    error = {"status": "error", "error_class": error_class, "error_type": f"{error_class}_error"}
    wait = {"retry_after_ms": 1000.0} if error_class == "rate_limit" else {}
    known = columns | error | wait | {"http_status": http_status, "is_executed": False}
    trail.tool(tool, **known)
    trail.clock_s += 3
    return trail.tool(tool, attempt=2, **columns)


def _act(trail: Trail, course: Course, approvals: list[Row]) -> None:
    run_id = trail.run["run_id"]
    for step in course.path:
        if step == "decide":
            choice = {"decision": "refund_choice", "decision_value": course.path[1]}
            reason = {"has_rationale": True, "rationale_hash": f"reason {run_id}"}
            trail.llm("decide", 1500, step="decide", **choice, **reason)
        elif step == "refund":
            _refund(trail, course, approvals)
        elif step == "reply":
            trail.llm("write the reply", 1200, step="reply")
            _call(trail, "zendesk.reply", course, step="reply", **_written(f"ticket {run_id}"))
        else:
            trail.tool("desk.handover", step="handover", **_written(f"queue {run_id}"))


def _written(resource: str) -> Row:
    key = {"resource_key": resource, "idempotency_key": f"{resource} once"}
    return {"side_effect": "write", "authority": "policy:writes", **key}


def _refund(trail: Trail, course: Course, approvals: list[Row]) -> None:
    run_id = trail.run["run_id"]
    request = trail.run["started_at"] + timedelta(seconds=trail.clock_s)
    human = trail.work("human", "approve", step="refund")
    wait_s = trail.dice.uniform(40, 200)
    trail.clock_s += wait_s
    human["ended_at"] = human["started_at"] + timedelta(seconds=wait_s)
    human["duration_ms"] = 1000 * wait_s
    written = _written(f"refund {run_id}") | {"side_effect": "external", "is_gated": True}
    written["authority"] = f"approval {run_id}"
    step = _call(trail, "billing.refund", course, step="refund", **written)
    approvals.append(
        {
            "approval_id": f"approval {run_id}",
            "run_id": run_id,
            "step_id": step["step_id"],
            "action": "billing.refund",
            "requested_at": request,
            "decided_at": request + timedelta(seconds=wait_s),
            "decision": "approved",
            "decider_hash": f"approver {trail.dice.randrange(3)}",
            "decider_type": "human",
            "payload_hash": step["input_hash"],
            "payload_chars": 200,
        }
    )


def _ending(trail: Trail, course: Course) -> None:
    run = trail.run
    if course.fails:
        failed = {"status": "error", "error_type": "postcondition_failed"}
        trail.work("guardrail", "the customer is answered", **failed)
        run |= {"status": "error", "outcome": "failure"}
    elif "reply" not in course.path:
        run["outcome"] = "partial"
