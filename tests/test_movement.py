"""What changed since last week: planted moves are found once, and quiet weeks say how quiet."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from random_rows import FIRST, random_rows
from store_builder import AS_OF, Rows, build, run_row, step_row

import queries
from queries.movement import Movement
from queries.segments import looked_at

LAST, BEFORE = AS_OF.date() - timedelta(days=6), AS_OF.date() - timedelta(days=13)
Run = dict[str, Any]
numbers = iter(range(10**9))


def week(first: date, successes: int, known: int, **columns: Any) -> list[Run]:
    """Runs spread evenly over the seven days from the first, and so are the failures."""
    failed = known - successes
    return [
        run_row(
            f"r{next(numbers)}",
            first + timedelta(days=i % 7),
            **{"outcome": "failure" if i < failed else "success", **columns},
        )
        for i in range(known)
    ]


def weeks(before: tuple[int, int], last: tuple[int, int], **columns: Any) -> list[Run]:
    return week(BEFORE, *before, **columns) + week(LAST, *last, **columns)


def moved(*runs: list[Run], **tables: list[dict[str, Any]]) -> Movement:
    rows = {"runs": [run for some in runs for run in some], **tables}
    return queries.movement(build(rows))


def names(found: Movement) -> list[tuple[str, str]]:
    return [(line.dimension, line.segment) for line in found.lines]


STEADY = weeks((180, 200), (181, 200), channel="chat", version="1")


def test_a_planted_drop_is_the_only_line() -> None:
    found = moved(STEADY, weeks((270, 300), (210, 300), channel="email", version="1"))
    assert names(found) == [("channel", "email")]
    line = found.lines[0]
    assert (line.rate_from, line.rate_to, line.n_from, line.n_to) == (0.9, 0.7, 300, 300)
    assert (line.lo, line.hi) == pytest.approx((-0.2614, -0.1372), abs=1e-4)
    assert line.share_of_failures == pytest.approx(60 / 109)
    assert line.first_seen == LAST
    assert line.explained == 1
    assert line.whole is not None
    assert line.whole.kind == "rate"
    assert line.sentence == (
        "refunds, channel = email: success fell from 90.0% of 300 runs to 70.0% of 300"
        " (−20.0 points, 95%: −26.1 to −13.7), first seen 2026-11-18."
        " 100% of the drop sits in it. The workflow went from 90.0% to 78.2%."
        " The rate moved, not the mix (rate −11.8, mix +0.0 points)."
    )


def test_traffic_that_moved_is_not_quality_that_fell() -> None:
    email = weeks((720, 800), (364, 400), channel="email")
    found = moved(email, weeks((120, 200), (372, 600), channel="chat"))
    assert names(found) == [("workflow", "refunds")]
    line = found.lines[0]
    assert line.whole is not None
    parts = (line.whole.kind, line.whole.rate, line.whole.mix)
    assert parts == ("mix", pytest.approx(0.014), pytest.approx(-0.118))
    assert line.sentence.startswith(
        "refunds: success fell from 84.0% of 1000 runs to 73.6% of 1000"
    )
    assert line.sentence.endswith(
        "Traffic moved to chat; quality did not fall (rate +1.4, mix −11.8 points)."
    )


def test_runs_that_moved_to_a_worse_version_are_said_to() -> None:
    old, new = week(BEFORE, 450, 500, version="1"), week(LAST, 350, 500, version="2")
    found = moved(old, new)
    assert names(found) == [("workflow", "refunds")]
    assert "Runs moved to version 2 (rate +0.0, mix −20.0 points)." in found.lines[0].sentence


def test_a_quiet_week_says_what_it_can_hide() -> None:
    found = moved(STEADY, weeks((271, 300), (270, 300), channel="email", version="1"))
    assert found.lines == []
    assert found.quiet.sentence == (
        "No change was found in 3 of 3 segments looked at."
        " Quiet is not stable: smallest drop detectable here is about 8 points (n=300 a week)."
    )


def test_tiny_segments_are_pooled_and_never_a_line() -> None:
    single = weeks((20, 20), (0, 20), channel="fax")
    found = moved(weeks((1800, 2000), (1800, 2000), channel="chat"), single)
    assert found.lines == []
    assert found.quiet.small == 1
    assert "1 smaller one is pooled" in found.quiet.sentence


def test_a_pool_of_small_segments_is_one_segment() -> None:
    faxes = [weeks((20, 20), (4, 20), channel=f"fax {i}") for i in range(5)]
    found = moved(weeks((900, 1000), (900, 1000), channel="chat"), *faxes)
    assert [line.segment for line in found.lines] == ["small segments of channel (n=200)"]
    assert "refunds, small segments of channel (n=200): success fell" in found.lines[0].sentence


def test_one_move_seen_in_two_dimensions_is_one_line() -> None:
    chat = weeks((180, 200), (180, 200), channel="chat", version="1")
    email = weeks((270, 300), (210, 300), channel="email", version="3")
    found = moved(chat, email)
    assert names(found) == [("channel", "email")]
    assert found.lines[0].also == ("version = 3",)
    assert "Also seen in: version = 3." in found.lines[0].sentence


def test_the_dimension_with_fewer_segments_holds_the_move() -> None:
    mail = [weeks((90, 100), (65, 100), channel=f"mail {i}", version="3") for i in range(3)]
    rest = [weeks((180, 200), (180, 200), channel=f"chat {i}", version=str(i)) for i in range(3)]
    assert names(moved(*mail, *rest)) == [("version", "3")]


def test_a_second_move_of_the_same_dimension_is_a_line_of_its_own() -> None:
    email = weeks((540, 600), (360, 600), channel="email", version="1")
    chat = weeks((270, 300), (210, 300), channel="chat", version="2")
    found = moved(email, chat, weeks((270, 300), (270, 300), channel="fax", version="1"))
    assert names(found) == [("channel", "email"), ("channel", "chat")]
    assert [round(line.explained, 2) for line in found.lines] == [0.75, 0.25]
    assert {line.also for line in found.lines} == {("version = 1", "version = 2")}


def test_a_move_everywhere_is_the_workflows() -> None:
    both = [weeks((270, 300), (225, 300), channel=name) for name in ("chat", "email")]
    found = moved(*both)
    assert names(found) == [("workflow", "refunds")]
    assert found.lines[0].also == ("channel = chat", "channel = email")


def test_a_rise_is_a_line_too() -> None:
    found = moved(STEADY, weeks((210, 300), (270, 300), channel="email", version="1"))
    assert names(found) == [("channel", "email")]
    assert "rose from 70.0% of 300 runs to 90.0%" in found.lines[0].sentence
    assert "98% of the rise sits in it" in found.lines[0].sentence


def test_a_fall_and_a_rise_that_cancel_are_two_lines() -> None:
    email = weeks((270, 300), (225, 300), channel="email")
    found = moved(email, weeks((225, 300), (270, 300), channel="chat"))
    assert names(found) == [("channel", "chat"), ("channel", "email")]
    assert [line.whole for line in found.lines] == [None, None]


def test_small_moves_of_large_segments_are_no_lines() -> None:
    assert moved(weeks((8000, 10000), (7700, 10000))).lines == []
    rare = moved(weeks((9900, 10000), (9800, 10000)))
    assert names(rare) == [("workflow", "refunds")]


def test_a_day_of_outage_is_less_sure_than_a_week_of_failures() -> None:
    steady, spread = weeks((270, 300), (237, 300)), week(BEFORE, 270, 300)
    outage = week(LAST, 257, 257) + week(LAST + timedelta(days=3), 0, 0)
    outage += [run_row(f"o{i}", LAST + timedelta(days=3), outcome="failure") for i in range(63)]
    assert len(moved(steady).lines) == 1
    assert moved(spread, outage).lines == []


def change(day: date, version: str, **columns: Any) -> dict[str, Any]:
    moment = datetime.combine(day, datetime.min.time())
    return {
        "workflow": "refunds",
        "changed_at": moment,
        "kind": "prompt",
        "version_to": version,
    } | columns


def test_the_nearest_change_is_named_and_blamed_for_nothing() -> None:
    late = week(BEFORE, 280, 300) + week(LAST, 280, 300)
    for run in late:
        if run["started_at"].date() >= LAST + timedelta(days=3):
            run["outcome"] = "failure" if int(run["run_id"][1:]) % 2 else "success"
    markers = [
        change(LAST + timedelta(days=2), "v3", is_rollback=True),
        change(LAST - timedelta(days=4), "v2"),
        change(LAST + timedelta(days=3), "v9", workflow="claims"),
    ]
    line = moved(late, changes=markers).lines[0]
    assert line.first_seen == LAST + timedelta(days=3)
    assert line.sentence.endswith("Nearest change: prompt to v3, 2026-11-20, a rollback.")
    assert moved(late, changes=[change(LAST - timedelta(days=7), "v1")]).lines[0].change is None


def test_more_than_seven_lines_are_counted() -> None:
    runs = [weeks((90, 100), (90 - 4 * i, 100), workflow=f"w{i}") for i in range(5, 14)]
    found = moved(*runs)
    assert [line.workflow for line in found.lines] == [f"w{i}" for i in range(13, 6, -1)]
    assert found.more == 2


def test_at_most_200_segments_of_a_workflow_are_tested() -> None:
    runs = [weeks((36, 40), (36, 40), channel=f"c{i}") for i in range(230)]
    found = moved(*runs)
    assert found.quiet.segments <= 200
    assert found.quiet.small == 230 - 194
    assert found.lines == []


def test_a_change_of_what_is_known_is_said() -> None:
    hidden = week(LAST, 0, 200, outcome="unknown")
    found = moved(weeks((360, 400), (140, 200)), hidden)
    assert (found.lines[0].n_to, found.lines[0].known_share_to) == (200, 0.5)
    assert "known of 100.0% of its runs before, of 50.0% now" in found.lines[0].sentence


def called(run: Run, *errors: bool, **columns: Any) -> list[dict[str, Any]]:
    """One logical call and its attempts."""
    return [
        step_row(
            run, f"s{next(numbers)}", i, attempt=i + 1, status="error" if bad else "ok", **columns
        )
        for i, bad in enumerate(errors)
    ]


def test_a_tool_is_judged_by_calls_that_failed_for_good() -> None:
    runs = weeks((200, 200), (200, 200))
    steps = [step for run in runs for step in called(run, True, False, tool="crm.get")]
    for i, run in enumerate(runs):
        bad = run["started_at"].date() >= LAST and i % 4 == 0
        steps += (
            called(run, bad, bad, tool="erp.put") if bad else called(run, False, tool="erp.put")
        )
    found = moved(runs, steps=steps)
    assert names(found) == [("tool", "erp.put")]
    assert "100.0% of 200 calls to 75.0% of 200" in found.lines[0].sentence
    assert found.lines[0].share_of_failures == 1


def test_models_and_agents_are_judged_by_the_runs_that_used_them() -> None:
    runs = weeks((180, 200), (110, 200)) + weeks((180, 200), (180, 200))
    steps = []
    for i, run in enumerate(runs):
        model = "m-1" if i < 400 else "m-2"
        extra = {"kind": "llm", "model": "m", "response_model": model, "agent": "planner"}
        steps += [step_row(run, f"a{i}", **extra), step_row(run, f"b{i}", 1, **extra)]
        steps.append(step_row(run, f"c{i}", 2, kind="llm", model="u", agent="user_simulator"))
    found = moved(runs, steps=steps)
    assert names(found) == [("model", "m-1")]
    assert found.lines[0].n_to == 200
    assert found.quiet.segments == 3


@pytest.mark.parametrize(
    "columns", [{"stage": "test"}, {"stage": "replay"}, {"sampled_by": "tail_error"}]
)
def test_runs_that_say_nothing_about_the_rate_are_left_out(columns: dict[str, str]) -> None:
    found = moved(weeks((180, 200), (181, 200)), week(LAST, 0, 200, **columns))
    assert found.lines == []
    assert found.quiet.segments == 1


def test_nothing_to_compare_is_said() -> None:
    for found in (moved(week(LAST, 90, 100)), queries.movement(build({}))):
        assert (found.lines, found.quiet.segments, found.quiet.detectable_drop) == ([], 0, None)
        assert found.quiet.sentence.startswith("Nothing could be compared")


def mixed(dice: random.Random) -> Rows:
    """Two weeks of one workflow with drops in a channel and in a tool."""
    runs, steps = [], []
    for number in range(1500):
        start = AS_OF - timedelta(seconds=dice.randrange(14 * 86400))
        channel, is_last = dice.choice("abc"), start > AS_OF - timedelta(days=7)
        chance = 0.5 if channel == "a" and is_last else 0.9
        outcome = "success" if dice.random() < chance else dice.choice(("failure", "unknown"))
        run = run_row(
            f"m{number}", start, channel=channel, version=dice.choice("12"), outcome=outcome
        )
        runs.append(run)
        bad = dice.random() < (0.3 if is_last else 0.1)
        steps += called(run, bad, tool=dice.choice(("crm.get", "erp.put")), step="verify")
    return {"runs": runs, "steps": steps}


def test_the_order_of_rows_changes_nothing() -> None:
    dice = random.Random(5)
    rows = mixed(dice)
    told = queries.movement(build(rows))
    assert ("channel", "a") in names(told)
    for _ in range(3):
        assert queries.movement(build({k: dice.sample(v, len(v)) for k, v in rows.items()})) == told


@pytest.mark.parametrize("seed", range(3))
def test_segments_by_week_against_plain_counts(seed: int) -> None:
    rows = random_rows(seed)
    as_of = FIRST + timedelta(days=30, hours=7)
    told = queries.run(build(rows), "segments_by_week", as_of=as_of)
    expected: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    within = {
        run["run_id"]: run
        for run in rows["runs"]
        if as_of - timedelta(days=14) < run["started_at"] <= as_of
    }
    used = defaultdict(set)
    for step in rows["steps"]:
        if run := within.get(step["run_id"]):
            used[step["run_id"]] |= {("agent", step["agent"]), ("model", step["model"])}
            own = [("step", step["step"])] + [("tool", step["tool"])] * (step["kind"] == "tool")
            for key in own:
                known = {"total": 1, "known": 1, "successes": step["status"] != "error"}
                expected[place(run, *key, "calls", as_of)].update(known)
    for run in within.values():
        keys = {("workflow", run["workflow"]), ("stage", run["stage"])} | used[run["run_id"]]
        keys |= {(name, run[name] or "not recorded") for name in ("channel", "version")}
        is_known, is_success = run["outcome"] != "unknown", run["outcome"] == "success"
        for key in keys:
            counts = {"total": 1, "known": is_known, "successes": is_success}
            expected[place(run, *key, "runs", as_of)].update(counts)
    found = {
        row[:6]: Counter(dict(zip(told.columns[6:], row[6:], strict=True))) for row in told.rows()
    }
    assert found == {key: counts for key, counts in expected.items() if key[2]}


def place(run: Run, dimension: str, segment: str, unit: str, as_of: datetime) -> tuple[Any, ...]:
    name = "last" if run["started_at"] > as_of - timedelta(days=7) else "before"
    return run["workflow"], dimension, segment, unit, name, run["started_at"].date()


def test_segments_are_sums_of_their_days() -> None:
    days = queries.run(build(mixed(random.Random(6))), "segments_by_week")
    looked = looked_at(days)
    whole = next(one for one in looked.tested if one.dimension == "workflow")
    for name in ("channel", "version"):
        own = [one for one in looked.tested if one.dimension == name]
        assert sum(one.last.known for one in own) == whole.last.known
        assert sum(one.before.failures for one in own) == whole.before.failures


def evaluation(days_ago: float, **states: str) -> list[dict[str, Any]]:
    known = {"workflow": "refunds", "window": "28 d", "value": days_ago / 100}
    as_of = AS_OF - timedelta(days=days_ago)
    return [
        {**known, "as_of": as_of, "check_id": check_id.replace("_", "-"), "state": state}
        for check_id, state in states.items()
    ]


def moved_cells(*evaluations: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    rows = [row for one in evaluations for row in one]
    random.Random(len(rows)).shuffle(rows)
    told = queries.moved_checks(build({"check_results": rows}))
    return told.select("check_id", "kind", "state_from", "state_to", "weeks_red").rows()


def test_checks_that_moved_since_the_week_before_worst_first() -> None:
    told = moved_cells(
        evaluation(29, INT_1="green", INT_2="red", INT_3="red"),
        evaluation(22, INT_1="green", INT_2="red", INT_3="not_measured", INT_6="red"),
        evaluation(
            8, INT_1="green", INT_2="red", INT_3="red", INT_4="green", INT_5="green",
            INT_6="red", INT_7="amber", OBS_1="green", OBS_2="not_measured", OBS_3="red",
        ),
        evaluation(2, INT_1="amber", INT_2="red", INT_3="red", INT_6="red", OBS_3="red"),
        evaluation(
            0, INT_1="red", INT_2="red", INT_3="red", INT_4="green", INT_5="amber",
            INT_6="green", INT_7="green", OBS_1="stale", OBS_2="green", OBS_3="stale",
        ),
    )  # fmt: skip
    assert told == [
        ("INT-1", "new red", "green", "red", 0),
        ("INT-2", "still red", "red", "red", 4),
        ("INT-3", "still red", "red", "red", 4),
        ("OBS-3", "red unproven", "red", "stale", 1),
        ("INT-5", "worse", "green", "amber", None),
        ("INT-6", "cleared red", "red", "green", None),
        ("INT-7", "better", "amber", "green", None),
        ("OBS-1", "changed", "green", "stale", None),
        ("OBS-2", "changed", "not_measured", "green", None),
    ]


def test_values_and_moments_of_both_evaluations_are_told() -> None:
    rows = evaluation(6.5, INT_1="green") + evaluation(0, INT_1="red")
    row = queries.moved_checks(build({"check_results": rows})).row(0, named=True)
    assert (row["value_from"], row["value_to"]) == (0.065, 0)
    assert row["as_of_to"] - row["as_of_from"] == timedelta(days=6.5)
    assert row["red_since"] == AS_OF


def test_a_red_that_came_back_is_new() -> None:
    told = moved_cells(
        evaluation(7, INT_1="red"), evaluation(3, INT_1="green"), evaluation(0, INT_1="red")
    )
    assert told == [("INT-1", "new red", "red", "red", 0)]


def test_first_evaluations() -> None:
    assert moved_cells() == []
    assert moved_cells(evaluation(0, INT_1="red", INT_2="green")) == [
        ("INT-1", "new red", None, "red", 0)
    ]
