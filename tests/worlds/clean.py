"""One healthy workflow, all tables filled: what no check may colour red."""

from __future__ import annotations

from random import Random

from store_builder import Rows

from worlds import money, people
from worlds.homes import RECENT_DAYS, Home, declaration
from worlds.traffic import traffic


def clean(dice: Random, home: Home) -> Rows:
    """Every table of one workflow, from its runs to its invoices."""
    rows = traffic(dice, home)
    monthly_usd = money.spent(rows, RECENT_DAYS) / RECENT_DAYS * 30
    cost_usd = max(run["cost_usd"] for run in rows["runs"])
    rows |= declaration(home, monthly_usd, cost_usd)
    rows["feedback"] = people.feedback(dice, home, rows["runs"])
    rows |= people.records(dice, home, rows["runs"])
    rows["payloads"] = people.bodies(rows)
    replays = people.replays(dice, home)
    for name, table in replays.items():
        rows[name] += table
    for step in rows["steps"]:
        if step["kind"] == "llm":
            step["provider"] = home.provider
    fixed = rows["workflows"][0]["fixed_monthly_usd"]
    rows["costs"] = money.costs(dice, home, rows["steps"], fixed)
    rows["prices"] = money.prices(home.provider)
    return rows
