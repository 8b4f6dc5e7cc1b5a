"""A move of a week in words: where it sits, never what caused it."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

LEAST_COVERAGE_CHANGE = 0.10
LEAST_RATE_PART = 0.005


class Change(NamedTuple):
    """A marker of table changes."""

    workflow: str
    changed_at: datetime
    kind: str
    version_to: str | None
    is_rollback: bool | None


class Whole(NamedTuple):
    """How the workflow of a move went, and whether by rate, mix or both.

    rate and mix are shares that add up to the change; dimension is that of the mix, gained the
    segment whose weight grew most. Both are None where nothing divides the runs.
    """

    rate_from: float
    rate_to: float
    kind: str
    rate: float
    mix: float
    dimension: str | None
    gained: str | None


class Line(NamedTuple):
    """One move: success of a segment in the week before and in the last one.

    lo and hi are the 95 % interval of the difference; share_of_failures is its extra failures in
    all failures of its workflow in the worse week; explained is its part of the extra failures in
    its dimension; also names segments that show the same move. Rates and shares are 0..1.
    """

    workflow: str
    dimension: str
    segment: str
    unit: str
    rate_from: float
    rate_to: float
    lo: float
    hi: float
    n_from: int
    n_to: int
    known_share_from: float
    known_share_to: float
    p: float
    share_of_failures: float
    explained: float
    first_seen: date
    change: Change | None
    whole: Whole | None
    also: tuple[str, ...]
    sentence: str


class Quiet(NamedTuple):
    """What was looked at: segments compared, those unchanged, those too small to be compared alone.

    n is the median of the known in a week and segment, and detectable_drop, a share of success,
    the smallest fall found there four times in five; None where no fall would be found.
    """

    segments: int
    unchanged: int
    small: int
    n: int | None
    detectable_drop: float | None
    sentence: str


def told(line: Line) -> str:
    """The line as sentences."""
    return " ".join(part for part in (_moved(line), _sits(line), *_context(line)) if part)


def _moved(line: Line) -> str:
    verb = "rose" if line.rate_to > line.rate_from else "fell"
    points = (line.rate_to - line.rate_from) * 100
    return (
        f"{_where(line)}: success {verb} from {_percent(line.rate_from)} of {line.n_from}"
        f" {line.unit} to {_percent(line.rate_to)} of {line.n_to} ({_signed(points)} points, 95%:"
        f" {_signed(line.lo * 100)} to {_signed(line.hi * 100)}), first seen {line.first_seen}."
    )


def _where(line: Line) -> str:
    if line.dimension == "workflow":
        return line.workflow
    is_pool = line.segment.startswith("small segments of ")
    return f"{line.workflow}, {line.segment if is_pool else _named(line)}"


def _named(line: Line) -> str:
    return f"{line.dimension} = {line.segment}"


def _sits(line: Line) -> str:
    if line.dimension == "workflow":
        return _mix(line.whole) if line.whole else ""
    move = "rise" if line.rate_to > line.rate_from else "drop"
    return f"{line.explained * 100:.0f}% of the {move} sits in it. {_total(line)}".strip()


def _total(line: Line) -> str:
    whole = line.whole
    if whole is None or line.unit != "runs":
        return ""
    rates = f"from {_percent(whole.rate_from)} to {_percent(whole.rate_to)}"
    return f"The workflow went {rates}. {_mix(whole)}"


def _mix(whole: Whole) -> str:
    parts = f"(rate {_signed(whole.rate * 100)}, mix {_signed(whole.mix * 100)} points)"
    if whole.kind == "rate":
        return f"The rate moved, not the mix {parts}."
    if whole.kind == "both":
        return f"Rate and mix of {whole.dimension} both moved {parts}."
    if whole.dimension == "version":
        return f"Runs moved to version {whole.gained} {parts}."
    change = whole.rate_to - whole.rate_from
    stayed = "quality did not rise" if change > 0 else "quality did not fall"
    if whole.rate * change > 0 and abs(whole.rate) >= LEAST_RATE_PART:
        stayed = "the smaller part is quality"
    return f"Traffic moved to {whole.gained}; {stayed} {parts}."


def _context(line: Line) -> list[str]:
    parts = [f"Also seen in: {', '.join(line.also)}."] if line.also else []
    known = line.known_share_from, line.known_share_to
    if abs(known[1] - known[0]) >= LEAST_COVERAGE_CHANGE:
        shares = f"{_percent(known[0])} of its runs before, of {_percent(known[1])} now"
        parts.append(f"The outcome was known of {shares}: who is counted changed too.")
    if line.change:
        parts.append(f"Nearest change: {_change(line.change)}.")
    return parts


def _change(change: Change) -> str:
    version = f" to {change.version_to}" if change.version_to else ""
    back = ", a rollback" if change.is_rollback else ""
    return f"{change.kind}{version}, {change.changed_at:%Y-%m-%d}{back}"


def quiet_sentence(
    segments: int, unchanged: int, small: int, n: int | None, drop: float | None
) -> str:
    """What a quiet week does and does not show."""
    ones = "one is" if small == 1 else "ones are"
    pooled = f" {small} smaller {ones} pooled by dimension." if small else ""
    if not segments or n is None:
        return f"Nothing could be compared: no segment has 30 known in both weeks.{pooled}"
    least = "no drop is detectable here, not even to 0%"
    if drop is not None:
        least = f"smallest drop detectable here is about {drop * 100:.0f} points"
    looked = f"No change was found in {unchanged} of {segments} segments looked at.{pooled}"
    return f"{looked} Quiet is not stable: {least} (n={n} a week)."


def _percent(share: float) -> str:
    return f"{share * 100:.1f}%"


def _signed(points: float) -> str:
    return f"{points:+.1f}".replace("-", "−")
