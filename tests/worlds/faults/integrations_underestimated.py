"""Calls that fail, are lost, or are repeated."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from string import ascii_lowercase
from typing import Any

from store_builder import Rows

from worlds.faults import Row, plants, recent, some, steps_of
from worlds.traffic import DRILLED_ON

LOST = {"in_band_error": True, "error_class": "server", "error_type": "server_error"}


def attempts_before(rows: Rows, step: Row, waits_s: tuple[float, ...], **error: Any) -> None:
    """Failed attempts of the same call in front of a step, each so long before the next."""
    starts = [step["started_at"]]
    for wait_s in reversed(waits_s):
        starts.insert(0, starts[0] - timedelta(seconds=wait_s))
    for number, start in enumerate(starts[:-1], 1):
        ends = {"started_at": start, "ended_at": start + timedelta(seconds=0.2)}
        known = {"step_id": f"{step['step_id']}.{number}", "attempt": number, "status": "error"}
        rows["steps"].append(step | ends | known | {"duration_ms": 200.0} | error)
    step["attempt"] = len(starts)


@plants("INT-1")
def fails_at_first(dice: Random, rows: Rows) -> None:
    calls = steps_of(rows, recent(rows), tool="crm.get_order", attempt=1, error_class=None)
    for call in some(dice, calls, 0.12):
        attempts_before(rows, call, (0.5,), error_class="timeout", http_status=504)


@plants("INT-2", "WF-5")
def fails_for_good(dice: Random, rows: Rows) -> None:
    calls = steps_of(rows, recent(rows), tool="crm.get_order", attempt=1, error_class=None)
    for call in some(dice, calls, 0.08):
        call |= LOST


@plants("INT-3")
def five_attempts(dice: Random, rows: Rows) -> None:
    calls = steps_of(rows, recent(rows), tool="crm.get_order", attempt=1, error_class=None)
    attempts_before(
        rows, dice.choice(calls), (0.3, 0.6, 1.2, 2.4), error_class="timeout", http_status=504
    )


@plants("INT-4")
def impatient(dice: Random, rows: Rows) -> None:
    failed = steps_of(rows, recent(rows), kind="tool", status="error")
    for attempt in some(dice, failed, 0.6):
        attempt["retry_after_ms"] = 60_000.0


@plants("INT-5")
def low_quota(dice: Random, rows: Rows) -> None:
    rows["workflows"][0]["rate_limits"] = '{"crm": 2, "billing": 500, "zendesk": 500}'


@plants("INT-6")
def misread_answers(dice: Random, rows: Rows) -> None:
    for step in some(dice, steps_of(rows, recent(rows), kind="llm"), 0.07):
        step |= {"in_band_error": True, "error_class": "schema"}


@plants("INT-7")
def no_way_out(dice: Random, rows: Rows) -> None:
    drilled = [run for run in recent(rows) if run["started_at"].date() == DRILLED_ON]
    for step in steps_of(rows, drilled, step="handover"):
        step |= {"step": "reply", "tool": "zendesk.reply", "name": "zendesk.reply"}


@plants("INT-8")
def new_kinds(dice: Random, rows: Rows) -> None:
    failed = steps_of(rows, recent(rows), kind="tool", status="error")
    for step, letter in zip(some(dice, failed, 0.4), ascii_lowercase, strict=False):
        step |= {"http_status": None, "error_type": f"error of kind {letter}"}
