"""What a projection rests on, one line each: the number in words, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator

from queries.money.amounts import count, usd
from queries.money.production.pilot import Ends, Facts
from queries.money.production.repriced import repriced
from queries.money.production.scenario import Driver, Scenario

NOT_DECLARED = "not declared"


def drivers(
    facts: Facts, asked: Scenario, volume: float, success: Ends | None
) -> tuple[Driver, ...]:
    """All drivers, in the order in which they enter the bill."""
    return (
        _volume(facts, asked, volume),
        *_runs(facts, asked),
        *_factors(facts, asked, volume),
        _fixed(facts, asked),
        _review(facts, asked),
        _success(facts, success),
        _budget(facts),
    )


def _volume(facts: Facts, asked: Scenario, volume: float) -> Driver:
    said = f"{count(round(volume))} runs a month"
    if asked.volume is not None:
        return Driver("volume", said, "chosen")
    if facts.volume is not None:
        return Driver("volume", said, "declared")
    return Driver("volume", f"{said}, as now; {NOT_DECLARED}", "measured", facts.whole.runs)


def _runs(facts: Facts, asked: Scenario) -> Iterator[Driver]:
    cost = facts.whole.cost_usd
    said = "no cost is known" if cost is None else f"{usd(cost.value)}{_band(cost)}"
    yield Driver("cost of a run", said, "measured", facts.whole.n)
    now = ", ".join(f"{one.name} {one.share:.0%}" for one in facts.segments[:4])
    if asked.segment_mix:
        total = sum(asked.segment_mix.values()) or 1
        now = ", ".join(f"{name} {share / total:.0%}" for name, share in asked.segment_mix.items())
    basis = "chosen" if asked.segment_mix else "measured"
    yield Driver(f"mix by {facts.dimension}", now, basis, facts.whole.runs)


def _factors(facts: Facts, asked: Scenario, volume: float) -> Iterator[Driver]:
    if asked.model:
        found = repriced(facts, asked.model)
        said = f"all calls on {asked.model}: a run costs {found.factor:.2f} times as much"
        kept = f"; {found.kept:,} calls without tokens or cost stay" if found.kept else ""
        yield Driver("model", said + kept, "chosen", found.calls)
    share = facts.failing_share
    if asked.failing_share is None or share is None:
        yield Driver("retries at load", "as now, times 1", "assumed")
    else:
        factor = (1 - share) / (1 - asked.failing_share)
        said = f"{share:.1%} → {asked.failing_share:.1%} of calls fail: times {factor:.2f}"
        yield Driver("retries at load", said, "chosen", facts.calls)
    yield _growth(facts, volume)
    said = "as now, times 1; prices as they are"
    yield Driver("context, cache hits, difficulty", said, "assumed")


def _growth(facts: Facts, volume: float) -> Driver:
    name, found = "growth with volume", facts.growth
    if found.exponent is None:
        return Driver(name, f"cost follows volume: {found.silence}", "assumed", found.days)
    more = (
        f"ten times the runs cost {10**found.exponent:.1f} times as much "
        f"({10**found.lo:.1f} to {10**found.hi:.1f})"
        if found.lo is not None and found.hi is not None
        else ""
    )
    factor = found.at(volume, facts.monthly_runs)
    used = f"times {factor:.2f}" if found.lo and found.lo > 1 else "cost is taken to follow volume"
    return Driver(name, f"{more}: {used}", "measured", found.days)


def _fixed(facts: Facts, asked: Scenario) -> Driver:
    if facts.fixed_usd is None:
        return Driver("infrastructure", NOT_DECLARED, "declared")
    if asked.stress == 1:
        return Driver("infrastructure", f"{usd(facts.fixed_usd)} a month", "declared")
    said = f"{usd(facts.fixed_usd)} a month, times {asked.stress:g}"
    return Driver("infrastructure", said, "chosen")


def _review(facts: Facts, asked: Scenario) -> Driver:
    share = facts.review_share if asked.review_share is None else asked.review_share
    basis = "declared" if asked.review_share is None else "chosen"
    if share == 0:
        return Driver("review", "nobody reviews", basis)
    minutes, rate = facts.review_minutes, facts.review_rate_usd
    if share is None or minutes is None or rate is None:
        return Driver("review", NOT_DECLARED, "declared")
    said = f"{share:.0%} of runs, {minutes:g} minutes each at {usd(rate)} an hour"
    return Driver("review", said, basis)


def _success(facts: Facts, success: Ends | None) -> Driver:
    if success is None:
        return Driver("success", "unknown for this mix", "measured", 0)
    said = f"{success.value:.1%} of runs are known to succeed"
    if success.lo is not None and success.hi is not None:
        said += f" ({success.lo:.1%} to {success.hi:.1%})"
    return Driver("success", said, "measured", facts.whole.runs)


def _budget(facts: Facts) -> Driver:
    if facts.budget_usd is None:
        return Driver("budget", facts.unconverted or NOT_DECLARED, "declared")
    return Driver("budget", f"{usd(facts.budget_usd)} a month", "declared")


def _band(ends: Ends) -> str:
    known = ends.lo is not None and ends.hi is not None
    return f" ({usd(ends.lo or 0)} to {usd(ends.hi or 0)})" if known else ""
