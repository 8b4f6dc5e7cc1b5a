"""The edges of a declared workflow, entry (`^`) and end (`$`) among them."""

from __future__ import annotations

from typing import Any

from ingest.workflows.document import ENDS, Declaration

ENTRY, END = ENDS
Pair = tuple[str, str]


def edges(declared: Declaration) -> list[dict[str, Any]]:
    """One row per edge; none where neither edges nor branches are declared.

    An edge leaves a decision point (`is_branch`), or enters a step that an exception path names
    (`is_exception`), or both. A branch without an edge is an edge. Entry edges lead to the first
    step and to steps nothing leads to, except those of exception paths; end edges leave steps that
    lead nowhere; edges written with `^` or `$` stand instead of these.
    """
    branches = {
        (step, to): condition
        for step, decision in declared.decision_points.items()
        for to, condition in decision.branches.items()
    }
    written = {(e.from_step, e.to_step): e for e in declared.edges}
    exceptions = set(declared.exception_paths.values())
    pairs = list(dict.fromkeys([*written, *branches]))
    return [
        {
            "workflow": declared.id,
            "from_step": pair[0],
            "to_step": pair[1],
            "is_exception": pair[1] in exceptions,
            "is_branch": pair[0] in declared.decision_points,
            "condition": (edge and edge.when) or branches.get(pair),
            "expected_rate": edge and edge.expected_rate,
        }
        for pair in [*pairs, *_ends(declared, pairs, exceptions)]
        for edge in [written.get(pair)]
    ]


def _ends(declared: Declaration, pairs: list[Pair], exceptions: set[str]) -> list[Pair]:
    if not pairs:
        return []
    steps = [s.step for s in declared.steps]
    entered = {b for a, b in pairs if a != b} | exceptions
    left = {a for a, b in pairs if a != b}
    found: list[Pair] = []
    if not any(a == ENTRY for a, _ in pairs):
        found += [(ENTRY, s) for n, s in enumerate(steps) if n == 0 or s not in entered]
    if not any(b == END for _, b in pairs):
        found += [(s, END) for s in steps if s not in left]
    return found
