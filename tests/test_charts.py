"""Figures: traces, axes and order; never the whole figure, never a colour of the theme."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import plotly.graph_objects as go
import polars as pl
import pytest

import charts
from charts import words
from charts.base import BLUE, ORANGE, RED, duration_axis, duration_ticks
from charts.success import wilson
from charts.waterfall import visible

DAY = date(2026, 11, 1)
MONTH = {
    "begins_on": DAY,
    "ends_on": date(2026, 11, 30),
    "as_of_day": date(2026, 11, 24),
    "budget_usd": 100.0,
}


def success(rows: list[tuple[str, str, int, float | None]]) -> pl.DataFrame:
    """Cells of the success matrix from workflow, segment, known runs and rate."""
    return pl.DataFrame(
        [
            {
                "workflow": workflow,
                "segment": segment,
                "dimension": "channel",
                "runs": n,
                "known_runs": n,
                "successes": round(n * (rate or 0)),
                "success_rate": rate,
                "lo": None if rate is None else wilson(round(n * rate), n)[0],
                "hi": None if rate is None else wilson(round(n * rate), n)[1],
            }
            for workflow, segment, n, rate in rows
        ],
        schema={
            "workflow": pl.String, "segment": pl.String, "dimension": pl.String, "runs": pl.Int64,
            "known_runs": pl.Int64, "successes": pl.Int64, "success_rate": pl.Float64,
            "lo": pl.Float64, "hi": pl.Float64,
        },
    )  # fmt: skip


STEP_COLUMNS = {
    "workflow": pl.String, "step": pl.String, "kind": pl.String, "n": pl.Int64,
    "p50_ms": pl.Float64, "p90_ms": pl.Float64, "p95_ms": pl.Float64, "p99_ms": pl.Float64,
    "self_ms_total": pl.Float64, "critical_share": pl.Float64, "errors": pl.Int64,
}  # fmt: skip
SPAN_COLUMNS = {
    "step_id": pl.String, "seq": pl.Int64, "depth": pl.Int64, "kind": pl.String,
    "name": pl.String, "status": pl.String, "in_band_error": pl.Boolean, "error_class": pl.String,
    "started_at": pl.Datetime("us"), "duration_ms": pl.Float64,
}  # fmt: skip
CELL_COLUMNS = {
    "workflow": pl.String, "stage": pl.String, "pattern": pl.String, "title": pl.String,
    "short": pl.String, "shown": pl.String, "verdict": pl.String, "measured": pl.Int64,
    "total": pl.Int64,
}  # fmt: skip
FRAMES: dict[str, dict[str, Any]] = {
    "success_matrix": dict(success([]).schema),
    "failure_matrix": {
        "workflow": pl.String, "segment": pl.String, "calls": pl.Int64, "failed_calls": pl.Int64,
        "failure_rate": pl.Float64, "lo": pl.Float64, "hi": pl.Float64,
    },
    "failure_reasons": {
        "workflow": pl.String, "reason": pl.String, "runs": pl.Int64, "share": pl.Float64,
    },
    "success_daily": {
        "day": pl.Date, "known_runs": pl.Int64, "successes": pl.Int64, "success_rate": pl.Float64,
    },
    "scorecard_matrix": CELL_COLUMNS,
    "check_history": {
        "as_of": pl.Datetime("us"), "shown": pl.String, "verdict": pl.String, "value": pl.Float64,
        "lo": pl.Float64, "hi": pl.Float64, "n": pl.Float64, "limit_a": pl.Float64,
        "limit_r": pl.Float64, "formula_version": pl.String,
    },
    "latency_by_step": STEP_COLUMNS,
    "latency_daily": {
        "day": pl.Date, "n": pl.Int64, "p50_ms": pl.Float64, "p95_ms": pl.Float64,
    },
    "latency_distribution": {
        "bucket_ms": pl.Float64, "n": pl.Int64, "cumulative_share": pl.Float64,
    },
    "spend_by": {"label": pl.String, "cost_usd": pl.Float64},
    "waste": {
        "cause": pl.String, "cost_usd": pl.Float64, "is_waste": pl.Boolean, "share": pl.Float64,
    },
    "budget_bars": {
        "name": pl.String, "spent_share": pl.Float64, "projected_share": pl.Float64,
        "lo_share": pl.Float64, "hi_share": pl.Float64,
    },
    "cost_per_success": {
        "at": pl.Date, "usd": pl.Float64, "lo_usd": pl.Float64, "hi_usd": pl.Float64,
        "n": pl.Int64,
    },
    "money_steps": {"name": pl.String, "usd": pl.Float64, "is_total": pl.Boolean},
    "burn_rates": {
        "scope": pl.String, "long_min": pl.Int64, "pace": pl.Float64,
        "fires": pl.Boolean,
    },
    "spend_daily": {"day": pl.Date, "cost_usd": pl.Float64, "source": pl.String},
    "burn_up": {"day": pl.Date, "cost_usd": pl.Float64},
    "waterfall": SPAN_COLUMNS,
}  # fmt: skip
ONE: dict[Any, Any] = {
    pl.String: "x", pl.Int64: 1, pl.Float64: 0.5, pl.Boolean: False, pl.Date: DAY,
}  # fmt: skip


def draw(name: str, frame: pl.DataFrame) -> go.Figure:
    builder: Callable[..., go.Figure] = getattr(charts, name)
    return builder(frame, **MONTH) if name == "burn_up" else builder(frame)


@pytest.mark.parametrize("name", FRAMES)
def test_an_empty_frame_gives_a_figure_that_says_so(name: str) -> None:
    figure = draw(name, pl.DataFrame(schema=FRAMES[name]))
    assert figure.layout.meta["alt"].endswith(".")


@pytest.mark.parametrize("name", FRAMES)
def test_one_row_is_drawn(name: str) -> None:
    row = {
        column: ONE.get(kind, datetime(2026, 11, 1, 12))  # noqa: DTZ001 stored times are naive UTC
        for column, kind in FRAMES[name].items()
    }
    figure = draw(name, pl.DataFrame([row], schema=FRAMES[name]))
    assert figure.layout.height > 0


@pytest.mark.parametrize("name", FRAMES)
def test_a_row_of_unknowns_is_drawn_without_a_number(name: str) -> None:
    known = {"workflow", "segment", "step", "kind", "pattern", "title", "short", "name", "step_id",
             "depth", "seq", "status", "runs", "known_runs", "calls", "failed_calls", "successes",
             "measured", "total", "n", "day", "as_of", "source", "reason", "category", "shown",
             "verdict"}  # fmt: skip
    row = {
        column: ONE.get(kind, datetime(2026, 11, 1, 12)) if column in known else None  # noqa: DTZ001
        for column, kind in FRAMES[name].items()
    }
    figure = draw(name, pl.DataFrame([row], schema=FRAMES[name]))
    assert "None" not in figure.to_json() and "nan" not in figure.layout.meta["alt"]


@pytest.mark.parametrize("name", FRAMES)
def test_ink_and_ground_are_left_to_the_theme(name: str) -> None:
    figure = draw(name, pl.DataFrame(schema=FRAMES[name]))
    layout = figure.to_dict()["layout"]
    assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"
    assert "color" not in layout["font"]
    for axis in ("xaxis", "yaxis"):
        assert not {"color", "gridcolor", "linecolor", "tickcolor"} & set(layout.get(axis, {}))


def test_success_cells_below_thirty_runs_show_the_count_and_no_colour() -> None:
    figure = charts.success_matrix(success([("a", "email", 29, 0.5), ("a", "chat", 30, 0.5)]))
    heat, clicks = figure.data
    assert [list(row) for row in heat.z] == [[0.5, None]]
    texts = [a.text for a in figure.layout.annotations]
    assert "<i>n=29</i>" in texts and "▼ 50.0%" in texts
    assert [list(ids) for ids in clicks.customdata] == [["a", "chat"], ["a", "email"]]


def test_the_success_scale_is_grey_at_the_target() -> None:
    figure = charts.success_matrix(success([("a", "email", 90, 0.9)]), target=0.9)
    heat = figure.data[0]
    middle = (0.9 - heat.zmin) / (heat.zmax - heat.zmin)
    at_target = [fill for place, fill in heat.colorscale if place == pytest.approx(middle)]
    assert at_target == ["rgba(135,148,168,0.1)"]


def test_the_worst_segment_is_the_alt_text() -> None:
    figure = charts.success_matrix(
        success([("a", "email", 100, 0.9), ("b", "phone", 90, 0.6), ("c", "chat", 5, 0.0)])
    )
    assert figure.layout.meta["alt"] == "Lowest success: b in phone, 60.0% of 90 runs."


def test_rows_follow_the_order_given_and_unrecorded_segments_come_last() -> None:
    frame = success([("b", "not recorded", 40, 0.9), ("a", "web", 40, 0.9), ("b", "web", 40, 0.9)])
    figure = charts.success_matrix(frame, order=("b", "a"))
    assert list(figure.layout.yaxis.ticktext) == ["b", "a"]
    assert list(figure.layout.xaxis.ticktext) == ["web", "not recorded"]
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]


def test_long_names_that_look_alike_keep_their_own_rows() -> None:
    names = ["a" * 40 + "1", "a" * 40 + "2"]
    figure = charts.success_matrix(success([(n, "web", 40, 0.9) for n in names]))
    assert len(figure.layout.yaxis.ticktext) == 2
    assert [ids[0] for ids in figure.data[1].customdata] == names


def test_failures_are_coloured_by_rate_from_thirty_calls() -> None:
    frame = pl.DataFrame(
        [("a", "erp", 29, 9, 0.31, 0.2, 0.5), ("a", "crm", 100, 6, 0.06, 0.03, 0.1)],
        schema=FRAMES["failure_matrix"], orient="row",
    )  # fmt: skip
    figure = charts.failure_matrix(frame)
    assert [list(row) for row in figure.data[0].z] == [[0.06, None]]


@pytest.mark.parametrize(
    ("state", "level", "text"),
    [
        ("green", 1, "● clear"),
        ("amber", 2, "▲ watch"),
        ("red", 3, "■ failing"),
        ("unproven", 0, "◌ unproven"),
        ("not_measured", 0, "○ no data"),
        ("not_applicable", 0, "– n/a"),
    ],
)
def test_only_three_states_have_a_colour(state: str, level: int, text: str) -> None:
    row = ("w", "pilot", "no_governance", "No governance", "No", state, text, 1, 8)
    figure = charts.scorecard_matrix(pl.DataFrame([row], schema=CELL_COLUMNS, orient="row"))
    assert figure.data[0].z[0][0] == level
    assert figure.layout.annotations[0].text == text
    assert list(figure.data[1].customdata[0]) == ["w", "no_governance"]


def test_latency_is_drawn_on_a_logarithmic_axis_most_time_first() -> None:
    rows = [
        ("w", "fast", "tool", 400, 10.0, 20.0, 30.0, 40.0, 100.0, 0.1, 0),
        ("w", "slow", "llm", 400, 1e3, 2e3, 3e3, None, 900.0, 0.9, 0),
        ("w", "approve", "human", 400, 1e6, 2e6, 3e6, 4e6, 1e9, 0.0, 0),
    ]
    frame = pl.DataFrame(rows, schema=STEP_COLUMNS, orient="row")
    figure = charts.latency_by_step(frame)
    assert figure.layout.xaxis.type == "log"
    assert list(figure.layout.yaxis.ticktext) == ["slow", "fast"]
    dots = figure.data[-1]
    assert list(dots.x) == [1e3, 10.0] and dots.mode == "markers"
    widths = {trace.line.width for trace in figure.data if trace.mode == "lines"}
    assert widths == {4, 10}
    people = charts.latency_by_step(frame, people=True)
    assert list(people.layout.yaxis.ticktext) == ["approve"]


def test_p99_below_its_sample_is_not_drawn() -> None:
    row = ("w", "slow", "llm", 60, 1e3, 2e3, 3e3, None, 900.0, 0.9, 0)
    figure = charts.latency_by_step(pl.DataFrame([row], schema=STEP_COLUMNS, orient="row"))
    thin = [t for t in figure.data if t.mode == "lines" and t.line.width == 4]
    assert [list(t.x) for t in thin] == [[]]
    assert "p99 –" in figure.data[-1].hovertext[0]


def test_the_distribution_marks_median_and_p95() -> None:
    frame = pl.DataFrame(
        [(100.0, 5, 0.5), (1000.0, 4, 0.9), (9000.0, 1, 1.0)],
        schema=FRAMES["latency_distribution"], orient="row",
    )  # fmt: skip
    figure = charts.latency_distribution(frame)
    assert [s.x0 for s in figure.layout.shapes] == [100.0, 9000.0]
    assert [a.text for a in figure.layout.annotations] == ["p50 100 ms", "p95 9.0 s"]
    assert figure.layout.annotations[0].x == pytest.approx(2.0)


def test_the_burn_up_has_spend_pace_budget_forecast_and_band() -> None:
    days = [DAY + timedelta(days=k) for k in range(24)]
    frame = pl.DataFrame({"day": days, "cost_usd": [2.0] * 24})
    figure = charts.burn_up(frame, **MONTH, projected_usd=60.0, lo_usd=55.0, hi_usd=66.0)
    named = {trace.name: trace for trace in figure.data if trace.name}
    assert list(named["band"].y) == [48.0, 66.0, 55.0]
    assert list(named["forecast"].x) == [days[-1], MONTH["ends_on"]]
    assert list(named["even pace"].y) == [0, 100.0]
    spend = figure.data[-1]
    assert spend.y[-1] == pytest.approx(48.0) and len(spend.x) == 24
    assert figure.layout.shapes[0].y0 == 100.0
    assert figure.layout.meta["alt"] == (
        "$48.00 spent of a budget of $100; forecast to end at $60.00."
    )


def test_a_day_without_a_record_leaves_the_spend_where_it_was() -> None:
    frame = pl.DataFrame({"day": [DAY, DAY + timedelta(days=2)], "cost_usd": [1.0, 2.0]})
    spend = charts.burn_up(frame, **(MONTH | {"budget_usd": None})).data[-1]
    assert list(spend.y[:4]) == [1.0, 1.0, 3.0, 3.0]


def test_what_no_workflow_claims_is_a_bar_of_its_own() -> None:
    frame = pl.DataFrame({"label": ["a", None], "cost_usd": [2.0, 5.0]})
    figure = charts.spend_by(frame)
    assert list(figure.layout.yaxis.ticktext) == ["a", "unattributed"]
    assert [list(ids) for ids in figure.data[0].customdata] == [["a"], [None]]


def test_a_budget_that_will_be_passed_is_red_and_one_that_may_be_is_orange() -> None:
    shares = [(0.9, 1.4, 1.2, 1.6), (0.5, 0.98, 0.9, 1.1), (0.1, 0.2, 0.1, 0.3), (None,) * 4]
    names = [(name, *row) for name, row in zip("abcd", shares, strict=True)]
    frame = pl.DataFrame(names, schema=FRAMES["budget_bars"], orient="row")
    figure = charts.budget_bars(frame)
    assert list(figure.data[1].marker.color) == [RED, ORANGE, BLUE, BLUE]
    said = [a.text for a in figure.layout.annotations]
    assert said == ["90% → 140%", "50% → 98%", "10% → 20%", "no spend known"]
    assert figure.layout.meta["alt"] == "1 of 4 budgets will be passed."
    assert list(figure.data[2].x) == [1.2, 1.6]


def test_what_burns_too_fast_is_red() -> None:
    rows = [("a", 60, 20.0, True), ("b", 60, 0.0, False)]
    figure = charts.burn_rates(pl.DataFrame(rows, schema=FRAMES["burn_rates"], orient="row"))
    assert figure.data[0].marker.color[0] == RED != figure.data[0].marker.color[1]
    assert list(figure.layout.yaxis.ticktext) == ["a", "b"]
    assert figure.layout.meta["alt"] == "1 of 2 budgets burn too fast."


def test_waste_says_what_share_went_into_nothing() -> None:
    rows = [("useful", 6.0, False, 0.6), ("failed runs", 4.0, True, 0.4)]
    figure = charts.waste(pl.DataFrame(rows, schema=FRAMES["waste"], orient="row"))
    assert figure.layout.meta["alt"] == "$4.00, 40.0% of it, went into nothing."


def test_steps_lead_from_one_amount_to_the_other() -> None:
    rows = [
        ("traced", 10.0, True),
        ("tokens", 3.0, False),
        ("credit", -5.0, False),
        ("billed", 8.0, True),
    ]
    figure = charts.money_steps(pl.DataFrame(rows, schema=FRAMES["money_steps"], orient="row"))
    assert list(figure.data[0].base) == [0, 10, 13, 0]
    assert list(figure.data[0].x) == [10, 3, -5, 8]
    said = [a.text for a in figure.layout.annotations]
    assert said == ["$10.00", "+$3.00", "-$5.00", "$8.00"]
    assert figure.layout.meta["alt"] == "From $10.00 to $8.00."


def test_weeks_of_few_successes_are_pale_and_the_target_is_a_line() -> None:
    rows = [(DAY, 2.0, 1.5, 2.5, 40), (DAY + timedelta(days=7), 3.0, None, None, 2)]
    frame = pl.DataFrame(rows, schema=FRAMES["cost_per_success"], orient="row")
    figure = charts.cost_per_success(frame, target_usd=2.5)
    assert figure.data[0].marker.color[0] == BLUE != figure.data[0].marker.color[1]
    assert list(figure.data[0].error_y.array) == [0.5, 0.0]
    assert figure.layout.shapes[0].y0 == 2.5


def spans(shape: list[tuple[int, int, str]]) -> pl.DataFrame:
    """Spans from their order, depth and status, one a second."""
    start = datetime(2026, 11, 1)  # noqa: DTZ001 stored times are naive UTC
    rows = [
        (f"s{seq}", seq, depth, "tool", f"step {seq}", status, False, None,
         start + timedelta(seconds=seq), 500.0)
        for seq, depth, status in shape
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=SPAN_COLUMNS, orient="row")


def test_the_waterfall_places_bars_from_the_first_start_and_marks_errors() -> None:
    figure = charts.waterfall(spans([(0, 0, "ok"), (1, 1, "error")]))
    (bars,) = figure.data
    assert list(bars.base) == [0.0, 1000.0] and list(bars.x) == [500.0, 500.0]
    assert list(bars.marker.pattern.shape) == ["", "/"]
    assert [list(ids) for ids in bars.customdata] == [["s0"], ["s1"]]
    assert figure.layout.meta["alt"] == "2 steps in 1.5 s; 1 failed, first step 1."


def test_beyond_sixty_spans_the_deepest_are_folded_away_first() -> None:
    deep = spans([(k, 0 if k % 10 == 0 else 1 if k % 2 else 2, "ok") for k in range(100)])
    kept = visible(deep)
    assert kept.height == 60 and kept["depth"].max() == 1
    assert visible(spans([(k, 0, "ok") for k in range(100)]))["seq"].to_list() == list(range(60))
    assert len(charts.waterfall(deep).data[0].x) == 60


def test_text_from_data_loses_its_markup_in_figures() -> None:
    hostile = "<img src=x onerror=alert(1)>\u202e<a href='http://evil.test'>x</a>"
    step = (hostile, hostile, "llm", 60, 1e3, 2e3, 3e3, None, 900.0, 0.9, 0)
    figures = [
        charts.success_matrix(success([(hostile, hostile, 90, 0.9)])),
        charts.latency_by_step(pl.DataFrame([step], schema=STEP_COLUMNS, orient="row")),
        charts.waterfall(spans([(0, 0, "ok")]).with_columns(name=pl.lit(hostile))),
    ]
    for figure in figures:
        shown = [figure.layout.meta["alt"], *(a.text for a in figure.layout.annotations)]
        shown += [*(figure.layout.yaxis.ticktext or ()), *(figure.layout.xaxis.ticktext or ())]
        shown += [text for trace in figure.data for text in trace.hovertext or ()]
        assert any("img src=x" in text for text in shown)
        assert not re.search("<img|<a |\u202e", " ".join(shown))


@pytest.mark.parametrize(
    ("ms", "text"),
    [(None, "–"), (0, "0 ms"), (999, "999 ms"), (1000, "1.0 s"), (119_000, "119.0 s"),
     (120_000, "2.0 min"), (7_200_000, "2.0 h"), (172_800_000, "2.0 d")],
)  # fmt: skip
def test_durations(ms: float | None, text: str) -> None:
    assert words.duration(ms) == text


@pytest.mark.parametrize(
    ("usd", "text"),
    [(None, "–"), (0, "$0.00"), (0.0042, "$0.0042"), (0.214, "$0.214"), (12.4, "$12.40"),
     (214.4, "$214"), (999.9, "$1.00k"), (1780, "$1.78k"), (-45, "-$45.00"), (2.5e6, "$2.50M")],
)  # fmt: skip
def test_money(usd: float | None, text: str) -> None:
    assert words.money(usd) == text


def test_shares_changes_and_counts() -> None:
    assert words.percent(0.9348) == "93.5%" and words.percent(None) == "–"
    assert words.points(-0.0152) == "-1.5 pt"
    assert words.interval(0.912, 0.948) == "91.2–94.8%"
    assert words.change(words.money)(-0.004) == "-$0.004"
    assert words.relative(200)(20) == "+10.0%" and words.relative(0)(20) == "–"
    assert [words.count(n) for n in (8812, 56_052, 123_456, 2e6)] == [
        "8,812",
        "56.1k",
        "123k",
        "2.0M",
    ]


@pytest.mark.parametrize("spread", [(1, 1), (5, 9), (1, 1e8), (200, 120_000)])
def test_duration_ticks_are_few_and_round(spread: tuple[float, float]) -> None:
    axis = duration_axis(spread)
    assert len(axis["tickvals"]) == len(axis["ticktext"]) <= 7
    assert all(re.fullmatch(r"[\d.]+ (ms|s|min|h|d)", text) for text in axis["ticktext"])
    assert len(duration_ticks(spread[1])["tickvals"]) <= 6


def test_the_interval_is_wilsons() -> None:
    scipy = pytest.importorskip("scipy.stats")
    for k, n in [(0, 30), (29, 30), (38, 40), (500, 1000)]:
        expected = scipy.binomtest(k, n).proportion_ci(method="wilson")
        assert wilson(k, n) == pytest.approx((expected.low, expected.high), abs=1e-4)


def test_the_funnel_says_how_long_a_stage_takes() -> None:
    rows = [
        ("idea", 1, 0, None, None),
        ("pilot", 4, 2, 41.2, "GOV-1"),
        ("limited", 2, 0, None, "review"),
    ]
    names = ["stage", "workflows", "left", "median_days", "blocker"]
    figure = charts.stage_funnel(pl.DataFrame(rows, schema=names, orient="row"))
    assert list(figure.data[0].x) == [1, 4, 2]
    assert [note.text for note in figure.layout.annotations] == [
        "<b>1</b>",
        "<b>4</b> · median 41 d · most in the way: GOV-1",
        "<b>2</b> · none has left · most in the way: review",
    ]
    assert figure.layout.meta["alt"] == "Workflows by stage: 1 idea, 4 pilot, 2 limited."


def test_exposure_draws_only_what_is_known() -> None:
    row = {"pattern": "no_governance", "title": "No governance", "red_workflows": ["<b>a</b>"]}
    shares = {"runs_share": 0.4, "cost_share": None, "writes_share": 0.0}
    figure = charts.exposure_dots(
        pl.DataFrame([row | shares], schema_overrides={"cost_share": pl.Float64})
    )
    assert [list(trace.x) for trace in figure.data] == [[0.4], [], [0.0]]
    assert list(figure.data[0].customdata[0]) == ["no_governance"]
    assert "<b>a</b>" not in figure.data[0].hovertext[0]
    assert charts.exposure_key() == "● runs ■ spend ▲ write actions"
