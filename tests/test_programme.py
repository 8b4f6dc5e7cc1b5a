"""The programme view: exposure under a red, the funnel, who is stalled, causes that are shared."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from store_builder import AS_OF, Rows, build, run_row, step_row

import queries
from queries.programme import exposure

DAY = AS_OF - timedelta(days=5)


def steady(
    workflow: str, stage: str, n: int, days: int = 20, **columns: Any
) -> list[dict[str, Any]]:
    """Runs spread evenly over the days before as_of."""
    ago = [timedelta(days=1 + i % days, minutes=i) for i in range(n)]
    home = {"workflow": workflow, "stage": stage}
    return [run_row(f"{workflow}-{i}", AS_OF - t, **home, **columns) for i, t in enumerate(ago)]


def declared(workflow: str, stage: str, **columns: Any) -> dict[str, Any]:
    return {"workflow": workflow, "stage": stage, "owner_product": f"{workflow}-owner"} | columns


def viewed(rows: Rows) -> queries.Programme:
    """The programme of rows that were evaluated."""
    found, evidence = queries.evaluate(build(rows), AS_OF)
    judged = {"check_results": found.to_dicts(), "check_evidence": evidence.to_dicts()}
    return queries.programme(build(rows | judged))


def failing(run: dict[str, Any], share: int) -> list[dict[str, Any]]:
    """Twenty calls of one tool in a run, so many of a hundred failing for good."""
    return [
        step_row(
            run,
            f"s{i}",
            i,
            tool="crm.find",
            input_hash=f"h{i}",
            status="error" if i < share else "ok",
        )
        for i in range(20)
    ]


@pytest.fixture(scope="module")
def programme() -> queries.Programme:
    runs = steady("refunds", "production", 60) + steady("orders", "production", 40)
    runs += steady("kyc", "pilot", 100, days=100) + steady("claims", "limited", 30)
    claims = [run | {"stage": "pilot"} for run in steady("claims", "pilot", 5, days=5)]
    for i, run in enumerate(claims):
        run |= {"run_id": f"claims-early-{i}", "started_at": AS_OF - timedelta(days=60 - i)}
    steps = [s for run in runs if run["workflow"] in ("refunds", "kyc") for s in failing(run, 4)]
    writes = [step_row(run, "w", 40, side_effect="write", tool="crm.put") for run in runs[:80]]
    named = [("refunds", "production"), ("kyc", "pilot"), ("new", "pilot"), ("claims", "limited")]
    tables = {"runs": runs + claims, "steps": steps + writes}
    return viewed(tables | {"workflows": [declared(*name) for name in named]})


def row(frame: pl.DataFrame, **wanted: str) -> dict[str, Any]:
    return frame.filter(**wanted).row(0, named=True)


def test_exposure_is_what_production_does_under_a_red(programme: queries.Programme) -> None:
    found = row(programme.exposure, pattern="integrations_underestimated")
    assert (found["state"], found["red_workflows"]) == ("red", ["refunds"])
    assert found["runs_share"] == pytest.approx(0.6)
    assert found["writes_share"] == pytest.approx(60 / 80)
    assert found["cost_share"] is None
    assert found["red"] + found["amber"] + found["green"] + found["unproven"] == 2


def test_pilots_do_not_count_in_the_programme_state() -> None:
    cells = pl.DataFrame(
        [
            {"workflow": "kyc", "stage": "pilot", "pattern": p, "state": "red"}
            for p in queries.patterns()
        ]
    )
    weights = pl.DataFrame(
        {"workflow": ["kyc"], "runs_28d": [1], "cost_usd_28d": [1.0], "write_steps_28d": [1]}
    )
    found = exposure(cells, weights)
    assert found["state"].to_list() == [None] * 7
    assert found["red"].sum() == 0


def test_the_funnel_counts_stages_and_the_days_in_them(programme: queries.Programme) -> None:
    stages = {r["stage"]: r for r in programme.funnel.iter_rows(named=True)}
    assert {name: r["workflows"] for name, r in stages.items()} == {
        "idea": 1, "pilot": 1, "limited": 1, "production": 2,
    }  # fmt: skip
    assert (stages["pilot"]["in_progress"], stages["pilot"]["left"]) == (1, 1)
    assert stages["pilot"]["median_days"] == pytest.approx(40, abs=1)
    assert (stages["limited"]["left"], stages["limited"]["median_days"]) == (0, None)
    assert stages["pilot"]["blocker"] in queries.checks()


def test_who_is_stalled_and_why(programme: queries.Programme) -> None:
    first = programme.standing.row(0, named=True)
    assert (first["workflow"], first["is_stalled"], first["days_in_stage"]) == (
        "kyc",
        True,
        100,
    )
    assert first["owner"] == "kyc-owner"
    assert first["sentence"].startswith("Not ready: ")
    assert first["first"].split()[0] in queries.checks()
    others = programme.standing.filter(pl.col("workflow") != "kyc")
    assert not others["is_stalled"].any()
    assert row(programme.standing, workflow="new")["days_in_stage"] is None


def test_a_cause_that_workflows_share_is_one_item(programme: queries.Programme) -> None:
    found = row(programme.common, check_id="INT-2")
    assert (found["subject"], found["workflows"]) == ("crm.find", ["kyc", "refunds"])


def test_an_empty_store_has_an_empty_programme() -> None:
    found = queries.programme(build({}))
    assert (found.exposure.height, found.funnel.height) == (7, 4)
    assert found.standing.is_empty() and found.common.is_empty()
