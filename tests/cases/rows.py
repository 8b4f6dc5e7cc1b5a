"""Rows that the cases of several patterns share."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from store_builder import Rows, run_row

DAY = datetime.fromisoformat("2026-11-20T09:00")


def runs(n: int, **columns: Any) -> list[dict[str, Any]]:
    return [run_row(f"r{i}", DAY + timedelta(minutes=i), **columns) for i in range(n)]


def declaration(**columns: Any) -> dict[str, Any]:
    owners = dict.fromkeys(("owner_product", "owner_operations", "owner_engineering"), "ana")
    words = dict.fromkeys(("trigger", "fallback"), "x")
    lists = {"done_when": "{}", "inputs": '["zendesk"]', "outputs": '["billing"]'}
    return {
        "workflow": "refunds",
        "expected_monthly_volume": 10.0,
        **owners,
        **words,
        **lists,
    } | columns


def declared(**columns: Any) -> Rows:
    steps = [
        {"workflow": "refunds", "step": s, "position": i, "system": s} for i, s in enumerate("AB")
    ]
    budget = {"scope_kind": "workflow", "scope": "refunds", "period": "month", "currency": "USD"}
    return {
        "runs": runs(1),
        "workflows": [declaration(**columns)],
        "workflow_steps": steps,
        "budgets": [{**budget, "amount": 3000}],
    }
