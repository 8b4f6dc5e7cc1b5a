"""What an earlier evaluation holds: an alarm whose data vanish does not end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from queries.engine import Connection
from queries.grading import Grade
from queries.needs import shared

Held = dict[tuple[str, str], dict[str, Any]]
SILENT = ("not_measured", "insufficient", "stale")


def held(connection: Connection, as_of: datetime) -> Held:
    """By workflow and check: the last measured result before as_of, where that was red."""
    rows = shared(connection, "held", {"as_of": as_of}).iter_rows(named=True)
    return {(row["workflow"], row["check_id"]): row for row in rows}


def frozen(was: dict[str, Any]) -> Grade:
    """The grade of a check that was red and has lost its data: the numbers it had, and stale."""
    numbers = {key: was[key] for key in ("k", "n", "n_eff", "value", "lo", "hi")}
    return Grade(**numbers, state="stale")


def words(was: dict[str, Any]) -> str:
    """Why it stays red."""
    return f"Still red as last measured on {was['as_of']:%Y-%m-%d}: the data it rested on are gone."
