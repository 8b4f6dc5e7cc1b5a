"""The declaration of every workflow and the budgets, as their owners would write them."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import yaml

from ingest.scenario.calendar import Period
from ingest.scenario.costs import FIXED_MONTHLY_USD, REVIEW
from ingest.scenario.files import save
from ingest.scenario.flows import FLOWS
from ingest.scenario.world import HANDOVER, Flow, Step

CALLS_A_MINUTE = 120
KINDS = {"plan": "(plan|decision|chain|other)", "agent": "agent", "tool": "tool", "human": "human"}


def write(folder: Path, period: Period, budgets: dict[str, int]) -> None:
    """One YAML file a workflow, and budgets.yaml."""
    for flow in FLOWS:
        _save(folder / "workflows" / f"{flow.name}.yaml", declaration(flow, period, budgets))
    scopes = [{"scope_kind": "program", "scope": "programme", "amount": budgets["programme"]}]
    scopes += [
        {"scope_kind": "team", "scope": name.removeprefix("team "), "amount": amount}
        for name, amount in sorted(budgets.items())
        if name.startswith("team ")
    ]
    listed = [s | {"period": "month", "currency": "USD"} for s in scopes]
    _save(folder / "workflows" / "budgets.yaml", {"budgets": listed})


def declaration(flow: Flow, period: Period, budgets: dict[str, int]) -> dict[str, Any]:
    """What the owners declare; the workflow nobody thought through leaves gaps."""
    parts = (_about(flow, period), _map(flow), _rules(flow), _limits(flow, budgets[flow.name]))
    return {key: value for part in parts for key, value in part.items()} | _gates(flow, period)


def _save(path: Path, document: dict[str, Any]) -> None:
    text = yaml.safe_dump(document, sort_keys=False, width=100, default_flow_style=None)
    save(path, text.encode())


def _about(flow: Flow, period: Period) -> dict[str, Any]:
    done = {"label_from": f"{flow.sink}_status", "equals": "settled", "within_h": 48}
    found: dict[str, Any] = {
        "id": flow.name,
        "stage": flow.stage,
        "risk": flow.risk,
        "source": "reviewed",
        "team": flow.team,
        "owner": {
            role: f"{flow.team} {role} lead" for role in ("product", "operations", "engineering")
        },
        "reviewed_at": period.end - dt.timedelta(25),
        "trigger": f"new item in {flow.source}",
        "inputs": [flow.source],
        "outputs": [flow.sink],
    }
    if flow.live_days:
        found["production_since"] = period.end - dt.timedelta(flow.live_days)
    if not flow.is_reviewed:
        del found["reviewed_at"]
        return found
    return found | {"done_when": done, "fallback": f"{flow.team} desk takes over by hand"}


def _map(flow: Flow) -> dict[str, Any]:
    name, criteria, branches = flow.decision
    decision: dict[str, Any] = {"criteria": criteria} if criteria else {}
    acting = next(s.name for s in flow.steps if s.does == flow.gate.action)
    return {
        "steps": [_step(s, flow) for s in flow.steps],
        "edges": [list(edge) for edge in flow.edges()],
        "match": {s.name: _pattern(s) for s in flow.steps},
        "decision_points": {name: decision | {"branches": branches}},
        "exception_paths": dict.fromkeys(flow.exceptions, HANDOVER),
        "constraints": [f"before({flow.must_precede or flow.steps[0].name}, {acting})"],
    }


def _step(step: Step, flow: Flow) -> dict[str, str] | str:
    is_known = flow.is_reviewed or step.kind != "tool"
    return {"step": step.name, "system": step.system} if is_known else step.name


def _pattern(step: Step) -> str:
    prefix = "(invoke_agent )?" if step.kind == "agent" else ""
    return f"{KINDS[step.kind]}:{prefix}{re.escape(step.does)}"


def _rules(flow: Flow) -> dict[str, Any]:
    gate = flow.gate
    rule = {"when": f"{gate.field} > {gate.limit}", "sla_h": 4, "min_read_s": 10}
    tools = {tool: {"side_effect": effect} for tool, effect in flow.tools().items()}
    systems = dict.fromkeys(tool.partition(".")[0] for tool in tools)
    return {
        "allowed_tools": tools,
        "approvals_required": {gate.action: rule},
        "rate_limits": dict.fromkeys(systems, CALLS_A_MINUTE),
    }


def _limits(flow: Flow, budget: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "slo": {"success": 0.85, "p95_machine_s": 120},
        "budget": {"monthly": budget, "per_run_cap": 5.0},
        "feedback": {"sla_days": 5, "random_reviews_per_day": 5},
        "human_baseline": {"cost": 6.5, "minutes": 11, "success": 0.95},
        "value_per_outcome": 4.5,
        "retention_days": 400,
        "fixed_monthly_usd": FIXED_MONTHLY_USD,
        "review": REVIEW,
    }
    if flow.multi:
        found["idle_limit_s"] = 300
    if flow.is_reviewed:
        found["expected_monthly_volume"] = flow.monthly_volume
    return found


def _gates(flow: Flow, period: Period) -> dict[str, Any]:
    """Who opened which gate, and what is waived for now."""
    found: dict[str, Any] = {}
    if flow.signed:
        found["signoffs"] = [
            {"gate": gate, "by": by, "on": period.end - dt.timedelta(flow.live_days)}
            for gate, by in flow.signed
        ]
    if flow.waiver:
        found["waivers"] = [
            {
                "check": flow.waiver.check,
                "owner": f"{flow.team} operations lead",
                "reason": flow.waiver.reason,
                "control": flow.waiver.control,
                "expires": flow.waiver.last_day(period.end),
            }
        ]
    return found
