"""Cost model ignored: prices, invoices, budgets, burn, cost of a success, waste, scale, tails."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from store_builder import AS_OF, Rows, run_row, step_row

from cases.rows import DAY, declared, runs

END = datetime.fromisoformat("2026-11-11")
EARLY = range(60, 300, 10)
NO_REVIEW = '{"minutes": 5, "rate_usd": 60, "share": 0}'


def prices(unpriced: int) -> Rows:
    run = run_row("r0", DAY)
    cost = {"cost_source": "priced", "price_version": "v1"}
    steps = [
        step_row(
            run, f"s{i}", i, kind="llm", model="m", **cost, cost_usd=None if i < unpriced else 0.1
        )
        for i in range(500)
    ]
    return {"runs": [run], "steps": steps}


def invoice(traced: float, invoiced: float, **columns: Any) -> Rows:
    """Ten traced days of October on an invoice of that month, everything of one model."""
    first = datetime.fromisoformat("2026-10-01T12:00")
    days = [run_row(f"r{i}", first + timedelta(days=3 * i)) for i in range(10)]
    model = {"provider": "openai", "model": "m"}
    steps = [
        step_row(run, "s", kind="llm", **model, cost_usd=traced / 10, cost_source="reported")
        for run in days
    ]
    month = {"period_start": datetime(2026, 10, 1), "period_end": datetime(2026, 11, 1)}  # noqa: DTZ001
    billed = {"source": "invoice", "category": "llm", "measure": "billed", "currency": "USD"}
    line = {**model, **month, **billed, "amount": invoiced, "cost_usd": invoiced}
    return {"runs": [*days, run_row("now", DAY)], "steps": steps, "costs": [line | columns]}


def spend(monthly: float = 3000, daily: float = 120) -> Rows:
    record = {"provider": "openai", "category": "llm", "source": "gateway_log", "measure": "billed"}
    owner = {"workflow": "refunds", "currency": "USD"}
    costs = [
        {
            "period_start": END - timedelta(days=i + 1),
            "period_end": END - timedelta(days=i),
            "amount": daily,
            "cost_usd": daily,
            **record,
            **owner,
        }
        for i in range(28)
    ]
    rows = declared() | {"runs": [run_row("r0", END - timedelta(hours=1))], "costs": costs}
    rows["budgets"] = [rows["budgets"][0] | {"amount": monthly}]
    return rows


def burning(*minutes_ago: float, each: float = 6.25) -> Rows:
    """A run of so many dollars at each of the times."""
    ago = [timedelta(minutes=minutes) for minutes in minutes_ago]
    spent = [run_row(f"b{i}", AS_OF - back, cost_usd=each) for i, back in enumerate(ago)]
    return declared() | {"runs": spent}


def home(budget: float = 3000, **columns: Any) -> Rows:
    known = {"fixed_monthly_usd": 0.0, "review": NO_REVIEW, "risk": "low", "per_run_cap_usd": 5.0}
    rows = declared(**known | columns)
    rows["budgets"] = [rows["budgets"][0] | {"amount": budget}]
    return rows


def successes(**columns: Any) -> Rows:
    """Fifty dollars on a hundred runs, of which eighty succeed."""
    tried = runs(100, cost_usd=0.5)
    for run in tried[80:]:
        run["outcome"] = "failure"
    return home(**{"value_per_outcome_usd": 1.0} | columns) | {"runs": tried}


def waste(failures: int, repeats: int) -> Rows:
    """A hundred runs of fifty cents; those that repeat make a call of ten cents again."""
    tried = runs(100, cost_usd=0.5)
    for run in tried[100 - failures :]:
        run["outcome"] = "failure"
    steps = []
    for i, run in enumerate(tried):
        call = {"kind": "llm", "model": "m", "cost_source": "reported", "input_tokens": 9}
        costs = [0.3, 0.1, 0.1] if i < repeats else [0.5]
        for j, cost in enumerate(costs):
            steps.append(
                step_row(run, f"s{j}", j, **call, cost_usd=cost, input_hash="ab"[min(j, 1)])
            )
    return {"runs": tried, "steps": steps}


def target(budget: float, **columns: Any) -> Rows:
    scale = {"expected_monthly_volume": 100_000.0, "fixed_monthly_usd": 400.0}
    return home(budget, **scale | columns) | {"runs": runs(100, cost_usd=0.5)}


def tail(dear: int = 5, **columns: Any) -> Rows:
    spent = runs(100, cost_usd=0.1)
    for run in spent[100 - dear :]:
        run["cost_usd"] = 3.0
    return home(**columns) | {"runs": spent}


WORKED = [
    ("COST-1", prices(20), AS_OF, 0.96, None, "amber"),
    ("COST-1", prices(0), AS_OF, 1.0, None, "green"),
    ("COST-1", prices(100), AS_OF, 0.8, None, "red"),
    ("COST-2", invoice(9100, 10_000), AS_OF, -0.09, None, "amber"),
    ("COST-2", invoice(9700, 10_000), AS_OF, -0.03, None, "green"),
    ("COST-2", invoice(12_000, 10_000), AS_OF, 0.2, None, "red"),
    ("COST-3", spend(), END, 1.2, (1.2, 1.2), "red"),
    ("COST-3", spend(monthly=3600), END, 1.0, (1.0, 1.0), "green"),
    ("COST-4", burning(*EARLY[:22], 10, 20), AS_OF, 6.0, None, "red"),
    ("COST-4", burning(*EARLY), AS_OF, 1.5, None, "green"),
    ("COST-4", burning(*range(15, 1440, 30), each=6.5), AS_OF, 3.12, None, "amber"),
    ("COST-5", successes(), AS_OF, 0.625, (0.625, 0.625), "green"),
    ("COST-5", successes(value_per_outcome_usd=0.4), AS_OF, 1.5625, (1.5625, 1.5625), "red"),
    ("COST-6", waste(24, 30), AS_OF, 0.3, (0.219, 0.396), "red"),
    ("COST-6", waste(0, 30), AS_OF, 0.06, (0.0278, 0.1248), "green"),
    ("COST-7", target(53_000), AS_OF, 50_400 / 53_000, None, "amber"),
    ("COST-7", target(54_000), AS_OF, 50_400 / 54_000, None, "green"),
    ("COST-7", target(50_000), AS_OF, 50_400 / 50_000, None, "red"),
    ("COST-8", tail(), AS_OF, 15 / 24.5, None, "amber"),
    ("COST-8", tail(per_run_cap_usd=2.5), AS_OF, 15 / 24.5, None, "red"),
    ("COST-8", tail(dear=0), AS_OF, 0.05, None, "green"),
]
