"""The reader: parameters, zones, threads, the lock-down, and the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from conftest import ROOT, environment
from random_rows import DAYS, FIRST, random_rows
from store_builder import AS_OF, build, build_store

import queries
from queries.catalog import read_columns, read_header, statement
from queries.rules import read_check

WINDOW = {"since": FIRST, "until": FIRST + timedelta(days=DAYS)}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    rows = random_rows(5, 120)
    results, evidence = queries.evaluate(build(rows), AS_OF)
    rows["check_results"] = [row | {"missing": row["missing"]} for row in results.to_dicts()]
    rows["check_evidence"] = evidence.to_dicts()
    return build_store(folder, rows)


@pytest.fixture
def connection(store: Path) -> duckdb.DuckDBPyConnection:
    path = queries.current(store)
    assert path is not None
    return queries.connect(path)


def ask(*words: object, store: Path | None = None) -> subprocess.CompletedProcess[str]:
    place = ["--store", str(store)] if store else []
    command = [sys.executable, "-m", "queries", *map(str, words), *place]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment())


def test_no_store_has_no_generation(tmp_path: Path) -> None:
    assert queries.current(tmp_path) is None


def test_current_is_the_file_named(store: Path) -> None:
    assert queries.current(store) == store / "ops.1.duckdb"


def test_unknown_names_are_refused_with_the_nearest(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(queries.QueryError, match=r"^kpis: no such query\. Did you mean kpi\?$"):
        queries.run(connection, "kpis")
    told = r"^kpi\.sql: no parameter until_at\. Known parameters: since, stage, until, workflow\.$"
    with pytest.raises(queries.QueryError, match=told):
        queries.run(connection, "kpi", until_at=AS_OF)


@pytest.mark.parametrize("words", [["refunds"], ("refunds",), {"refunds"}])
def test_any_kind_of_list_filters(connection: duckdb.DuckDBPyConnection, words: Any) -> None:
    found = queries.run(connection, "run_list", **WINDOW, workflow=words, limit=999)
    assert set(found["workflow"]) == {"refunds"}


def test_null_means_all_and_an_empty_list_none(connection: duckdb.DuckDBPyConnection) -> None:
    everything = queries.run(connection, "kpi", **WINDOW)["runs"][0]
    assert everything == 120
    assert queries.run(connection, "kpi", **WINDOW, workflow=None)["runs"][0] == everything
    assert queries.run(connection, "kpi", **WINDOW, workflow=[])["runs"][0] == 0
    assert queries.run(connection, "run_list", **WINDOW, outcome=[]).height == 0


def test_a_time_with_a_zone_is_the_same_moment(connection: duckdb.DuckDBPyConnection) -> None:
    since, until = FIRST + timedelta(days=9), FIRST + timedelta(days=16)
    plain = queries.run(connection, "kpi", since=since, until=until)
    for zone in (UTC, timezone(timedelta(hours=-5)), timezone(timedelta(hours=9, minutes=30))):
        aware = {"since": since.replace(tzinfo=UTC).astimezone(zone)}
        aware["until"] = until.replace(tzinfo=UTC).astimezone(zone)
        assert queries.run(connection, "kpi", **aware).equals(plain)


def test_the_zone_of_the_machine_changes_nothing(store: Path) -> None:
    script = (
        "import sys, queries; from pathlib import Path; from datetime import datetime, UTC\n"
        "c = queries.connect(queries.current(Path(sys.argv[1])))\n"
        "since, until = datetime(2026, 10, 10, tzinfo=UTC), datetime(2026, 10, 17, tzinfo=UTC)\n"
        "for name in ('kpi', 'kpi_daily', 'run_list', 'latency_by_step', 'spend_daily'):\n"
        "    print(queries.run(c, name, since=since, until=until).write_csv())\n"
        "print(queries.evaluate(c, datetime(2026, 11, 10))[0].drop('missing').write_csv())\n"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", script, str(store)],
            cwd=ROOT, check=True, capture_output=True, text=True, env=os.environ | {"TZ": zone},
        ).stdout
        for zone in ("UTC", "America/New_York")
    ]  # fmt: skip
    assert len(told[0]) > 1000
    assert told[0] == told[1]


def test_eight_threads_share_one_connection(connection: duckdb.DuckDBPyConnection) -> None:
    names = ["kpi", "kpi_daily", "latency_by_step", "spend_total"]
    alone = {name: queries.run(connection, name, **WINDOW) for name in names}

    def one(number: int) -> bool:
        name = names[number % len(names)]
        return queries.run(connection, name, **WINDOW).equals(alone[name])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(one, range(80)))


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "attach ':memory:' as other",
        "copy (select 1) to '/tmp/out.csv'",
        "create table mine (a int)",
        "delete from runs",
        "set enable_external_access = true",
        "set memory_limit = '8GB'",
        "install httpfs",
        "load httpfs",
    ],
)
def test_the_reader_can_only_read_its_own_file(
    connection: duckdb.DuckDBPyConnection, sql: str
) -> None:
    with pytest.raises(duckdb.Error):
        connection.cursor().execute(sql)


def test_a_swap_leaves_open_readers_whole(tmp_path: Path) -> None:
    store = build_store(tmp_path, random_rows(1, 30))
    path = queries.current(store)
    assert path is not None
    reader = queries.connect(path)
    path.rename(store / "ops.2.duckdb")
    (store / "CURRENT").write_text("ops.2.duckdb\n")
    assert queries.run(reader, "kpi", **WINDOW)["runs"][0] == 30
    swapped = queries.current(store)
    assert swapped is not None
    assert swapped.name == "ops.2.duckdb"


def test_headers_may_span_lines() -> None:
    sql = "-- title: A: b\n-- returns: a bigint,\n--   b decimal(38,18)\n\nselect 1"
    header = read_header(sql)
    assert header["title"] == "A: b"
    assert read_columns(header["returns"]) == (("a", "bigint"), ("b", "decimal(38,18)"))
    assert statement(sql).strip() == "select 1"


HEADER = """-- id: INT-99
-- title: Is it?
-- gate: pilot
-- estimator: share
-- limits: 0.01 / 0.05 from 50
-- limit_kind: policy
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("-- id: INT-99\n", "", "the header has no `id`. Every check states it."),
        ("share", "guess", "no estimator guess. Known: share, zero,"),
        ("0.01 / 0.05", "one in ten", "limits or gate cannot be read."),
        ("gate: pilot", "gate: maybe", "limits or gate cannot be read."),
        (
            "-- limit_kind",
            "-- needs: steps agent\n-- limit_kind",
            "needs `steps agent` cannot be read.",
        ),
    ],
)
def test_a_wrong_header_of_a_check_is_refused(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    path = tmp_path / "mine.sql"
    path.write_text(HEADER.replace(old, new, 1) + "select 1")
    with pytest.raises(queries.QueryError) as caught:
        read_check(path)
    assert str(caught.value).startswith(f"mine.sql: {told}")


def test_a_changed_limit_changes_the_formula_version(tmp_path: Path) -> None:
    path = tmp_path / "mine.sql"
    path.write_text(HEADER + "select 1")
    first = read_check(path).version
    path.write_text(HEADER.replace("0.05", "0.04") + "select 1")
    assert read_check(path).version != first
    path.write_text(HEADER.replace("Is it?", "Is it so?") + "select 1")
    assert read_check(path).version == first


def test_the_command_lists_every_query() -> None:
    done = ask("--json")
    listed = json.loads(done.stdout)
    assert [row["name"] for row in listed] == list(queries.catalog())
    assert all(row["title"] for row in listed)


def test_the_command_answers_in_three_ways(
    store: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    words = ["run_list", "since=2026-10-01", "until=2026-12-01", "workflow=refunds,kyc", "limit=5"]
    rows = json.loads(ask(*words, "--json", store=store).stdout)
    expected = queries.run(
        connection, "run_list", since=FIRST, until=datetime.fromisoformat("2026-12-01"),
        workflow=["refunds", "kyc"], limit=5,
    )  # fmt: skip
    assert [row["run_id"] for row in rows] == expected["run_id"].to_list()
    assert rows[0]["started_at"] == expected["started_at"][0].isoformat() + "Z"
    csv = pl.read_csv(ask(*words, "--csv", store=store).stdout.encode())
    assert csv.columns == expected.columns
    assert rows[0]["run_id"] in ask(*words, store=store).stdout


def test_the_command_prints_the_scorecard(store: Path) -> None:
    told = json.loads(ask("scorecard", "--json", store=store).stdout)
    assert told["as_of"] == "2026-11-24T18:00:00Z"
    assert [home["workflow"] for home in told["workflows"]] == ["claims", "kyc", "refunds"]
    for home in told["workflows"]:
        assert [cell["pattern"] for cell in home["patterns"]] == list(queries.patterns())
        assert sum(len(cell["checks"]) for cell in home["patterns"]) == len(queries.checks())
        assert isinstance(home["patterns"][0]["checks"][0]["missing"], list)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["kpis"], "kpis: no such query. Did you mean kpi?"),
        (["kpi", "since=2026-10-01"], "kpi: until is missing. Write until=2026-11-01."),
        (["kpi", "since=soon", "until=2026-11-01"], "since: soon is not a time."),
        (["run_list", "since=2026-10-01", "until=2026-11-01", "limit=few"], "limit: few is not"),
        (["kpi", "flow=x"], "flow=x: no such parameter of kpi. Known parameters:"),
    ],
)
def test_wrong_arguments_end_with_two(words: list[str], told: str, store: Path) -> None:
    done = ask(*words, store=store)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(told)


def test_a_missing_store_is_named(tmp_path: Path) -> None:
    done = ask("store_summary", store=tmp_path / "none")
    assert done.returncode == 2
    assert "no store there" in done.stderr
