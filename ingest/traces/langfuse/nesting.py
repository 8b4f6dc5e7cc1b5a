"""Model calls around model calls: a framework's observation and the provider's inside it.

The tokens of a call are those of the innermost observation. The cost stays as each observation
states it, for that is what Langfuse adds up, unless the outer one repeats the tokens or the dollars
of what it holds.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ingest.fields.usage import COST, TOKENS

Row = dict[str, Any]


class Used(NamedTuple):
    """What an observation says it used."""

    input: int
    output: int
    cost_usd: float

    @classmethod
    def by(cls, step: Row) -> Used | None:
        """The usage on a step, null where it has none."""
        stated = [step.get(name) for name in ("input_tokens", "output_tokens", "cost_usd")]
        return None if stated == [None] * 3 else cls(*(n or 0 for n in stated))


class Nesting:
    """What was used inside of each observation of a run, whichever order they come in."""

    def __init__(self) -> None:
        self._parents: dict[str, str | None] = {}
        self._using: set[str] = set()
        self._inside: dict[str, dict[str, Used]] = {}

    def add(self, step: Row) -> None:
        """Note a step: what it used, or what was used inside of it, belongs to the one above."""
        here, above = step["step_id"], step.get("parent_step_id")
        used = Used.by(step)
        found = {here: used} if used else self._inside.get(here, {})
        if used:
            self._using.add(here)
        self._parents[here] = above
        passed = {here}
        while found and above is not None and above not in passed:
            self._inside.setdefault(above, {}).update(found)
            passed.add(above)
            above = None if above in self._using else self._parents.get(above)

    def settle(self, step: Row) -> None:
        """Take off a step what is stated inside of it."""
        here, used = step["step_id"], Used.by(step)
        inside = [found for name, found in self._inside.get(here, {}).items() if name != here]
        if used is None or not inside:
            return
        for column in (*TOKENS, *(COST if _repeats(used, inside) else ())):
            step.pop(column, None)


def _repeats(used: Used, inside: list[Used]) -> bool:
    if used.input or used.output:
        sums = (sum(s.input for s in inside), sum(s.output for s in inside))
        return (used.input, used.output) == sums
    return math.isclose(used.cost_usd, sum(s.cost_usd for s in inside), rel_tol=1e-6)
