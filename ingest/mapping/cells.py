"""From what a record holds to the value of a column: units, scales, words, hashes."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from ingest import hashes
from ingest.mapping.document import Cell
from ingest.mapping.paths import Record
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
GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+")
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


def value_of(cell: Cell, column: Column, record: Record) -> Any:
    """The value of the column, None where it is unknown; ValueError says what is wrong with it."""
    if cell.path is None:
        return cell.value
    found = record.at(cell.path)
    if found is None or found == "":
        return None
    if cell.words:
        found = _worded(cell, found)
    if column.kind == "time":
        return _time(cell, found)
    if column.kind in NUMBERS:
        return _number(cell, column, found)
    if column.name in PERSONAL:
        return found if HASH.fullmatch(str(found)) else hashes.sha256(str(found).encode())
    if column.kind == "text" and isinstance(found, bool | dict | list):
        return orjson.dumps(found, default=str).decode()
    return found


def _worded(cell: Cell, found: Any) -> Any:
    words = {fold(name): meant for name, meant in cell.words.items()}
    return words.get(fold(found), words.get(ANY, found))


def _time(cell: Cell, found: Any) -> Any:
    """Microseconds since 1970, or text and datetimes for the loader to read."""
    if cell.format:
        return datetime.strptime(str(found).strip(), cell.format)  # noqa: DTZ007
    if isinstance(found, bool):
        raise ValueError(f"'{found}' is not a time")
    if cell.unit:
        return int(_decimal(found) * EPOCH[cell.unit])
    if isinstance(found, int | float):
        raise ValueError(f"{found} is a number; say its unit, such as `unit: epoch_ms`")
    return found


def _number(cell: Cell, column: Column, found: Any) -> Any:
    if isinstance(found, str) and column.kind == "int" and GROUPED.fullmatch(found.strip()):
        found = found.replace(",", "")
    number = found if isinstance(found, bool | int) else _decimal(found)
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


def _decimal(found: Any) -> Decimal:
    """An exact number, also written as text with a dollar sign or a decimal comma."""
    if isinstance(found, bool):
        return Decimal(found)
    words = (repr(found) if isinstance(found, float) else str(found)).strip().lstrip("$").strip()
    dot, comma = words.rfind("."), words.rfind(",")
    if comma > dot:
        words = words.replace(".", "").replace(",", ".")
    elif comma >= 0:
        words = words.replace(",", "")
    try:
        number = Decimal(words)
    except InvalidOperation:
        raise ValueError(f"'{str(found)[:60]}' is not a number") from None
    if not number.is_finite() or number.adjusted() > LARGEST_EXPONENT:
        raise ValueError(f"'{words[:60]}' is not a finite number")
    return number
