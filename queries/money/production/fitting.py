"""Whether a projected month fits its budget, at once, five and ten times the fixed cost."""

from __future__ import annotations

from queries.money.amounts import count, usd
from queries.money.production.pilot import Facts
from queries.money.production.scenario import Fit, Month

STRESSES = (1, 5, 10)
PRICED_RUNS = 100
ANSWERS = (
    "fits at 10x", "fits at 5x, not at 10x", "fits at 1x, not at 5x", "could go either way",
    "does not fit", "no budget",
)  # fmt: skip


def fit(bills: tuple[Month, ...], facts: Facts, volume: float, silence: str = "") -> Fit:
    """The answer for bills at STRESSES, judged on the upper end of each; as check COST-7 does, it
    takes 100 priced runs, and a month whose centre is beyond the budget does not fit."""
    if facts.budget_usd is None:
        why = facts.unconverted or "No monthly budget is declared for this workflow."
        return Fit(None if facts.unconverted else "no budget", why)
    if unsure := silence or facts.unknown_cost or _few(facts):
        return Fit(None, unsure)
    at_once = bills[0]
    said = f"{count(round(volume))} runs a month"
    if at_once.monthly_usd > facts.budget_usd:
        over = at_once.monthly_usd - facts.budget_usd
        return Fit("does not fit", f"{said} are expected to cost {usd(over)} more than the "
                   f"budget of {usd(facts.budget_usd)}: {_band(at_once)}.")  # fmt: skip
    if missing := undeclared(at_once):
        return Fit(None, missing)
    if at_once.hi_usd is None:
        return Fit(None, "One of the segments asked for has fewer than two runs with a cost.")
    return _judged(bills, facts.budget_usd, said)


def _judged(bills: tuple[Month, ...], budget: float, said: str) -> Fit:
    fitting = sum(bill.hi_usd is not None and bill.hi_usd <= budget for bill in bills)
    at_once, most = bills[0], bills[max(fitting - 1, 0)]
    if fitting == 0:
        return Fit("could go either way", f"{said} are expected to stay within the budget of "
                   f"{usd(budget)}, but may not: {_band(at_once)}.")  # fmt: skip
    words = f"{said} stay within the budget of {usd(budget)} "
    words += "at today's fixed cost" if fitting == 1 else f"at {most.stress:g} times the fixed cost"
    words += f": {_band(most)}"
    if fitting == len(bills):
        return Fit(ANSWERS[0], f"{words}.")
    beyond = bills[fitting]
    rest = f"at {beyond.stress:g} times it is {_band(beyond)}"
    return Fit(ANSWERS[len(bills) - fitting], f"{words}; {rest}.")


def undeclared(bill: Month) -> str:
    """What of the bill nobody declared; empty where all is known."""
    if bill.infrastructure_usd is None:
        return "fixed_monthly_usd is not declared. Write 0 where nothing is fixed."
    if bill.review_usd is None:
        return "review is not declared. Write share: 0 where nobody reviews."
    return ""


def _few(facts: Facts) -> str:
    n = facts.whole.n
    return f"{PRICED_RUNS} runs with a cost are needed; there are {n}." if n < PRICED_RUNS else ""


def _band(bill: Month) -> str:
    if bill.lo_usd is None or bill.hi_usd is None:
        return f"{usd(bill.monthly_usd)}"
    return f"{usd(bill.monthly_usd)}, {usd(bill.lo_usd)} to {usd(bill.hi_usd)}"
