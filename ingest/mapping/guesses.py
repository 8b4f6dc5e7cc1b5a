"""Which path of a file fills which column, guessed from names and values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from ingest import hashes
from ingest.mapping import names
from ingest.mapping.cells import MONEY, UNCLEAR, Mark, decimal, fold
from ingest.paths import AROUND, Record

Facts = dict[str, list[Any]]
DEEPEST, MOST = 4, 300
LONGEST_WORD, MOST_WORDS = 40, 12
FIRST_S, LAST_S = 946_684_800, 4_102_444_800
EPOCHS = (("epoch_s", 1), ("epoch_ms", 10**3), ("epoch_us", 10**6), ("epoch_ns", 10**9))
TIMES = (
    *("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M"),
    *("%d.%m.%Y", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y", "%d/%b/%Y:%H:%M:%S %z"),
    *("%b %d, %Y", "%d %b %Y", "%Y-%m", "%a %b %d %H:%M:%S %Y"),
)
TIME_COLUMNS = frozenset({"started_at", "ended_at", "created_at", "period_start", "period_end"})
COUNTS = frozenset({"input_tokens", "output_tokens", "cache_read_tokens", "reasoning_tokens"})
DECIMAL_COMMA = re.compile(r",(?!\d{3}(?!\d))\d+\D*$|^\D*0,\d|\.\d{3},\d")
DECIMAL_POINT = re.compile(r",\d{3}\.\d")
MARKS: tuple[Mark, ...] = (None, "point")
NUMERIC = COUNTS | {"duration_ms", "ttft_ms", "cost_usd", "amount", "quantity", "http_status"}


class Guess(NamedTuple):
    """A path for a column, with what more has to be said of it, and what to look at again."""

    path: str
    more: Mapping[str, Any] = MappingProxyType({})
    doubt: str = ""

    @property
    def is_of_list(self) -> bool:
        """Whether only the first of a list is taken."""
        return any(part.isdecimal() for part in self.path.split("."))


def facts(records: Iterable[Record]) -> Facts:
    """Every path of the records with the values that stand there; `/` begins those around them."""
    found: Facts = {}
    for record in records:
        _collect(record.item, "", found, DEEPEST)
        around: Facts = {}
        for outer in record.around:
            if outer is not record.item:
                told: Facts = {}
                _collect(outer, AROUND, told, 2)
                around |= told
        for path, values in around.items():
            found.setdefault(path, []).extend(values)
    return found


def _collect(value: Any, path: str, found: Facts, depth: int) -> None:
    parsed = hashes.parse_json(value) if isinstance(value, str) else value
    if isinstance(parsed, list) and parsed and not path.startswith(AROUND):
        _collect(parsed[0], f"{path}.0", found, depth)
    elif isinstance(parsed, dict) and depth:
        for key, held in parsed.items():
            joint = "" if path in ("", AROUND) else "."
            _collect(held, f"{path}{joint}{key}", found, depth - 1)
    elif path.startswith(AROUND) and isinstance(parsed, dict | list):
        return
    elif value is not None and value != "" and (path in found or len(found) < MOST):
        found.setdefault(path, []).append(value)


def place(table: str, found: Facts, taken: set[str]) -> dict[str, Guess]:
    """A guess for every column of the table that some path's name and values fit."""
    placed: dict[str, Guess] = {}
    for column, wanted in names.NAMES[table].items():
        of_run = column.startswith("run.")
        for path in sorted(_called(wanted, found), key=lambda p: p.startswith(AROUND) != of_run):
            if path in taken and (not of_run or column == "run.outcome"):
                continue
            guess = fit(column.removeprefix("run."), path, found[path])
            if guess is not None:
                doubt = guess.doubt or ("only the first of the list" if guess.is_of_list else "")
                placed[column] = guess._replace(doubt=doubt)
                taken.add(path)
                break
    return placed


def run_path(found: Facts) -> str | None:
    """The path that tells the run a record belongs to."""
    named = [p for p in _called(names.RUN, found) if _is_id(found[p])]
    return next(iter([*named, *(p for p in found if p == "/id")]), None)


def _called(wanted: list[str], found: Facts) -> list[str]:
    """The paths whose last names are one of those wanted, in their order; shallow paths first."""
    order = {name: n for n, name in enumerate(wanted)}
    hits = []
    for path in found:
        parts = [names.plain(p) for p in path.strip(AROUND).split(".") if not p.isdecimal()] or [""]
        for words in (parts[-1], "_".join(parts[-2:])):
            bare = names.unit_in(words)[0]
            if (rank := order.get(words, order.get(bare))) is not None:
                hits.append((rank, len(parts), path))
                break
    return [path for _, _, path in sorted(hits)]


def _is_id(values: list[Any]) -> bool:
    return all(isinstance(v, str | int) and not isinstance(v, bool) for v in values)


def fit(column: str, path: str, values: list[Any]) -> Guess | None:
    """What makes the values fit the column; None where they do not."""
    if column in TIME_COLUMNS:
        more = time_of(values)
        return None if more is None else Guess(path, more)
    if column in names.WORDS:
        return _worded(column, path, values)
    if column in NUMERIC:
        if not all(_number(v) is not None for v in values):
            return None
        return _measured(column, path, values)
    if column.endswith("_id") and not _is_id(values):
        return None
    return Guess(path)


def some_time(found: Facts, placed: Mapping[str, Guess]) -> Guess | None:
    """A path that is nowhere placed and holds times written as text."""
    used = {guess.path for guess in placed.values()}
    for path in (p for p in found if p not in used and placed):
        is_text = all(isinstance(v, str) and _number(v) is None for v in found[path])
        if is_text and (more := time_of(found[path])) is not None:
            return Guess(path, more, "is this the time?")
    return None


def time_of(values: list[Any]) -> dict[str, Any] | None:
    """How the times are written: nothing to say of ISO 8601, a unit, or a format; None if none."""
    numbers = [_number(v) for v in values]
    if all(n is not None for n in numbers):
        for unit, factor in EPOCHS:
            if all(FIRST_S * factor <= (n or 0) <= LAST_S * factor for n in numbers):
                return {"unit": unit}
        return None
    words = [str(v).strip() for v in values]
    if all(_is_iso(w) for w in words):
        return {}
    return next(({"format": f} for f in TIMES if all(_is_time(w, f) for w in words)), None)


def _is_iso(words: str) -> bool:
    try:
        datetime.fromisoformat(words.removesuffix(" UTC"))
    except ValueError:
        return False
    return "-" in words


def _is_time(words: str, form: str) -> bool:
    try:
        datetime.strptime(words, form)  # noqa: DTZ007
    except ValueError:
        return False
    return True


def _worded(column: str, path: str, values: list[Any]) -> Guess | None:
    """The words found, as the column calls them; None where they are no words or none is known."""
    seen = list(dict.fromkeys(str(v).lower() if isinstance(v, bool) else str(v) for v in values))
    known = {w: names.WORDS[column].get(fold(w).replace(" ", "_")) for w in seen}
    if len(seen) > MOST_WORDS or not any(known.values()) or max(map(len, seen)) > LONGEST_WORD:
        return None
    words = {w: meant for w, meant in known.items() if meant}
    strange = [w for w, meant in known.items() if not meant]
    doubt = f"say what {', '.join(strange)} mean" if strange else ""
    rest = {"*": names.ELSE[column]} if column in names.ELSE else {}
    return Guess(path, {"words": words | rest}, doubt)


def _measured(column: str, path: str, values: list[Any]) -> Guess:
    name = names.plain(path.rpartition(".")[2].strip(AROUND))
    if column.endswith("_ms"):
        unit = names.unit_in(name)[1]
        if unit:
            return Guess(path, {} if unit == "ms" else {"unit": unit})
        numbers = [n for v in values if (n := _number(v)) is not None]
        small = any(n % 1 for n in numbers) and max(numbers) < 1_000
        return Guess(path, {"unit": "s" if small else "ms"}, "is this the unit?")
    if column in ("cost_usd", "amount"):
        unit = next((u for u in ("cents", "micros") if u in name or u.rstrip("s") in name), None)
        return Guess(path, {"unit": unit} if unit else {})
    return Guess(path)


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    for mark in MARKS:
        with suppress(ValueError):
            return float(decimal(value, mark))
    return None


def mark_of(values: list[Any]) -> tuple[str, str] | None:
    """The decimal mark that has to be said of numbers in text, and what to look at again."""
    words = [v.strip() for v in values if isinstance(v, str)]
    if any(DECIMAL_COMMA.search(w) for w in words):
        return "comma", ""
    if any(UNCLEAR.fullmatch(w.strip(MONEY)) for w in words):
        is_told = any(DECIMAL_POINT.search(w) for w in words)
        return "point", "" if is_told else "is 1,234 more than a thousand?"
    return None
