"""The money pages: four answers, whose money, what sliders change, what is said when unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import ingest
from streamlit.testing.v1 import AppTest
from test_pages import Open, assert_whole, open_page, words

__all__ = ["open_page"]


def metric(test: AppTest, label: str) -> Any:
    """The card of that name."""
    return next(m for m in test.metric if m.label == label)


def test_the_cost_page_answers_four_questions(demo_store: Path, open_page: Open) -> None:
    test = open_page(demo_store, "cost", wf=["contract-review"])
    assert [m.label for m in test.metric] == [
        "Month-end spend", "Budget is spent on", "A success costs", "In production",
    ]  # fmt: skip
    assert metric(test, "Month-end spend").delta.startswith("+")
    assert metric(test, "Budget is spent on").value.endswith("Oct")
    assert "a month" in metric(test, "In production").value
    assert "contract\\-review" in words(test)


def test_a_team_is_held_to_its_own_budget(demo_store: Path, open_page: Open) -> None:
    whole = open_page(demo_store, "cost")
    team = open_page(demo_store, "cost", cost_by="Team", cost_item="legal")
    assert metric(team, "Month-end spend").value != metric(whole, "Month-end spend").value
    assert "October, legal" in words(team)
    assert "October, all workflows" in words(whole)


@pytest.mark.parametrize(
    "by", ["Team", "Model", "Provider", "Kind of charge", "Stage", "Version", "Step", "Tool"]
)
def test_spend_can_be_split_by_everything(demo_store: Path, open_page: Open, by: str) -> None:
    test = open_page(demo_store, "cost", cost_by=by)
    assert_whole(test)
    assert test.segmented_control(key="cost_by").value == by


def test_a_part_that_does_not_exist_is_the_programme(demo_store: Path, open_page: Open) -> None:
    assert "all workflows" in words(open_page(demo_store, "cost", cost_item="![x](http://a)"))


def test_the_unit_cost_of_the_demo_and_what_moved_it(demo_store: Path, open_page: Open) -> None:
    test = open_page(demo_store, "unit_cost", period="14d")
    assert_whole(test)
    assert [m.label for m in test.metric] == [
        "A run costs", "A success costs", "Spent for nothing",
    ]  # fmt: skip
    said = words(test)
    assert "Failed runs" in said and "No lever is a saving unless" in said
    assert "volume" in said


def test_the_bill_says_what_is_unknown_and_what_was_replaced(
    demo_store: Path, open_page: Open
) -> None:
    said = words(open_page(demo_store, "bill", period="90d"))
    assert "calls of 4 models have no price" in said
    assert "the invoice counts" in said and "before, traces said" in said


def test_a_slider_moves_the_month(demo_store: Path, open_page: Open) -> None:
    usual = open_page(demo_store, "production", workflow="claims-intake")
    assert_whole(usual)
    more = open_page(
        demo_store, "production", workflow="claims-intake", production_volume="8400",
        production_stress="5×",
    )  # fmt: skip
    assert "Fits" in words(usual)
    assert metric(more, "A month costs").value != metric(usual, "A month costs").value
    assert more.slider(key="production_volume").value == 8400
    assert "8,400 runs a month" in words(more)


def test_a_cheaper_model_is_no_saving_before_success_is_measured(
    demo_store: Path, open_page: Open
) -> None:
    where = {"workflow": "claims-intake", "production_model": "gpt-5-mini"}
    said = words(open_page(demo_store, "production", **where))
    assert "is not measured" in said


def test_an_unknown_workflow_has_no_production(demo_store: Path, open_page: Open) -> None:
    test = open_page(demo_store, "production", workflow="<b>nobody</b>")
    assert_whole(test)
    assert "No run of this workflow" in words(test)


@pytest.mark.parametrize("page", ["cost", "unit_cost", "bill", "production"])
def test_a_store_without_money_says_so(one_run_store: Path, open_page: Open, page: str) -> None:
    assert_whole(open_page(one_run_store, page))


ODD = """\
period_start,period_end,provider,category,model,workflow,amount,currency,measure,source
2026-10-01,2026-10-02,openai,llm,gpt-5,refunds,3.00,USD,billed,invoice
2026-10-02,2026-10-03,openai,credit,,,-5.00,USD,billed,invoice
2026-10-03,2026-10-04,openai,llm,gpt-5,refunds,7.12345678901234567890123,EUR,billed,invoice
2026-10-04,2026-10-05,openai,llm,gpt-5,refunds,900,ZZZ,billed,invoice
2199-01-01,2199-01-02,openai,llm,gpt-5,refunds,4.00,USD,billed,invoice
"""
NOTHING_ALLOWED = """\
budgets:
  - {scope_kind: program, scope: all, period: month, amount: 0, currency: USD}
  - {scope_kind: workflow, scope: refunds, period: day, amount: 5, currency: GBP}
"""


@pytest.fixture(scope="module")
def odd_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zero budget, a credit, money nobody rates, an amount too exact, a line of the future."""
    folder = tmp_path_factory.mktemp("odd")
    (folder / "costs.csv").write_text(ODD)
    (folder / "budgets.yaml").write_text(NOTHING_ALLOWED)
    ingest(folder, "--store", folder / "store", expect=None)
    return folder / "store"


@pytest.mark.parametrize("page", ["overview", "cost", "unit_cost", "bill", "production"])
def test_awkward_money_is_a_sensible_page(odd_store: Path, open_page: Open, page: str) -> None:
    assert_whole(open_page(odd_store, page))


def test_money_without_a_rate_stands_apart(odd_store: Path, open_page: Open) -> None:
    said = words(open_page(odd_store, "cost"))
    assert "900.00 ZZZ in 1 lines have no rate" in said
    assert "7.12 EUR in 1 lines have no rate" in said
    assert "the budget is $0" in said.replace("\\", "")


def test_what_is_not_known_is_not_zero(one_run_store: Path, open_page: Open) -> None:
    test = open_page(one_run_store, "unit_cost")
    assert [m.value for m in test.metric] == ["–", "–", "–"]
