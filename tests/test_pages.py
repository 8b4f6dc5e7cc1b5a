"""Every page through app.py and alone, on the demo, one run, no run and no store."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

import queries
import ui
from ui.filters import Filters, window

ROOT = Path(__file__).resolve().parent.parent
PAGES = (
    "overview", "scorecard", "programme", "readiness", "cost", "unit_cost", "bill", "production",
    "segments", "latency", "runs", "run", "data",
)  # fmt: skip
STORES = ("demo_store", "one_run_store", "empty_store", "missing_store")
NEEDS_DATA = [page for page in PAGES if page != "data"]
Open = Callable[..., AppTest]
CACHED: list[Path] = []


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Runs a page on a store, through app.py or alone, with the parameters of its address."""
    for name in [k for k in os.environ if k.startswith("OPSDASH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.chdir(ROOT)

    def run(store: Path, page: str, alone: bool = False, **params: Any) -> AppTest:
        forget_other_stores(store)
        monkeypatch.setenv("OPSDASH_STORE", str(store))
        script = f"pages/{page}.py" if alone else "app.py"
        test = AppTest.from_file(str(ROOT / script), default_timeout=60)
        for name, value in params.items():
            test.query_params[name] = value
        if not alone and page != "overview":
            test.switch_page(f"pages/{page}.py")
        return test.run()

    return run


def forget_other_stores(store: Path) -> None:
    """Answers are kept for the next page of the same store, as in a running app."""
    if [store] != CACHED:
        st.cache_data.clear()
        st.cache_resource.clear()
        CACHED[:] = [store]


def words(test: AppTest) -> str:
    """Everything a reader can read as text."""
    kinds = ("title", "header", "markdown", "caption", "text", "info", "error", "warning", "code")
    return "\n".join(str(e.value) for kind in kinds for e in test.get(kind) if hasattr(e, "value"))


def assert_whole(test: AppTest) -> None:
    assert [e.message for e in test.exception] == []
    assert [e.value for e in test.error] == []
    assert len(test.title) == 1


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("store", STORES)
def test_every_page_on_every_store(
    request: pytest.FixtureRequest, open_page: Open, store: str, page: str
) -> None:
    test = open_page(request.getfixturevalue(store), page)
    assert_whole(test)
    assert test.title[0].value == page.capitalize().replace("_", " ")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("store", ["one_run_store", "missing_store"])
def test_a_page_that_runs_alone_is_whole(
    request: pytest.FixtureRequest, open_page: Open, store: str, page: str
) -> None:
    assert_whole(open_page(request.getfixturevalue(store), page, alone=True))


@pytest.mark.parametrize("page", NEEDS_DATA)
def test_without_a_store_a_page_says_what_the_product_is(
    missing_store: Path, open_page: Open, page: str
) -> None:
    test = open_page(missing_store, page)
    assert [b.label for b in test.button] == ["Load the demo"]
    assert "python -m ingest FOLDER" in words(test)
    assert str(missing_store) in words(test)


def test_the_verdict_names_exactly_what_was_planted(
    demo_files: Path, demo_store: Path, open_page: Open
) -> None:
    planted = json.loads((demo_files / "planted.txt").read_text("utf-8"))["red"]
    test = open_page(demo_store, "overview")
    sentence = next(m.value for m in test.markdown if "need a decision" in m.value)
    named = {name.replace("\\", "") for name in re.findall(r"\*\*(.+?)\*\*", sentence)}
    assert named == {workflow for _, workflow, _ in planted}


def test_the_overview_has_five_numbers_with_their_formula(
    demo_store: Path, open_page: Open
) -> None:
    test = open_page(demo_store, "overview")
    assert [m.label for m in test.metric] == [
        "Success rate", "Runs", "Cost per success", "p95 machine time", "Month-end spend",
    ]  # fmt: skip
    assert re.search(r"[\d,]+ of [\d,]+\. 95% interval", test.metric[0].help)
    assert all(m.delta for m in test.metric)
    assert len(test.get("plotly_chart")) == 4


def test_compare_off_hides_the_change(demo_store: Path, open_page: Open) -> None:
    test = open_page(demo_store, "overview", cmp="false")
    assert [bool(m.delta) for m in test.metric] == [False, False, False, False, True]


def test_the_workflow_filter_narrows_the_numbers(demo_store: Path, open_page: Open) -> None:
    every = open_page(demo_store, "overview")
    one = open_page(demo_store, "overview", wf=["kyc-screening"])
    assert one.multiselect(key="wf").value == ["kyc-screening"]
    assert int(one.metric[1].value) < int(every.metric[1].value.replace(",", ""))
    assert "kyc" in words(one) and "refund" not in words(one)


BAD = {
    "period": "99d", "wf": ["<script>"], "stage": "nowhere", "cmp": "perhaps", "days": "x",
    "runs_view": "None", "runs_search": "' or 1=1 --", "runs_outcome": ["no"], "runs_page": "-7",
    "runs_workflow": ["x"], "runs_step": ["a", "b"], "segments_by": "colour", "latency_by": "9",
    "run_id": "%00", "step": "none", "workflow": "nobody", "pattern": "nothing", "check": "X-1",
    "cost_by": "Colour", "cost_item": "nobody", "production_volume": "-1e9",
    "production_stress": "99×", "production_model": "none", "production_mix_0": "many",
}  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_bad_parameters_never_raise(demo_store: Path, open_page: Open, page: str) -> None:
    assert_whole(open_page(demo_store, page, **BAD))


@pytest.mark.parametrize("period", ["24h", "7d", "14d", "90d", "custom"])
def test_every_period(demo_store: Path, open_page: Open, period: str) -> None:
    assert_whole(open_page(demo_store, "overview", period=period))


@pytest.mark.parametrize("by", ["channel", "version", "stage", "step", "tool", "agent", "model"])
def test_every_dimension(demo_store: Path, open_page: Open, by: str) -> None:
    test = open_page(demo_store, "segments", segments_by=by)
    assert_whole(test)
    assert test.header[0].value.endswith(f"by workflow and {by}")
    assert test.dataframe[0].value.shape[0] > 0


@pytest.mark.parametrize("by", ["step", "tool", "model", "agent", "people"])
def test_every_latency_view(demo_store: Path, open_page: Open, by: str) -> None:
    assert_whole(open_page(demo_store, "latency", latency_by=by))


def test_the_scorecard_leads_from_workflow_to_evidence(demo_store: Path, open_page: Open) -> None:
    where = {"workflow": "order-repair", "pattern": "integrations_underestimated"}
    patterns = open_page(demo_store, "scorecard", workflow="order-repair")
    assert sum("failing" in m.value and "Integration" in m.value for m in patterns.markdown) == 1
    checks = open_page(demo_store, "scorecard", **where)
    own = [c.id for c in queries.checks().values() if c.pattern == where["pattern"]]
    assert [b.label[2:7] for b in checks.button if b.label.startswith("**INT-")] == own
    check = open_page(demo_store, "scorecard", **where, check="INT-2")
    assert_whole(check)
    assert "95 %" in words(check) or "95%" in words(check)
    assert "What to do" in words(check) and "erp.update_order" in words(check)
    assert any("run_id=" in link.proto.query_string for link in check.get("page_link"))


def a_run(store: Path, outcome: str) -> dict[str, Any]:
    connection = queries.connect(queries.current(store))
    found = queries.run(
        connection, "run_list", since=datetime(2026, 1, 1), until=datetime(2027, 1, 1),  # noqa: DTZ001
        outcome=[outcome], order="newest", limit=1, offset=0,
    )  # fmt: skip
    return found.row(0, named=True)


def test_a_run_shows_its_trace_and_what_people_said(demo_store: Path, open_page: Open) -> None:
    run = a_run(demo_store, "failure")
    test = open_page(demo_store, "run", run_id=run["run_id"])
    assert_whole(test)
    assert "failure" in words(test) and run["workflow"] in words(test).replace("\\", "")
    assert len(test.get("plotly_chart")) == 1
    assert "Shown as recorded" in words(test)


def test_a_run_that_is_not_there_is_said_to_be_missing(demo_store: Path, open_page: Open) -> None:
    assert "no such run" in words(open_page(demo_store, "run", run_id="gone"))


def test_the_views_of_the_run_list_select(demo_store: Path, open_page: Open) -> None:
    failed = open_page(demo_store, "runs", runs_view="Failed").dataframe[0].value
    assert set(failed["outcome"]) <= {"failure", "abandoned"} and len(failed)
    slow = open_page(demo_store, "runs", runs_view="Slow").dataframe[0].value["machine_ms"]
    assert list(slow) == sorted(slow, reverse=True)
    second = open_page(demo_store, "runs", runs_page="2").dataframe[0].value["run_id"]
    first = open_page(demo_store, "runs").dataframe[0].value["run_id"]
    assert len(first) == 50 and not set(first) & set(second)


def test_a_search_that_finds_nothing_offers_a_way_out(demo_store: Path, open_page: Open) -> None:
    test = open_page(demo_store, "runs", runs_search="nothing is called so")
    assert "No run matches" in test.info[0].value
    assert any(b.label == "Clear the filters of this page" for b in test.button)


def test_one_run_is_counted_and_never_coloured(one_run_store: Path, open_page: Open) -> None:
    test = open_page(one_run_store, "overview")
    assert test.metric[1].value == "1"
    specs = [json.loads(c.proto.spec) for c in test.get("plotly_chart")]
    matrix = next(s for s in specs if s["data"][0]["type"] == "heatmap")
    assert matrix["data"][0]["z"] == [[None]]


def test_a_page_alone_turns_the_pages_directory_off(demo_store: Path, open_page: Open) -> None:
    """Pins the private switch that ui.page needs; see docs/adr on pages."""
    assert isinstance(PagesManager.uses_pages_directory, bool | None)
    test = open_page(demo_store, "latency", alone=True)
    assert PagesManager.uses_pages_directory is False
    assert test.multiselect(key="wf") is not None


def test_no_frame_is_an_argument_of_a_cached_function() -> None:
    """Streamlit confuses frames that share their first and last rows."""
    for path in (ROOT / "ui").glob("*.py"):
        source = path.read_text("utf-8")
        for signature in re.findall(r"@st\.cache_\w+\(.*?\)\ndef \w+\((.*?)\) ->", source, re.S):
            frames = [p for p in signature.split(", ") if "DataFrame" in p or "Series" in p]
            assert all(p.strip().startswith("_") for p in frames), path


def test_pages_hold_no_state_no_sql_and_no_figures() -> None:
    for path in (ROOT / "pages").glob("*.py"):
        source = path.read_text("utf-8")
        assert len(source.splitlines()) <= 80, path
        assert not re.search(r"session_state|plotly|select .* from|unsafe_allow_html|switch_page",
                             source), path  # fmt: skip


def test_no_html_but_the_one_rule() -> None:
    sources = [*(ROOT / "ui").glob("*.py"), *(ROOT / "pages").glob("*.py")]
    used = [p.name for p in sources if re.search(r"st\.html\(", p.read_text("utf-8"))]
    assert used == ["frame.py"]
    assert not any("unsafe_allow" in p.read_text("utf-8") for p in sources)


@pytest.mark.parametrize(
    ("period", "since", "until"),
    [
        ("24h", "2026-11-23T15:00", "2026-11-24T15:00"),
        ("7d", "2026-11-18T00:00", "2026-11-25T00:00"),
        ("30d", "2026-10-26T00:00", "2026-11-25T00:00"),
        ("nonsense", "2026-10-26T00:00", "2026-11-25T00:00"),
    ],
)
def test_a_window_ends_with_the_day_of_the_data(period: str, since: str, until: str) -> None:
    as_of = datetime.fromisoformat("2026-11-24T14:02")
    expected = (datetime.fromisoformat(since), datetime.fromisoformat(until))
    assert window(period, as_of) == expected


def test_a_custom_window_holds_both_days_in_either_order() -> None:
    as_of = datetime.fromisoformat("2026-11-24T14:02")
    days = (date(2026, 11, 9), date(2026, 11, 5))
    expected = tuple(datetime.fromisoformat(t) for t in ("2026-11-05T00:00", "2026-11-10T00:00"))
    assert window("custom", as_of, days) == expected


def test_the_previous_window_is_as_long_and_directly_before() -> None:
    since, until = (datetime.fromisoformat(t) for t in ("2026-11-18T00:00", "2026-11-25T00:00"))
    before = Filters("7d", since, until, None, None, True).previous()
    assert (before.until, before.until - before.since) == (since, until - since)


HOSTILE = "![x](http://evil.test) **b** $a$ :red[c] <i> `d` [e](f)\u202e\x00\nnext"


def test_escaped_text_is_plain_words_in_markdown() -> None:
    plain = ui.esc(HOSTILE)
    assert "\n" not in plain and "\u202e" not in plain and "\x00" not in plain
    for sign in "![]()*$:<>`":
        assert not re.search(rf"(?<!\\){re.escape(sign)}", plain), sign
    assert len(ui.esc("x" * 500)) == 200


def test_a_download_holds_no_formula_and_keeps_numbers() -> None:
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(1)", "plain"]
    frame = pl.DataFrame({"text": texts, "number": [-1.5] * 8})
    back = pl.read_csv(ui.csv(frame))
    assert [t for t in back["text"] if t[0] in "=+-@\t\r"] == []
    assert back["text"][-1] == "plain" and back["number"].to_list() == [-1.5] * 8
