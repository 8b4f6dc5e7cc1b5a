"""What misleads about feedback, and what the shipped statements make of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cases.no_human_feedback import (
    LONG_AGO,
    SPREAD,
    corrections,
    defects,
    flagged,
    flags,
    recurring,
    reviews,
    triaged,
    weeks,
)
from cases.no_observability import opinion
from cases.rows import DAY, declaration
from one_check import judged
from store_builder import AS_OF, Rows, run_row

import queries


def changed(rows: Rows, **columns: Any) -> Rows:
    """The same rows with columns of every feedback row changed."""
    return rows | {"feedback": [row | columns for row in rows["feedback"]]}


def test_voluntary_ratings_are_no_sample() -> None:
    row, _ = judged(changed(reviews(), source="end_user"), "FB-1")
    assert (row["value"], row["state"]) == (0, "red")
    row, _ = judged(changed(reviews(), verdict=None), "FB-1")
    assert row["value"] == 0


def test_a_run_reviewed_twice_counts_once_with_its_worse_label() -> None:
    rows = reviews(40, 40)
    rows["feedback"] += [
        opinion(run, 2, source="sampled_review", verdict="partial") for run in rows["runs"][:10]
    ]
    row, _ = judged(rows, "FB-1")
    assert (row["k"], row["n"]) == (30, 40)


def test_a_review_that_was_not_blind_says_so() -> None:
    _, whys = judged(changed(reviews(30, 29), is_blind=False), "FB-1")
    assert whys[0] == "sampled review that was not blind: incorrect"


def test_the_card_says_how_many_reviews_and_how_good() -> None:
    row, _ = judged(reviews(), "FB-1")
    assert queries.about(queries.checks()["FB-1"], row).endswith(
        "40 sampled reviews, 85.0% of them good (95%: 70.9–92.9%; limits 100 and 30, derived)."
    )
    none, _ = judged(changed(reviews(), verdict=None), "FB-1")
    assert "0 sampled reviews (limits" in queries.about(queries.checks()["FB-1"], none)


@pytest.mark.parametrize(
    ("columns", "state"),
    [
        ({}, "green"),
        ({"source": "reviewer"}, "red"),
        ({"source": "unknown"}, "red"),
        ({"verdict": "correct"}, "green"),
        ({"run_id": None}, "red"),
    ],
)
def test_only_end_users_break_the_silence(columns: dict[str, Any], state: str) -> None:
    assert judged(changed(flagged(400, 1), **columns), "FB-2")[0]["state"] == state


def test_a_dead_channel_is_named_beside_one_that_works() -> None:
    rows = flagged(400, 4)
    for i, run in enumerate(rows["runs"]):
        run["channel"] = "chat" if i < 50 else "email"
    row, whys = judged(rows, "FB-2")
    assert (row["state"], whys[0]) == ("green", "email: no flag on 350 runs")
    assert whys[-1] == "passed: chat: 4 flags on 50 runs"


def test_what_users_never_see_they_cannot_flag() -> None:
    rows = flagged(400, 0)
    for run in rows["runs"][:150]:
        run["user_visible"] = False
    row, _ = judged(rows, "FB-2")
    assert (row["n"], row["state"]) == (250, "insufficient")
    assert "250 finished runs that users see; needs 299" in row["missing"]


def test_the_card_says_what_silence_means() -> None:
    check = queries.checks()["FB-2"]
    words = queries.about(check, judged(flagged(400, 0), "FB-2")[0])
    assert "0 flagged of 400 finished runs that users see; a chance of 1.8% if users could" in words
    assert "assumed: 1% of users flag what is wrong, our default" in words
    assert "a chance of" not in queries.about(check, judged(flagged(400, 4), "FB-2")[0])


def test_flags_that_still_wait_count_however_old() -> None:
    rows = flags(*[(1, True)] * 20, *[(60, False)] * 20)
    row, whys = judged(rows, "FB-3")
    assert (row["value"], row["state"]) == (0.5, "red")
    assert whys[0] == "flag: waiting for 60.0 days"
    praise = changed(flags(*[(9, False)] * 20), verdict="correct")
    assert judged(praise, "FB-3")[0]["state"] == "not_measured"


def test_triage_that_comes_after_as_of_has_not_come() -> None:
    rows = changed(flags(*[(9, False)] * 20), triaged_at=AS_OF + timedelta(hours=1))
    assert judged(rows, "FB-3")[0]["value"] == 1


def test_the_sla_is_the_declared_one() -> None:
    rows = flags(*[(3, True)] * 20)
    assert judged(rows, "FB-3")[0]["value"] == 0
    rows["workflows"] = [declaration(feedback_sla_days=2)]
    assert judged(rows, "FB-3")[0]["value"] == 1


def test_one_giant_category_says_nothing() -> None:
    giant = triaged(*["wrong answer"] * 31, *SPREAD[:19])
    assert judged(giant, "FB-4")[0]["value"] == 1
    assert judged(giant, "FB-4")[0]["state"] == "amber"
    even = triaged(*["wrong answer"] * 30, *["late", "tone"] * 10)
    assert judged(even, "FB-4")[0]["state"] == "green"
    for row in even["feedback"][:2]:
        row["category"] = None
    assert judged(even, "FB-4")[0]["state"] == "green"
    even["feedback"][-1]["category"] = None
    assert judged(even, "FB-4")[0]["state"] == "amber"


def test_praise_needs_no_category() -> None:
    rows = triaged(*SPREAD, *["praise"] * 100, *[None] * 100)
    for row in rows["feedback"][45:]:
        row["resolution"] = "not_a_defect"
    row, _ = judged(rows, "FB-4")
    assert (row["n"], row["state"]) == (45, "green")


@pytest.mark.parametrize(("declined", "n"), [(2, 10), (3, 13)])
def test_declining_defects_fixes_only_a_few(declined: int, n: int) -> None:
    row, whys = judged(defects(10, 0, declined), "FB-5")
    assert (row["k"], row["n"]) == (10, n)
    assert (whys[0] == "flag: declined, as too many are") is (n > 10)


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"fix_version": None}, "flag: said to be fixed in no version that runs"),
        ({"fix_version": "9"}, "flag: said to be fixed in no version that runs"),
        ({"resolution": None}, "flag: open"),
        ({"eval_case": None}, "flag: fixed, its input was not run again"),
        ({"resolved_at": None}, "flag: fixed, its input was not run again"),
        ({"resolved_at": AS_OF}, "flag: fixed, its input was not run again"),
    ],
)
def test_a_fix_counts_only_when_it_was_checked(columns: dict[str, Any], why: str) -> None:
    row, whys = judged(changed(defects(10, 0), **columns), "FB-5")
    assert (row["k"], whys[0]) == (0, why)


def test_the_last_run_of_the_input_decides() -> None:
    rows = defects(10, 0)
    later = {"stage": "replay", "task_key": "case-0", "outcome": "failure"}
    rows["runs"].append(run_row("again", AS_OF - timedelta(days=2), **later))
    row, whys = judged(rows, "FB-5")
    assert (row["k"], whys[0]) == (9, "flag: fixed, but its input failed again")
    same = defects(0, 10)
    for run in same["runs"]:
        run["input_hash"] = run["run_id"]
    again = run_row("again", AS_OF - timedelta(days=2), stage="replay", input_hash="d0")
    same["runs"].append(again)
    assert judged(same, "FB-5")[0]["k"] == 1


def test_what_is_a_defect_of_thirty_days() -> None:
    assert judged(changed(defects(0, 10), resolution="duplicate"), "FB-5")[0]["state"] == (
        "not_measured"
    )
    young = changed(defects(0, 10), created_at=AS_OF - timedelta(days=29))
    assert judged(young, "FB-5")[0]["state"] == "not_measured"
    unseen = changed(defects(0, 10), triaged_at=None, resolution=None)
    assert judged(unseen, "FB-5")[0]["state"] == "not_measured"


def test_recurrences_are_shown_with_their_version() -> None:
    rows = recurring(10, 100, 3, 100)
    for run in rows["runs"][100:]:
        run["version"] = "1.4"
    _, whys = judged(rows, "FB-6")
    assert whys == [
        "late: 10 reports on 100 before the fix, 3 on 100 after",
        *["late: reported again on version 1.4"] * 3,
    ]


def test_fewer_flags_of_everything_are_waning_attention() -> None:
    rows = recurring(40, 1000, 10, 1000)
    assert judged(rows, "FB-6")[0]["state"] == "green"
    old, new = rows["runs"][:1000], rows["runs"][1000:]
    others = [opinion(run, 1, category="tone") for run in old[500:540] + new[500:510]]
    row, _ = judged(rows | {"feedback": rows["feedback"] + others}, "FB-6")
    assert row["state"] == "amber"
    assert row["value"] == pytest.approx(10 / 40 * 40.5 / 10.5)


def test_random_samples_outrank_flags() -> None:
    rows = recurring(30, 1000, 1, 1000)
    old, new = rows["runs"][:100], rows["runs"][1000:1100]
    for i, run in enumerate(old + new):
        verdict = "incorrect" if i % 5 == 0 else "correct"
        label = opinion(run, 2, source="sampled_review", verdict=verdict)
        rows["feedback"].append(label | {"category": "late" if i % 5 == 0 else None})
    row, whys = judged(rows, "FB-6")
    assert (row["n"], row["k"], row["value"], row["state"]) == (20, 20, 1, "red")
    assert whys[0] == "late: 20 reports on 100 before the fix, 20 on 100 after"


def test_reports_nobody_categorised_may_be_recurrences() -> None:
    rows = recurring(20, 1000, 2, 1000)
    rows["feedback"] += [opinion(run, 1) for run in rows["runs"][1500:1518]]
    row, _ = judged(rows, "FB-6")
    assert (row["value"], row["state"]) == (1, "red")


def test_the_fix_is_the_first_with_enough_reports_before() -> None:
    rows = recurring(10, 100, 10, 100)
    again = {"resolution": "fixed", "resolved_at": AS_OF - timedelta(days=1)}
    rows["feedback"][-1] |= again
    rows["feedback"][1] |= {"resolution": "fixed", "resolved_at": LONG_AGO}
    assert (judged(rows, "FB-6")[0]["n"], judged(rows, "FB-6")[0]["k"]) == (10, 10)


@pytest.mark.parametrize(
    ("days", "why"), [(13, ": its test ran"), (15, ": its test has not run for 14 days")]
)
def test_a_test_counts_while_it_runs(days: float, why: str) -> None:
    _, whys = judged(corrections(20, 20, days), "FB-7")
    assert all(told.endswith(why) for told in whys)


def test_near_duplicates_inflate_nothing() -> None:
    rows = corrections(20, 8)
    for row in rows["feedback"][:8]:
        row["eval_case"] = "case-0"
    found, _ = judged(rows, "FB-7")
    assert (found["k"], found["n"]) == (1, 13)


def test_only_a_replay_of_the_same_workflow_is_a_test() -> None:
    rows = corrections(20, 20)
    for run in rows["runs"][20:25]:
        run["workflow"] = "other"
    for run in rows["runs"][25:30]:
        run["stage"] = "pilot"
    row, whys = judged(rows, "FB-7")
    assert (row["k"], whys[0]) == (10, "flag: its test never ran")


def test_a_change_of_mix_is_no_change_of_quality() -> None:
    """Traffic moves from email, of which 10 % fail, to chat, of which 50 % do."""
    rows: Rows = {"runs": [], "feedback": []}
    for week, chats in enumerate((10, 30, 50, 70)):
        start = AS_OF - timedelta(days=7 * (4 - week) - 1)
        for i in range(100):
            is_chat = i < chats
            run = run_row(f"w{week}-{i}", start, channel="chat" if is_chat else "email")
            bad = i % 2 == 0 if is_chat else i % 10 == 0
            verdict = "incorrect" if bad else "correct"
            rows["runs"].append(run)
            rows["feedback"].append(opinion(run, 1, source="sampled_review", verdict=verdict))
    row, _ = judged(rows, "FB-8")
    assert row["value"] > 3
    assert row["state"] == "amber"
    for run in rows["runs"]:
        run["channel"] = None
    assert judged(rows, "FB-8")[0]["state"] == "red"


def test_at_the_declared_success_it_need_not_get_better() -> None:
    rows = weeks(8, 7, 8, 7)
    assert judged(rows, "FB-8")[0]["state"] == "amber"
    rows["workflows"] = [declaration(slo_success=0.92)]
    assert judged(rows, "FB-8")[0]["state"] == "green"
    rows["workflows"] = [declaration(slo_success=0.93)]
    assert judged(rows, "FB-8")[0]["state"] == "amber"
    assert judged(weeks(0, 0, 0, 0, labels=20), "FB-8")[0]["state"] == "green"


def test_thin_weeks_are_not_enough() -> None:
    row, _ = judged(weeks(9, 7, 5, 3, labels=19), "FB-8")
    assert (row["n"], row["state"]) == (0, "insufficient")
    assert judged(weeks(9, 7, 5, 3, 3, labels=20), "FB-8")[0]["n"] == 5


def test_cards_of_fixes_and_weeks() -> None:
    row, _ = judged(recurring(12, 1000, 9, 1500), "FB-6")
    assert queries.about(queries.checks()["FB-6"], row).endswith(
        "0.50 times the rate before the fix, 9 reports after and 12 before"
        " (95%: 0.19–1.29; limit 1.00, our default)."
    )
    row, _ = judged(weeks(24, 20, 14, 8), "FB-8")
    assert queries.about(queries.checks()["FB-8"], row).endswith(
        "trend of failures z -3.25 over 4 weeks (limits -1.96 and +1.96, our default)."
    )


def test_labels_stand_beside_their_version() -> None:
    _, whys = judged(weeks(20, 20, 20, 20, version="1.2"), "FB-8")
    assert whys[0] == "incorrect: week 8, version 1.2"


@pytest.mark.parametrize("check_id", ["FB-1", "FB-3", "FB-4", "FB-5", "FB-6", "FB-7", "FB-8"])
def test_without_feedback_nothing_is_measured(check_id: str) -> None:
    row, _ = judged({"runs": [run_row("r0", DAY)]}, check_id)
    assert row["state"] == "not_measured"
    assert "Not measured: needs feedback." in row["missing"]
