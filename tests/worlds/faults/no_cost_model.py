"""Spend that is unpriced, over budget, or wasted."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from store_builder import AS_OF, Rows

from worlds.faults import Row, plants, recent, some, steps_of
from worlds.passing import RENAMED


@plants("COST-1")
def unpriced(dice: Random, rows: Rows) -> None:
    for step in some(dice, steps_of(rows, recent(rows), kind="llm"), 0.15):
        step["price_version"] = None


@plants("COST-3", "COST-7")
def budget_too_small(dice: Random, rows: Rows) -> None:
    for budget in rows["budgets"]:
        budget["amount"] = budget["amount"] / 3


@plants("COST-2")
def invoice_differs(dice: Random, rows: Rows) -> None:
    factor = dice.choice((0.7, 1.3))
    for line in rows["costs"]:
        line["cost_usd"] *= factor


@plants("COST-4")
def loop_right_now(dice: Random, rows: Rows) -> None:
    gated = {row["run_id"] for row in rows["approvals"]}
    good = [run for run in recent(rows) if "outcome" not in run and run["run_id"] not in gated]
    for number, run in enumerate(dice.sample(good, 30)):
        later = AS_OF - timedelta(minutes=number / 3) - timedelta(minutes=6) - run["started_at"]
        for table in ("runs", "steps"):
            own = [row for row in rows[table] if row["run_id"] == run["run_id"]]
            rows[table] += [_dearer(row, later) for row in own]


def _dearer(row: Row, later: timedelta) -> Row:
    """The same again at another time, under new names and at five times the price."""
    names = {name: f"{row[name]} loop" for name in RENAMED if row.get(name)}
    times = {name: at + later for name, at in row.items() if isinstance(at, datetime)}
    cost = {"cost_usd": 5 * row["cost_usd"]} if row.get("cost_usd") else {}
    return row | names | times | cost


@plants("COST-5")
def worth_less_than_it_costs(dice: Random, rows: Rows) -> None:
    rows["workflows"][0]["value_per_outcome_usd"] /= 50


@plants("COST-6")
def asks_twice(dice: Random, rows: Rows) -> None:
    runs = some(dice, recent(rows), 0.9)
    asked = {step["run_id"]: step for step in steps_of(rows, runs, name="decide")}
    for step in steps_of(rows, runs, name="write the reply"):
        same = asked[step["run_id"]]
        step |= {name: same[name] for name in ("input_hash", "input_tokens")}


@plants("COST-7")
def volume_beyond_budget(dice: Random, rows: Rows) -> None:
    rows["workflows"][0]["expected_monthly_volume"] *= 5


@plants("COST-8")
def no_cap(dice: Random, rows: Rows) -> None:
    rows["workflows"][0]["per_run_cap_usd"] = None
