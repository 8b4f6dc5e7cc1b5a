"""Feedback files: scores, annotations and ratings of people and evaluators."""

from __future__ import annotations

from ingest.feedback import langfuse_scores, table
from ingest.formats import Format

FORMATS: tuple[Format, ...] = (langfuse_scores, *table.FORMATS)
