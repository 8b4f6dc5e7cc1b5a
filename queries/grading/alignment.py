"""How well one variant of a run fits a map, and which steps it skipped or inserted."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

ENTRY, END = "^", "$"
Edges = Iterable[tuple[str, str]]


class Alignment(NamedTuple):
    """The cheapest way to read a trace as a path of the map; fitness is 0..1."""

    cost: int
    fitness: float
    skipped: tuple[str, ...]
    inserted: tuple[str, ...]


def align(trace: Sequence[str], edges: Edges) -> Alignment | None:
    """Align a sequence of steps with a map of (from, to) edges from `^` to `$`.

    None where no path leads through the map. A step skipped or inserted costs 1; fitness is
    1 - cost / (length of the trace + length of the shortest path) (van der Aalst 2012).
    """
    following: dict[str, list[str]] = {}
    for start, to in sorted(set(edges)):
        following.setdefault(start, []).append(to)
    found, shortest = _cheapest(trace, following), _cheapest((), following)
    if found is None or shortest is None:
        return None
    skipped, inserted = found
    cost, longest = len(skipped) + len(inserted), len(trace) + len(shortest[0])
    return Alignment(cost, 1 - cost / longest if longest else 1.0, skipped, inserted)


def _cheapest(
    trace: Sequence[str], following: Mapping[str, list[str]]
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Shortest path over pairs of a place in the trace and a step of the map (Dijkstra 1959)."""
    queue: list[tuple[int, int, str, tuple[str, ...], tuple[str, ...]]] = [(0, 0, ENTRY, (), ())]
    seen: set[tuple[int, str]] = set()
    while queue:
        cost, place, at, skipped, inserted = heapq.heappop(queue)
        if (place, at) in seen:
            continue
        seen.add((place, at))
        step = trace[place] if place < len(trace) else None
        if at == END and step is None:
            return skipped, inserted
        if step is not None:
            heapq.heappush(queue, (cost + 1, place + 1, at, skipped, (*inserted, step)))
        for to in following.get(at, ()):
            if to == END:
                heapq.heappush(queue, (cost, place, END, skipped, inserted))
                continue
            heapq.heappush(queue, (cost + 1, place, to, (*skipped, to), inserted))
            if to == step:
                heapq.heappush(queue, (cost, place + 1, to, skipped, inserted))
    return None
