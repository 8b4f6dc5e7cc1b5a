"""The smallest rows on which each check has the value the design works out by hand.

One module a pattern, each with its `WORKED` cases: check, rows, as_of, value, interval, state.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

MODULES = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem[0] != "_")
WORKED: list[tuple[Any, ...]] = [
    case for name in MODULES for case in getattr(import_module(f"{__name__}.{name}"), "WORKED", ())
]
