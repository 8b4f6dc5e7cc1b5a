"""How an adapter refuses a record: with the beginning of it, so that people find it again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TypeVar

from ingest.formats import EXCERPT, Reject

Kept = TypeVar("Kept")


def excerpt(value: object) -> str:
    """The beginning of a value; empty for one nested too deep to be written."""
    try:
        text = value if isinstance(value, str) else json.dumps(value, default=str)
    except RecursionError:
        return ""
    return text[:EXCERPT]


def misshapen(reason: object, value: object, place: str = "") -> Reject:
    """The reject of a record that is not of the shape it should have; an error gives its words."""
    return Reject("shape", str(reason), place, excerpt(value))


def no_object(what: str, value: object, place: str = "") -> Reject:
    """The reject of what stands in the place of an object: "a score", "a run"."""
    return Reject("not_an_object", f"{what} is not an object.", place, excerpt(value))


def within(place: str, reject: Reject) -> Reject:
    """The reject of a part of what stands at a place."""
    return reject._replace(place=".".join(filter(None, (place, reject.place))))


def parted(found: Iterable[Kept | Reject]) -> tuple[list[Kept], list[Reject]]:
    """What could be read, and the rejects of what could not."""
    kept, bad = list[Kept](), list[Reject]()
    for held in found:
        if isinstance(held, Reject):
            bad.append(held)
        else:
            kept.append(held)
    return kept, bad
