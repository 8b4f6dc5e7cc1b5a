"""What a workflow of a world is: its name, its team, its tools, and what its owners declared."""

from __future__ import annotations

import json
from datetime import timedelta
from random import Random
from typing import Any, NamedTuple

from store_builder import AS_OF, Rows

DAYS, RECENT_DAYS = 63, 28
FIXED_DAYS, DRILL_DAYS = 35, 10
STEPS = ("intake", "verify", "decide", "refund", "reply", "handover")
BRANCHES = {"refund": "amount <= 100", "reply": "amount = 0", "handover": "amount > 100"}
SINKS = ("billing.refund", "zendesk.reply")
SPARE_TOOLS = ("crm.get_address", "erp.get_stock", "post.get_parcel")
NOTES = (("zendesk.note", "write"), ("zendesk.get_note", "read"))
TASKS, HARD_TASKS = 20, 5


class Home(NamedTuple):
    """One workflow: runs_per_day at full volume, failures of four weeks, tools it reads besides."""

    workflow: str
    provider: str
    stage: str
    is_team: bool
    runs_per_day: int
    failures: int
    spare_tools: tuple[str, ...]


def home(dice: Random, number: int, is_team: bool) -> Home:
    """The number-th workflow of a world."""
    return Home(
        workflow=f"{dice.choice(('refunds', 'claims', 'returns', 'orders'))}-{number}",
        provider=f"provider-{number}",
        stage=dice.choice(("pilot", "limited", "production")),
        is_team=is_team,
        runs_per_day=dice.randint(11, 12),
        failures=dice.randint(25, 27),
        spare_tools=SPARE_TOOLS[: dice.randint(1, 3)],
    )


def declaration(home: Home, monthly_usd: float, cost_usd: float) -> Rows:
    """The tables of its file, given what it spends in 30 days and on one run."""
    own = {"workflow": home.workflow}
    monthly_runs = 30.0 * home.runs_per_day
    file = own | {
        "stage": home.stage,
        "risk": "high",
        **dict.fromkeys(("owner_product", "owner_operations", "owner_engineering"), "ana"),
        "reviewed_at": AS_OF - timedelta(days=DAYS),
        "done_when": '{"label_from": "billing.refund_status", "equals": "settled"}',
        "trigger": "a ticket arrives",
        "fallback": "the support desk",
        "inputs": '["zendesk.ticket"]',
        "outputs": json.dumps(SINKS),
        "slo_success": 0.8,
        "slo_p95_machine_s": 60.0,
        "expected_monthly_volume": monthly_runs,
        "value_per_outcome_usd": 20 * cost_usd,
        "human_baseline": json.dumps({"cost": 20 * cost_usd, "minutes": 9, "success": 0.95}),
        "constraints": '["before(verify, refund)", "at_most(crm.get_order, 8)"]',
        "idle_limit_s": 7200.0,
        "rate_limits": '{"crm": 500, "billing": 500, "zendesk": 500}',
        "feedback_sla_days": 5.0,
        "random_reviews_per_day": 5.0,
        "retention_days": 400.0,
        "per_run_cap_usd": 20 * cost_usd,
        "fixed_monthly_usd": monthly_usd / 50,
        "review": '{"minutes": 1, "rate_usd": 30, "share": 0.02}',
        "max_rounds": 1,
        "production_since": (AS_OF - timedelta(days=DAYS - 2)).date(),
        "source": "reviewed",
    }
    budget = {"scope_kind": "workflow", "scope": home.workflow, "period": "month"}
    return {
        "workflows": [file],
        "workflow_steps": [
            own | {"step": step, "position": i, "system": step} for i, step in enumerate(STEPS)
        ],
        "workflow_edges": [own | edge for edge in _edges()],
        "workflow_tools": [own | tool for tool in _tools(home)],
        "workflow_paths": [
            own | {"trigger": trigger, "to_step": "handover"}
            for trigger in ("crm:*", "zendesk:*", "billing:*")
        ],
        "workflow_approvals": [
            own | {"action": "billing.refund", "condition": "", "sla_h": 4.0, "min_read_s": 10.0}
        ],
        "budgets": [budget | {"amount": round(2.5 * monthly_usd, 2), "currency": "USD"}],
    }


def _edges() -> list[dict[str, Any]]:
    plain = [("intake", "verify"), ("verify", "decide"), ("refund", "reply")]
    return [
        *(
            {"from_step": a, "to_step": b, "is_exception": False, "is_branch": False}
            for a, b in plain
        ),
        *(
            {"from_step": "decide", "to_step": b, "is_exception": False, "is_branch": True}
            | {"condition": condition}
            for b, condition in BRANCHES.items()
        ),
        {"from_step": "verify", "to_step": "handover", "is_exception": True, "is_branch": False},
    ]


def _tools(home: Home) -> list[dict[str, Any]]:
    reads = ("crm.get_order", "zendesk.get_ticket", *home.spare_tools)
    return [
        *({"tool": tool, "side_effect": "read"} for tool in reads),
        {"tool": "billing.refund", "side_effect": "external", "max_amount": 100.0},
        {"tool": "zendesk.reply", "side_effect": "write"},
        {"tool": "desk.handover", "side_effect": "write"},
        *({"tool": tool, "side_effect": kind} for tool, kind in NOTES if home.is_team),
    ]
