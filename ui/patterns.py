"""The seven failure patterns in words, and what a failing one asks to be decided."""

from __future__ import annotations

from typing import NamedTuple


class Pattern(NamedTuple):
    """Title, heading of two lines, what the pattern means, and what to decide when it fails."""

    title: str
    short: str
    means: str
    fails: str
    decide: str


PATTERNS = {
    "technology_before_workflow": Pattern(
        "Technology before workflow",
        "Technology<br>first",
        "The work is mapped end to end, and runs follow the map.",
        "does not follow a mapped workflow",
        "map the work before adding runs",
    ),
    "no_governance": Pattern(
        "No governance from day one",
        "No<br>governance",
        "Actions stay inside their permissions and approvals, and can be stopped.",
        "acts without the approval it needs",
        "stop the action or gate it",
    ),
    "integrations_underestimated": Pattern(
        "Integration underestimated",
        "Integration<br>under-<br>estimated",
        "Calls to other systems succeed, and failures are handled.",
        "has an integration that fails for good",
        "repair the integration or declare a fallback",
    ),
    "multi_agent_too_early": Pattern(
        "Multi-agent too early",
        "Multi-agent<br>too early",
        "Several agents do not delegate in circles or stall.",
        "delegates in circles",
        "give each step one owner",
    ),
    "no_observability": Pattern(
        "No observability",
        "No<br>observability",
        "Traces are whole and outcomes are known.",
        "cannot be seen well enough to judge",
        "complete the traces and record outcomes",
    ),
    "no_cost_model": Pattern(
        "Cost model ignored",
        "Cost model<br>ignored",
        "Spend is priced, and the month ends inside its budget.",
        "is on course to pass its budget",
        "raise the budget or reduce volume or price",
    ),
    "no_human_feedback": Pattern(
        "No human feedback loop",
        "No human<br>feedback",
        "People review a sample, and their flags are dealt with in time.",
        "runs without human review",
        "staff the review",
    ),
}
