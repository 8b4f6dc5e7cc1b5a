"""Random rows with the awkward cases: nulls, zeros, unknown outcomes, a dollar told twice."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from store_builder import Rows, run_row, step_row

FIRST = datetime.fromisoformat("2026-10-01")
DAYS = 50
OUTCOMES = ("success", "success", "success", "partial", "failure", "abandoned", "unknown")
SOURCES = ("invoice", "usage_api", "gateway_log", "client_log", "manual")


def random_rows(seed: int, runs: int = 300) -> Rows:
    """Runs, their steps, cost records and feedback of about fifty days."""
    dice = random.Random(seed)
    rows = [_run(dice, number) for number in range(runs)]
    steps = [step for run in rows for step in _steps(dice, run)]
    costs = [_cost(dice, number) for number in range(80)]
    return {"runs": rows, "steps": steps, "costs": costs}


def _run(dice: random.Random, number: int) -> dict[str, Any]:
    start = FIRST + timedelta(seconds=dice.randrange(DAYS * 86400))
    return run_row(
        f"r{number}",
        start,
        workflow=dice.choice(("refunds", "claims", "kyc")),
        stage=dice.choice(("pilot", "production")),
        channel=dice.choice(("email", "chat", None)),
        version=dice.choice(("1", "2", None)),
        architecture=dice.choice(("single", "multi", None)),
        outcome=dice.choice(OUTCOMES),
        status=dice.choice(("ok", "ok", "error", "timeout")),
        error_class=dice.choice((None, "timeout", "server")),
        termination_reason=dice.choice((None, "max_turns")),
        cost_usd=dice.choice((None, 0.0, dice.random())),
        machine_ms=dice.choice((None, 0.0, dice.lognormvariate(9, 1.5))),
        time_source=dice.choice(("reported", "reported", "load")),
        n_steps=3,
    )


def _steps(dice: random.Random, run: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for number in range(3):
        kind = dice.choice(("llm", "tool", "agent"))
        rows.append(
            step_row(
                run,
                f"s{number}",
                number,
                kind=kind,
                seq=number,
                name=dice.choice(("plan", "look up", "answer")),
                step=dice.choice((None, "verify", "decide")),
                tool=dice.choice(("crm.get", "erp.put")) if kind == "tool" else None,
                model="m1" if kind == "llm" else None,
                provider=dice.choice(("openai", "anthropic")) if kind == "llm" else None,
                agent=dice.choice((None, "planner", "writer")),
                status=dice.choice(("ok", "ok", "error")),
                duration_ms=dice.choice((None, 0.0, dice.lognormvariate(6, 1.2))),
                cost_usd=dice.choice((None, dice.random())) if kind == "llm" else None,
                attempt=1 if kind == "tool" else None,
                critical_ms=dice.choice((None, 10.0)),
                self_ms=5.0,
                input_tokens=100,
                output_tokens=10,
            )
        )
    return rows


def _cost(dice: random.Random, number: int) -> dict[str, Any]:
    start = FIRST + timedelta(days=dice.randrange(DAYS))
    amount = dice.choice((None, round(dice.random() * 9, 2)))
    return {
        "cost_id": f"c{number}",
        "period_start": start,
        "period_end": start + timedelta(days=1),
        "provider": dice.choice(("openai", "anthropic", "aws")),
        "category": dice.choice(("llm", "infra")),
        "model": dice.choice((None, "m1")),
        "workflow": dice.choice((None, "refunds", "claims")),
        "amount": amount or 0,
        "currency": "USD",
        "cost_usd": amount,
        "measure": "billed",
        "source": dice.choice(SOURCES),
    }
