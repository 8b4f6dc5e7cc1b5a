"""Flags nobody reads, quality nobody samples."""

from __future__ import annotations

from datetime import timedelta
from operator import itemgetter
from random import Random

from store_builder import AS_OF, Rows

from worlds.faults import Row, plants, some
from worlds.people import FIXED_CATEGORY


def reviews(rows: Rows, days: int) -> list[Row]:
    """The sampled reviews of the last days, oldest first."""
    since = AS_OF - timedelta(days=days)
    found = [row for row in rows["feedback"] if row["source"] == "sampled_review"]
    return sorted((row for row in found if row["created_at"] > since), key=itemgetter("created_at"))


def flags(rows: Rows) -> list[Row]:
    """What end users reported."""
    return [row for row in rows["feedback"] if row["source"] == "end_user"]


@plants("FB-1")
def unsampled(dice: Random, rows: Rows) -> None:
    found = reviews(rows, 30)
    dropped = {row["feedback_id"] for row in dice.sample(found, len(found) - 20)}
    rows["feedback"] = [row for row in rows["feedback"] if row["feedback_id"] not in dropped]


@plants("FB-2")
def no_button(dice: Random, rows: Rows) -> None:
    for flag in flags(rows):
        flag["source"] = "reviewer"


@plants("FB-3")
def untriaged(dice: Random, rows: Rows) -> None:
    for flag in some(dice, flags(rows), 0.65):
        flag["triaged_at"] = None


@plants("FB-4")
def other(dice: Random, rows: Rows) -> None:
    for flag in some(dice, flags(rows), 0.75):
        flag["category"] = "other"


@plants("FB-5")
def unfixed(dice: Random, rows: Rows) -> None:
    defects = [row for row in rows["feedback"] if row.get("resolution") == "fixed"]
    for defect in some(dice, defects, 0.8):
        defect["resolution"] = "open"


@plants("FB-6", "FB-8")
def comes_back(dice: Random, rows: Rows) -> None:
    for number, review in enumerate(reviews(rows, 30)):
        if number % 5 < 2:
            review |= {"verdict": "incorrect", "category": FIXED_CATEGORY}


@plants("FB-7")
def untested(dice: Random, rows: Rows) -> None:
    for flag in flags(rows):
        flag["eval_case"] = None


@plants("FB-8")
def gets_worse(dice: Random, rows: Rows) -> None:
    for number, review in enumerate(reviews(rows, 14)):
        if number % 5 < 4:
            review["verdict"] = "incorrect"
