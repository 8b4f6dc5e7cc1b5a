"""What a meter counts, from the words of a provider: the class of token, and how many."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from ingest.costs.lines import exact

CLASSES = (
    ("input", r"uncached|(?:no|non)[ _-]?cache"),
    ("cache_write", r"cache[ _.-]?(?:\w+[ _.-])?(?:write|creation)|ephemeral_\w+_input"),
    ("cache_read", r"cach(?:e|ing)|cchd|(?<![a-z])cd(?![a-z])"),
    ("output", r"output|outp|completion|(?<![a-z])opt(?![a-z])"),
    ("input", r"input|inp|prompt"),
)
CATEGORIES = {
    "cache_write": "llm_cache",
    "cache_read": "llm_cache",
    "output": "llm_output",
    "input": "llm_input",
}
BLOCK = re.compile(r"(\d[\d,]*)?[ _]?(k|m|b|thousand|million|billion)?(?![a-z])")
SIZES = {
    **dict.fromkeys(("k", "thousand"), 1_000),
    **dict.fromkeys(("m", "million"), 1_000_000),
    **dict.fromkeys(("b", "billion"), 1_000_000_000),
}


def token_class(*texts: Any) -> str | None:
    """cache_write, cache_read, output or input: the class the first text with one speaks of."""
    for text in texts:
        words = str(text or "").lower()
        for name, pattern in CLASSES:
            if re.search(pattern, words):
                return name
    return None


def category(found: str | None, otherwise: str = "llm") -> str:
    """The category of a line whose tokens are of that class."""
    return CATEGORIES.get(found or "", otherwise)


def block(unit: Any) -> int:
    """How many a unit counts at once: 1000 for `1K`, `1K tokens`, `1000 Tokens`, `1000_tokens`."""
    found = BLOCK.match(str(unit or "").strip().lower())
    if found is None:
        return 1
    number = int(found[1].replace(",", "")) if found[1] and len(found[1]) < 15 else 1
    return max(number, 1) * SIZES.get(found[2] or "", 1)


def tokens(found: str | None, quantity: Any, size: int = 1) -> dict[str, int]:
    """Token columns of one line; the input includes what was read from and written to a cache."""
    stated = exact(quantity)
    if found is None or stated is None or not 0 <= stated < 10**15:
        return {}
    number = int((stated * Decimal(size)).to_integral_value())
    if found == "output":
        return {"output_tokens": number}
    columns = {"input_tokens": number}
    return columns if found == "input" else columns | {f"{found}_tokens": number}
