"""Figures of the scorecard and the gates: what is drawn for what, told apart without colour."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import plotly.graph_objects as go
import polars as pl
import pytest

import charts
import ui.states
from charts.history import recent

NOW = datetime.fromisoformat("2026-11-24T18:00")
EVALUATION: dict[str, Any] = {
    "shown": "green", "verdict": "● clear", "value": 0.02, "lo": 0.01, "hi": 0.04, "n": 100.0,
    "limit_a": 0.01, "limit_r": 0.05, "formula_version": "a",
}  # fmt: skip
HISTORY = pl.Schema({
    "as_of": pl.Datetime("us"), "shown": pl.String, "verdict": pl.String, "value": pl.Float64,
    "lo": pl.Float64, "hi": pl.Float64, "n": pl.Float64, "limit_a": pl.Float64,
    "limit_r": pl.Float64, "formula_version": pl.String,
})  # fmt: skip
LINES = dict.fromkeys(("part", "state", "verdict", "text", "check_id"), pl.String())
COUNTS = dict.fromkeys(("workflow", "gate", "state", "verdict"), pl.String()) | {
    "lines": pl.Int64()
}
STATES = {
    "as_of": pl.Datetime("us"),
    **dict.fromkeys(("check_id", "shown", "verdict"), pl.String()),
}
MATRIX = dict.fromkeys(
    ("workflow", "stage", "check_id", "title", "shown", "verdict", "sentence"), pl.String()
)


def history(*weeks: dict[str, Any]) -> pl.DataFrame:
    """One evaluation a week, the last one now."""
    first = NOW - timedelta(weeks=len(weeks) - 1)
    rows = [
        {"as_of": first + timedelta(weeks=i), **EVALUATION, **week} for i, week in enumerate(weeks)
    ]
    return pl.DataFrame(rows, schema=HISTORY)


def points(figure: go.Figure) -> go.Scatter:
    return next(t for t in figure.data if t.mode == "markers" and t.marker.size == 12)


def line(figure: go.Figure) -> go.Scatter:
    return next(t for t in figure.data if t.connectgaps is False)


def lines(*states: str) -> pl.DataFrame:
    rows = [
        {"part": "Review", "state": s, "verdict": s, "text": s, "check_id": None} for s in states
    ]
    return pl.DataFrame(rows, schema=LINES)


@pytest.mark.parametrize(
    ("builder", "schema"),
    [
        (charts.check_history, HISTORY),
        (charts.state_weeks, STATES),
        (charts.check_matrix, MATRIX),
        (charts.requirement_dots, LINES),
        (charts.gate_bars, COUNTS),
    ],
)
def test_nothing_is_drawn_as_nothing_in_the_ink_of_the_theme(builder: Any, schema: Any) -> None:
    figure = builder(pl.DataFrame(schema=schema))
    assert figure.layout.meta["alt"].endswith(".")
    assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)" and figure.layout.font.color is None


def test_every_state_has_a_symbol_and_a_word_of_its_own() -> None:
    states = set("green amber red insufficient not_measured not_applicable stale waived".split())
    assert states < set(ui.states.SIGNS)
    for name in ("symbol", "word"):
        told = [getattr(sign, name) for sign in ui.states.SIGNS.values()]
        assert len(set(told)) == len(told)


def test_too_few_is_hollow_and_not_measured_is_a_gap_and_a_cross() -> None:
    figure = charts.check_history(history(
        {"shown": "insufficient", "verdict": "◔ too few"}, {},
        {"shown": "not_measured", "verdict": "○ no data", "value": None}, {"shown": "red"},
    ))  # fmt: skip
    assert list(points(figure).marker.symbol) == ["circle-open", "circle", "square"]
    assert list(line(figure).y) == [0.02, 0.02, None, 0.02]
    crosses = next(t for t in figure.data if t.marker.symbol == "x-thin")
    assert len(crosses.x) == 1 and "no data" in crosses.hovertext[0]


def test_a_held_alarm_carries_no_number_forward() -> None:
    figure = charts.check_history(history({"shown": "red"}, {"shown": "held", "verdict": "□"}))
    assert list(line(figure).y) == [0.02, None]
    assert len(points(figure).x) == 1


@pytest.mark.parametrize(
    ("other", "word"), [({"formula_version": "b"}, "new formula"), ({"limit_r": 0.1}, "new limits")]
)
def test_another_formula_or_limit_breaks_the_line(other: dict[str, Any], word: str) -> None:
    figure = charts.check_history(history({}, {}, other, other))
    drawn = [list(t.x) for t in figure.data if t.connectgaps is False]
    assert [len(x) for x in drawn] == [2, 2]
    assert word in [a.text for a in figure.layout.annotations]
    assert charts.check_history(history({}, {})).layout.shapes == ()


def test_limits_are_named_and_stand_on_both_sides_where_they_hold_so() -> None:
    figure = charts.check_history(history({}, {}))
    assert [a.text.split(">")[1].split("<")[0] for a in figure.layout.annotations] == [
        "watch 1%", "failing 5%",
    ]  # fmt: skip
    both = charts.check_history(history({"value": -0.09}), both_ways=True)
    dotted = {y for t in both.data if t.line.dash == "dot" for y in t.y}
    assert dotted == {0.01, -0.01, 0.05, -0.05}
    low, high = both.layout.yaxis.range
    assert low < -0.09 and high > 0.05


def test_every_change_of_the_span_is_marked_and_n_stands_below() -> None:
    inside, outside = NOW - timedelta(days=3), NOW - timedelta(days=300)
    figure = charts.check_history(
        history({}, {}), changes=((outside, "old"), (inside, "model to <b>v8</b>"))
    )
    marks = next(t for t in figure.data if t.marker.symbol == "triangle-down")
    assert list(marks.hovertext) == ["21 Nov: model to bv8/b"]
    assert list(figure.layout.xaxis.ticktext) == ["17 Nov<br>n=100", "24 Nov<br>n=100"]


def test_numbers_that_are_no_shares_are_written_plainly() -> None:
    figure = charts.check_history(history({"value": 182.0, "lo": None, "hi": None}), percent=False)
    assert points(figure).hovertext[0].startswith("24 Nov: 182, n=100")


def test_twelve_weeks_are_kept_and_of_many_evaluations_the_last_of_each_week() -> None:
    days = pl.DataFrame({"as_of": [NOW - timedelta(days=d) for d in range(200)]})
    kept = recent(days)["as_of"].to_list()
    assert len(kept) == 12 and kept[-1] == NOW and kept[0] == NOW - timedelta(weeks=11)
    few = [NOW - timedelta(hours=h) for h in (30, 20, 10, 0)]
    assert recent(pl.DataFrame({"as_of": few}))["as_of"].to_list() == few


def test_weeks_show_signs_only_and_frame_what_is_held() -> None:
    rows = [(NOW - timedelta(weeks=1), "GOV-1", "red", "■ failing"),
            (NOW, "GOV-1", "held", "□ failing, stale")]  # fmt: skip
    figure = charts.state_weeks(pl.DataFrame(rows, schema=STATES, orient="row"))
    assert [a.text for a in figure.layout.annotations] == ["■", "□"]
    assert [list(row) for row in figure.data[0].z] == [[3.0, 0.0]]
    assert len(figure.layout.shapes) == 1


def test_a_cell_of_a_check_leads_to_it_and_hostile_names_stay_text() -> None:
    row = ("<b>w</b>", "pilot", "INT-2", "How often?", "red", "■ failing", "5% <i>of</i> 9 calls")
    figure = charts.check_matrix(pl.DataFrame([row], schema=MATRIX, orient="row"))
    assert list(figure.data[1].customdata[0]) == ["<b>w</b>", "INT-2"]
    assert "<i>" not in figure.data[1].hovertext[0]
    assert figure.layout.meta["alt"] == "Failing: bw/b INT-2."


def test_what_is_met_comes_first_and_each_state_has_a_shape() -> None:
    figure = charts.requirement_dots(lines("not_met", "met", "not_provable", "condition"))
    dots = figure.data[0]
    assert list(dots.marker.symbol) == ["circle", "triangle-up", "circle-open", "square"]
    assert list(dots.x) == [0, 1, 2, 3]
    assert [a.text for a in figure.layout.annotations] == ["2 of 4"]


def test_only_what_is_not_provable_is_hatched() -> None:
    rows = [("w", "limited", state, state, 2) for state in ("met", "not_provable", "not_met")]
    figure = charts.gate_bars(pl.DataFrame(rows, schema=COUNTS, orient="row"))
    shapes = {t.hovertext[0].rpartition(" ")[2]: t.marker.pattern.shape for t in figure.data if t.x}
    assert shapes == {"met": "", "not_provable": "/", "not_met": ""}
    assert figure.layout.meta["alt"] == "0 of 1 workflows meet all of their next gate."
    assert [a.text for a in figure.layout.annotations] == ["2", "2", "2"]
