"""What a card says of one check, in words."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from queries.grading import clean_needed
from queries.rules import Check
from queries.spoken import SPOKEN

KINDS = {
    "policy": "our default",
    "derived": "derived",
    "src": "from a source",
    "owner": "changed by owner",
}


def about(check: Check, result: dict[str, Any]) -> str:
    """The question, and the number with its interval and limit, or what is missing."""
    gaps, spoken = lacking(result), told(check, result)
    if spoken is None or gaps:
        return f"{check.id} {check.title} {gaps or _uncounted(result)}"
    number, bounds = spoken
    return f"{check.id} {check.title} {number} ({bounds}).{_clean(check, result)}"


def _uncounted(result: dict[str, Any]) -> str:
    alarms = result.get("alarms")
    return f"{alarms:.0f} of what is never allowed." if alarms else "Never: no day to count from."


def told(check: Check, result: dict[str, Any]) -> tuple[str, str] | None:
    """The number, and its interval and limit with their kind; null where nothing was counted."""
    if result["value"] is None:
        return None
    kind = KINDS.get(result["limit_kind"], result["limit_kind"])
    number, bounds = SPOKEN.get(check.estimator, _usual)(check, result)
    return number, f"{bounds}{kind}"


def lacking(result: dict[str, Any]) -> str:
    """What a check lacks, or what else is to be known of it; empty where nothing."""
    return " ".join(dict.fromkeys(gap["text"] for gap in json.loads(result["missing"] or "[]")))


def fix(check: Check, whys: list[str]) -> str:
    """What to do, filled with the commonest subject of the rows that failed."""
    failed = [why for why in whys if not why.startswith("passed: ")]
    subject = Counter(failed).most_common(1)[0][0] if failed else "see the rows"
    return check.fix.replace("{evidence}", subject)


def _percent(share: float) -> str:
    return f"{share * 100:.1f}%"


def _usual(check: Check, result: dict[str, Any]) -> tuple[str, str]:
    return _number(check, result), _bounds(check, result)


def _number(check: Check, result: dict[str, Any]) -> str:
    value = result["value"]
    if check.estimator == "age":
        return f"{value:.0f} days"
    if check.estimator == "zero":
        return f"{result['k']:.0f} of {result['n']:.0f} {check.unit}"
    if check.estimator == "projection":
        return f"{value * 100:.0f}% of the budget"
    return f"{_percent(value)} of {result['n']:.0f} {check.unit}"


def _bounds(check: Check, result: dict[str, Any]) -> str:
    lo, hi, limit = result["lo"], result["hi"], result["limit_r"]
    if check.estimator == "age":
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
