"""The arithmetic of the scorecard: pure functions on arrays, no database, no policy."""

from queries.grading.estimators import ESTIMATORS, Columns
from queries.grading.intervals import COLOURS, Grade, Limits, clean_needed, newcombe, wilson
from queries.grading.projection import Projection, month_end

__all__ = [
    "COLOURS",
    "ESTIMATORS",
    "Columns",
    "Grade",
    "Limits",
    "Projection",
    "clean_needed",
    "month_end",
    "newcombe",
    "wilson",
]
