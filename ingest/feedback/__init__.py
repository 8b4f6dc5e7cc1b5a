"""Feedback files: scores, annotations and ratings of people and evaluators."""

from __future__ import annotations

from ingest.formats import Format, listed

FORMATS: tuple[Format, ...] = listed(
    __name__,
    """
    datadog_evals
    langfuse_scores
    langsmith_feedback
    phoenix_annotations
    table
    """,
)
