"""The shape of one run: order, depth, agents, time of its own, critical path, attempts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

Step = dict[str, Any]

RETRY_WINDOW_US = 10 * 60 * 1_000_000
USER_SIMULATOR = "user_simulator"


class Tree(NamedTuple):
    """The steps of one run in order, and the children of every step by its id."""

    steps: list[Step]
    by_id: dict[str, Step]
    children: dict[str | None, list[Step]]


def shape(steps: list[Step]) -> None:
    """Fill the derived columns of one run's steps in place; times are microseconds."""
    steps.sort(key=lambda s: (_start(s), -(s["ended_at"] or 0), _place(s["step_id"])))
    by_id = {s["step_id"]: s for s in steps}
    children: dict[str | None, list[Step]] = {}
    for step in steps:
        parent = step["parent_step_id"]
        children.setdefault(parent if parent in by_id else None, []).append(step)
    tree = Tree(steps, by_id, children)
    for number, step in enumerate(steps):
        step.update(seq=number, depth=0, agent_path=None, reenters_agent=None, critical_ms=None)
    for top in children.get(None, []):
        _descend(tree, top)
    for step in steps:
        step["self_ms"] = _self_ms(step, children.get(step["step_id"], []))
    _critical_path(tree)
    _attempts(steps)


def _start(step: Step) -> int:
    found = step["started_at"]
    return 2**62 if found is None else int(found)


def _place(step_id: str) -> tuple[int, str, int, str]:
    """The order of ids: numbers by their value, and the parts of a step, `7.2`, below it."""
    number, _, part = step_id.partition(".")
    return (len(number), number, len(part), part) if number.isdecimal() else (0, step_id, 0, "")


def _descend(tree: Tree, top: Step) -> None:
    """Depth and agents from a root downwards; a ring of parents is never entered."""
    stack: list[tuple[Step, int, tuple[str, ...]]] = [(top, 0, ())]
    while stack:
        step, depth, agents = stack.pop()
        step["depth"] = depth
        if step["kind"] == "agent" and step["agent"]:
            step["reenters_agent"] = step["agent"] in agents
            agents = (*agents, step["agent"])
        elif step["agent"] is None and agents:
            step["agent"] = agents[-1]
        step["agent_path"] = " > ".join(agents) or None
        below = tree.children.get(step["step_id"], [])
        stack.extend((child, depth + 1, agents) for child in below)


def _self_ms(step: Step, children: list[Step]) -> float | None:
    """Duration less the union of the children's times inside it, in ms."""
    if step["started_at"] is None or step["ended_at"] is None:
        return None
    spans = sorted(
        (max(c["started_at"], step["started_at"]), min(c["ended_at"], step["ended_at"]))
        for c in children
        if c["started_at"] is not None and c["ended_at"] is not None
    )
    duration: int = step["ended_at"] - step["started_at"]
    return max(duration - covered(spans), 0) / 1_000


def covered(spans: list[tuple[int, int]]) -> int:
    """The length of the union of intervals sorted by their start."""
    total, reach = 0, None
    for start, end in spans:
        begin = start if reach is None else max(start, reach)
        if end > begin:
            total += end - begin
        reach = end if reach is None else max(reach, end)
    return total


def _critical_path(tree: Tree) -> None:
    """Share the run's time among the steps on its critical path (CRISP): walk back from the end,
    last-finishing child first; time no child covers belongs to the parent. One root is needed."""
    roots = tree.children.get(None, [])
    if len(roots) != 1 or roots[0]["started_at"] is None or roots[0]["ended_at"] is None:
        return
    for step in tree.steps:
        step["critical_ms"] = 0.0 if step["ended_at"] is not None else None
    stack = [(roots[0], roots[0]["started_at"], roots[0]["ended_at"])]
    while stack:
        step, start, end = stack.pop()
        own = end - start
        for child, begin, finish in _chain(tree, step, start, end):
            own -= finish - begin
            stack.append((child, begin, finish))
        step["critical_ms"] = own / 1_000


def _chain(tree: Tree, step: Step, start: int, end: int) -> Iterator[tuple[Step, int, int]]:
    below = [
        c
        for c in tree.children.get(step["step_id"], [])
        if c["started_at"] is not None and c["ended_at"] is not None
    ]
    below.sort(key=lambda c: (c["ended_at"], c["started_at"], c["step_id"]), reverse=True)
    last = end
    for child in below:
        begin, finish = max(child["started_at"], start), min(child["ended_at"], last)
        if begin < finish <= end:
            yield child, begin, finish
            end = begin


def _attempts(steps: list[Step]) -> None:
    """Number the attempts of one logical call: same tool and input, begun within 10 minutes after
    a failed predecessor."""
    last: dict[tuple[Any, ...], Step] = {}
    for step in steps:
        if step["kind"] != "tool" or step["started_at"] is None:
            step["attempt"] = 1 if step["kind"] == "tool" else None
            continue
        key = (step["tool"] or step["name"], step["input_hash"])
        before = last.get(key)
        again = (
            before is not None
            and failed(before)
            and step["started_at"] - before["started_at"] < RETRY_WINDOW_US
        )
        step["attempt"] = before["attempt"] + 1 if before and again else 1
        last[key] = step


def failed(step: Step) -> bool:
    """Whether a step failed, by its span or in its answer."""
    return bool(step["status"] == "error" or step["in_band_error"])
