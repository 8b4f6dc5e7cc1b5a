"""Times in the units sources use: told by their size, for from 1973 on no two of them meet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ingest.casts import EPOCH, MICROSECOND, since_epoch
from ingest.fields.scalars import Attributes, number

PER_SECOND = 1_000_000
FIRST = 100_000_000 * PER_SECOND
LAST = 253_402_300_799 * PER_SECOND


def moment(value: object) -> int | None:
    """Microseconds since 1970 of ISO 8601 text, a datetime or a number; UTC where no zone is named.

    A time before 1973 stands for one that is not known. ValueError for what is no time.
    """
    if value is None or value == "":
        return None
    found = _utc(value) if isinstance(value, datetime) else _counted(value)
    if found > LAST:
        raise ValueError(f"'{str(value)[:60]}' is not a time before the year 10000.")
    return found if found >= FIRST else None


def first_moment(record: Attributes, *names: str) -> int | None:
    """The first known time among the fields; ValueError, with the name, for what is no time."""
    for name in names:
        try:
            found = moment(record.get(name))
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
        if found is not None:
            return found
    return None


def stated_time(value: object) -> datetime | None:
    """A time as its source states it, for what tells a time beside others: null where it is none.

    Without a zone where the source names none, so that the zone given to the load holds.
    """
    try:
        if isinstance(value, str) and not value.isdecimal():
            found = datetime.fromisoformat(value.strip().replace(" UTC", "+00:00"))
            return found if FIRST <= _utc(found) <= LAST else None
        micros = moment(value)
    except ValueError:
        return None
    return None if micros is None else EPOCH + timedelta(microseconds=micros)


def after(at: datetime | None, seconds: float | None) -> datetime | None:
    """The time so many seconds after another; null where one is unknown or no calendar has it."""
    if at is None or seconds is None:
        return None
    try:
        return at + timedelta(seconds=seconds)
    except OverflowError:
        return None


def is_later(one: datetime | None, other: datetime | None) -> bool:
    """Whether one time is after another; not where one is unknown or only one has a zone."""
    if one is None or other is None or (one.tzinfo is None) != (other.tzinfo is None):
        return False
    return one > other


def _utc(found: datetime) -> int:
    try:
        return since_epoch(found.astimezone(UTC) if found.tzinfo else found)
    except OverflowError:
        raise ValueError(f"'{found}' is not a time.") from None


def _counted(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    counted = value if type(value) is int else number(value)
    if counted is None:
        return _iso(value)
    if abs(counted) < 1e11:
        return timedelta(seconds=counted) // MICROSECOND
    if abs(counted) < 1e14:
        return timedelta(milliseconds=counted) // MICROSECOND
    return int(counted) if abs(counted) < 1e17 else int(counted) // 1_000


def _iso(value: object) -> int:
    try:
        return _utc(datetime.fromisoformat(str(value).strip().removesuffix(" UTC")))
    except ValueError:
        raise ValueError(f"'{str(value)[:60]}' is not a time.") from None
