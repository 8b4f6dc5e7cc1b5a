"""From what a record holds to the value of a column: units, scales, words, hashes."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

import orjson

from ingest import hashes
from ingest.mapping.document import Cell
from ingest.paths import Record
from ingest.schema import Column

MILLISECONDS = {
    "s": Decimal(1_000),
    "ms": Decimal(1),
    "us": Decimal("1e-3"),
    "ns": Decimal("1e-6"),
    "min": Decimal(60_000),
    "h": Decimal(3_600_000),
}
MICROSECONDS = {name: MILLISECONDS[name] * 1_000 for name in ("s", "ms", "us", "ns")}
EPOCH = {f"epoch_{name}": factor for name, factor in MICROSECONDS.items()} | MICROSECONDS
AMOUNTS = {
    "cents": Decimal("0.01"),
    "micros": Decimal("1e-6"),
    "thousands": Decimal(1_000),
    "percent": Decimal("0.01"),
}
NUMBERS = frozenset({"int", "float", "decimal"})
PERSONAL = frozenset({"user_hash", "author_hash", "decider_hash", "key_hash"})
HASH = re.compile("[0-9a-f]{64}")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+")
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
SWAPPED = str.maketrans(".,", ",.")
UNCLEAR = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
SPACED = re.compile(r"(?<=\d)[ '’\u00a0\u202f](?=\d{3})")
MONEY = "$€£¥ \u00a0\u202f"
Mark = Literal["point", "comma"] | None
YES_NO = {"on": "true", "yes": "true", "off": "false", "no": "false"}
ANY = "*"
LARGEST_EXPONENT = 308


def units(column: Column) -> dict[str, Decimal]:
    """The units a column can be given in, with the factor to its own."""
    if column.kind == "time":
        return EPOCH
    if column.name.endswith("_ms"):
        return MILLISECONDS
    return AMOUNTS if column.kind in NUMBERS else {}


def fold(word: Any) -> str:
    """A word as words are compared; YAML takes yes, on and true for the same."""
    found = str(word).strip().lower()
    return YES_NO.get(found, found)


def value_of(cell: Cell, column: Column, record: Record, mark: Mark = None) -> Any:
    """The value of the column, None where it is unknown; ValueError says what is wrong with it.

    `mark` is the decimal mark of numbers written as text, None where each shows its own.
    """
    if cell.path is None:
        return cell.value
    found = record.at(cell.path)
    if found is None or found == "":
        return None
    if cell.words:
        found = _worded(cell, found)
    if column.kind == "time":
        return _time(cell, found, mark)
    if column.kind in NUMBERS:
        return _number(cell, column, found, mark)
    if column.name in PERSONAL:
        return found if HASH.fullmatch(str(found)) else hashes.sha256(str(found).encode())
    if column.kind == "text" and isinstance(found, bool | dict | list):
        return orjson.dumps(found, default=str).decode()
    return found


def _worded(cell: Cell, found: Any) -> Any:
    words = {fold(name): meant for name, meant in cell.words.items()}
    return words.get(fold(found), words.get(ANY, found))


def _time(cell: Cell, found: Any, mark: Mark) -> Any:
    """Microseconds since 1970, or text and datetimes for the loader to read."""
    if cell.format:
        return datetime.strptime(str(found).strip(), cell.format)  # noqa: DTZ007
    if isinstance(found, bool):
        raise ValueError(f"'{found}' is not a time")
    if cell.unit:
        return int(decimal(found, mark) * EPOCH[cell.unit])
    if isinstance(found, int | float):
        raise ValueError(f"{found} is a number; say its unit, such as `unit: epoch_ms`")
    return found


def _number(cell: Cell, column: Column, found: Any, mark: Mark) -> Any:
    if column.kind == "int" and THOUSANDS.fullmatch(str(found).strip()):
        mark = mark or "point"
    number = found if isinstance(found, bool | int) else decimal(found, mark)
    if cell.unit:
        number = number * units(column)[cell.unit]
    if cell.scale:
        low, high = (Decimal(repr(end)) for end in cell.scale)
        share = (Decimal(number) - low) / (high - low)
        if not 0 <= share <= 1:
            worst, best = cell.scale
            raise ValueError(f"{found} is outside the scale {worst:g} to {best:g}")
        return float(share)
    return number


def decimal(found: Any, mark: Mark = None) -> Decimal:
    """An exact number, also of text with a sign of money, a decimal comma or grouped digits."""
    if isinstance(found, bool):
        return Decimal(found)
    words = repr(found) if isinstance(found, float) else str(found)
    if isinstance(found, str):
        words = SPACED.sub("", words.strip().strip(MONEY))
        words = _pointed(words, mark or _mark(words))
    try:
        number = Decimal(words)
    except InvalidOperation:
        raise ValueError(f"'{str(found)[:60]}' is not a number") from None
    if not number.is_finite() or number.adjusted() > LARGEST_EXPONENT:
        raise ValueError(f"'{words[:60]}' is not a finite number")
    return number


def _pointed(words: str, mark: Mark) -> str:
    """The number with a decimal point and without the marks between its thousands."""
    if mark == "comma":
        words = words.translate(SWAPPED)
    return words.replace(",", "") if GROUPED.fullmatch(words) else words


def _mark(words: str) -> Mark:
    """The decimal mark a number shows: the last of both; one that stands twice groups digits."""
    dots, commas = words.count("."), words.count(",")
    if dots and commas:
        return "comma" if words.rfind(",") > words.rfind(".") else "point"
    if UNCLEAR.fullmatch(words):
        raise ValueError(f"'{words}' can be read in two ways; say `decimal: comma` or `point`")
    return "comma" if dots > 1 or commas == 1 else "point"
