"""Which trace a LangSmith run is part of, which run it stands in, and when it ran.

Exports leave fields out. `dotted_order` holds the whole way from the root of the trace to the run,
each part a time and an id: `20261103T091500123456Z<id>.20261103T091501000000Z<id>`.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from ingest.fields.scalars import text
from ingest.formats import Value

PART = re.compile(r"(\d{8}T\d{6})(\d{0,6})Z\.?([^.]+)")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (0.0, 1.0))


class Identity(NamedTuple):
    """A run's own id, its trace and its parent; `began` is the time its dotted order holds."""

    run_id: str
    step_id: str
    parent_id: str | None
    ancestors: tuple[str, ...]
    began: datetime | None


def identity(run: Value) -> Identity:
    """Ids in lower case; ValueError, in words for the user, where the trace is not told."""
    step_id = _id(run.get("id")) or _id(run.get("run_id"))
    parts = PART.findall(text(run.get("dotted_order")) or "")
    way = [_id(part[2]) or "" for part in parts]
    above = way[:-1]
    if not way and isinstance(run.get("parent_run_ids"), list):
        above = [found for p in run["parent_run_ids"] if (found := _id(p))]
    step_id = step_id or (way[-1] if way else None)
    if step_id is None:
        raise ValueError("it has no id.")
    parent = _id(run.get("parent_run_id")) or (above[-1] if above else None)
    trace = _id(run.get("trace_id")) or (above[0] if above else None)
    if trace is None and (parent is None or run.get("is_root") is True):
        trace = step_id
    if trace is None:
        raise ValueError("neither trace_id nor dotted_order tells which trace it is part of.")
    if step_id == trace or parent == step_id:
        parent, above = None, []
    began = _began(*parts[-1][:2]) if parts else None
    return Identity(trace, step_id, parent, tuple(above) or ((parent,) if parent else ()), began)


def _id(value: object) -> str | None:
    found = text(value)
    return found.strip().lower() or None if found else None


def _began(second: str, fraction: str) -> datetime | None:
    try:
        whole = datetime.strptime(second, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return whole + timedelta(microseconds=int(fraction.ljust(6, "0")))


def time_of(value: object) -> datetime | None:
    """A time as ISO text, a datetime, or a number since 1970 in the unit its size tells.

    Times without a zone are UTC.
    """
    found = value
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    elif isinstance(value, int | float) and not isinstance(value, bool):
        found = _since_epoch(float(value))
    if not isinstance(found, datetime) or found.year <= EPOCH.year:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _since_epoch(value: float) -> datetime | None:
    if not math.isfinite(value) or not 0 < value < 1e19:
        return None
    unit = next(unit for least, unit in UNITS if value >= least)
    try:
        return EPOCH + timedelta(seconds=value / unit)
    except OverflowError:
        return None
