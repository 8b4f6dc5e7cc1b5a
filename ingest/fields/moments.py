"""Times in the units sources use: told by their size, for from 1973 on no two of them meet."""

from __future__ import annotations

from datetime import UTC, datetime

from ingest.casts import since_epoch
from ingest.fields.scalars import number

PER_SECOND = 1_000_000
FIRST = 100_000_000 * PER_SECOND
LAST = 253_402_300_799 * PER_SECOND


def moment(value: object) -> int | None:
    """Microseconds since 1970 of ISO 8601 text, a datetime or a number; UTC where no zone is named.

    A time before 1973 stands for one that is not known. ValueError for what is no time.
    """
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        found = since_epoch(value.astimezone(UTC) if value.tzinfo else value)
    else:
        found = _counted(value)
    if found > LAST:
        raise ValueError(f"'{str(value)[:60]}' is not a time before the year 10000.")
    return found if found >= FIRST else None


def _counted(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    counted = value if type(value) is int else number(value)
    if counted is None:
        return _iso(value)
    if abs(counted) < 1e11:
        return int(counted * PER_SECOND)
    if abs(counted) < 1e14:
        return int(counted * 1_000)
    return int(counted) if abs(counted) < 1e17 else int(counted) // 1_000


def _iso(value: object) -> int:
    try:
        found = datetime.fromisoformat(str(value).strip().removesuffix(" UTC"))
        return since_epoch(found.astimezone(UTC) if found.tzinfo else found)
    except (ValueError, OverflowError):
        raise ValueError(f"'{str(value)[:60]}' is not a time.") from None
