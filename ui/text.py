"""Text from data made safe for the places that read it as Markdown, and for spreadsheets."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

import polars as pl

BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&^=@])")
AMOUNT = re.compile(r"(?<!\\)\$")
FORMULA = r"^[=+\-@\t\r]"


def esc(text: object, limit: int = 200) -> str:
    """Any value as plain words inside Markdown: escaped, on one line, cut to `limit` characters."""
    kept = "".join(
        " " if c in "\n\t" else c
        for c in str(text)
        if c in "\n\t" or (unicodedata.category(c)[0] != "C" and c not in BIDI)
    )
    cut = kept if len(kept) <= limit else kept[: limit - 1] + "…"
    return SPECIAL.sub(r"\\\1", cut)


def dollars(words: str) -> str:
    """Our own words with amounts in them, so that no two dollar signs are read as a formula.

    Text from data that `esc` made safe stays as it is.
    """
    return AMOUNT.sub(r"\\$", words)


def day(when: date | None) -> str:
    """A day in words, as in 3 Nov."""
    return "–" if when is None else f"{when.day} {when:%b}"


def weeks(n: int) -> str:
    """A span of whole weeks in words."""
    return {0: "less than a week", 1: "1 week"}.get(n, f"{n} weeks")


def csv(frame: pl.DataFrame) -> bytes:
    """The frame as CSV that no spreadsheet runs: what looks like a formula gets an apostrophe."""
    texts = pl.col(pl.String)
    guarded = pl.when(texts.str.contains(FORMULA)).then(pl.lit("'") + texts).otherwise(texts)
    return frame.with_columns(guarded.name.keep()).write_csv().encode()
