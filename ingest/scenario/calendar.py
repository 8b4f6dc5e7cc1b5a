"""When runs start: growth, weekdays and office hours, and which fault each run carries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from ingest.scenario.world import DAYS, Channel, Flow, Version

DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
EPOCH = dt.date(1970, 1, 1)
LAST_START_HOUR = 20.0
BREACHES = ("none", "late", "payload", "policy") * 2 + ("none",)
BREACH_DAYS = 20


class Plan(NamedTuple):
    """A run to come: when, how and with which fault; times are microseconds since 1970.

    A run with a `task` is a replay of it.
    """

    flow: Flow
    start: int
    days_ago: int
    channel: Channel
    version: Version
    fault: str
    task: str = ""


class Period(NamedTuple):
    """The days of the demo: `first` and `end` are both in it; `until` is its last microsecond."""

    first: dt.date
    end: dt.date
    until: int


def days(end: dt.date) -> Period:
    """The twelve weeks that end on a day."""
    until = ((end - EPOCH).days + 1) * DAY_US - 1_000_000
    return Period(end - dt.timedelta(days=DAYS - 1), end, until)


def plans(flow: Flow, end: dt.date, rng: Random) -> list[Plan]:
    """Every run of a workflow, by start."""
    faults = _faults(flow, rng)
    found = []
    for days_ago, count in _counts(flow, end, rng):
        midnight = ((end - EPOCH).days - days_ago) * DAY_US
        for start in sorted(midnight + _time_of_day(flow, rng) for _ in range(count)):
            channel = rng.choices(flow.channels, [c.share for c in flow.channels])[0]
            fault = next(faults)
            found.append(Plan(flow, start, days_ago, channel, flow.version(days_ago), fault))
    if flow.name == "refund-desk":
        found = _with_breaches(found, rng)
    if flow.runs >= 2000:
        last = found[-1]
        late = (last.start // DAY_US) * DAY_US + int(23.6 * HOUR_US)
        found[-1] = last._replace(start=late + rng.randrange(HOUR_US // 4), fault="running")
    return found


def _counts(flow: Flow, end: dt.date, rng: Random) -> Iterator[tuple[int, int]]:
    weekdays = (1.1, 1.06, 1.0, 1.0, 0.94, flow.weekend, flow.weekend * 0.8)
    weights = [
        (0.7 + 0.6 * i / (DAYS - 1))
        * weekdays[(end - dt.timedelta(DAYS - 1 - i)).weekday()]
        * rng.uniform(0.92, 1.08)
        for i in range(DAYS)
    ]
    total, due = sum(weights), 0.0
    for i, weight in enumerate(weights):
        before, due = round(due), due + flow.runs * weight / total
        yield DAYS - 1 - i, round(due) - before


def _time_of_day(flow: Flow, rng: Random) -> int:
    is_batch = flow.weekend < 0.2 and rng.random() < 0.25
    hour = rng.uniform(1, LAST_START_HOUR) if is_batch else rng.gauss(12.6, 2.9)
    return int(min(max(hour, 0.2), LAST_START_HOUR) * HOUR_US) + rng.randrange(HOUR_US // 60)


def _faults(flow: Flow, rng: Random) -> Iterator[str]:
    """Faults at their rates, spread evenly so that every window holds its share."""
    due = {name: rng.random() for name, _ in flow.faults}
    while True:
        fault = ""
        for name, rate in flow.faults:
            due[name] += rate * rng.uniform(0.6, 1.4)
            if due[name] >= 1 and not fault:
                due[name] -= 1
                fault = name
        yield fault


def _with_breaches(found: list[Plan], rng: Random) -> list[Plan]:
    """Nine recent runs that act above the limit without a valid approval."""
    recent = [i for i, p in enumerate(found) if 1 <= p.days_ago < BREACH_DAYS and not p.fault]
    chosen = sorted(rng.sample(recent, len(BREACHES)))
    for kind, i in zip(BREACHES, chosen, strict=True):
        found[i] = found[i]._replace(fault=f"unapproved:{kind}")
    return found
