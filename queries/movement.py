"""What changed since the week before, beyond chance, and how quiet a quiet week is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from statistics import median
from typing import NamedTuple

import polars as pl

from queries.engine import Connection, ask, run
from queries.grading.comparison import benjamini_hochberg, detectable_drop, mix_and_rate, surprise
from queries.grading.intervals import newcombe
from queries.money.budgets import AS_OF
from queries.movement_wording import Change, Line, Quiet, Whole, quiet_sentence, told
from queries.segments import Segment, Week, looked_at

LINES = 7
FALSE_SHARE = 0.10
LEAST_MOVE, LEAST_RATIO = 0.05, 1.5
EXPLAINED, EACH, BEYOND_TRAFFIC = 0.67, 0.10, 0.10
POWER = 0.8
NEAR_DAYS = 7
ARRIVING, CHOSEN = ("channel", "stage"), ("version",)
DIMENSIONS = ("channel", "version", "stage", "model", "agent", "tool", "step")
CHANGES = """
select workflow, changed_at, kind, version_to, is_rollback
from changes
where changed_at > cast($as_of as timestamp) - interval 21 day and changed_at <= $as_of
order by changed_at, kind, version_to
"""


class Movement(NamedTuple):
    """The lines of a week, how many more there were, and what was looked at and did not move."""

    as_of: datetime | None
    lines: list[Line]
    more: int
    quiet: Quiet


class Move(NamedTuple):
    """A segment that moved, how much of the move in its dimension sits in it, and its shadows."""

    segment: Segment
    explained: float
    also: tuple[str, ...]


def movement(connection: Connection, as_of: datetime | None = None) -> Movement:
    """At most seven segments whose success moved between two weeks, most failures first.

    The weeks are the two of seven days that end at as_of, by default the store's. Kept are moves
    that survive a false-discovery rate of 10 % per workflow and are 5 points, or 1.5 times the
    failures. Of several segments that show one move the dimension that needs fewest is a line.
    """
    as_of = as_of or ask(connection, AS_OF)["as_of"][0]
    looked = looked_at(run(connection, "segments_by_week", as_of=as_of))
    changes = [Change(**row) for row in ask(connection, CHANGES, {"as_of": as_of}).to_dicts()]
    lines: list[Line] = []
    moved_count, levels = 0, []
    for workflow, group in groupby(looked.tested, key=lambda segment: segment.workflow):
        own = list(group)
        levels += [FALSE_SHARE / len(own)] * len(own)
        moved = kept(own)
        moved_count += len(moved)
        whole = _whole(moved, looked.weeks.filter(pl.col("workflow") == workflow))
        near = [change for change in changes if change.workflow == workflow]
        lines += [_line(move, own, whole, near) for move in moves(moved, own)]
    lines.sort(key=lambda line: (-line.share_of_failures, line.p, line[:3]))
    quiet = _quiet(looked.tested, moved_count, looked.small, levels)
    return Movement(as_of, lines[:LINES], max(0, len(lines) - LINES), quiet)


def kept(segments: Sequence[Segment]) -> list[Segment]:
    """The segments of one workflow that moved: beyond chance, and by an amount that matters."""
    survives = benjamini_hochberg([segment.p for segment in segments], FALSE_SHARE)
    return [one for one, keep in zip(segments, survives, strict=True) if keep and _matters(one)]


def _matters(segment: Segment) -> bool:
    low, high = sorted((1 - segment.before.rate, 1 - segment.last.rate))
    return round(high - low, 9) >= LEAST_MOVE or high >= LEAST_RATIO * low


def moves(moved: Sequence[Segment], tested: Sequence[Segment]) -> list[Move]:
    """One move once: falls and rises of runs and of calls, each by the fewest segments."""
    groups: dict[tuple[str, bool], list[Segment]] = defaultdict(list)
    for segment in moved:
        groups[segment.unit, segment.change > 0].append(segment)
    return [move for group in groups.values() for move in _fewest(group, tested)]


def _fewest(group: list[Segment], tested: Sequence[Segment]) -> list[Move]:
    """What moved in the dimension that holds most of it in fewest segments; else the workflow, and
    what moved unlike it."""
    found = {name: _holding(name, group, tested) for name in DIMENSIONS}
    options = [name for name in DIMENSIONS if found[name]]
    if options:
        best = min(options, key=lambda name: (len(found[name]), -_surprise(name, tested)))
        held = [one for one in group if one.dimension == best]
    else:
        whole = [segment for segment in group if segment.dimension == "workflow"]
        held = [one for one in group if one in whole or not _moves_as(one, whole)]
    also = tuple(one.name for one in group if one not in held and one.dimension != "workflow")
    return [Move(one, one.extra_failures / _extra(one, tested), also) for one in held]


def _holding(name: str, group: list[Segment], tested: Sequence[Segment]) -> list[Segment]:
    """The fewest segments with 67 % of a dimension's move, 10 points above their traffic."""
    own = sorted(
        (one for one in group if one.dimension == name), key=lambda one: -one.extra_failures
    )
    held: list[Segment] = []
    reached = 0.0
    for one in own:
        share = one.extra_failures / _extra(one, tested)
        if share < EACH:
            break
        held.append(one)
        reached += share
        if reached >= EXPLAINED:
            traffic = sum(one.worse.known / _all_of(one, tested)[0] for one in held)
            return held if reached - traffic >= BEYOND_TRAFFIC else []
    return []


def _moves_as(segment: Segment, whole: Sequence[Segment]) -> bool:
    return any(abs(segment.change - one.change) < LEAST_MOVE for one in whole)


def _surprise(name: str, tested: Sequence[Segment]) -> float:
    own = [one for one in tested if one.dimension == name]
    return surprise([one.before.failures for one in own], [one.last.failures for one in own])


def _extra(segment: Segment, tested: Sequence[Segment]) -> float:
    """Extra failures of all segments of its dimension that moved in its direction."""
    alike = (one for one in tested if one.dimension == segment.dimension)
    return sum(one.extra_failures for one in alike if one.change * segment.change > 0)


def _all_of(segment: Segment, tested: Sequence[Segment]) -> tuple[int, int]:
    """Known and failures of the workflow in the segment's worse week, in its unit."""
    dimension = "workflow" if segment.unit == "runs" else segment.dimension
    own = [one for one in tested if one.dimension == dimension]
    weeks: list[Week] = [one.last if segment.change < 0 else one.before for one in own]
    return sum(week.known for week in weeks), sum(week.failures for week in weeks)


def _whole(moved: Sequence[Segment], weeks: pl.DataFrame) -> Whole | None:
    """Whether the workflow as a whole moved by rate or by mix; None where it did not move."""
    total = next((one for one in moved if one.dimension == "workflow"), None)
    if total is None:
        return None
    rates = (total.before.rate, total.last.rate)
    arriving = [split for name in ARRIVING if (split := _split(name, weeks, rates))]
    chosen = [split for name in CHOSEN if (split := _split(name, weeks, rates))]
    mixed = [split for split in chosen if split.kind == "mix"]
    best = max(arriving, key=lambda split: split.mix / total.change, default=None)
    if best and best.kind == "mix":
        return best
    return next(iter(mixed), None) or best or Whole(*rates, "rate", total.change, 0.0, None, None)


def _split(name: str, weeks: pl.DataFrame, rates: tuple[float, float]) -> Whole | None:
    own = weeks.filter(pl.col("dimension") == name)
    if own.height < 2:
        return None
    columns = ("successes_before", "known_before", "successes_last", "known_last")
    k0, n0, k1, n1 = (own[column].to_numpy() for column in columns)
    terms = mix_and_rate(k0, n0, k1, n1)
    rate, mix = float(terms.rate.sum()), float(terms.mix.sum())
    share = mix / (rates[1] - rates[0])
    kind = "mix" if share >= EXPLAINED else "rate" if share <= 1 - EXPLAINED else "both"
    gained = own["segment"][int((n1 / n1.sum() - n0 / n0.sum()).argmax())]
    return Whole(*rates, kind, rate, mix, name, gained)


def _line(
    move: Move, tested: Sequence[Segment], whole: Whole | None, changes: list[Change]
) -> Line:
    one = move.segment
    lo, hi = newcombe(*one.last.effective, *one.before.effective)
    failures = _all_of(one, tested)[1]
    line = Line(
        workflow=one.workflow,
        dimension=one.dimension,
        segment=one.segment or one.name,
        unit=one.unit,
        rate_from=one.before.rate,
        rate_to=one.last.rate,
        lo=lo,
        hi=hi,
        n_from=one.before.known,
        n_to=one.last.known,
        known_share_from=one.before.known / one.before.total,
        known_share_to=one.last.known / one.last.total,
        p=one.p,
        share_of_failures=one.extra_failures / failures,
        explained=move.explained,
        first_seen=one.first_seen,
        change=_nearest(one.first_seen, changes),
        whole=whole,
        also=move.also,
        sentence="",
    )
    return line._replace(sentence=told(line))


def _nearest(day: date, changes: list[Change]) -> Change | None:
    near = [change for change in changes if abs((change.changed_at.date() - day).days) <= NEAR_DAYS]
    return min(near, key=lambda change: abs((change.changed_at.date() - day).days), default=None)


def _quiet(tested: list[Segment], moved: int, small: int, levels: list[float]) -> Quiet:
    if not tested:
        return Quiet(0, 0, small, None, None, quiet_sentence(0, 0, small, None, None))
    n = median(min(one.before.effective[1], one.last.effective[1]) for one in tested)
    rate = median(one.before.rate for one in tested)
    drop = detectable_drop(rate, n, median(levels), POWER)
    counts = (len(tested), len(tested) - moved, small, round(n), drop)
    return Quiet(*counts, quiet_sentence(*counts))
