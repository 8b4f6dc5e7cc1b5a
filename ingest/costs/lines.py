"""What cost adapters share: ids that survive a later export, exact money, times, kept facts.

Two exports that tell the same money differently (a total and its parts, a console table and an API)
carry the attribute `telling`: 0, or how many better tellings of that money the source has.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from ingest import casts, hashes
from ingest.formats import Value

NOTHING = (None, "", "NULL", "null", "None")
US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?:[ T](\d{1,2}:\d{2}.*))?")
MAKERS = (
    ("openai", ("gpt", "o1", "o3", "o4", "chatgpt", "codex", "text-embedding-", "dall-e")),
    ("anthropic", ("claude",)),
    ("gemini", ("gemini",)),
    ("deepseek", ("deepseek",)),
    ("xai", ("grok",)),
    ("mistral", ("mistral", "codestral", "devstral", "magistral", "ministral", "pixtral")),
    ("cohere", ("command-",)),
)
LEAST_TELLING = 9
WIDE = Context(prec=200)
CLOCK = casts.Clock()


def line_id(form: str, *facts: Any) -> str:
    """The id of a line by what it is for and not by its amount: a later export replaces it."""
    text = json.dumps([_fact(f) for f in facts], sort_keys=True, default=str)
    return f"{form}:{hashes.sha256(text.encode())}"


def _fact(value: Any) -> Any:
    found = parsed(value)
    if found in NOTHING:
        return None
    return found if isinstance(found, dict | list) else str(found)


class Numbered:
    """The ids of lines that may stand several times in one file: equal ones are numbered."""

    def __init__(self, form: str) -> None:
        self._form, self._seen = form, Counter[str]()

    def __call__(self, *facts: Any) -> str:
        found = line_id(self._form, *facts)
        self._seen[found] += 1
        return found if self._seen[found] == 1 else f"{found}/{self._seen[found]}"


def exact(value: Any) -> Decimal | None:
    """The number a text or a JSON number states, to its last digit; None where it states none."""
    if value is None or isinstance(value, bool):
        return None
    try:
        found = Decimal(repr(value) if isinstance(value, float) else str(value).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def dollars(value: Any, scale: int = 0) -> str | None:
    """An amount as decimal text, the point moved by `scale` places (cents: -2).

    Text that is no number is left to be rejected as it stands.
    """
    if isinstance(value, str):
        value = value.strip().removeprefix("$")
    found = exact(value)
    if found is None:
        return str(value) if isinstance(value, str) and value else None
    return format(WIDE.scaleb(found, Decimal(scale)), "f")


def count(value: Any) -> int:
    """A whole number that may be text or absent; absent is 0."""
    found = exact(value)
    return int(found) if found is not None and 0 <= found < 2**62 else 0


def micros(value: Any, unit: int = 1_000_000) -> Any:
    """Microseconds of a time in seconds since 1970 (`unit` 1000: milliseconds); else as it is."""
    found = exact(value)
    return value if found is None else int((found * unit).to_integral_value())


def instant(value: Any) -> Any:
    """Microseconds of a time in any of its spellings, to compare; what is no time as it is."""
    try:
        return CLOCK.micros(value)
    except (ValueError, TypeError, OverflowError):
        return value


def iso(value: Any) -> Any:
    """ISO text of a month/day/year date, which spreadsheets write; anything else as it is.

    ValueError when there is no such day.
    """
    found = US_DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return value
    month, day, year = (int(found[n]) for n in (1, 2, 3))
    text = date(year + 2000 if year < 100 else year, month, day).isoformat()
    if not found[4]:
        return text
    hour, _, rest = found[4].partition(":")
    return f"{text} {hour:0>2}:{rest}"


def day_after(day: Any) -> Any:
    """The day after an ISO date, where a line covers one day; anything else as it is."""
    with suppress(ValueError, OverflowError):
        return (date.fromisoformat(str(day)[:10]) + timedelta(days=1)).isoformat()
    return day


def kept(prefix: str, value: Value, names: Iterable[str]) -> dict[str, Any]:
    """Facts that have no column of their own, as attributes."""
    found = {n: value.get(n) for n in names}
    return {
        f"{prefix}.{n}": v if isinstance(v, int | float | bool) else str(v)
        for n, v in found.items()
        if v not in NOTHING and not isinstance(v, dict | list)
    }


def told(attributes: dict[str, Any], telling: int) -> dict[str, Any]:
    """The attributes with the rank of this telling of the money, where a better one may exist."""
    return attributes | {"telling": telling} if telling else attributes


def usage_only(attributes: dict[str, Any]) -> dict[str, Any]:
    """The money columns of a line that counts usage and states no money: unknown, never free."""
    facts = told(attributes | {"is_unpriced": True}, LEAST_TELLING)
    return {"amount": "0", "currency": "USD", "measure": "estimated", "attributes": facts}


def parsed(value: Any) -> Any:
    """JSON text of a table as the value an API gives; anything else as it is."""
    if not isinstance(value, str):
        return value
    found = hashes.parse_json(value.strip())
    return value if found is None else found


def mapping(value: Any) -> dict[str, Any]:
    """A map, whether it came as JSON text, an object, or the pairs Parquet gives."""
    found = parsed(value)
    if isinstance(found, list):
        pairs = [p for p in found if isinstance(p, tuple) and len(p) == 2]
        pairs += [(p["key"], p.get("value")) for p in found if isinstance(p, dict) and "key" in p]
        found = {str(k): v for k, v in pairs}
    return {str(k): v for k, v in found.items()} if isinstance(found, dict) else {}


def tag(tags: dict[str, Any], name: str) -> str | None:
    """The tag of that name, whatever its case and prefix (`user:team`, `user_team`, `Team`)."""
    for key, found in tags.items():
        plain = re.split(r"[:/]", key)[-1].lower().removeprefix("user_")
        if plain == name and isinstance(found, str) and found:
            return found
    return None


def maker(model: Any) -> str:
    """Who is paid for a model named as LiteLLM names it: its prefix, else who makes it."""
    name = str(model or "").strip().lower()
    prefix, slash, _ = name.partition("/")
    if slash:
        return prefix
    return next((who for who, starts in MAKERS if name.startswith(starts)), "unknown")


def records(value: Value, *lists: str) -> Iterator[tuple[str, Any]]:
    """The records of an envelope with their places, or the value itself if it is none."""
    for name in lists:
        found = value.get(name)
        if isinstance(found, list):
            yield from ((f"{name}[{number}]", item) for number, item in enumerate(found))
            return
    yield "", value
