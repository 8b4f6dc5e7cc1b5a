"""Every named question: its header, its portability, and its numbers against a plain oracle."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from random_rows import DAYS, FIRST, random_rows
from store_builder import AS_OF, Rows, build

import queries
from queries.catalog import HERE, read_columns, read_header
from queries.engine import ask
from queries.rules import FOLDER

SEEDS = range(4)
ALL = {"since": FIRST, "until": FIRST + timedelta(days=DAYS)}
WEEK = {"since": FIRST + timedelta(days=9), "until": FIRST + timedelta(days=16)}
HOURS = {"since": FIRST + timedelta(days=44, hours=5), "until": FIRST + timedelta(days=45, hours=5)}
CHOSEN = {"workflow": ["refunds", "kyc"], "stage": ["pilot"]}
BANNED = {
    r"within\s+group": "within group",
    r"\blist\s*\([^)]*order\s+by": "list with an order",
    r"\barg_m(ax|in)\b": "arg_max without a tie-break",
    r"epoch_ms": "epoch_ms",
    r"generate_series": "generate_series",
    r"asof\s+join": "asof join",
    r"with\s+recursive": "with recursive",
    r"\bas\s+at\b": "a reserved name",
}
STATEMENTS = sorted(HERE.rglob("*.sql"))
RANK = ("invoice", "usage_api", "gateway_log", "client_log", "manual", "traces")


@cache
def store(seed: int) -> tuple[Rows, duckdb.DuckDBPyConnection]:
    rows = random_rows(seed)
    return rows, build(rows, FIRST + timedelta(days=DAYS))


def blanks(names: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in ALL.items() if key in names}


@pytest.mark.parametrize("name", queries.catalog())
@pytest.mark.parametrize("rows", [{}, random_rows(0, 40)], ids=["empty", "seeded"])
def test_the_header_tells_what_comes_back(name: str, rows: Rows) -> None:
    query = queries.catalog()[name]
    given = dict.fromkeys(query.params) | blanks(query.params)
    relation = build(rows).sql(query.sql, params=given or None)
    found = tuple(
        zip(relation.columns, (str(kind).lower() for kind in relation.types), strict=True)
    )
    assert found == query.columns
    assert query.title.endswith("?") or query.title.endswith("in one row?")
    assert queries.run(build(rows), name, **blanks(query.params)).columns == relation.columns


@pytest.mark.parametrize("path", STATEMENTS, ids=lambda path: path.stem)
def test_statements_stay_in_the_portable_subset(path: Path) -> None:
    sql = path.read_text("utf-8").lower()
    assert [told for pattern, told in BANNED.items() if re.search(pattern, sql)] == []
    assert len(duckdb.extract_statements(sql)) == 1


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.sql")), ids=lambda path: path.stem)
def test_shared_statements_of_the_checks_keep_their_header(path: Path) -> None:
    header = read_header(path.read_text("utf-8"))
    frame = ask(
        build(random_rows(0, 10)), path.read_text("utf-8"), {"since": FIRST, "as_of": AS_OF}
    )
    if "returns" in header:
        assert frame.columns == [name for name, _ in read_columns(header["returns"])]


def chosen(
    rows: Rows, window: dict[str, datetime], filters: dict[str, Any]
) -> list[dict[str, Any]]:
    return [
        row
        for row in rows["runs"]
        if window["since"] <= row["started_at"] < window["until"]
        and all(words is None or row[key] in words for key, words in filters.items())
    ]


def nearest_rank(values: list[float], share: float) -> float:
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def wilson(k: int, n: int) -> tuple[float | None, float | None]:
    return queries_wilson(k, n) if n else (None, None)


def queries_wilson(k: int, n: int) -> tuple[float, float]:
    z, p = 1.959963984540054, k / n
    centre, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("window", [ALL, WEEK, HOURS], ids=["all", "week", "hours"])
@pytest.mark.parametrize("filters", [{}, CHOSEN, {"workflow": []}], ids=["any", "chosen", "none"])
def test_kpi(seed: int, window: dict[str, datetime], filters: dict[str, Any]) -> None:
    rows, connection = store(seed)
    runs = chosen(rows, window, filters)
    if window is HOURS:
        runs = chosen(rows, {**window, "since": window["since"].replace(minute=0)}, filters)
    told = queries.run(connection, "kpi", **window, **filters).row(0, named=True)
    known = [run for run in runs if run["outcome"] != "unknown"]
    wins = sum(run["outcome"] == "success" for run in runs)
    costs = [run["cost_usd"] for run in runs if run["cost_usd"] is not None]
    times = [
        r["machine_ms"] for r in runs if r["machine_ms"] is not None and r["time_source"] != "load"
    ]
    assert (told["runs"], told["known_runs"], told["successes"]) == (len(runs), len(known), wins)
    assert told["errors"] == sum(run["status"] in ("error", "timeout") for run in runs)
    assert (told["success_lo"], told["success_hi"]) == pytest.approx(wilson(wins, len(known)))
    assert told["cost_usd"] == (pytest.approx(sum(costs)) if costs else None)
    assert told["costed_runs"] == len(costs)
    p50 = nearest_rank(times, 0.5) if times else None
    p95 = nearest_rank(times, 0.95) if len(times) >= 59 else None
    assert told["machine_p50_ms"] == (p50 if p50 is None else pytest.approx(p50, rel=0.0101))
    assert told["machine_p95_ms"] == (p95 if p95 is None else pytest.approx(p95, rel=0.0101))


@pytest.mark.parametrize("seed", SEEDS)
def test_days_add_up_to_the_window(seed: int) -> None:
    _, connection = store(seed)
    total = queries.run(connection, "kpi", **ALL, **CHOSEN).row(0, named=True)
    days = queries.run(connection, "kpi_daily", **ALL, **CHOSEN)
    for column in ("runs", "known_runs", "successes", "cost_usd"):
        assert days[column].sum() == pytest.approx(total[column])
    latency = queries.run(connection, "latency_daily", **ALL)
    spread = queries.run(connection, "latency_distribution", **ALL)
    assert latency["n"].sum() == spread["n"].sum()
    assert spread["cumulative_share"][-1] == pytest.approx(1)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("dimension", ["auto", "channel", "version", "stage", "architecture"])
def test_success_by_segment(seed: int, dimension: str) -> None:
    rows, connection = store(seed)
    key = "channel" if dimension == "auto" else dimension
    told = queries.run(connection, "success_by_segment", **WEEK, dimension=dimension)
    cells: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for run in chosen(rows, WEEK, {}):
        cells[run["workflow"], run[key] or "not recorded"][run["outcome"]] += 1
    expected = {
        cell: (n.total(), n.total() - n["unknown"], n["success"]) for cell, n in cells.items()
    }
    found = {
        (row["workflow"], row["segment"]): (row["runs"], row["known_runs"], row["successes"])
        for row in told.iter_rows(named=True)
    }
    assert found == expected
    assert set(told["dimension"]) == {key}
    for row in told.iter_rows(named=True):
        interval = wilson(row["successes"], row["known_runs"])
        assert (row["lo"], row["hi"]) == pytest.approx(interval, abs=1e-12)


def test_auto_takes_the_version_where_no_run_has_a_channel() -> None:
    rows = random_rows(1, 30)
    for run in rows["runs"]:
        run["channel"] = None
    told = queries.run(build(rows), "success_by_segment", **ALL)
    assert set(told["dimension"]) == {"version"}


@pytest.mark.parametrize("seed", SEEDS)
def test_failures_by_reason(seed: int) -> None:
    rows, connection = store(seed)
    told = queries.run(connection, "failures_by_reason", **ALL)
    expected = Counter(
        (run["workflow"], run["error_class"] or run["termination_reason"]
         or ("abandoned" if run["outcome"] == "abandoned" else "not recorded"))
        for run in chosen(rows, ALL, {})
        if run["outcome"] in ("failure", "abandoned")
    )  # fmt: skip
    assert {(w, reason): n for w, reason, n, _ in told.iter_rows()} == expected
    assert told.group_by("workflow").agg(pl.col("share").sum())["share"].to_list() == pytest.approx(
        [1] * 3
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("window", [ALL, WEEK, HOURS], ids=["weeks and edges", "days", "hours"])
@pytest.mark.parametrize("by", ["step", "tool", "model", "agent"])
def test_latency_by_step(seed: int, window: dict[str, datetime], by: str) -> None:
    rows, connection = store(seed)
    times: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    kept = {
        "step": ("llm", "tool", "agent"),
        "tool": ("tool",),
        "model": ("llm",),
        "agent": ("agent",),
    }
    runs = {run["run_id"]: run for run in chosen(rows, window, {})}
    for step in rows["steps"]:
        run = runs.get(step["run_id"])
        name = step[by] if by != "step" else step["step"] or step["tool"] or step["name"]
        if not run or not name or step["kind"] not in kept[by] or step["duration_ms"] is None:
            continue
        if window is HOURS or run["time_source"] != "load":
            times[run["workflow"], name, step["kind"]].append(step["duration_ms"])
    told = queries.run(connection, "latency_by_step", **window, by=by)
    found = {(row["workflow"], row["step"], row["kind"]): row for row in told.iter_rows(named=True)}
    assert {key: row["n"] for key, row in found.items()} == {k: len(v) for k, v in times.items()}
    for key, values in times.items():
        assert found[key]["p50_ms"] == pytest.approx(nearest_rank(values, 0.5), rel=0.0101)
        assert (found[key]["p95_ms"] is None) == (len(values) < 59)
        assert (found[key]["p99_ms"] is None) == (len(values) < 299)


def call(run: dict[str, Any], number: int, **columns: Any) -> dict[str, Any]:
    known = {"kind": "tool", "tool": "crm.get", "input_hash": "h"}
    start = run["started_at"] + timedelta(seconds=number)
    home = {
        "run_id": run["run_id"],
        "workflow": run["workflow"],
        "run_started_at": run["started_at"],
    }
    return {**home, **known, "step_id": f"c{number}", "started_at": start, **columns}


def test_a_call_and_its_retries_are_judged_once() -> None:
    run = random_rows(2, 1)["runs"][0]
    steps = [
        call(run, 0, attempt=1, status="error"),
        call(run, 1, attempt=2, status="ok"),
        call(run, 2, attempt=1, status="error", input_hash="g"),
        call(run, 3, attempt=2, status="error", input_hash="g"),
        call(run, 4, attempt=1, status="ok", in_band_error=True, input_hash="f"),
    ]
    told = queries.run(
        build({"runs": [run], "steps": steps}), "success_by_step_segment", **ALL, dimension="tool"
    )
    row = told.row(0, named=True)
    assert (row["segment"], row["calls"], row["failed_calls"]) == ("crm.get", 3, 2)


def told_lines(rows: Rows) -> Iterator[dict[str, Any]]:
    """Every telling of a dollar: its day, provider, rank, amount and labels."""
    of_run = {run["run_id"]: run for run in rows["runs"]}
    for cost in rows["costs"]:
        yield cost | {"day": cost["period_start"].date(), "rank": RANK.index(cost["source"])}
    for step in rows["steps"]:
        if step["cost_usd"] is not None:
            run = of_run[step["run_id"]]
            known = {"day": run["started_at"].date(), "rank": 5, "category": "llm"}
            yield step | known | {"workflow": run["workflow"]}
    told = {s["run_id"] for s in rows["steps"] if s["cost_usd"] is not None}
    told |= {c.get("run_id") for c in rows["costs"]}
    for run in rows["runs"]:
        if run["cost_usd"] is not None and run["run_id"] not in told:
            known = {"day": run["started_at"].date(), "rank": 5, "provider": "unknown"}
            yield known | {k: run[k] for k in ("workflow", "cost_usd")} | {"category": "llm"}


def spend(rows: Rows, window: dict[str, datetime], by: str) -> tuple[float, dict[str, float]]:
    """Total, and per label: by the best record of a provider-day that labels all, or any."""
    of_day: dict[Any, dict[int, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for line in told_lines(rows):
        if window["since"].date() <= line["day"] < window["until"].date():
            of_day[line["day"], line["provider"]][line["rank"]].append(line)
    total, own = 0.0, defaultdict(float)
    for records in of_day.values():
        known = [r for r, lines in records.items() if any(x["cost_usd"] is not None for x in lines)]
        if not known:
            continue
        total += sum(line["cost_usd"] or 0 for line in records[min(known)])
        labelled = [
            (not all(x.get(by) for x in records[r]), r)
            for r in known
            if any(x.get(by) and x["cost_usd"] is not None for x in records[r])
        ]
        for line in records[min(labelled)[1]] if labelled else []:
            if line.get(by):
                own[line[by]] += line["cost_usd"] or 0
    return total, dict(own)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("window", [ALL, WEEK], ids=["all", "week"])
@pytest.mark.parametrize("by", ["workflow", "model", "provider", "category"])
def test_one_dollar_is_counted_once(seed: int, window: dict[str, datetime], by: str) -> None:
    rows, connection = store(seed)
    total, own = spend(rows, window, by)
    told = queries.run(connection, "spend_by", **window, by=by)
    found = dict(told.drop_nulls("label").select("label", "cost_usd").rows())
    assert {k: v for k, v in found.items() if v is not None} == pytest.approx(
        {k: v for k, v in own.items() if v or k in found}
    )
    assert told["cost_usd"].sum() == pytest.approx(total)
    assert queries.run(connection, "spend_daily", **window)["cost_usd"].sum() == pytest.approx(
        total
    )
    until = {"as_of": window["until"], "by": by}
    for label in own:
        days = queries.run(connection, "spend_days", **until, item=label)
        within = days.filter(pl.col("day") >= window["since"].date())
        assert within["cost_usd"].sum() == pytest.approx(own[label])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_total_leaves_what_no_workflow_has(seed: int) -> None:
    rows, connection = store(seed)
    total, own = spend(rows, WEEK, "workflow")
    told = queries.run(connection, "spend_total", **WEEK).row(0, named=True)
    assert told["cost_usd"] == pytest.approx(total)
    assert told["unattributed_usd"] == pytest.approx(total - sum(own.values()))
    chosen_total = queries.run(connection, "spend_total", **WEEK, workflow=["refunds"])
    assert chosen_total["cost_usd"][0] == pytest.approx(own["refunds"])
    by_model = queries.run(connection, "spend_by", **WEEK, workflow=["refunds"], by="model")
    assert by_model["cost_usd"].sum() == pytest.approx(own["refunds"])


ORDERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "newest": lambda run: (-run["started_at"].timestamp(), run["run_id"]),
    "oldest": lambda run: (run["started_at"].timestamp(), run["run_id"]),
    "slowest": lambda run: -(run["machine_ms"] if run["machine_ms"] is not None else -1),
    "costliest": lambda run: -(run["cost_usd"] if run["cost_usd"] is not None else -1),
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("order", ORDERS)
def test_run_list_pages_through_every_match_once(seed: int, order: str) -> None:
    rows, connection = store(seed)
    expected = sorted(
        chosen(rows, ALL, CHOSEN | {"outcome": ["failure", "unknown"]}), key=ORDERS[order]
    )
    found: list[dict[str, Any]] = []
    while True:
        page = queries.run(
            connection, "run_list", **ALL, **CHOSEN, outcome=("failure", "unknown"),
            order=order, limit=7, offset=len(found),
        )  # fmt: skip
        found += page.to_dicts()
        if page.height < 7:
            break
        assert page["total"][0] == len(expected)
    assert {row["run_id"] for row in found} == {run["run_id"] for run in expected}
    assert len(found) == len(expected)
    key = ORDERS[order]
    assert [key(row) for row in found] == [key(run) for run in expected]


def test_run_list_searches_text_as_text() -> None:
    rows = random_rows(3, 5)
    rows["runs"][0]["error_message"] = "100% of '; drop table runs; -- Order"
    connection = build(rows)
    for text in ("100%", "'; DROP TABLE", "order"):
        assert queries.run(connection, "run_list", **ALL, search=text)["run_id"].to_list() == ["r0"]
    assert queries.run(connection, "run_list", **ALL, search="%")["run_id"].to_list() == ["r0"]


def test_run_list_filters_by_step_tool_and_missing_channel() -> None:
    rows, connection = store(0)
    with_tool = {step["run_id"] for step in rows["steps"] if step["tool"] == "erp.put"}
    told = queries.run(connection, "run_list", **ALL, tool="erp.put", limit=1000)
    assert set(told["run_id"]) == with_tool
    none = {run["run_id"] for run in rows["runs"] if run["channel"] is None}
    told = queries.run(connection, "run_list", **ALL, channel=["not recorded"], limit=1000)
    assert set(told["run_id"]) == none


def test_run_neighbours() -> None:
    rows, connection = store(0)
    own = sorted(
        (run["started_at"], run["run_id"]) for run in rows["runs"] if run["workflow"] == "kyc"
    )
    told = queries.run(connection, "run_neighbours", run_id=own[5][1]).row(0)
    assert told == (own[4][1], own[6][1])
    assert queries.run(connection, "run_neighbours", run_id=own[0][1]).row(0)[0] is None
