"""What production will cost: worked by hand, against plain Python, and rules that always hold."""

from __future__ import annotations

import json
import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from store_builder import AS_OF, Rows, build, run_row, step_row

import charts
from queries.catalog import QueryError
from queries.grading.intervals import wilson
from queries.grading.ratio import studentised
from queries.grading.scaling import Growth, growth
from queries.money.production.pilot import Ends, Facts, facts
from queries.money.production.projection import project
from queries.money.production.scenario import Projected, Scenario
from queries.scorecard import evaluate

RATES = {"m1": (2e-6, 8e-6), "m2": (1e-6, 4e-6)}
Z90 = stats.norm.ppf(0.95)
DECLARED = {
    "workflow": "refunds",
    "expected_monthly_volume": 1000.0,
    "fixed_monthly_usd": 10.0,
    "review": json.dumps({"minutes": 3, "rate_usd": 40, "share": 0.05}),
}


def pilot(
    runs: int = 120, budget: float | None = 300, declared: dict[str, Any] | None = None
) -> Rows:
    """28 days of runs, each one call at list price: by email 0.10, every third, by chat, 0.25."""
    rows: Rows = {"runs": [], "steps": []}
    for number in range(runs):
        is_chat = number % 3 == 2
        tokens = {"input_tokens": 30_000, "output_tokens": 5_000}
        if is_chat:
            tokens = {"input_tokens": 105_000, "output_tokens": 5_000}
        cost = tokens["input_tokens"] * 2e-6 + tokens["output_tokens"] * 8e-6
        run = run_row(
            f"r{number}", AS_OF - timedelta(days=number % 28 + 0.5), cost_usd=cost,
            channel="chat" if is_chat else "email",
            outcome="failure" if number % 10 == 0 else "success",
        )  # fmt: skip
        call = {"kind": "llm", "model": "m1", "provider": "openai", "cost_usd": cost, **tokens}
        rows["runs"].append(run)
        rows["steps"].append(step_row(run, "s", 0, **call))
    begun = run_row("old", AS_OF - timedelta(days=60))
    rows["runs"].append(begun)
    rows["workflows"] = [DECLARED if declared is None else declared]
    if budget is not None:
        limit = {"scope_kind": "workflow", "scope": "refunds", "period": "month"}
        rows["budgets"] = [limit | {"amount": budget, "currency": "USD"}]
    rows["prices"] = [
        {"model": model, "token_class": name, "usd_per_token": rate, "above_tokens": 0,
         "valid_from": date(2026, 1, 1), "price_version": "own"}
        for model, rates in RATES.items()
        for name, rate in zip(("input", "output"), rates, strict=True)
    ]  # fmt: skip
    return rows


def of(rows: Rows) -> Facts:
    found = facts(build(rows), "refunds", AS_OF)
    assert found is not None
    return found


KNOWN = of(pilot())


def month(found: Projected) -> float:
    assert found.bill is not None
    return found.bill.monthly_usd


def test_a_month_by_hand() -> None:
    """80 runs at 0.10, 40 at 0.25: 0.15 a run; 1,000 runs, 10 fixed, 3 min x $40 x 5 % = 0.10."""
    found = project(KNOWN)
    assert found.bill is not None
    assert found.bill.runs_usd == pytest.approx(150)
    assert (found.bill.infrastructure_usd, found.bill.review_usd) == (10, pytest.approx(100))
    assert month(found) == pytest.approx(260)
    assert [bill.monthly_usd for bill in found.bills] == pytest.approx([260, 300, 350])
    assert found.per_success_usd is not None
    assert found.per_success_usd.value == pytest.approx(260 / (1000 * 0.9))
    costs = np.array([run["cost_usd"] for run in pilot()["runs"][:-1]])
    lo, hi = studentised(costs, band=0.9)
    assert found.bill.told == (pytest.approx(1000 * lo + 110), pytest.approx(1000 * hi + 110))
    assert found.headroom_usd == pytest.approx(300 - (1000 * hi + 110))
    assert KNOWN.whole.success == pytest.approx((0.9, *wilson(108, 120, Z90)))


def test_the_narrower_band_lies_within_the_wider() -> None:
    costs = np.random.default_rng(3).lognormal(0, 1, 80)
    (lo, hi), (low, high) = studentised(costs), studentised(costs, band=0.9)
    assert lo < low < costs.mean() < high < hi


@pytest.mark.parametrize("declared", [DECLARED, DECLARED | {"fixed_monthly_usd": 0.0}])
def test_the_centre_is_that_of_the_check(declared: dict[str, Any]) -> None:
    rows = pilot(declared=declared)
    for number, run in enumerate(rows["runs"]):
        run["sample_prob"] = 0.5 if number % 4 == 0 else None
    connection = build(rows)
    results, _ = evaluate(connection, AS_OF)
    check = results.filter(check_id="COST-7", workflow="refunds").row(0, named=True)
    found = facts(connection, "refunds", AS_OF)
    assert found is not None and found.growth.exponent is None
    assert project(found).bills[0].monthly_usd == pytest.approx(check["k"])


@pytest.mark.parametrize(
    ("budget", "answer"),
    [
        (400, "fits at 10x"),
        (330, "fits at 5x, not at 10x"),
        (290, "fits at 1x, not at 5x"),
        (262, "could go either way"),
        (259, "does not fit"),
        (None, "no budget"),
    ],
)
def test_the_answer_is_judged_on_the_upper_end(budget: float | None, answer: str) -> None:
    found = project(of(pilot(budget=budget)))
    assert found.fit.answer == answer
    assert found.fit.why.endswith(".")
    assert (found.headroom_usd is None) == (budget is None)


def test_too_few_runs_are_not_judged() -> None:
    found = project(of(pilot(99)))
    assert (found.fit.answer, found.fit.why) == (
        None, "100 runs with a cost are needed; there are 99.",
    )  # fmt: skip
    assert found.bill is not None and found.bill.told is not None


def test_what_nobody_declared_is_said_and_never_zero() -> None:
    found = project(of(pilot(declared={"workflow": "other"})))
    assert found.bill is not None
    assert found.bill.infrastructure_usd is None and found.bill.review_usd is None
    assert found.volume == pytest.approx(120 / 28 * 365 / 12)
    assert month(found) == pytest.approx(found.volume * 0.15)
    assert found.fit.answer is None and "fixed_monthly_usd is not declared" in found.fit.why
    lines = {line.name: line for line in found.drivers}
    assert lines["infrastructure"].value == lines["review"].value == "not declared"
    assert "not declared" in lines["volume"].value and lines["volume"].basis == "measured"


def test_what_is_known_may_be_too_much_by_itself() -> None:
    found = project(of(pilot(budget=15, declared={"workflow": "other"})))
    assert found.fit.answer == "does not fit"


def test_without_a_cost_there_is_no_bill() -> None:
    rows = pilot()
    for row in rows["runs"] + rows["steps"]:
        row["cost_usd"] = None
    found = project(of(rows))
    assert (found.bill, found.bills, found.per_success_usd) == (None, (), None)
    assert found.fit == (None, "No run of the 120 in 28 days has a cost.")
    assert found.frame.height == 0
    assert facts(build({}), "refunds", AS_OF) is None


def test_another_mix_is_a_mean_of_strata() -> None:
    found = project(KNOWN, Scenario(segment_mix={"email": 1, "chat": 3}))
    assert found.bill is not None
    assert found.bill.runs_usd == pytest.approx(1000 * (0.25 * 0.10 + 0.75 * 0.25))
    assert project(KNOWN, Scenario(segment_mix={"email": 2, "chat": 1})).bill == project(KNOWN).bill
    only = project(KNOWN, Scenario(segment_mix={"chat": 1}))
    chat = next(one for one in KNOWN.segments if one.name == "chat")
    assert only.bill is not None and chat.cost_usd is not None
    assert only.bill.told == pytest.approx(
        tuple(1000 * end + 110 for end in chat.cost_usd.told or ())
    )


def test_the_same_model_changes_nothing_and_half_the_price_halves_the_runs() -> None:
    same, half = (project(KNOWN, Scenario(model=name)) for name in ("m1", "m2"))
    assert month(same) == pytest.approx(month(project(KNOWN)), rel=1e-12)
    assert half.bill is not None and half.bill.runs_usd == pytest.approx(75)
    assert "108 of" not in half.model_note and "is not measured" in half.model_note
    assert "saving only where" in half.model_note
    assert same.model_note.startswith("90% of 120 runs on m1 alone succeeded")


def test_calls_without_tokens_keep_their_cost() -> None:
    rows = pilot()
    for step in rows["steps"][:60]:
        step["input_tokens"] = step["output_tokens"] = None
    kept = sum(step["cost_usd"] for step in rows["steps"][:60])
    other = sum(step["cost_usd"] for step in rows["steps"][60:])
    found = project(of(rows), Scenario(model="m2"))
    assert found.bill is not None
    assert found.bill.runs_usd == pytest.approx(1000 * (kept + other / 2) / 120)
    line = next(line for line in found.drivers if line.name == "model")
    assert "60 calls without tokens or cost stay" in line.value and line.n == 60


def test_retries_at_load() -> None:
    """5 % of calls fail now; at 24 % every call is made 0.95 / 0.76 = 1.25 times as often."""
    rows = pilot()
    for step in rows["steps"][:6]:
        step["status"] = "error"
    found = project(of(rows), Scenario(failing_share=0.24))
    assert found.bill is not None and found.bill.runs_usd == pytest.approx(150 * 1.25)


def test_ten_times_the_runs_at_eleven_and_a_half_times_the_cost() -> None:
    runs = np.geomspace(10, 100, 20)
    found = growth(runs, 2 * 11.5 ** np.log10(runs / 10))
    assert found.exponent == pytest.approx(1.06, abs=0.001)
    assert (found.days, found.span, found.silence) == (20, pytest.approx(10), "")
    assert found.at(1000, 100) == pytest.approx(1.15)
    superlinear = KNOWN._replace(growth=found, monthly_runs=100.0)
    assert project(superlinear).bills[0].runs_usd == pytest.approx(150 * 1.15)


def test_growth_that_is_not_shown_leaves_the_cost_of_a_run() -> None:
    unsure = Growth(1.2, 0.9, 1.5, 20, 4.0)
    found = project(KNOWN._replace(growth=unsure, monthly_runs=10.0))
    assert month(found) == pytest.approx(260)
    line = next(line for line in found.drivers if line.name == "growth with volume")
    assert "cost is taken to follow volume" in line.value
    assert "14 are needed" in growth(np.arange(1.0, 10), np.arange(1.0, 10)).silence
    assert "3 are needed" in growth(np.full(20, 5.0), np.full(20, 1.0)).silence
    assert growth(np.zeros(0), np.zeros(0)).exponent is None


SCENARIOS = st.builds(
    Scenario,
    volume=st.floats(0, 1e6),
    stress=st.sampled_from([1, 5, 10]),
    review_share=st.floats(0, 1),
    segment_mix=st.none() | st.fixed_dictionaries(
        {"email": st.floats(0.01, 1), "chat": st.floats(0, 1)}
    ),
    model=st.sampled_from([None, "m1", "m2"]),
    failing_share=st.none() | st.floats(0, 0.9),
)  # fmt: skip


@given(SCENARIOS)
def test_the_parts_add_to_the_whole_within_its_band(asked: Scenario) -> None:
    found = project(KNOWN, asked)
    assert found.bill is not None
    for bill in (found.bill, *found.bills):
        parts = bill.runs_usd + (bill.infrastructure_usd or 0) + (bill.review_usd or 0)
        assert bill.monthly_usd == pytest.approx(parts)
        lo, hi = bill.told or (math.nan, math.nan)
        assert lo <= bill.monthly_usd * (1 + 1e-12) and bill.monthly_usd <= hi * (1 + 1e-12)
    each = found.per_success_usd
    assert each is None or (each.told and each.told[0] <= each.value <= each.told[1])


@given(SCENARIOS, st.floats(1, 5))
def test_more_of_anything_never_costs_less(asked: Scenario, times: float) -> None:
    base = month(project(KNOWN, asked)) * (1 - 1e-12)
    assert asked.volume is not None and asked.review_share is not None
    for more in (
        {"volume": asked.volume * times},
        {"stress": asked.stress * times},
        {"review_share": asked.review_share * times},
    ):
        assert month(project(KNOWN, asked._replace(**more))) >= base


@given(SCENARIOS)
def test_the_oracle(asked: Scenario) -> None:
    """The whole model in plain Python."""
    mix = asked.segment_mix or {"email": 2, "chat": 1}
    cost = (0.10 * mix["email"] + 0.25 * mix["chat"]) / (mix["email"] + mix["chat"])
    cost *= 0.5 if asked.model == "m2" else 1
    cost /= 1 if asked.failing_share is None else 1 - asked.failing_share
    volume, share = asked.volume or 0.0, asked.review_share or 0.0
    expected = volume * cost + 10 * asked.stress + volume * 3 / 60 * 40 * share
    assert month(project(KNOWN, asked)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (Scenario(segment_mix={"fax": 1}), "fax: no such channel. Known: chat, email."),
        (Scenario(model="m9"), "m9: no price on 2026-11-24. Add it to prices."),
        (Scenario(volume=-1), "below zero"),
        (Scenario(volume=math.nan), "below zero"),
        (Scenario(failing_share=1), "below 1"),
    ],
)
def test_what_cannot_be_projected_is_refused(asked: Scenario, words: str) -> None:
    with pytest.raises(QueryError, match=words.replace(".", r"\.")):
        project(KNOWN, asked)


def test_a_segment_with_one_run_gives_no_band() -> None:
    rows = pilot()
    rows["runs"].append(run_row("fax", AS_OF - timedelta(days=1), cost_usd=2.0, channel="fax"))
    found = project(of(rows), Scenario(segment_mix={"email": 1, "fax": 1}, volume=100))
    assert found.bill is not None and found.bill.told is None
    assert month(found) == pytest.approx(100 * (0.10 + 2.0) / 2 + 20)
    assert found.fit.answer is None and "fewer than two runs" in found.fit.why


def test_the_bills_are_drawn_with_budget_and_whiskers() -> None:
    found = project(KNOWN)
    figure = charts.production_cost(found.frame, found.budget_usd)
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert [bar.name for bar in bars] == ["runs", "infrastructure", "review"]
    assert list(bars[1].x) == [10, 50, 100]
    assert [sum(stack) for stack in zip(*(bar.x for bar in bars), strict=True)] == pytest.approx(
        [260, 300, 350]
    )
    assert figure.layout.yaxis.ticktext[0] == "1× infrastructure"
    assert figure.layout.shapes[0].x0 == 300
    whiskers = [trace for trace in figure.data if trace.type == "scatter"]
    assert tuple(whiskers[0].x) == found.bills[0].told
    alt = "$260 a month, $350 at 10 times the fixed cost; the budget is $300."
    assert figure.layout.meta["alt"] == alt


def test_what_is_not_declared_has_no_bar() -> None:
    found = project(of(pilot(budget=None, declared={"workflow": "other"})))
    figure = charts.production_cost(found.frame, found.budget_usd)
    assert [trace.name for trace in figure.data if trace.type == "bar"] == ["runs"]
    assert not figure.layout.shapes
    empty = charts.production_cost(found.frame.clear())
    assert empty.layout.meta["alt"] == "No run has a known cost yet."


def test_the_curve_has_the_slope_it_names() -> None:
    runs = [10 * 2**n for n in range(5)]
    frame = pl.DataFrame(
        {
            "day": [date(2026, 11, day) for day in range(1, 6)],
            "runs": runs,
            "cost_usd": [0.01 * n**1.06 for n in runs],
        }
    )
    figure = charts.scaling_curve(frame, 1.06, 1.02, 1.1)
    x, y = figure.data[1].x, figure.data[1].y
    assert math.log(y[1] / y[0]) / math.log(x[1] / x[0]) == pytest.approx(1.06)
    assert y[0] == pytest.approx(frame["cost_usd"][0])
    assert (
        figure.layout.meta["alt"]
        == "Ten times the runs cost 11.5 times as much (95%: 10.5 to 12.6)."
    )
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"
    silent = charts.scaling_curve(frame.clear(), silence="9 days with a cost; 14 are needed.")
    assert len(silent.data) == 1 and silent.layout.meta["alt"].startswith("9 days")
    for drawn in (figure, silent):
        layout = drawn.to_dict()["layout"]
        assert layout["paper_bgcolor"] == "rgba(0,0,0,0)" and "color" not in layout["font"]


def test_ends_are_multiplied_together() -> None:
    assert Ends(2.0, 1.0, None).times(3) == (6.0, 3.0, None)
