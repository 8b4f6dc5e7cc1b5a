"""How numbers that are no plain shares read: the number, and what it is held to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from queries.grading import wilson
from queries.grading.repetition import flakiness
from queries.rules import Check
from queries.spoken_money import MONEY

Result = dict[str, Any]


def count(check: Check, result: Result) -> tuple[str, str]:
    """How many rows, and how many of them are good."""
    k, n = result["k"], result["n"]
    limits = f"limits {result['limit_a']:.0f} and {result['limit_r']:.0f}, "
    if not n:
        return f"0 {check.unit}", limits
    lo, hi = wilson(k, n)
    number = f"{n:,.0f} {check.unit}, {k / n:.1%} of them good"
    return number, f"95%: {lo * 100:.1f}–{hi * 100:.1f}%; {limits}"


def matched(check: Check, result: Result) -> tuple[str, str]:
    """What was traced of what was counted, on the worst day."""
    number = f"{result['value']:.1%}: {result['k']:,.0f} traced, {result['n']:,.0f} counted"
    spread = 1 - result["limit_r"]
    return f"{number} on the worst day", f"limit {spread:.0%} either way, "


def weakest(check: Check, result: Result) -> tuple[str, str]:
    """The coverage of the field that is recorded least."""
    number = f"the weakest field is on {result['value']:.1%} of {result['n']:,.0f} steps"
    return number, f"limit {result['limit_r']:.0%}, "


def repeatable(check: Check, result: Result) -> tuple[str, str]:
    """What three passes in a row lose against one, beside how often one passes."""
    value, n = result["value"], result["n"]
    once = result["k"] / n
    number = (
        f"{value * 100:.1f} points fewer pass three times in a row than once ({once:.1%}), on"
        f" {n:.0f} tasks; flakiness {flakiness(once, value):.2f}, where 0 is that the same tasks"
        " always fail and 1 a toss of a coin"
    )
    return number, f"{_interval(result, 100)}limit {result['limit_r'] * 100:.0f} points, "


def silence(check: Check, result: Result) -> tuple[str, str]:
    """Flags on runs, and the chance of none."""
    number = f"{result['k']:,.0f} flagged of {result['n']:,.0f} {check.unit}"
    floor = f"assumed: {result['limit_a']:.0%} of users flag what is wrong, "
    if result["k"]:
        return number, floor
    return f"{number}; a chance of {result['value']:.1%} if users could flag", floor


def recurrence(check: Check, result: Result) -> tuple[str, str]:
    """The rate after a fix over that before."""
    number = (
        f"{result['value']:.2f} times the rate before the fix, {result['k']:.0f} reports after and"
        f" {result['n']:.0f} before"
    )
    return number, f"{_interval(result, 1)}limit {result['limit_r']:.2f}, "


def trend(check: Check, result: Result) -> tuple[str, str]:
    """The trend of failures over weeks."""
    number = f"trend of failures z {result['value']:.2f} over {result['n']:.0f} weeks"
    return number, f"limits -{result['limit_a']:.2f} and +{result['limit_r']:.2f}, "


def peak(check: Check, result: Result) -> tuple[str, str]:
    """The busiest minutes at target volume, of the rate limit."""
    number = (
        f"{result['value']:.0%} of the rate limit at target volume, from {result['k']:,.0f} calls"
        f" in the busiest minutes of {result['n']:.0f} days"
    )
    bounds = f"90%: {result['lo'] * 100:.0f}–{result['hi'] * 100:.0f}%; "
    return number, f"{bounds}limit {result['limit_r']:.0%}, "


def two_arm(check: Check, result: Result) -> tuple[str, str]:
    """What a team gains over one agent, and what its success costs."""
    cost = "" if result["k"] is None else f" at {result['k']:.1f} times the cost of a success"
    number = (
        f"{result['value'] * 100:+.1f} points of success{cost}, on {result['n']:.0f} {check.unit}"
    )
    bounds = f"95%: {result['lo'] * 100:+.1f} to {result['hi'] * 100:+.1f} points; "
    return number, f"{bounds}limit: nothing gained at {result['limit_r']:g} times the cost, "


def species(check: Check, result: Result) -> tuple[str, str]:
    """The chance of a kind nobody has met."""
    number = (
        f"{result['value']:.1%} chance that the next is of a new kind; kinds seen once:"
        f" {result['k']:,.0f} in {result['n']:,.0f} {check.unit}"
    )
    bounds = f"95%: {result['lo'] * 100:.1f}–{result['hi'] * 100:.1f}%; "
    return number, f"{bounds}limit {result['limit_r']:.0%}, "


def shortfall(check: Check, result: Result) -> tuple[str, str]:
    """Days of records that are lacking, and how many of the oldest records opened."""
    number = (
        f"{result['value']:.0f} days short, {result['k']:.0f} of {result['n']:.0f} {check.unit}"
    )
    return number, f"no day may lack, and {1 - result['limit_r']:.0%} must open, "


def _interval(result: Result, scale: float) -> str:
    if result["lo"] is None:
        return ""
    digits = 1 if scale > 1 else 2
    return f"95%: {result['lo'] * scale:.{digits}f}–{result['hi'] * scale:.{digits}f}; "


SPOKEN: dict[str, Callable[[Check, Result], tuple[str, str]]] = {
    "count": count,
    "matched": matched,
    "weakest": weakest,
    "repeatable": repeatable,
    "silence": silence,
    "recurrence": recurrence,
    "trend": trend,
    "peak": peak,
    "two_arm": two_arm,
    "species": species,
    "shortfall": shortfall,
    **MONEY,
}
