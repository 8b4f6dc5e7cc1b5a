"""The filters of every page: drawn once in the frame, kept in the address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import streamlit as st

DAYS = {"24h": 1, "7d": 7, "14d": 14, "30d": 30, "90d": 90}
CUSTOM = "custom"
STAGES = ("All", "production", "limited", "pilot")


@dataclass(frozen=True)
class Filters:
    """A window [since, until) in UTC, the workflows and stages wanted (None: all), and compare."""

    period: str
    since: datetime
    until: datetime
    workflow: tuple[str, ...] | None
    stage: tuple[str, ...] | None
    compare: bool

    def params(self) -> dict[str, Any]:
        """The parameters that every question about a window understands."""
        return {
            "since": self.since,
            "until": self.until,
            "workflow": self.workflow,
            "stage": self.stage,
        }

    def previous(self) -> Filters:
        """The window of the same length directly before."""
        return replace(self, since=self.since - (self.until - self.since), until=self.since)

    def words(self) -> str:
        """The window in words, with its zone."""
        if self.period == "24h":
            return f"24 h to {self.until:%H:%M} UTC, {self.until.day} {self.until:%b}"
        last = self.until - timedelta(days=1)
        return f"{self.since.day} {self.since:%b} to {last.day} {last:%b %Y}, UTC"


def window(period: str, as_of: datetime, days: tuple[date, ...] = ()) -> tuple[datetime, datetime]:
    """The window of a period ending with the day of `as_of`; 24h ends with its hour.

    A custom period without both days is the last thirty.
    """
    if period == CUSTOM and len(days) == 2:
        first, last = sorted(days)
        return _midnight(first), _midnight(last) + timedelta(days=1)
    if period == "24h":
        until = as_of.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    else:
        until = _midnight(as_of.date()) + timedelta(days=1)
    return until - timedelta(days=DAYS.get(period, 30)), until


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def bar(as_of: datetime, workflows: list[str], disabled: bool = False) -> Filters:
    """Draw the filters and return what they say; disabled where a page does not listen to them."""
    _follow_link()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="filters"):
        period = st.segmented_control(
            "Period", [*DAYS, CUSTOM], default="30d", required=True, key="period",
            bind="query-params", label_visibility="collapsed", disabled=disabled,
        )  # fmt: skip
        days = _days(as_of) if period == CUSTOM else ()
        chosen = st.multiselect(
            "Workflow", workflows, key="wf", bind="query-params", placeholder="All workflows",
            label_visibility="collapsed", width=260, disabled=disabled,
        )  # fmt: skip
        stage = st.segmented_control(
            "Stage", STAGES, default="All", required=True, key="stage", bind="query-params",
            label_visibility="collapsed", disabled=disabled,
        )  # fmt: skip
        compare = st.toggle(
            "Compare", value=True, key="cmp", bind="query-params", help=COMPARE, disabled=disabled
        )
    since, until = window(period or "30d", as_of, days)
    stages = None if stage in (None, "All") else (stage,)
    return Filters(period or "30d", since, until, tuple(chosen) or None, stages, compare)


def _follow_link() -> None:
    """Take what a link that was followed says: a bound widget keeps the value it had."""
    for key, known in (("period", (*DAYS, CUSTOM)), ("stage", STAGES)):
        named = st.query_params.get(key)
        if named in known and key in st.session_state:
            st.session_state[key] = named


COMPARE = "Show the change against the window of the same length directly before."


def _days(as_of: datetime) -> tuple[date, ...]:
    last = as_of.date()
    chosen = st.date_input(
        "Days", value=(last - timedelta(days=29), last), max_value=last, key="days",
        bind="query-params", label_visibility="collapsed", width=230,
    )  # fmt: skip
    return tuple(chosen) if isinstance(chosen, tuple) else (chosen,)
