"""Cost model ignored: prices, spend, budgets."""

from __future__ import annotations

from datetime import datetime, timedelta

from store_builder import AS_OF, Rows, run_row, step_row

from cases.rows import DAY, declared


def prices() -> Rows:
    run = run_row("r0", DAY)
    cost = {"cost_source": "priced", "price_version": "v1"}
    steps = [
        step_row(run, f"s{i}", i, kind="llm", model="m", **cost, cost_usd=None if i < 20 else 0.1)
        for i in range(500)
    ]
    return {"runs": [run], "steps": steps}


def spend() -> Rows:
    end = datetime.fromisoformat("2026-11-11")
    costs = [
        {
            "period_start": end - timedelta(days=i + 1),
            "period_end": end - timedelta(days=i),
            **{
                "provider": "openai",
                "category": "llm",
                "source": "gateway_log",
                "measure": "billed",
            },
            **{"workflow": "refunds", "currency": "USD", "amount": 120, "cost_usd": 120.0},
        }
        for i in range(28)
    ]
    return declared() | {"runs": [run_row("r0", end - timedelta(hours=1))], "costs": costs}


WORKED = [
    ("COST-1", prices(), AS_OF, 0.96, None, "amber"),
    ("COST-3", spend(), datetime.fromisoformat("2026-11-11"), 1.2, (1.2, 1.2), "red"),
]
