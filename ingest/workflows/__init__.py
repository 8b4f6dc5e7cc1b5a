"""Declarations people write: what a workflow is, and what it may cost."""

from __future__ import annotations

from ingest.formats import Format, listed

FORMATS: tuple[Format, ...] = listed(
    __name__,
    """
    budgets
    declaration
    """,
)
