"""What a workflow will cost in production: volume x cost of a run + fixed x stress + review."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from queries.catalog import QueryError
from queries.money.amounts import count
from queries.money.production.drivers import drivers
from queries.money.production.fitting import STRESSES, fit
from queries.money.production.pilot import Ends, Facts, Segment
from queries.money.production.repriced import repriced, success_on
from queries.money.production.scenario import Month, Projected, Scenario


def project(facts: Facts, scenario: Scenario | None = None) -> Projected:
    """The month that a scenario comes to, C(V) = V c m + F s + V h (scorecard design, 6.5).

    Pure and fast. c is the mean cost of a run, m the product of the growth factors, each measured
    or chosen. What is not declared is left out and said, never zero. QueryError for a segment or a
    model that the facts do not have, or a number out of range.
    """
    asked = _checked(facts, scenario or Scenario())
    volume = next(v for v in (asked.volume, facts.volume, facts.monthly_runs) if v is not None)
    cost, success = _run_cost(facts, asked, volume), _mixed(facts, asked, lambda one: one.success)
    review = review_usd(facts, asked)
    told = drivers(facts, asked, volume, success)
    note = success_on(facts, asked.model) if asked.model else ""
    if cost is None:
        why = f"No run of the {count(facts.whole.runs)} in 28 days has a cost."
        unknown = fit((), facts, volume, why)
        return Projected(
            volume, None, (), None, unknown, facts.budget_usd, None, told, note, _notes(facts)
        )
    bill = _bill(facts, cost, volume, review, asked.stress)
    bills = tuple(_bill(facts, cost, volume, review, stress) for stress in STRESSES)
    headroom = None
    if facts.budget_usd is not None and bill.hi_usd is not None:
        headroom = facts.budget_usd - bill.hi_usd
    return Projected(
        volume, bill, bills, _per_success(bill, volume, success), fit(bills, facts, volume),
        facts.budget_usd, headroom, told, note, _notes(facts),
    )  # fmt: skip


def _checked(facts: Facts, asked: Scenario) -> Scenario:
    known = {segment.name for segment in facts.segments}
    unknown = sorted(set(asked.segment_mix or ()) - known)
    if unknown:
        names = ", ".join(sorted(known))
        raise QueryError(f"{unknown[0]}: no such {facts.dimension}. Known: {names}.")
    if asked.model and facts.prices.offered(asked.model) is None:
        raise QueryError(f"{asked.model}: no price on {facts.as_of:%Y-%m-%d}. Add it to prices.")
    amounts = (asked.volume, asked.stress, asked.review_share, *(asked.segment_mix or {}).values())
    if any(amount is not None and not 0 <= amount < math.inf for amount in amounts):
        raise QueryError(
            "volume, stress, shares: below zero or endless. Give amounts from zero on."
        )
    if asked.failing_share is not None and not 0 <= asked.failing_share < 1:
        raise QueryError("failing_share: calls fail in a share of 0 up to below 1.")
    return asked


def _run_cost(facts: Facts, asked: Scenario, volume: float) -> Ends | None:
    """Mean cost of a run as the scenario makes it."""
    cost = _mixed(facts, asked, lambda one: one.cost_usd)
    if cost is None:
        return None
    swapped = repriced(facts, asked.model).factor if asked.model else 1.0
    retried = retry_growth(facts, asked)
    return cost.times(swapped * retried * facts.growth.at(volume, facts.monthly_runs))


def retry_growth(facts: Facts, asked: Scenario) -> float:
    """(1 - failing share now) / (1 - failing share at load), 1 where one is not known."""
    if asked.failing_share is None or facts.failing_share is None:
        return 1.0
    return (1 - facts.failing_share) / (1 - asked.failing_share)


def review_usd(facts: Facts, asked: Scenario) -> float | None:
    """Review of one run, on average; null where it is not declared, zero where nobody reviews."""
    share = facts.review_share if asked.review_share is None else asked.review_share
    if share == 0:
        return 0.0
    if share is None or facts.review_minutes is None or facts.review_rate_usd is None:
        return None
    return facts.review_minutes / 60 * facts.review_rate_usd * share


def _mixed(facts: Facts, asked: Scenario, of: Callable[[Segment], Ends | None]) -> Ends | None:
    """A mean of all runs brought to the mix asked for: strata by their share, half widths as
    independent errors; null where a segment asked for has none."""
    mix, now = shares(asked.segment_mix), {one.name: one.share for one in facts.segments}
    if not mix or all(math.isclose(mix.get(name, 0.0), now[name]) for name in now):
        return of(facts.whole)
    strata = [(mix[one.name], of(one)) for one in facts.segments if mix.get(one.name)]
    known = [(share, ends) for share, ends in strata if ends]
    if len(known) < len(strata):
        return None
    value = math.fsum(share * ends.value for share, ends in known)
    bands = [(share, ends.value, ends.told) for share, ends in known if ends.told]
    if len(bands) < len(known):
        return Ends(value, None, None)
    halves = [(share * (at - lo), share * (hi - at)) for share, at, (lo, hi) in bands]
    below, above = (math.hypot(*side) for side in zip(*halves, strict=True))
    return Ends(value, max(0.0, value - below), value + above)


def shares(mix: Mapping[str, float] | None) -> dict[str, float]:
    """Shares that add up to one; empty where nothing is asked for."""
    total = math.fsum((mix or {}).values())
    return {name: share / total for name, share in (mix or {}).items()} if total else {}


def _bill(facts: Facts, cost: Ends, volume: float, review: float | None, stress: float) -> Month:
    fixed = None if facts.fixed_usd is None else facts.fixed_usd * stress
    reviewed = None if review is None else review * volume
    rest = (fixed or 0.0) + (reviewed or 0.0)
    month = cost.times(volume)
    lo, hi = (None if end is None else end + rest for end in (month.lo, month.hi))
    return Month(stress, month.value, fixed, reviewed, month.value + rest, lo, hi)


def _per_success(bill: Month, volume: float, success: Ends | None) -> Ends | None:
    """The bill over the successes; relative errors of the two as independent, on the log scale."""
    if success is None or not success.value or not volume or bill.monthly_usd <= 0:
        return None
    value = bill.monthly_usd / (volume * success.value)
    if bill.told is None or success.told is None:
        return Ends(value, None, None)
    (lo, hi), (worst, best) = bill.told, success.told
    above = math.hypot(math.log(hi / bill.monthly_usd), math.log(success.value / worst))
    if lo <= 0:
        return Ends(value, 0.0, value * math.exp(above))
    below = math.hypot(math.log(bill.monthly_usd / lo), math.log(best / success.value))
    return Ends(value, value * math.exp(-below), value * math.exp(above))


def _notes(facts: Facts) -> tuple[str, ...]:
    """What the numbers leave out or take for granted."""
    unknown = facts.unknown_outcomes
    said = (
        facts.unknown_cost,
        f"{unknown:,} of {facts.whole.runs:,} runs have no known outcome and count as no success."
        if unknown
        else None,
        facts.unconverted,
    )
    return tuple(words for words in said if words)
