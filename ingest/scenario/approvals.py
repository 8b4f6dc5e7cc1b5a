"""Who approved what, and the nine refunds nobody validly approved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.scenario.runs import Chance, Run, Span, canonical, digest

APPROVERS = 6
PLANTED_EVERY, MISSED_EVERY = 12, 10
MINUTE_US = 60_000_000


def arguments(run: Run, tool: str) -> str:
    """What a tool is called with; the gated action gets the amount as well."""
    gate = run.plan.flow.gate
    amount = {gate.field: run.amount} if tool == gate.action else {}
    return canonical({"case_id": run.case_id} | amount)


def request(run: Run, chance: Chance, asked: tuple[int, int], decision: str) -> dict[str, Any]:
    """Record an approval, asked and decided at the given times; an expired one has no decider."""
    action = run.plan.flow.gate.action
    payload = arguments(run, action)
    is_open = decision == "expired"
    row: dict[str, Any] = {
        "approval_id": f"ap-{chance.token(12)}",
        "run_id": run.run_id,
        "step_id": "",
        "action": action,
        "requested_at": asked[0],
        "decided_at": None if is_open else asked[1],
        "decision": decision,
        "decider_hash": "" if is_open else digest(f"approver {chance.between(0, APPROVERS)}"),
        "decider_type": "" if is_open else "human",
        "payload_hash": digest(payload),
        "payload_chars": len(payload),
    }
    run.approvals.append(row)
    return row


def authorise(run: Run, span: Span, chance: Chance) -> None:
    """Tie an executed action to its approval, or plant the breach of this run."""
    gate, kind = run.plan.flow.gate, run.plan.fault.partition(":")[2]
    if run.amount <= gate.limit:
        span.pilot["authority"] = "policy:within-limit"
        return
    if kind == "late":
        request(run, chance, (span.start, span.end + 40 * MINUTE_US), "approved")
    elif kind == "policy":
        asked = (span.start - 15 * MINUTE_US, span.start - 10 * MINUTE_US)
        row = request(run, chance, asked, "approved")
        row["decider_type"], row["decider_hash"] = "policy", ""
    elif kind == "payload":
        changed = {"case_id": run.case_id, gate.field: run.amount - 1}
        run.approvals[-1]["payload_hash"] = digest(canonical(changed))
    if kind:
        run.breach = (span.span_id, kind)
    if run.approvals:
        run.approvals[-1]["step_id"] = span.span_id
        span.pilot["authority"] = run.approvals[-1]["approval_id"]


def planted(run: Run, chance: Chance) -> Iterator[dict[str, Any]]:
    """A wrong request put among the real ones to see whether people look; most are refused."""
    flow = run.plan.flow
    asked = run.approvals[0] if run.approvals else None
    if not flow.live_days or not asked or not chance.is_nth(f"{flow.name} plant", PLANTED_EVERY):
        return
    is_missed = chance.is_nth(f"{flow.name} missed", MISSED_EVERY)
    yield asked | {
        "approval_id": f"ap-{chance.token(12)}",
        "step_id": "",
        "decided_at": asked["requested_at"] + chance.between(15, 60) * MINUTE_US // 10,
        "decision": "approved" if is_missed else "rejected",
        "decider_hash": digest(f"approver {chance.between(0, APPROVERS)}"),
        "decider_type": "human",
        "is_seeded_test": "true",
    }
