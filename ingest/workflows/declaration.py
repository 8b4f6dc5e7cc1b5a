"""One workflow as its owners declare it in YAML: steps, edges, tools, approvals, limits, money."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from ingest.formats import Read, Rows, Sample, Value
from ingest.schema import TABLES
from ingest.workflows import faults
from ingest.workflows.document import ENDS, Declaration, Tool
from ingest.workflows.edges import edges

NAME = "workflow.yaml"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "workflows"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "Write one YAML file per workflow: id, stage, owner, steps, edges, allowed_tools,"
    " approvals_required, budget and more. Only id is required."
)

KEYS = frozenset(Declaration.model_fields)
CLASSES = frozenset(
    w for c in TABLES["steps"].columns if c.name == "error_class" for w in c.words
) | {"*", "rejected", "expired"}


def accepts(sample: Sample) -> bool:
    """YAML with at least two keys of a declaration that is no list of budgets."""
    return (
        sample.container == "yaml"
        and len(sample.columns & KEYS) >= 2
        and not sample.columns & {"budgets", "scope_kind"}
    )


def read(values: Iterator[Value], checks: frozenset[str] = frozenset()) -> Iterator[Read]:
    """All rows of a declaration, or one reject that says everything that is wrong with it.

    `checks` are the ids it may name; without any they are not judged.
    """
    for value in values:
        document = faults.plain(value)
        declared, wrong = _validated(document, value, checks)
        wrong += _loose_ends(declared, value)
        yield faults.reject(wrong) if wrong else _rows(declared, document)


def _validated(
    document: dict[str, Any], value: Value, checks: frozenset[str]
) -> tuple[Declaration, list[faults.Fault]]:
    """The declaration less the keys that hold something wrong, and what that is."""
    try:
        return Declaration.model_validate(document, context=checks), []
    except ValidationError as error:
        bad = {e["loc"][0] for e in error.errors() if e["loc"]}
        rest = {} if "steps" in bad else {k: v for k, v in document.items() if k not in bad}
        kept = Declaration.model_validate({"id": "-"} | rest)
        return kept, faults.of(error, value, Declaration)


class Told:
    """This format where it is known which checks there are."""

    NAME = NAME
    HOLDS: Literal["whole", "part"] = HOLDS
    RECORDS = RECORDS
    BASIS: Literal["files", "documentation"] = BASIS
    OBTAIN = OBTAIN

    def __init__(self, checks: Iterable[str]) -> None:
        self._checks = frozenset(checks)

    def accepts(self, sample: Sample) -> bool:
        """As the module."""
        return accepts(sample)

    def read(self, values: Iterator[Value]) -> Iterator[Read]:
        """As the module, with names of checks that there are not among the faults."""
        return read(values, self._checks)


def _loose_ends(declared: Declaration, value: Value) -> Iterator[faults.Fault]:
    """Names that stand for a step which is not declared, and error classes nobody knows."""
    steps = [s.step for s in declared.steps]
    for place, name, allowed in _references(declared):
        if name not in {*steps, *allowed}:
            words = f'"{name}" in {place[0]} is no step. {faults.nearest(name, steps)}'
            yield faults.fault(value, place, words)
    for trigger in declared.exception_paths:
        subject, _, kind = trigger.rpartition(":")
        if not subject or kind not in CLASSES:
            words = f'"{trigger}" is not `tool:error_class`. {faults.nearest(kind, CLASSES)}'
            yield faults.fault(value, ("exception_paths", trigger), words)
    if declared.budget.currency != "USD" and declared.budget.per_run_cap is not None:
        words = "per_run_cap is in US dollars, but the budget is not. Declare both in US dollars."
        yield faults.fault(value, ("budget", "per_run_cap"), words)


def _references(declared: Declaration) -> Iterator[tuple[faults.Place, str, tuple[str, ...]]]:
    """Every place that names a step, with what else it may name."""
    for number, edge in enumerate(declared.edges):
        yield ("edges", number, "from"), edge.from_step, ENDS[:1]
        yield ("edges", number, "to"), edge.to_step, ENDS[1:]
    for name in declared.match:
        yield ("match", name), name, ("source",)
    for step, decision in declared.decision_points.items():
        yield ("decision_points", step), step, ()
        for to in decision.branches:
            yield ("decision_points", step, "branches", to), to, ENDS[1:]
    for trigger, to in declared.exception_paths.items():
        yield ("exception_paths", trigger), to, ENDS[1:]


def _rows(declared: Declaration, document: dict[str, Any]) -> Rows:
    workflow = {"workflow": declared.id}
    whole = workflow | _facts(declared) | _limits(declared) | {"declaration": document}
    return {
        "workflows": [whole],
        "budgets": _budget(declared),
        **_map(declared, workflow),
        **_people(declared, workflow),
    }


def _map(declared: Declaration, workflow: dict[str, str]) -> Rows:
    """Steps, edges, tools and exception paths."""
    return {
        "workflow_steps": [
            workflow
            | {"step": s.step, "position": n, "system": s.system}
            | {"pattern": declared.match.get(s.step)}
            for n, s in enumerate(declared.steps, 1)
        ],
        "workflow_edges": edges(declared),
        "workflow_tools": [
            workflow | {"tool": name} | row
            for name, tool in declared.allowed_tools.items()
            for row in _grants(tool)
        ],
        "workflow_paths": [
            workflow | {"trigger": trigger, "to_step": to}
            for trigger, to in declared.exception_paths.items()
        ],
    }


def _grants(tool: Tool) -> list[dict[str, Any]]:
    """One row per scope and stage a tool is allowed in; without any, one for all of them."""
    facts = tool.model_dump(exclude={"scope", "stage"})
    scopes: list[str | None] = [*tool.scope] or [None]
    stages: list[str | None] = [*tool.stage] or [None]
    return [facts | {"scope": a, "stage": b} for a, b in product(scopes, stages)]


def _people(declared: Declaration, workflow: dict[str, str]) -> Rows:
    """What people must approve, have set aside, and have signed."""
    return {
        "workflow_approvals": [
            workflow
            | {"action": name, "condition": a.when, "sla_h": a.sla_h, "min_read_s": a.min_read_s}
            for name, a in declared.approvals_required.items()
        ],
        "waivers": [
            workflow | w.model_dump(exclude={"check"}) | {"check_id": w.check}
            for w in declared.waivers
        ],
        "gate_signoffs": [
            workflow | {"gate": s.gate, "signed_by": s.by, "signed_on": s.on}
            for s in declared.signoffs
        ],
    }


def _facts(d: Declaration) -> dict[str, Any]:
    """What the workflow is, who owns it, and when it is done."""
    return {
        "stage": d.stage,
        "risk": d.risk,
        "owner_product": d.owner.product,
        "owner_operations": d.owner.operations,
        "owner_engineering": d.owner.engineering,
        "reviewed_at": d.reviewed_at,
        "production_since": d.production_since,
        "source": d.source,
        "team": d.team,
        "trigger": d.trigger,
        "fallback": d.fallback,
        "done_when": _json(d.done_when),
        "outcome": _json(d.outcome),
        "inputs": d.inputs or None,
        "outputs": d.outputs or None,
        "match": {k: v for k, v in d.match.items() if k != "source"} or None,
        "match_source": d.match.get("source"),
        "constraints": d.constraints or None,
    }


def _limits(d: Declaration) -> dict[str, Any]:
    """What it is held to."""
    return {
        "slo_success": d.slo.success,
        "slo_p95_machine_s": d.slo.p95_machine_s,
        "expected_monthly_volume": d.expected_monthly_volume,
        "peak_factor": d.peak_factor,
        "value_per_outcome_usd": d.value_per_outcome,
        "human_baseline": _json(d.human_baseline),
        "review": _json(d.review),
        "per_run_cap_usd": d.budget.per_run_cap,
        "fixed_monthly_usd": d.fixed_monthly_usd,
        "idle_limit_s": d.idle_limit_s,
        "max_rounds": d.max_rounds,
        "rate_limits": d.rate_limits or None,
        "feedback_sla_days": d.feedback.sla_days,
        "random_reviews_per_day": d.feedback.random_reviews_per_day,
        "retention_days": d.retention_days,
        "limits": d.limits or None,
    }


def _budget(declared: Declaration) -> list[dict[str, Any]]:
    budget = declared.budget
    if budget.monthly is None:
        return []
    row = {"scope_kind": "workflow", "scope": declared.id, "period": "month"}
    money = {"amount": str(budget.monthly), "currency": budget.currency}
    return [row | money | {"valid_from": budget.valid_from}]


def _json(part: BaseModel | None) -> dict[str, Any] | None:
    return (part.model_dump(exclude_none=True) or None) if part else None
