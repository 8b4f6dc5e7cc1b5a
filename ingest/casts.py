"""From what a record says to the value a column holds; a ValueError says in words what is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any

import orjson

from ingest.schema import TABLES, Column

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
EIGHTEEN = Decimal(1).scaleb(-18)
MONEY = Context(prec=38, rounding=ROUND_HALF_EVEN)
YES = frozenset({"true", "yes", "1", "t", "y"})
NO = frozenset({"false", "no", "0", "f", "n"})
LONGEST_TIME = 253_402_300_799_999_999


def text(value: Any) -> str | None:
    """Text without NUL; empty text is unknown."""
    found = value if isinstance(value, str) else str(value)
    if found.isascii() and "\0" not in found:
        return found or None
    return found.encode("utf-8", "replace").decode().replace("\0", "") or None


def integer(value: Any) -> int | None:
    """A 64-bit whole number."""
    if isinstance(value, str):
        value = value.strip()
        if not value:
            return None
        value = int(value) if value.lstrip("+-").isdigit() else float(value)
    if value != int(value):
        raise ValueError(f"{value} is not a whole number")
    if abs(int(value)) > 2**63 - 1:
        raise ValueError(f"{value} is larger than 64 bits hold")
    return int(value)


def number(value: Any) -> float | None:
    """A finite number."""
    if isinstance(value, str) and not value.strip():
        return None
    found = float(value)
    if not math.isfinite(found):
        raise ValueError(f"{value} is not a finite number")
    return found


def boolean(value: Any) -> bool | None:
    """Yes or no, as true/false, yes/no or 1/0."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if not word:
        return None
    if word in YES or word in NO:
        return word in YES
    raise ValueError(f"'{value}' is neither true nor false")


def day(value: Any) -> date | None:
    """A calendar day from an ISO date or time; a number is none, whatever its digits."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        words = value.strip()[:10]
        with suppress(ValueError):
            return date.fromisoformat(words) if words else None
    raise ValueError(f"'{str(value)[:60]}' is not a date as in 2026-11-03")


def money(value: Any) -> Decimal | None:
    """An amount rounded half-even to 18 decimals; ValueError beyond 38 digits."""
    try:
        found = Decimal(repr(value) if isinstance(value, float) else str(value).strip() or "NaN")
        if found.is_nan() and not str(value).strip():
            return None
        return found.quantize(EIGHTEEN, context=MONEY)
    except InvalidOperation as error:
        raise ValueError(f"'{value}' is not an amount of at most 20 digits") from error


def json_text(value: Any) -> str | None:
    """JSON text of a value; text is kept when it already is JSON, else quoted."""
    if isinstance(value, str):
        try:
            orjson.loads(value)
        except orjson.JSONDecodeError:
            return orjson.dumps(value).decode() if value else None
        return value
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class Clock:
    """Reads times as UTC microseconds and counts those that came without a zone."""

    def __init__(self, zone: tzinfo = UTC) -> None:
        self.zone = zone
        self.without_zone = 0

    def micros(self, value: Any) -> int | None:
        """Microseconds since 1970 of ISO text, a datetime, or a number that already is that."""
        if isinstance(value, int):
            found = value
        else:
            moment = value if isinstance(value, datetime) else _moment(str(value).strip())
            if moment is None:
                return None
            if moment.tzinfo is None:
                self.without_zone += 1
                moment = moment.replace(tzinfo=self.zone)
            found = (moment - EPOCH) // MICROSECOND
        if not 0 <= found <= LONGEST_TIME:
            raise ValueError(f"{value} is not a time between 1970 and 9999")
        return found


def since_epoch(moment: datetime) -> int:
    """Microseconds since 1970 of a naive UTC time, as the tables hold it."""
    return (moment.replace(tzinfo=UTC) - EPOCH) // MICROSECOND


def _moment(words: str) -> datetime | None:
    if not words:
        return None
    try:
        return datetime.fromisoformat(words.removesuffix(" UTC"))
    except ValueError:
        raise ValueError(f"'{words}' is not an ISO 8601 time") from None


PLAIN: dict[str, Callable[[Any], Any]] = {
    "text": text,
    "json": json_text,
    "int": integer,
    "float": number,
    "bool": boolean,
    "date": day,
    "decimal": money,
}


def _word(column: Column) -> Callable[[Any], str | None]:
    words = frozenset(column.words)

    def cast(value: Any) -> str | None:
        word = str(value).strip().lower()
        if word and word not in words:
            raise ValueError(f"'{str(value)[:60]}' is none of {', '.join(column.words)}")
        return word or None

    return cast


def casters(table: str, clock: Clock) -> dict[str, Callable[[Any], Any]]:
    """Column name to the function that reads its value."""
    return {
        c.name: _word(c) if c.words else clock.micros if c.kind == "time" else PLAIN[c.kind]
        for c in TABLES[table].columns
        if c.kind in PLAIN or c.kind == "time"
    }
