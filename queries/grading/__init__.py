"""The arithmetic of the scorecard: pure functions on arrays, no database, no policy."""

from queries.grading.estimators import ESTIMATORS, Columns
from queries.grading.intervals import COLOURS, Grade, Limits, clean_needed, newcombe, wilson
from queries.grading.projection import Backtest, Crossing, Projection, backtest, crossing, month_end
from queries.grading.ratio import studentised

__all__ = [
    "COLOURS",
    "ESTIMATORS",
    "Backtest",
    "Columns",
    "Crossing",
    "Grade",
    "Limits",
    "Projection",
    "backtest",
    "clean_needed",
    "crossing",
    "month_end",
    "newcombe",
    "studentised",
    "wilson",
]
