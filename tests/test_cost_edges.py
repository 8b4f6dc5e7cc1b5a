"""Awkward cost data: zero, negative, missing, in the future, too exact, of unknown currency."""

from __future__ import annotations

import csv
import json
import tempfile
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loading import put
from tables import connect, rows

import queries
from ingest.conform import Origin
from ingest.load import load as read
from ingest.store.generations import shape
from ingest.store.merge import merge
from ingest.store.rollups import rebuild
from ingest.store.statements import script

COLUMNS = "period_start period_end provider category model workflow amount currency measure source"
FIRST = datetime(2026, 10, 1, tzinfo=UTC)
RATES = "currency,valid_from,usd_per_unit\n"
EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)


def line(day: int, amount: object, **columns: Any) -> dict[str, Any]:
    """A line of an invoice for one day, counted from the first of October."""
    start = FIRST + timedelta(days=day)
    told = {"provider": "openai", "category": "llm", "currency": "USD", "measure": "billed"}
    period = {"period_start": start.date(), "period_end": (start + timedelta(days=1)).date()}
    return {**period, **told, "source": "invoice", "amount": amount, **columns}


def costs(path: Path, lines: list[dict[str, Any]]) -> Path:
    """A costs.csv of these lines."""
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, COLUMNS.split())
        table.writeheader()
        table.writerows(lines)
    return path


def text(path: Path, words: str) -> Path:
    """A file of these words."""
    path.write_text(words, "utf-8")
    return path


def ask(store: Path, name: str, **params: Any) -> list[dict[str, Any]]:
    """The answer to a named question, over the whole autumn unless a window is given."""
    window = {"since": datetime(2026, 9, 1, tzinfo=UTC), "until": datetime(2027, 1, 1, tzinfo=UTC)}
    known = {k: v for k, v in window.items() if k in queries.catalog()[name].params}
    with connect(store) as connection:
        return queries.run(connection, name, **(known | params)).to_dicts()


def test_a_budget_of_zero_is_a_budget(tmp_path: Path) -> None:
    store = tmp_path / "store"
    budgets = "budgets:\n- {scope_kind: team, scope: lab, period: week, amount: 0}\n"
    table = "scope_kind,scope,period,amount,currency\nprogram,all,month,0,usd\n"
    put(
        store,
        text(tmp_path / "budgets.yaml", budgets),
        text(tmp_path / "budgets.csv", table),
        costs(tmp_path / "costs.csv", [line(0, 1)]),
    )
    found = ask(store, "budget_list", as_of=FIRST + timedelta(days=9))
    assert [(f["scope"], f["budget_usd"], f["unconverted"]) for f in found] == [
        ("all", 0.0, None),
        ("lab", 0.0, None),
    ]


def test_a_credit_lowers_what_was_spent(tmp_path: Path) -> None:
    store = tmp_path / "store"
    lines = [line(0, 10), line(0, "-12.5", category="credit"), line(1, 4)]
    put(store, costs(tmp_path / "costs.csv", lines))
    assert [f["cost_usd"] for f in ask(store, "spend_daily")] == [-2.5, 4]
    assert ask(store, "spend_total")[0]["cost_usd"] == 1.5


def test_a_month_without_lines_is_unknown_and_not_free(tmp_path: Path) -> None:
    store = tmp_path / "store"
    put(store, costs(tmp_path / "costs.csv", [line(-20, 3), line(40, 5)]))
    october = {"since": FIRST, "until": FIRST + timedelta(days=31)}
    assert ask(store, "spend_daily", **october) == []
    assert ask(store, "spend_total", **october)[0]["cost_usd"] is None
    assert ask(store, "spend_total")[0]["cost_usd"] == 8


def test_a_line_of_the_future_does_not_move_the_moment_of_the_data(tmp_path: Path) -> None:
    store = tmp_path / "store"
    later = {"period_start": "2999-01-01", "period_end": "2999-01-02"}
    put(store, costs(tmp_path / "costs.csv", [line(0, 3), line(0, 7, **later)]))
    assert rows(store, "select as_of from store_state") == [(datetime(2026, 10, 2),)]  # noqa: DTZ001
    assert ask(store, "spend_total")[0]["cost_usd"] == 3
    assert rows(store, "select sum(cost_usd) from costs") == [(10,)]


def test_a_period_without_end_is_refused(tmp_path: Path) -> None:
    store = tmp_path / "store"
    endless = line(0, 3, period_end="9999-01-01")
    put(store, costs(tmp_path / "costs.csv", [endless, line(1, 2)]))
    assert rows(store, "select reason from rejects") == [
        ("period_end: more than ten years after period_start.",)
    ]
    assert rows(store, "select sum(cost_usd) from costs") == [(2,)]


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ("0.12345678901234567850000", "0.123456789012345678"),
        ("0.12345678901234567950000", "0.123456789012345680"),
        ("0.12345678901234567850001", "0.123456789012345679"),
        ("-7.00000000000000000150000", "-7.000000000000000002"),
    ],
)
def test_an_amount_of_23_decimals_is_rounded_half_even(
    tmp_path: Path, stated: str, kept: str
) -> None:
    store = tmp_path / "store"
    put(store, costs(tmp_path / "costs.csv", [line(0, stated)]))
    ((amount, attributes),) = rows(store, "select amount, attributes from costs")
    assert amount == Decimal(kept) == Decimal(stated).quantize(Decimal("1e-18"), context=EXACT)
    assert json.loads(attributes) == {"amount_text": stated}


def test_a_currency_nobody_knows_is_kept_apart(tmp_path: Path) -> None:
    store = tmp_path / "store"
    lines = [
        line(0, 3),
        line(0, "0.1", currency="zzz"),
        line(2, "0.2", currency="ZZZ"),
        line(1, 9, currency="EURO"),
        line(1, 9, currency="€"),
    ]
    put(store, costs(tmp_path / "costs.csv", lines))
    assert [reason for (reason,) in rows(store, "select reason from rejects order by reason")] == [
        "currency: 'EURO' is no code of three letters as in EUR.",
        "currency: '€' is no code of three letters as in EUR.",
    ]
    assert ask(store, "spend_total")[0]["cost_usd"] == 3
    (apart,) = ask(store, "unconverted")
    assert apart == {
        "currency": "ZZZ",
        "source": "invoice",
        "amount": Decimal("0.3"),
        "lines": 2,
        "first_day": FIRST.date(),
        "last_day": (FIRST + timedelta(days=2)).date(),
    }


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 2, 0), (2, 1, 0)])
def test_rates_convert_whenever_they_come(tmp_path: Path, order: tuple[int, ...]) -> None:
    store = tmp_path / "store"
    files = [
        costs(tmp_path / "costs.csv", [line(d, 100, currency="EUR") for d in (-1, 0, 5, 9)]),
        text(tmp_path / "old.csv", RATES + "eur,2026-10-01,1.10\n"),
        text(tmp_path / "new.csv", RATES + "EUR,2026-10-06,1.20\n"),
    ]
    for place in order:
        put(store, files[place])
    found = rows(store, "select cost_usd from costs order by period_start")
    assert found == [(None,), *((pytest.approx(usd),) for usd in (110, 120, 120))]
    assert [(f["amount"], f["lines"]) for f in ask(store, "unconverted")] == [(100, 1)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_a_run_costs_what_the_gateway_logged_whenever_that_comes(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    store = tmp_path / "store"
    run = {"run_id": "r", "workflow": "refunds", "started_at": FIRST.isoformat()}
    logged = {"run_id": "r", "source": "gateway_log", "currency": "EUR"}
    files = [
        text(tmp_path / "runs.jsonl", json.dumps(run)),
        text(tmp_path / "log.jsonl", json.dumps(line(0, 100) | logged, default=str)),
        text(tmp_path / "rates.csv", RATES + "EUR,2026-10-01,1.10\n"),
    ]
    for place in order:
        put(store, files[place])
    assert rows(store, "select cost_usd, cost_source from runs") == [
        (pytest.approx(110), "reported")
    ]


def test_two_spellings_are_one_model(tmp_path: Path) -> None:
    store = tmp_path / "store"
    names = ("gpt-5.2", "openai/gpt-5.2", "OpenAI/GPT-5.2")
    lines = [line(day, 1, model=name) for day, name in enumerate(names)]
    put(store, costs(tmp_path / "costs.csv", lines))
    (found,) = ask(store, "spend_by", by="model")
    assert (found["label"], found["cost_usd"]) == ("gpt-5.2", 3)


MONTHS = {
    (2025, 8): "0.082115",
    (2025, 11): "0.172242",
    (2025, 12): "0.175394",
    (2026, 2): "2.105225",
    (2026, 3): "0.573155",
    (2026, 4): "2.197201",
}


def test_real_usage_sums_to_its_months(examples: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    put(store, examples / "aider-usage")
    window = {"since": datetime(2025, 1, 1, tzinfo=UTC), "until": datetime(2027, 1, 1, tzinfo=UTC)}
    (total,) = ask(store, "spend_total", **window)
    assert round(total["cost_usd"], 6) == 5.305332
    assert total["source_used"] == "client_log"
    months: dict[tuple[int, int], float] = {}
    for found in ask(store, "spend_daily", **window):
        month = found["day"].year, found["day"].month
        months[month] = months.get(month, 0) + found["cost_usd"]
    assert {m: f"{usd:.6f}" for m, usd in months.items() if usd} == MONTHS
    assert rows(store, "select count(*) from costs where amount > 0") == [(107,)]
    labels = [found["label"] for found in ask(store, "spend_by", by="model", **window)]
    assert labels.count("gpt-5.2") == 1
    assert "openai/gpt-5.2" not in labels


LINES = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.decimals(-9, 99, places=4),
        st.sampled_from(["openai", "anthropic"]),
        st.sampled_from(["invoice", "usage_api", "manual"]),
        st.sampled_from(["USD", "EUR"]),
        st.sampled_from([None, "refunds"]),
    ),
    unique=True,
    min_size=2,
    max_size=12,
)
ROLLUP = """
    select * exclude (cost_usd), round(cost_usd, 9) as cost_usd from rollup_costs order by all
"""


def rolled_up(folder: Path, files: list[list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    """The totals after merging these files one after the other."""
    with duckdb.connect() as store:
        shape(store)
        for number, lines in enumerate(files):
            name = f"{number}.csv"
            path = costs(folder / name, lines)
            merge(store, [read(path, Origin(name, name), folder / f"{number}.arrow")])
            script(store, "resolve")
        rebuild(store)
        return store.sql(ROLLUP).fetchall()


@settings(max_examples=15, deadline=None)
@given(LINES, st.randoms(use_true_random=False), st.integers(2, 3))
def test_neither_the_split_into_files_nor_their_order_shows(
    found: list[tuple[Any, ...]], dice: Any, parts: int
) -> None:
    names = ("provider", "source", "currency", "workflow")
    lines = [line(day, usd, **dict(zip(names, rest, strict=True))) for day, usd, *rest in found]
    shuffled = dice.sample(lines, len(lines))
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as many:
        split = [part for n in range(parts) if (part := shuffled[n::parts])]
        assert rolled_up(Path(one), [lines]) == rolled_up(Path(many), split)


def test_a_later_invoice_replaces_the_estimate_of_its_days(tmp_path: Path) -> None:
    store = tmp_path / "store"
    logged = [line(day, 1, source="client_log", measure="estimated") for day in range(3)]
    put(store, costs(tmp_path / "log.csv", logged))
    assert ask(store, "spend_total")[0]["cost_usd"] == 3
    month = line(0, 5, period_end="2026-10-03")
    put(store, costs(tmp_path / "invoice.csv", [month]))
    daily = [(f["day"].day, f["cost_usd"], f["source"]) for f in ask(store, "spend_daily")]
    assert daily == [(1, 2.5, "invoice"), (2, 2.5, "invoice"), (3, 1, "client_log")]
    (total,) = ask(store, "spend_total")
    assert (total["cost_usd"], total["source_used"]) == (6, "invoice, client_log")
    both = rows(store, "select day, source, cost_usd from rollup_costs order by all")
    assert [(day.day, source, usd) for day, source, usd in both] == [
        (1, "client_log", 1),
        (1, "invoice", 2.5),
        (2, "client_log", 1),
        (2, "invoice", 2.5),
        (3, "client_log", 1),
    ]
