"""How the numbers of the cost checks read: the number, and what it is held to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from queries.rules import Check

Result = dict[str, Any]


def gap(check: Check, result: Result) -> tuple[str, str]:
    """Traced against invoiced spend; below means use that no trace saw."""
    value, k = result["value"], result["k"]
    side = "below" if value < 0 else "above"
    number = f"${k:,.2f} traced, {abs(value):.1%} {side} the invoice over {result['n']:.0f} days"
    limits = f"limits {result['limit_a']:.0%} and {result['limit_r']:.0%} either way, "
    return (f"{number}: untraced use or prices too low" if value < 0 else number), limits


def burn(check: Check, result: Result) -> tuple[str, str]:
    """Spend as a multiple of the pace that the budget allows."""
    number = f"{result['value']:.1f} times the pace of the budget, ${result['k']:,.2f} spent"
    limits = f"limits {result['limit_a']:.0f} and {result['limit_r']:.0f}, "
    return f"{number} by {result['n']:.0f} {check.unit}", limits


def per_success(check: Check, result: Result) -> tuple[str, str]:
    """The cost of a success in dollars, and against its target."""
    each = result["k"] / result["n"]
    number = f"${each:,.2f} a success over {result['n']:.0f}, {result['value']:.0%} of the target"
    return f"{number} of ${each / result['value']:,.2f}", _held(result)


def wasted(check: Check, result: Result) -> tuple[str, str]:
    """The share of spend without a result."""
    number = f"{result['value']:.1%} of the spend of {result['n']:.0f} {check.unit}"
    return f"{number}, ${result['k']:,.2f}", _held(result)


def scaled(check: Check, result: Result) -> tuple[str, str]:
    """Cost at target volume against the budget."""
    number = f"${result['k']:,.0f} a month at target volume, {result['value']:.0%} of the budget"
    return f"{number}, from {result['n']:.0f} {check.unit}", _held(result)


def runaway(check: Check, result: Result) -> tuple[str, str]:
    """The share of spend in the dearest runs."""
    number = f"{result['value']:.1%} of the spend is in the dearest 5% of {result['n']:.0f}"
    return f"{number} {check.unit}", f"limit {result['limit_a']:.0%}, and no run above its cap, "


def _held(result: Result) -> str:
    limit = f"limit {result['limit_r']:.0%}, "
    if result["lo"] is None:
        return limit
    return f"95%: {result['lo']:.1%}–{result['hi']:.1%}; {limit}"


MONEY: dict[str, Callable[[Check, Result], tuple[str, str]]] = {
    "gap": gap,
    "burn": burn,
    "per_success": per_success,
    "wasted": wasted,
    "scaled": scaled,
    "runaway": runaway,
}
