"""How the programme, and every part of it, stands against its budget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import polars as pl

from queries.engine import Connection, ask, run
from queries.grading import Backtest, Crossing, backtest, crossing, month_end

AS_OF = "select max(as_of) as as_of from store_state"
LADDER = (0.5, 0.8, 1.0)
PRICED_ENOUGH = 0.8
AMOUNTS = ("projected_usd", "lo_usd", "hi_usd")
KINDS = {"program": None, "workflow": "workflow", "team": "team", "tag": "tag"}


class Restart(NamedTuple):
    """The change from which on the history of a projection counts, and by what share cost moved."""

    on: date
    changed: str
    moved: float


class Rung(NamedTuple):
    """One step of the budget ladder, and when it is or will be reached."""

    share: float
    crossing: Crossing


class Outlook(NamedTuple):
    """Spend of one scope in one period, its projection, and the budget it is held to.

    `by`, `item` and `workflow` name a part of the programme as spend_days.sql does, all null for
    the whole. Amounts are US dollars; projected, lo and hi (90 %) are null where too little is
    known: `silence` says why, and is empty where they are known. `days` is what spend_days.sql
    returns, of 14 weeks.
    """

    by: str | None
    item: str | None
    workflow: tuple[str, ...] | None
    period: str
    period_start: date
    period_end: date
    as_of_day: date
    budget_usd: float | None
    unconverted: str | None
    spent_usd: float | None
    projected_usd: float | None
    lo_usd: float | None
    hi_usd: float | None
    ladder: tuple[Rung, ...]
    backtest: Backtest
    restart: Restart | None
    priced_share: float | None
    silence: str
    days: pl.DataFrame

    @property
    def crosses(self) -> Crossing | None:
        """When the budget is or will be spent; null where there is none."""
        return self.ladder[-1].crossing if self.ladder else None

    @property
    def sources(self) -> tuple[str, ...]:
        """The records that the spend of the period is known from."""
        own = self.days.filter(pl.col("day") >= self.period_start)["sources"].drop_nulls()
        return tuple(sorted({name for words in own for name in words.split(", ")}))


def as_of(connection: Connection) -> datetime | None:
    """The moment of the newest data; null before the first load."""
    moment: datetime | None = ask(connection, AS_OF)["as_of"][0]
    return moment


def outlooks(connection: Connection) -> list[Outlook]:
    """Every budget that holds, the programme's first, with how its scope stands."""
    moment = as_of(connection)
    if moment is None:
        return []
    listed = run(connection, "budget_list", as_of=moment).to_dicts()
    restarts = _restarts(connection, moment) if any(_is_workflow(row) for row in listed) else {}
    return [_outlook(connection, moment, row, restarts) for row in listed]


def outlook(
    connection: Connection,
    by: str | None = None,
    item: str | None = None,
    workflow: Sequence[str] | None = None,
) -> Outlook | None:
    """The first budget of a scope, month before week before day, and how the scope stands.

    `workflow` narrows the spend to some workflows, of which no budget is then known. Without a
    budget it is the month of the newest data; null before the first load.
    """
    moment = as_of(connection)
    if moment is None:
        return None
    listed = [] if workflow else run(connection, "budget_list", as_of=moment).to_dicts()
    own = [r for r in listed if KINDS[r["scope_kind"]] == by and (by is None or r["scope"] == item)]
    row = own[0] if own else _unlimited(moment, by, item)
    restarts = _restarts(connection, moment) if _is_workflow(row) else {}
    return _outlook(connection, moment, row, restarts, workflow)


def _is_workflow(row: dict[str, Any]) -> bool:
    return bool(row["scope_kind"] == "workflow")


def _unlimited(moment: datetime, by: str | None, item: str | None) -> dict[str, Any]:
    today = _last_day(moment)
    first = today.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    known = {"period": "month", "period_start": first, "period_end": last}
    return known | {"scope_kind": by, "scope": item, "budget_usd": None, "unconverted": None}


class _Past(NamedTuple):
    """Daily costs of a scope, its period, and what its projections rest on."""

    costs: dict[date, float]
    today: date
    complete: date
    begins: date
    ends: date
    known: dict[str, Any]

    def spent(self) -> float | None:
        """Everything of the period so far; null where no day of it is known."""
        found = [usd for day, usd in self.costs.items() if self.begins <= day <= self.today]
        return sum(found) if found else None

    def forecast(self) -> dict[str, float | None]:
        """The end of the period and its 90 %, never below what is spent."""
        found, spent = month_end(self.costs, self.complete, self.ends, **self.known), self.spent()
        ends = {"projected_usd": found.centre, "lo_usd": found.lo, "hi_usd": found.hi}
        return {k: None if usd is None else max(usd, spent or 0.0) for k, usd in ends.items()}

    def crossing(self, usd: float) -> Crossing:
        """When an amount is passed; a day that is not over counts where it alone passes it."""
        now = crossing(self.costs, self.today, self.ends, usd, **self.known)
        if now.is_past:
            return now
        return crossing(self.costs, self.complete, self.ends, usd, **self.known)


def _outlook(
    connection: Connection,
    moment: datetime,
    row: dict[str, Any],
    restarts: dict[str, Restart],
    workflow: Sequence[str] | None = None,
) -> Outlook:
    by = KINDS.get(row["scope_kind"] or "program", row["scope_kind"])
    item = row["scope"] if by else None
    days = run(connection, "spend_days", by=by, item=item, workflow=workflow, as_of=moment)
    restart = restarts.get(item or "")
    past, held = _past(days, moment, row, restart)
    share = _priced_share(days.filter(pl.col("day") > past.today - timedelta(days=28)))
    silence = _silence(past, share)
    forecast = dict.fromkeys(AMOUNTS) if silence else past.forecast()
    steps = () if row["budget_usd"] is None else LADDER
    kept = ("period", "period_start", "period_end", "budget_usd", "unconverted")
    return Outlook(
        by=by, item=item, workflow=tuple(workflow) if workflow else None,
        as_of_day=past.today, spent_usd=past.spent(), backtest=held,
        ladder=tuple(Rung(step, past.crossing(step * row["budget_usd"])) for step in steps),
        restart=restart, priced_share=share, silence=silence, days=days, **forecast,
        **{k: row[k] for k in kept},
    )  # fmt: skip


def _silence(past: _Past, priced_share: float | None) -> str:
    if priced_share is not None and priced_share < PRICED_ENOUGH:
        return f"Only {priced_share:.0%} of what was charged has a price."
    return "" if past.costs else "No spend is recorded."


def _past(
    days: pl.DataFrame, moment: datetime, row: dict[str, Any], restart: Restart | None
) -> tuple[_Past, Backtest]:
    costs = {day: usd for day, usd in days.select("day", "cost_usd").iter_rows() if usd is not None}
    complete, begins = (moment - timedelta(days=1)).date(), row["period_start"]
    since: dict[str, Any] = {"starts_on": restart.on} if restart else {}
    held = backtest(costs, complete, **since)
    known = {"begins_on": begins, "widened": held.widened, **since}
    return _Past(costs, _last_day(moment), complete, begins, row["period_end"], known), held


def _priced_share(days: pl.DataFrame) -> float | None:
    lines, unpriced = days.select(pl.col("lines", "unpriced_lines").sum()).row(0)
    return 1 - float(unpriced) / float(lines) if lines else None


def _last_day(moment: datetime) -> date:
    return (moment - timedelta(microseconds=1)).date()


def _restarts(connection: Connection, moment: datetime) -> dict[str, Restart]:
    found = run(connection, "spend_restarts", since=moment - timedelta(days=31), as_of=moment)
    return {row[0]: Restart(*row[1:]) for row in found.iter_rows()}
