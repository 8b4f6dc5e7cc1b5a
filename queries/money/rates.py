"""What a token of each class costs by the dated price list, for the calls that name a model."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from queries.engine import Connection, run


class Rates(NamedTuple):
    """US dollars a token by class, at any length of input; cached input without a rate of its own
    costs what input costs, output without one nothing."""

    input_usd: float
    output_usd: float
    cache_read_usd: float
    cache_write_usd: float

    def cost_usd(self, uncached: float, read: float, written: float, output: float) -> float:
        """What so many tokens of the four classes cost."""
        cached = read * self.cache_read_usd + written * self.cache_write_usd
        return uncached * self.input_usd + cached + output * self.output_usd


class PriceList:
    """The rates in force on one day, looked up as calls are priced: one's own list first."""

    def __init__(self, connection: Connection, on: date) -> None:
        listed = run(connection, "price_list", as_of=on).filter(above_tokens=0)
        self._rows: dict[str, list[dict[str, Any]]] = {}
        for row in listed.sort("is_own", descending=True).iter_rows(named=True):
            self._rows.setdefault(row["model"], []).append(row)

    @property
    def models(self) -> tuple[str, ...]:
        """Every model with a price for input, by name."""
        return tuple(sorted(name for name in self._rows if self.offered(name)))

    def of(self, model: str | None, response_model: str | None, by: str | None) -> Rates | None:
        """The rates of a call: of the model that answered, else of the one asked for."""
        names = [name for name in (response_model, model) if name in self._rows]
        owned = [name for name in names if any(row["is_own"] for row in self._rows[name])]
        found = (self._rates(name, by) for name in (*owned, *names) if name)
        return next((rates for rates in found if rates), None)

    def offered(self, model: str, sellers: Collection[str | None] = ()) -> Rates | None:
        """The rates of a model nobody called yet: of one's own list, of one of the sellers, else
        of the seller first by name."""
        known = {row["provider"] for row in self._rows.get(model, ())}
        order = sorted(known, key=lambda by: (by is not None, by not in sellers, by or ""))
        return next((rates for by in order if (rates := self._rates(model, by))), None)

    def _rates(self, model: str, provider: str | None) -> Rates | None:
        own = [
            row
            for row in self._rows[model]
            if row["provider"] == provider or (row["provider"] is None and row["is_own"])
        ]
        own.sort(key=lambda row: (not row["is_own"], row["provider"] is None))
        usd: dict[str, float] = {}
        for row in own:
            usd.setdefault(row["token_class"], row["usd_per_token"])
        if "input" not in usd:
            return None
        cached = (usd.get(name, usd["input"]) for name in ("cache_read", "cache_write"))
        return Rates(usd["input"], usd.get("output", 0.0), *cached)
