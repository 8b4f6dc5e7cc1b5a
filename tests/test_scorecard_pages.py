"""Scorecard and Readiness: every level by its address, and what it says of rows that are known."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cases.rows import declaration
from store_builder import AS_OF, Rows, build, build_store, run_row, step_row
from streamlit.testing.v1 import AppTest
from test_pages import Open, assert_whole, open_page, words

import queries
import ui
from queries.gates import Gate
from queries.requirements import Requirement

__all__ = ["open_page"]
INT_2 = {"workflow": "refunds", "pattern": "integrations_underestimated", "check": "INT-2"}
EVIL = "<b>x</b> ![y](http://evil.test) $z$ :red[w]"
DAY = AS_OF.date()


def runs_of(workflow: str, week: date, failed: int, known: int, **columns: Any) -> list[Any]:
    return [
        run_row(f"{workflow[:3]}-{week}-{i}-{columns.get('channel')}", week + timedelta(days=i % 7),
                **{"workflow": workflow, "stage": "production", "version": "1",
                   "outcome": "failure" if i < failed else "success"} | columns)
        for i in range(known)
    ]  # fmt: skip


def the_rows() -> Rows:
    """A drop in one channel, a tool that fails for good, waivers, signoffs, and hostile names."""
    last, before = DAY - timedelta(days=6), DAY - timedelta(days=13)
    runs = runs_of("refunds", before, 15, 150, channel="email")
    runs += runs_of("refunds", last, 60, 150, channel="email")
    runs += runs_of("refunds", before, 10, 100, channel="chat")
    runs += runs_of("refunds", last, 10, 100, channel="chat")
    runs += runs_of(EVIL, last, 0, 3, stage="pilot")
    steps = [
        step_row(run, f"s-{run['run_id']}", tool="crm.get", input_hash=run["run_id"],
                 error_class="server" if bad else None, error_message=EVIL if bad else None,
                 status="error" if bad else "ok")
        for i, run in enumerate(runs) for bad in [i % 9 == 0]
    ]  # fmt: skip
    waiver = {"workflow": "refunds", "owner": "ana", "reason": EVIL, "control": "weekly look"}
    waivers = [
        waiver | {"check_id": "WF-1", "expires": DAY + timedelta(days=5)},
        waiver | {"check_id": "FB-1", "expires": DAY - timedelta(days=5)},
        waiver | {"check_id": "OBS-5", "expires": DAY + timedelta(days=90)},
        waiver | {"check_id": "GOV-1", "expires": DAY + timedelta(days=6)},
    ]
    return {
        "runs": runs, "steps": steps, "waivers": waivers,
        "workflows": [declaration(stage="production", slo_success=0.9)],
        "gate_signoffs": [{"workflow": "refunds", "gate": "limited", "signed_by": "eve",
                           "signed_on": DAY}],
        "changes": [{"workflow": "refunds", "changed_at": AS_OF - timedelta(days=5),
                     "kind": "model", "version_to": EVIL}],
    }  # fmt: skip


def evaluated(rows: Rows) -> Rows:
    """The rows with two evaluations, a week apart; the alarm of GOV-1 has lost its data since."""
    results: list[dict[str, Any]] = []
    evidence: list[dict[str, Any]] = []
    for at in (AS_OF - timedelta(days=7), AS_OF):
        found = queries.evaluate(build(rows | {"check_results": results}, at), at)
        results, evidence = results + found[0].to_dicts(), evidence + found[1].to_dicts()
    for row in results:
        if (row["workflow"], row["check_id"]) == ("refunds", "GOV-1"):
            is_first = row["as_of"] < AS_OF
            row |= {"state": "red" if is_first else "stale", "value": 0.2, "k": 2.0, "n": 10.0,
                    "lo": 0.05, "hi": 0.5, "held_state": None if is_first else "red",
                    "missing": "[]" if is_first else json.dumps(
                        [{"field": "", "rows": 0, "lacking": 0, "text": "Still red.", "hint": ""}]
                    )}  # fmt: skip
    held = {"as_of": AS_OF - timedelta(days=7), "workflow": "refunds", "check_id": "GOV-1",
            "run_id": "lost-run", "step_id": "lost-step", "why": "refund: ran without approval",
            "weight": 1.0}  # fmt: skip
    return rows | {"check_results": results, "check_evidence": [*evidence, held]}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield build_store(tmp_path_factory.mktemp("scored"), evaluated(the_rows()))


def links(test: AppTest) -> dict[str, str]:
    """Label and query of every link to another page."""
    return {e.proto.label: e.proto.query_string for e in test.get("page_link")}


def buttons(test: AppTest, part: str) -> list[Any]:
    return [button for button in test.button if part in button.label]


LEVELS: list[dict[str, str]] = [
    {},
    {"workflow": "refunds"},
    {"pattern": "no_governance"},
    {"workflow": "refunds", "pattern": "no_governance"},
    INT_2,
    {"workflow": EVIL},
    {"workflow": EVIL, "pattern": "no_observability", "check": "OBS-1"},
]


@pytest.mark.parametrize("where", LEVELS, ids=str)
@pytest.mark.parametrize("alone", [False, True], ids=["framed", "alone"])
def test_every_level_has_its_own_address(
    store: Path, open_page: Open, where: dict[str, str], alone: bool
) -> None:
    assert_whole(open_page(store, "scorecard", alone, **where))


JUNK = [
    {"workflow": "nobody"}, {"workflow": "refunds", "pattern": "none"}, {"pattern": "%00"},
    {"workflow": "refunds", "pattern": "no_governance", "check": "X-1"}, {"check": "GOV-1"},
    {"pattern": "no_governance", "check": "GOV-1"}, {"workflow": EVIL[::-1]},
    {"workflow": "refunds", "gate": "moon"}, {"gate": "limited"},
    {"workflow": "refunds", "pattern": "no_governance", "check": "INT-2"},
]  # fmt: skip


@pytest.mark.parametrize("where", JUNK, ids=str)
@pytest.mark.parametrize("page", ["scorecard", "readiness"])
def test_junk_in_the_address_never_raises(
    store: Path, open_page: Open, page: str, where: dict[str, str]
) -> None:
    assert_whole(open_page(store, page, **where))


@pytest.mark.slow
@pytest.mark.parametrize("pattern", queries.patterns())
def test_every_check_of_every_pattern_opens(store: Path, open_page: Open, pattern: str) -> None:
    for check in queries.checks().values():
        if check.pattern == pattern:
            test = open_page(
                store, "scorecard", workflow="refunds", pattern=pattern, check=check.id
            )
            assert_whole(test)
            assert check.title in test.header[0].value


def test_a_check_says_number_limit_change_fix_owner_and_effect(
    store: Path, open_page: Open
) -> None:
    test = open_page(store, "scorecard", **INT_2)
    said = words(test)
    assert "■ failing" in said and "evidence: observed" in said and "decides" in said
    assert re.search(r"95%: [\d.]+–[\d.]+%; limit 2.0%, our default", said)
    assert test.metric[0].value.endswith("%")
    assert "What to do" in said and "Who: engineering" in said
    assert "since the first evaluation, 17 Nov 2026" in said
    effects = [label for label in links(test) if label.startswith("It blocks the gate to")]
    assert len(effects) == 2
    assert "gate=limited" in links(test)[effects[0]]


def test_paired_checks_stand_side_by_side(store: Path, open_page: Open) -> None:
    assert buttons(open_page(store, "scorecard", **INT_2), "Beside it: **INT-3**")
    back = {**INT_2, "check": "INT-3"}
    assert buttons(open_page(store, "scorecard", **back), "Beside it: **INT-2**")
    known = {"workflow": "refunds", "pattern": "no_observability", "check": "OBS-5"}
    assert "81.0% of 500 known; between 81.0% and 81.0% of all 500" in words(
        open_page(store, "scorecard", **known)
    )


def test_evidence_leads_to_run_and_step_and_passing_rows_stand_apart(
    store: Path, open_page: Open
) -> None:
    test = open_page(store, "scorecard", **INT_2)
    rows = [query for query in links(test).values() if "run_id=" in query]
    assert len(rows) == 8 + 3 and all("step=s-" in query for query in rows)
    assert [h.value for h in test.header][-2:] == ["Evidence", "For contrast"]
    assert not any("passed: " in label for label in links(test))


def test_a_held_alarm_is_shown_red_and_stale_with_the_rows_it_had(
    store: Path, open_page: Open
) -> None:
    where = {"workflow": "refunds", "pattern": "no_governance"}
    test = open_page(store, "scorecard", **where, check="GOV-1")
    assert ":red-badge[□ failing, stale]" in words(test)
    assert "Failing, stale for less than a week" in words(test)
    assert any("run_id=lost-run&step=lost-step" in query for query in links(test).values())
    across = open_page(store, "scorecard", pattern="no_governance")
    spec = json.loads(across.get("plotly_chart")[0].proto.spec)
    assert "□ failing,<br>stale" in [a["text"] for a in spec["layout"]["annotations"]]


def test_what_changed_leads_to_the_runs_of_the_week(store: Path, open_page: Open) -> None:
    test = open_page(store, "scorecard")
    assert "refunds, channel = email: success fell from 90.0%" in words(test)
    query = next(q for label, q in links(test).items() if "open the runs of the week" in label)
    for part in ("period=7d", "runs_workflow=refunds", "runs_view=Failed", "runs_channel=email"):
        assert part in query
    assert "Quiet is not stable" in words(test)
    assert buttons(test, "GOV\\-1") == [] and buttons(test, "GOV-1")


def test_the_next_field_to_record_leads_to_its_workflows(store: Path, open_page: Open) -> None:
    test = open_page(store, "scorecard")
    assert "It would unlock" in words(test)
    table = test.dataframe[0].value
    assert list(table["gate_checks"]) == sorted(table["gate_checks"], reverse=True)
    first = next(button for button in test.button if button.label.endswith(" ›"))
    opened = first.click().run()
    assert opened.query_params["check"] in queries.checks()
    assert_whole(opened)


def test_text_from_data_stays_text(store: Path, open_page: Open) -> None:
    for page, where in (("scorecard", {}), ("scorecard", INT_2), ("scorecard", LEVELS[-1]),
                        ("readiness", {}), ("readiness", {"workflow": "refunds"})):  # fmt: skip
        test = open_page(store, page, **where)
        read_as_markdown = [e.value for kind in ("markdown", "caption") for e in test.get(kind)]
        labels = [*links(test), *(button.label for button in test.button)]
        for text in (*read_as_markdown, *labels):
            assert "![y]" not in text and "<b>" not in text.replace(r"\<", ""), text


def test_readiness_lists_every_workflow_with_its_next_gate(store: Path, open_page: Open) -> None:
    test = open_page(store, "readiness")
    assert len(buttons(test, "›")) == 2
    assert "Not ready: " in words(test) and "in production" in words(test)
    opened = buttons(test, "refunds")[0].click().run()
    assert opened.query_params["workflow"] == "refunds"
    assert "at the gate to production" in words(opened)


def test_the_first_thing_is_the_verdict_in_words(store: Path, open_page: Open) -> None:
    test = open_page(store, "readiness", workflow="refunds", gate="limited")
    said = [m.value for m in test.markdown]
    verdict = queries.gates(queries.connect(queries.current(store)))["refunds"]["limited"]
    assert said[0].startswith("<style>") or verdict.sentence in said[0]
    assert any(verdict.sentence in text for text in said[:2])
    assert test.header[0].value == "At a glance"
    headings = [h.value for h in test.header]
    assert f"Not met: {len(verdict.those('not_met'))}" in headings
    assert f"Not provable yet: {len(verdict.those('not_provable'))}" in headings
    assert not any(heading.startswith("Met: ") for heading in headings)
    assert any("check=INT-2" in query for query in links(test).values())


def test_waivers_say_whether_they_hold_and_why_not(store: Path, open_page: Open) -> None:
    test = open_page(store, "readiness", workflow="refunds")
    labels = list(links(test))
    for standing, check in (("◇ open", "WF-1"), ("■ expired", "FB-1"), ("– void", "OBS-5"),
                            ("– void", "GOV-1")):  # fmt: skip
        assert any(standing in label and f"**{check}**" in label for label in labels), check
    said = words(test)
    assert "it ends more than 30 days ahead" in said
    assert "what is never allowed cannot be waived" in said
    assert f"It no longer holds: it ended on {DAY - timedelta(days=5)}" in said
    assert f"limited: eve, {DAY}" in said


def test_a_production_workflow_that_is_over_its_error_budget_should_step_back(
    store: Path, open_page: Open
) -> None:
    said = words(open_page(store, "readiness", workflow="refunds"))
    assert "Should step back to limited" in said and "Over its error budget" in said


def test_not_provable_looks_different_from_not_ready() -> None:
    looks = [ui.readiness.VERDICTS[v] for v in ("not_ready", "not_provable_yet")]
    assert looks[0][0] != looks[1][0] and looks[0][1] != looks[1][1]
    assert ".st-key-verdict-not_provable_yet{border:1.5px dashed" in ui.frame.__globals__["INK"]


def gate(*lines: Requirement) -> Gate:
    return Gate("w", "pilot", "limited", "not_provable_yet", list(lines))


def test_what_is_still_needed_is_the_most_that_one_line_needs() -> None:
    lines = [
        Requirement("exposure", "not_provable", "", runs=40, days=12),
        Requirement("exposure", "not_provable", "", days=1),
        Requirement("success", "not_provable", "", runs=100),
    ]
    assert ui.readiness.still_needed(lines) == "100 runs, about 12 days"
    assert ui.readiness.still_needed(lines[1:2]) == "1 day"
    assert ui.readiness.still_needed([]) == ""


def test_the_lines_of_a_gate_can_be_downloaded(store: Path, open_page: Open) -> None:
    test = open_page(store, "readiness", workflow="refunds", gate="limited")
    assert [e.proto.label for e in test.get("download_button")] == ["Download CSV"]
