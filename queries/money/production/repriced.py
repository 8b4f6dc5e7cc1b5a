"""What the same tokens would have cost on another model, and what is known about success on it."""

from __future__ import annotations

from typing import NamedTuple

from queries.grading import wilson
from queries.money.production.pilot import SEEN_DAYS, Facts, Z


class Repriced(NamedTuple):
    """Cost of all runs on the model over what it was, with the calls repriced and those kept
    because their tokens or their cost are not known."""

    factor: float
    calls: int
    kept: int


def repriced(facts: Facts, model: str) -> Repriced:
    """The model calls of the window, class by class, at the prices of `model` in force at as_of.

    Prices are those for any length of input; a call that already used the model is repriced too.
    """
    rates = facts.prices.offered(model, {use.provider for use in facts.models})
    calls = sum(use.told_calls for use in facts.models)
    kept = sum(use.calls for use in facts.models) - calls
    if rates is None or facts.run_usd <= 0:
        return Repriced(1.0, 0, calls + kept)
    before = sum(use.cost_usd for use in facts.models)
    after = sum(
        rates.cost_usd(
            use.uncached_tokens, use.cache_read_tokens, use.cache_write_tokens, use.output_tokens
        )
        for use in facts.models
    )
    return Repriced(1 + (after - before) / max(facts.run_usd, before), calls, kept)


def success_on(facts: Facts, model: str) -> str:
    """What is known about success on the model: no swap is a saving before that is measured."""
    runs, won = facts.outcomes.get(model, (0, 0))
    if not runs:
        return (
            f"Success on {model} is not measured: no run of the last {SEEN_DAYS} days used only "
            "it. Cheaper is a saving only where as many runs succeed."
        )
    lo, hi = wilson(won, runs, Z)
    return (
        f"{won / runs:.0%} of {runs:,} runs on {model} alone succeeded in the last {SEEN_DAYS} "
        f"days ({lo:.0%} to {hi:.0%}); {facts.whole.success.value:.0%} of all do now."
    )
