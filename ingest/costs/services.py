"""Which kind of cost a cloud service is: infrastructure, observability, an API, or other."""

from __future__ import annotations

from typing import Any

OBSERVING = ("monitor", "log analytics", "logging", "insights", "cloudwatch", "observability")
INFRA = frozenset(
    """compute containers databases storage networking integration analytics security identity web
    multicloud migration media mobile""".split()
) | {"management and governance", "developer tools", "internet of things"}
AI = "ai and machine learning"


def category(family: Any, service: Any = "") -> str:
    """The category of a service by its name and by its family (FOCUS ServiceCategory, …)."""
    named = str(service or "").lower()
    if any(word in named for word in OBSERVING):
        return "observability"
    group = str(family or "").strip().lower().replace(" + ", " and ")
    if group == AI:
        return "api"
    return "infra" if group in INFRA else "other"
