"""Names of fields in one spelling."""

from __future__ import annotations

import re
from functools import lru_cache

HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=4_096)
def snake(name: str) -> str:
    """`traceId` as `trace_id`; a name in snake_case stays."""
    return HUMPS.sub("_", name).lower()
