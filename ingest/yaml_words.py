"""Texts from data as YAML takes them: quoted where needed, on one line, never interpreted."""

from __future__ import annotations

import json
import re
from typing import Any

PLAIN = re.compile(r"[A-Za-z/_][\w ./$-]*(?<! )")
RESERVED = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"})
SHOWN = 60


def word(value: Any) -> str:
    """A text as YAML reads it back as the same text."""
    words = str(value)
    if PLAIN.fullmatch(words) and words.lower() not in RESERVED:
        return words
    return printable(json.dumps(words, ensure_ascii=False))


def example(value: Any) -> str:
    """A value for a comment, cut where it is long."""
    words = printable(json.dumps(value, ensure_ascii=False, default=str))
    return words if len(words) <= SHOWN else f"{words[: SHOWN - 1]}…"


def printable(words: str) -> str:
    """The text without characters that YAML does not take; they are escaped."""
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in words)
