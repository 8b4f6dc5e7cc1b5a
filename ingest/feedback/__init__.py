"""Feedback files: scores, annotations and ratings of people and evaluators."""

from __future__ import annotations

from ingest.feedback import (
    datadog_evals,
    langfuse_scores,
    langsmith_feedback,
    phoenix_annotations,
    table,
)
from ingest.formats import Format

FORMATS: tuple[Format, ...] = (
    langfuse_scores,
    langsmith_feedback,
    *phoenix_annotations.FORMATS,
    datadog_evals,
    *table.FORMATS,
)
