"""The map of a drafted declaration: steps, what finds them, edges, and decisions to settle."""

from __future__ import annotations

from typing import Any

from ingest.store.observed import Observed
from ingest.workflows.document import ENDS
from ingest.workflows.seen_steps import RARE_PERCENT, Step, placed, steps
from ingest.yaml_words import example, word

Row = dict[str, Any]

MOST, LONGEST = 12, 200
MANY = 3
NOTHING = "# TODO steps: the traces name no tool, agent, decision or person"


def lines(seen: Observed, runs: int, source: str | None) -> list[str]:
    """The part of the YAML that says what follows what; `source` is a declared `match.source`."""
    names, kinds = seen.table("names"), seen.table("kinds")
    found = steps(names, kinds, runs)
    if not found:
        return [NOTHING, *_match(found, source)]
    edges, taken = seen.edges(placed(found, kinds))
    order = [ENDS[0], *(s.step for s in found), ENDS[1]]
    edges.sort(key=lambda e: (order.index(e["from_step"]), order.index(e["to_step"])))
    kept = [edge for edge in edges if not edge["is_rare"]]
    return [
        "steps:  # in the order they are typically reached",
        *(_step(step, runs) for step in found),
        *_left_out(names, found),
        *_match(found, source),
        f"edges:  # transitions of at least {RARE_PERCENT} % of runs; ^ begins a run, $ ends it",
        *(_edge(edge, runs) for edge in kept),
        *_rare(len(edges) - len(kept), taken, runs),
        *_tangled(len(kept), len(found)),
        *_decisions(found, kept),
    ]


def _step(step: Step, runs: int) -> str:
    row, name = step.row, word(step.step)
    system = row["system"] if 2 * row["with_system"] > row["spans"] else None
    if system and system.strip() and len(system) <= LONGEST:
        name = f"{{step: {name}, system: {word(system)}}}"
    return f"  - {name}  # {row['family']}, seen in {row['runs']:,} of {runs:,} runs"


def _left_out(names: list[Row], found: list[Step]) -> list[str]:
    """What was seen and is no step, with the reason."""
    taken = {(s.row["family"], s.row["known_as"]) for s in found}
    left = [row for row in names if (row["family"], row["known_as"]) not in taken]
    whole = [row["known_as"] for row in left if row["is_whole"]]
    inside = [row["known_as"] for row in left if row["is_inside"]]
    rare = len(left) - len(whole) - len(inside)
    told = [f"  # no step, for whole runs are inside of it: {_few(whole)}"] if whole else []
    told += [f"  # no step, for it is inside of one: {_few(inside)}"] if inside else []
    return [*told, f"  # rarer names left out: {rare:,}"] if rare else told


def _few(names: list[str]) -> str:
    more = f" and {len(names) - MOST:,} more" if len(names) > MOST else ""
    return f"{', '.join(map(example, names[:MOST]))}{more}"


def _match(found: list[Step], source: str | None) -> list[str]:
    told = [f"  source: {word(source)}  # as declared before"] if source else []
    told += [f"  {word(s.step)}: {word(s.pattern)}" for s in found if s.pattern]
    head = "match:  # kind:name in the traces, for steps that their name alone would not find"
    return [head, *told] if told else []


def _edge(edge: Row, runs: int) -> str:
    pair = (edge["from_step"], edge["to_step"])
    doubt = "; TODO without any of the steps?" if pair == ENDS else ""
    return f"  - [{', '.join(map(word, pair))}]  # {edge['runs']:,} of {runs:,} runs{doubt}"


def _rare(edges: int, taken: int, runs: int) -> list[str]:
    if not edges:
        return []
    return [f"  # rarer transitions left out: {edges:,}, taken in {taken:,} of {runs:,} runs"]


def _tangled(edges: int, found: int) -> list[str]:
    """A map that allows nearly everything shows nothing; rules for single steps say more."""
    if edges <= MANY * found:
        return []
    seen = f"{edges:,} transitions between {found:,} steps are hardly an order"
    return [f'# TODO constraints: ["before(A, B)", "at_most(A, 8)"]  # {seen}']


def _decisions(found: list[Step], kept: list[Row]) -> list[str]:
    told = []
    for step in [s for s in found if s.row["decides"]][:MOST]:
        to = [e for e in kept if e["from_step"] == step.step]
        branches = ", ".join(f"{example(e['to_step'])}: CONDITION" for e in to[:MOST])
        told.append(f"#   {example(step.step)}: {{criteria: TEXT, branches: {{{branches}}}}}")
    if not told:
        return []
    return ["# TODO decision_points:  # by which criteria, and when does which branch hold?", *told]
