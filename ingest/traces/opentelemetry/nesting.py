"""What spans say of each other: usage stated twice, and the tool call that an execution failed."""

from __future__ import annotations

from typing import Any

from ingest.fields.usage import COST, TOKENS
from ingest.formats import Read
from ingest.traces.opentelemetry.claude_code import EXECUTION

Row = dict[str, Any]


class Nesting:
    """Settles spans as they arrive; children finish, and so stand, before what is around them."""

    def __init__(self) -> None:
        self._counted: dict[str, set[tuple[str, str]]] = {TOKENS[0]: set(), COST[0]: set()}
        self._failed: set[tuple[str, str]] = set()

    def settle(self, found: list[Read]) -> None:
        """Settle the steps among the records of one value."""
        steps = [step for r in found if isinstance(r, dict) for step in r.get("steps", ())]
        self._count_once(steps)
        self._fail_calls(steps)

    def _count_once(self, steps: list[Row]) -> None:
        """Take usage off a model call around another that states it: the inner one keeps it.

        A cost only the outer one states goes with its tokens, so that none is priced beside it.
        """
        self._hand_cost_down(steps)
        for columns, stated in ((TOKENS, (TOKENS,)), (COST, (TOKENS, COST))):
            wrapping = self._counted[columns[0]]
            wrapping.update(
                (step["run_id"], step["parent_step_id"])
                for step in steps
                if step["kind"] == "llm" and any(step.get(c[0]) is not None for c in stated)
            )
            for step in steps:
                if step["kind"] == "llm" and (step["run_id"], step["step_id"]) in wrapping:
                    for column in columns:
                        step.pop(column, None)

    def _hand_cost_down(self, steps: list[Row]) -> None:
        """Give the cost of a model call to the only one inside of it that has tokens and none."""
        calls = {(step["run_id"], step["step_id"]): step for step in steps if step["kind"] == "llm"}
        inside: dict[tuple[str, str], list[Row]] = {}
        for step in calls.values():
            if step.get(TOKENS[0]) is not None:
                inside.setdefault((step["run_id"], step["parent_step_id"]), []).append(step)
        for around, inner in inside.items():
            outer = calls.get(around, {})
            if len(inner) == 1 and COST[0] in outer and COST[0] not in inner[0]:
                inner[0].update({column: outer[column] for column in COST})

    def _fail_calls(self, steps: list[Row]) -> None:
        """Mark the tool call whose execution, a span of its own, failed."""
        self._failed.update(
            (step["run_id"], step["parent_step_id"])
            for step in steps
            if step["name"] == EXECUTION and step["status"] == "error"
        )
        for step in steps:
            if step["kind"] == "tool" and (step["run_id"], step["step_id"]) in self._failed:
                step["in_band_error"] = True
