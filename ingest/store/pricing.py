"""Calls that state no cost, priced from the dated price table; an unknown model stays unpriced."""

from __future__ import annotations

import duckdb
import polars as pl

from ingest import price_list
from ingest.load import frame
from ingest.store.statements import script

LISTED = "p.price_version like 'genai-prices %'"
NAMES = {"model": pl.String, "response_model": pl.String, "provider": pl.String}


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
    _enter_list_prices(connection, billed["provider"].to_list(), names)
    listed = billed.cast(NAMES).with_columns(pl.Series("priced_as", names, pl.String))
    connection.register("priced_names", listed.drop_nulls("priced_as"))
    script(connection, "pricing")
    connection.unregister("priced_names")


def _priced_as(
    model: str | None, response_model: str | None, provider: str | None, own: set[str]
) -> str | None:
    """The name whose price holds: of the model that answered, else of the one asked for; a price
    list of one's own goes before the public one."""
    names = [name for name in (response_model, model) if name]
    listed = (name for name in names if price_list.listed(name, provider))
    return next((name for name in names if name in own), None) or next(listed, None)


def _enter_list_prices(
    connection: duckdb.DuckDBPyConnection, providers: list[str | None], names: list[str | None]
) -> None:
    """Write the public prices of these models as they are today; others stay as they were."""
    sold = sorted({(n, p or "") for n, p in zip(names, providers, strict=True) if n})
    rows = [row for name, provider in sold for row in price_list.rates(name, provider or None)]
    connection.register("list_prices", frame("prices", rows))
    connection.execute(f"""
        delete from prices p using list_prices l
        where {LISTED} and p.model = l.model and p.provider is not distinct from l.provider
    """)  # noqa: S608
    connection.execute("insert into prices by name select * from list_prices")
    connection.unregister("list_prices")
