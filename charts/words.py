"""How amounts, times and shares are written, the same everywhere. Unknown is an en dash."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from datetime import date, datetime

UNKNOWN = "–"


def money(usd: float | None) -> str:
    """US dollars: `$1.78k` from a thousand, cents below a hundred, three digits below a dollar."""
    if usd is None:
        return UNKNOWN
    sign, size = ("-" if usd < 0 else ""), abs(usd)
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if size >= limit * 0.9995:
            return f"{sign}${size / limit:.2f}{unit}"
    if size >= 100:
        return f"{sign}${size:,.0f}"
    if size >= 1 or size == 0:
        return f"{sign}${size:.2f}"
    return f"{sign}${size:.3f}" if size >= 0.01 else f"{sign}${size:.2g}"


def duration(ms: float | None) -> str:
    """Milliseconds below one second, then seconds, minutes, hours and days with one decimal."""
    if ms is None:
        return UNKNOWN
    if abs(ms) < 999.5:
        return f"{ms:.0f} ms"
    for limit, size, unit in ((120e3, 1e3, "s"), (7200e3, 60e3, "min"), (172800e3, 3600e3, "h")):
        if abs(ms) < limit:
            return f"{ms / size:.1f} {unit}"
    return f"{ms / 86400e3:.1f} d"


def percent(share: float | None) -> str:
    """A share of 0..1 as per cent with one decimal."""
    return UNKNOWN if share is None else f"{share:.1%}"


def points(difference: float | None) -> str:
    """The difference of two shares in percentage points."""
    return UNKNOWN if difference is None else f"{difference * 100:+.1f} pt"


def change(write: Callable[[float | None], str]) -> Callable[[float | None], str]:
    """Writes a difference the way a value is written, with its sign."""
    return lambda d: UNKNOWN if d is None else ("-" if d < 0 else "+") + write(abs(d))


def relative(before: float | None) -> Callable[[float | None], str]:
    """Writes a difference as a share of what was before."""
    return lambda d: UNKNOWN if d is None or not before else f"{d / before:+.1%}"


def interval(lo: float | None, hi: float | None) -> str:
    """The two ends of a share's interval."""
    if lo is None or hi is None:
        return UNKNOWN
    return f"{lo * 100:.1f}–{hi * 100:.1f}%"


def count(n: float | None) -> str:
    """A whole number; in thousands from ten thousand, in millions from one million."""
    if n is None:
        return UNKNOWN
    for limit, size, places, unit in ((999_500, 1e6, 1, "M"), (99_950, 1e3, 0, "k")):
        if abs(n) >= limit:
            return f"{n / size:.{places}f}{unit}"
    return f"{n / 1e3:.1f}k" if abs(n) >= 10_000 else f"{n:,.0f}"


def day(moment: date | None) -> str:
    """A day without its year."""
    return UNKNOWN if moment is None else f"{moment.day} {moment:%b}"


def moment(at: datetime | None) -> str:
    """A time in UTC, saying so."""
    return UNKNOWN if at is None else f"{at.day} {at:%b %Y, %H:%M} UTC"


def clean(text: object, limit: int = 60) -> str:
    """Text from data for a figure: no markup, no control or direction signs, cut to `limit`."""
    kept = "".join(c for c in str(text) if c.isprintable() and c not in "<>&" and c not in BIDI)
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def wrapped(text: str, width: int = 60) -> str:
    """Text of a hover box on lines of at most `width` characters."""
    return "<br>".join(textwrap.wrap(text, width))


BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
