"""Calls that state no cost, priced from the dated price table; an unknown model stays unpriced."""

from __future__ import annotations

from typing import NamedTuple

import duckdb
import polars as pl

from ingest import price_list
from ingest.load import frame
from ingest.store.statements import script

LISTED = "p.price_version like 'genai-prices %'"
NAMES = {"model": pl.String, "response_model": pl.String, "provider": pl.String}


class Repriced(NamedTuple):
    """How many calls the price table prices, how many of them it now prices otherwise or no
    longer, and what those cost before and cost now, US dollars."""

    priced: int
    changed: int
    before_usd: float
    after_usd: float


def price(connection: duckdb.DuckDBPyConnection) -> None:
    """Set the cost of every call of a touched run whose tokens and model are known."""
    billed = connection.sql("""
        select distinct model, response_model, provider from steps
        where run_id in (select run_id from touched_runs) and input_tokens is not null
            and (cost_usd is null or cost_source = 'priced')
            and coalesce(response_model, model) is not null
        order by all
    """).pl()
    own = set(
        connection.sql(f"select p.model from prices p where not ({LISTED})").pl()["model"]  # noqa: S608
    )
    names = [_priced_as(m, answered, by, own) for m, answered, by in billed.iter_rows()]
    _enter_list_prices(connection)
    listed = billed.cast(NAMES).with_columns(pl.Series("priced_as", names, pl.String))
    connection.register("priced_names", listed.drop_nulls("priced_as"))
    script(connection, "pricing")
    connection.unregister("priced_names")


def reprice(connection: duckdb.DuckDBPyConnection) -> None:
    """Price anew every call of the store that states no cost; `repriced_calls` holds those whose
    cost changed, and their runs are touched."""
    script(connection, "reprice_all")
    price(connection)
    script(connection, "repriced")


def repriced(connection: duckdb.DuckDBPyConnection) -> Repriced:
    """What `reprice` did, from `repriced_calls`."""
    found = connection.sql("""
        select (select count(*) from steps where cost_source = 'priced'), count(*),
            coalesce(sum(before_usd), 0), coalesce(sum(after_usd), 0)
        from repriced_calls
    """).fetchall()
    return Repriced(*found[0])


def _priced_as(
    model: str | None, response_model: str | None, provider: str | None, own: set[str]
) -> str | None:
    """The name whose price holds: of the model that answered, else of the one asked for; a price
    list of one's own goes before the public one."""
    names = [name for name in (response_model, model) if name]
    listed = (name for name in names if price_list.listed(name, provider))
    return next((name for name in names if name in own), None) or next(listed, None)


def _enter_list_prices(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the public prices those of today's list: of every model that the store names, and of
    whatever else their sellers list, so that another model can be compared."""
    named = connection.sql("""
        select model, provider from steps where model is not null
        union select response_model, provider from steps where response_model is not null
        union select model, provider from costs where model is not null
        order by all
    """).fetchall()
    sellers = {seller for call in named if (seller := price_list.seller_of(*call))}
    offered = [row for seller in sorted(sellers) for row in price_list.catalogue(seller)]
    known = {(row["model"], row["provider"]) for row in offered}
    rows = [row for call in named if call not in known for row in price_list.rates(*call)]
    connection.register("list_prices", frame("prices", [*offered, *rows]))
    connection.execute(f"delete from prices p where {LISTED}")  # noqa: S608
    connection.execute("insert into prices by name select * from list_prices")
    connection.unregister("list_prices")
