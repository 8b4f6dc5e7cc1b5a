"""The month of a workflow or of the programme against its budget."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from queries.engine import Connection, ask, run
from queries.grading import month_end

AS_OF = "select max(as_of) as as_of from store_state"


def budget(connection: Connection, workflow: str | None = None) -> dict[str, Any]:
    """Budget, spend and month-end projection in US dollars; empty before the first load.

    Keys: budget_usd (null where none is set), spent_usd, projected_usd, lo_usd and hi_usd (90 %,
    null with fewer than 14 days of history), month_start, month_end, as_of_day, days (frame: day,
    cost_usd, the last eight weeks). A day of as_of that is not over is projected, not counted.
    """
    as_of = ask(connection, AS_OF)["as_of"][0]
    if as_of is None:
        return {}
    status = run(connection, "budget_status", workflow=workflow).row(0, named=True)
    days = run(connection, "budget_days", workflow=workflow)
    last_day = (as_of - timedelta(days=1)).date()
    costs = {day: cost for day, cost in days.iter_rows() if cost is not None}
    found = month_end(costs, last_day, status["month_end"])
    spent = status["spent_usd"] or 0.0
    known = {key: status[key] for key in ("budget_usd", "month_start", "month_end", "as_of_day")}
    return {
        **known,
        "spent_usd": status["spent_usd"],
        "projected_usd": max(found.centre, spent) if costs else None,
        "lo_usd": None if found.lo is None else max(found.lo, spent),
        "hi_usd": None if found.hi is None else max(found.hi, spent),
        "days": days,
    }
