"""Replays: the cases that people made into tests, and one agent doing the work of a team."""

from __future__ import annotations

import datetime as dt

from ingest.scenario.calendar import DAY_US, EPOCH, HOUR_US, Plan
from ingest.scenario.pilots import SOLO
from ingest.scenario.runs import Chance, Run
from ingest.scenario.story import Story
from ingest.scenario.world import Channel, Flow, Version

CASES = 12
REPEATS = 4
LATEST_DAYS, EARLIEST_DAYS = 1, 12
FROM_HOUR, HOURS = 1, 3
OUTAGE_DAYS = range(2, 10)
OUTAGE_FROM = 5 * HOUR_US
OUTAGES_A_DAY = 3
CHANNEL = Channel("replay", 1.0, 1.0)
BASELINES = {SOLO.name: SOLO}
BASELINE_RUNS = 100
BASELINE_VERSION = Version("solo-1", 999)
BASELINE_DAYS = range(14, 60)


def case(flow: Flow, number: int) -> str:
    """The test that a defect becomes part of; there are a dozen a workflow."""
    return f"{flow.name}-case-{number % CASES + 1:02d}"


def replays(flow: Flow, runs: list[Run], end: dt.date, chance: Chance) -> list[Run]:
    """Every case of a workflow, four times in production; outages and a baseline if there are."""
    found = _outages(flow, end, chance) if flow.injected else []
    if flow.is_reviewed:
        story = Story(flow, chance)
        for n in range(CASES * (REPEATS if flow.stage == "production" else 1)):
            task, when = case(flow, n), _when(end, chance)
            found.append(story.play(Plan(flow, *when, CHANNEL, flow.version(0), "", task)))
    if flow.name in BASELINES:
        found += _baseline(BASELINES[flow.name], runs, end, chance)
    return found


def _outages(flow: Flow, end: dt.date, chance: Chance) -> list[Run]:
    """A few tasks a day, run while a fault is injected into a tool."""
    story, found = Story(flow, chance), []
    for days_ago in OUTAGE_DAYS:
        midnight = ((end - EPOCH).days - days_ago) * DAY_US
        for n in range(OUTAGES_A_DAY):
            start = midnight + OUTAGE_FROM + (n + 1) * HOUR_US // 6
            task = f"{flow.name}-outage-{n + 1}"
            plan = Plan(flow, start, days_ago, CHANNEL, flow.version(0), "injected", task)
            found.append(story.play(plan))
    return found


def _baseline(solo: Flow, runs: list[Run], end: dt.date, chance: Chance) -> list[Run]:
    """What the team did before, done again by one agent."""
    story = Story(solo, chance)
    known = [r for r in runs if r.is_known and r.plan.days_ago in BASELINE_DAYS]
    return [
        story.play(
            Plan(solo, *_when(end, chance), run.plan.channel, BASELINE_VERSION, "", run.case_id)
        )
        for run in chance.rng.sample(known, BASELINE_RUNS)
    ]


def _when(end: dt.date, chance: Chance) -> tuple[int, int]:
    """A start at night, in microseconds since 1970, and how many days ago."""
    days_ago = chance.rng.randint(LATEST_DAYS, EARLIEST_DAYS)
    midnight = ((end - EPOCH).days - days_ago) * DAY_US
    hours = FROM_HOUR + HOURS * chance.rng.random()
    return midnight + int(hours * HOUR_US), days_ago
