"""Declarations people write: what a workflow is, and what it may cost."""

from __future__ import annotations

from ingest.formats import Format
from ingest.workflows import budgets, declaration

FORMATS: tuple[Format, ...] = (declaration, budgets)
