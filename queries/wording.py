"""What a card says of one check, in words."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from queries.grading import clean_needed
from queries.rules import Check

KINDS = {
    "policy": "our default",
    "derived": "derived",
    "src": "from a source",
    "owner": "changed by owner",
}


def about(check: Check, result: dict[str, Any]) -> str:
    """The question, and the number with its interval and limit, or what is missing."""
    gaps = " ".join(gap["text"] for gap in json.loads(result["missing"] or "[]"))
    if result["value"] is None or gaps:
        return f"{check.id} {check.title} {gaps or 'Never: no day to count from.'}"
    kind = KINDS.get(result["limit_kind"], result["limit_kind"])
    words = f"{check.id} {check.title} {_number(check, result)} ({_bounds(check, result)}{kind})."
    return words + _clean(check, result)


def fix(check: Check, whys: list[str]) -> str:
    """What to do, filled with the commonest subject of the rows that failed."""
    failed = [why for why in whys if not why.startswith("passed: ")]
    subject = Counter(failed).most_common(1)[0][0] if failed else "see the rows"
    return check.fix.replace("{evidence}", subject)


def _percent(share: float) -> str:
    return f"{share * 100:.1f}%"


def _number(check: Check, result: dict[str, Any]) -> str:
    value = result["value"]
    if check.estimator in ("count", "age"):
        return f"{value:.0f} {'days' if check.estimator == 'age' else check.unit}"
    if check.estimator == "zero":
        return f"{result['k']:.0f} of {result['n']:.0f} {check.unit}"
    if check.estimator == "projection":
        return f"{value * 100:.0f}% of the budget"
    return f"{_percent(value)} of {result['n']:.0f} {check.unit}"


def _bounds(check: Check, result: dict[str, Any]) -> str:
    lo, hi, limit = result["lo"], result["hi"], result["limit_r"]
    if check.estimator in ("count", "age"):
        return f"limits {result['limit_a']:.0f} and {limit:.0f}, "
    if check.estimator == "zero":
        told = f"95%: {lo * 100:.1f}–{hi * 100:.1f}%" if result["k"] else f"at most {_percent(hi)}"
        return f"{told}; none is allowed, "
    level = "90%" if check.estimator == "projection" else "95%"
    interval = f"{level}: {lo * 100:.1f}–{hi * 100:.1f}%; " if lo is not None else ""
    return f"{interval}limit {_percent(limit)}, "


def _clean(check: Check, result: dict[str, Any]) -> str:
    is_clean = check.estimator == "share" and not check.limits.good_is_high and result["k"] == 0
    if result["state"] != "amber" or not is_clean:
        return ""
    more = clean_needed(result["limit_r"]) - int(result["n"])
    return f" {more} more clean {check.unit} for green." if more > 0 else ""
