"""What was used of one model or tool in two windows, as chains of amounts that lead to its cost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import groupby, product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from queries.money.rates import PriceList, Rates

Floats = NDArray[np.float64]
Runs = Mapping[str, tuple[int, int]]
LINKS = 8


class Use(NamedTuple):
    """Calls of one window, their cost, and the tokens of those that have both.

    `list_usd` is what these tokens cost at the earlier prices without caching, `cached_usd` with
    it; not a number where a model has no price there.
    """

    calls: float = 0
    first_attempts: float = 0
    priced: float = 0
    cost_usd: float = 0
    told: float = 0
    input_tokens: float = 0
    cache_read_tokens: float = 0
    output_tokens: float = 0
    list_usd: float = 0
    cached_usd: float = 0

    @classmethod
    def total(cls, uses: Iterable[Use]) -> Use:
        """The sum of uses."""
        return cls(*map(math.fsum, zip(cls(), *uses, strict=True)))

    @property
    def tokens(self) -> float:
        """Tokens of all priced calls: those without any are taken to be like the others."""
        return (self.input_tokens + self.output_tokens) * self.priced / self.told


class Cell(NamedTuple):
    """One model or tool of a workflow, and its use before and after.

    `basis` says what its calls are weighed by: `list`, prices by class; `tokens`, one average rate
    where there is no list price; `calls`, the mean cost of a call where there are no tokens.
    """

    workflow: str
    kind: str
    subject: str
    before: Use
    after: Use

    @property
    def sides(self) -> tuple[Use, Use]:
        return self.before, self.after

    @property
    def basis(self) -> str:
        if any(use.told == 0 for use in self.sides):
            return "calls"
        if all(use.list_usd > 0 and use.cached_usd > 0 for use in self.sides):
            return "list"
        known = all(use.tokens > 0 for use in self.sides) and self.before.cost_usd > 0
        return "tokens" if known else "calls"

    def expected(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Before and after: what the priced calls cost at the earlier prices, without caching and
        with it."""
        if self.basis == "list":
            first, last = (
                (use.list_usd * use.priced / use.told, use.cached_usd * use.priced / use.told)
                for use in self.sides
            )
            return first, last
        if self.basis == "tokens":
            rate = self.before.cost_usd / self.before.tokens
            return (rate * self.before.tokens,) * 2, (rate * self.after.tokens,) * 2
        mean = next((use.cost_usd / use.priced for use in self.sides if use.cost_usd > 0), 0.0)
        return (mean * self.before.priced,) * 2, (mean * self.after.priced,) * 2


def cells(rows: Iterable[dict[str, Any]], prices: PriceList) -> list[Cell]:
    """The cells of rows as cost_cells.sql returns them, in the order of their names."""
    found: dict[tuple[str, str, str], tuple[list[Use], list[Use]]] = {}
    for row in rows:
        sides = found.setdefault((row["workflow"], row["kind"], row["subject"]), ([], []))
        rates = prices.of(row["model"], row["response_model"], row["provider"])
        sides[row["is_after"]].append(_use(row, rates))
    return [Cell(*key, *map(Use.total, sides)) for key, sides in sorted(found.items())]


def _use(row: dict[str, Any], rates: Rates | None) -> Use:
    names = ("uncached_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")
    uncached, read, written, output = (row[name] or 0 for name in names)
    whole = uncached + read + written
    at_list = cached = math.nan if row["told_calls"] else 0.0
    if rates:
        at_list = rates.cost_usd(whole, 0, 0, output)
        cached = rates.cost_usd(uncached, read, written, output)
    counts = (row["calls"], row["first_attempts"], row["priced_calls"], row["cost_usd"] or 0.0)
    return Use(*counts, row["told_calls"], whole, read, output, at_list, cached)


def chains(cells: list[Cell], runs: Runs) -> tuple[Floats, Floats]:
    """(cells, 8) amounts before and after: runs, first attempts and calls of the workflow, calls of
    the cell, those with a price, their cost at the earlier prices without caching and with it, and
    their cost."""
    found: tuple[list[list[float]], list[list[float]]] = ([], [])
    for name, own in groupby(cells, lambda cell: cell.workflow):
        kept = list(own)
        whole = [Use.total(cell.sides[side] for cell in kept) for side in (0, 1)]
        for cell, side in product(kept, (0, 1)):
            shared = (runs.get(name, (0, 0))[side], whole[side].first_attempts, whole[side].calls)
            use = cell.sides[side]
            own_links = (use.calls, use.priced, *cell.expected()[side], use.cost_usd)
            found[side].append([float(amount) for amount in (*shared, *own_links)])
    first, last = (np.array(side, dtype=float).reshape(-1, LINKS) for side in found)
    return first, last
