"""What the declarations say that derivation needs: names, stages, gates, side effects."""

from __future__ import annotations

import re
from functools import cache
from operator import itemgetter
from typing import Any

import orjson

from ingest.workflows import conditions

Row = dict[str, Any]


class Declared:
    """The declarations in force, asked by workflow name.

    `tables` holds the rows of workflows, workflow_steps, workflow_tools and workflow_approvals.
    """

    TABLES = ("workflows", "workflow_steps", "workflow_tools", "workflow_approvals")

    def __init__(self, tables: dict[str, list[Row]]) -> None:
        self._workflows = {row["workflow"]: row for row in tables["workflows"]}
        self._patterns: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
        for step in sorted(tables["workflow_steps"], key=itemgetter("position")):
            pattern = step["pattern"] or f".*:{re.escape(step['step'])}"
            compiled = re.compile(pattern, re.DOTALL)
            self._patterns.setdefault(step["workflow"], []).append((step["step"], compiled))
        self._effects = {
            (t["workflow"], t["tool"]): t["side_effect"] for t in tables["workflow_tools"]
        }
        self._gates: dict[tuple[str, str], conditions.Condition | None] = {
            (a["workflow"], a["action"]): conditions.parse(a["condition"])
            if a["condition"]
            else None
            for a in tables["workflow_approvals"]
        }
        self._named = cache(self._find)

    def has(self, workflow: str) -> bool:
        """Whether the workflow is declared at all."""
        return workflow in self._workflows

    def stage(self, workflow: str) -> str | None:
        """The declared stage."""
        return self._workflows.get(workflow, {}).get("stage")

    def outcome_rule(self, workflow: str) -> str | None:
        """The declared outcome rule as JSON text."""
        return self._workflows.get(workflow, {}).get("outcome")

    def by_source(self, paths: list[str]) -> str | None:
        """The workflow whose `match.source` is found in one of the paths."""
        for name, row in self._workflows.items():
            pattern = row["match_source"]
            if pattern and any(re.search(pattern, path) for path in paths):
                return str(name)
        return None

    def side_effect(self, workflow: str, tool: str | None, recorded: str | None) -> str | None:
        """What a tool does to the world: as declared, else as the trace says."""
        return self._effects.get((workflow, tool or "")) or recorded

    def gates(self, workflow: str, action: str | None) -> bool:
        """Whether the action may need an approval, depending on its input."""
        return (workflow, action or "") in self._gates

    def is_gated(self, workflow: str, action: str, payload: str | None) -> bool | None:
        """Whether this very call needs an approval; None when its input does not say."""
        condition = self._gates[workflow, action]
        if condition is None:
            return True
        try:
            value = orjson.loads(payload or "")
        except orjson.JSONDecodeError:
            return None
        return conditions.holds(condition, value)

    def step_of(self, workflow: str, step: Row) -> str | None:
        """The declared step a recorded one is: by its name, its agent, or the decision it took.

        The patterns of `match` are held against `kind:name`, as in `tool:crm.get_order`.
        """
        kind, name = step["kind"], step["name"]
        found = self._named(workflow, kind, (step["tool"] or name) if kind == "tool" else name)
        if found is None and kind == "agent" and step["agent"]:
            found = self._named(workflow, kind, step["agent"])
        if found is None and step["decision"]:
            found = self._named(workflow, "decision", step["decision"])
        return found

    def _find(self, workflow: str, kind: str, name: str) -> str | None:
        for step, pattern in self._patterns.get(workflow, []):
            if pattern.fullmatch(f"{kind}:{name}"):
                return step
        return None
