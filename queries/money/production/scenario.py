"""What one asks of a projection, and what one gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from queries.money.production.pilot import Ends


class Scenario(NamedTuple):
    """What to project; what is left out is as measured or declared.

    `volume` runs a month; `stress` times the fixed cost; `review_share` of the runs a person
    reviews; `segment_mix` shares by segment, taken to add up to one; `model` for every model call;
    `failing_share` of the calls that fail at load, below 1.
    """

    volume: float | None = None
    stress: float = 1
    review_share: float | None = None
    segment_mix: Mapping[str, float] | None = None
    model: str | None = None
    failing_share: float | None = None


class Driver(NamedTuple):
    """One thing the projection rests on: measured on n, declared, assumed or chosen."""

    name: str
    value: str
    basis: str
    n: int | None = None


class Month(NamedTuple):
    """A month in US dollars at so many times the fixed cost; null is not declared and not in the
    sum. lo and hi (90 %) are those of the mean cost of a run."""

    stress: float
    runs_usd: float
    infrastructure_usd: float | None
    review_usd: float | None
    monthly_usd: float
    lo_usd: float | None
    hi_usd: float | None

    @property
    def told(self) -> tuple[float, float] | None:
        """Both ends, where they are known."""
        return None if self.lo_usd is None or self.hi_usd is None else (self.lo_usd, self.hi_usd)


class Fit(NamedTuple):
    """Whether the month fits its budget: one of fitting.ANSWERS, and why in a sentence; null where
    the sentence says what is missing."""

    answer: str | None
    why: str


class Projected(NamedTuple):
    """What production costs: the bill as chosen, and at one, five and ten times the fixed cost.

    `bill` is null and `bills` empty where no run has a cost. `per_success_usd` is the bill over the
    successes. `headroom_usd`: the budget less the upper end of the bill. `model_note` says what is
    known about success on the model chosen. Amounts are US dollars, intervals 90 %.
    """

    volume: float
    bill: Month | None
    bills: tuple[Month, ...]
    per_success_usd: Ends | None
    fit: Fit
    budget_usd: float | None
    headroom_usd: float | None
    drivers: tuple[Driver, ...]
    model_note: str
    notes: tuple[str, ...]

    @property
    def frame(self) -> pl.DataFrame:
        """The bills, one row each, with the columns of Month."""
        return pl.DataFrame(
            self.bills, schema=dict.fromkeys(Month._fields, pl.Float64), orient="row"
        )
