"""Named questions on the store, the scorecard, and the month's projection."""

from queries.catalog import Query, QueryError, catalog
from queries.engine import connect, current, run
from queries.month import budget
from queries.rollup import matrix, nested, roll_up
from queries.rules import Check, Pattern, checks, patterns
from queries.scorecard import evaluate
from queries.wording import about, fix

__all__ = [
    "Check",
    "Pattern",
    "Query",
    "QueryError",
    "about",
    "budget",
    "catalog",
    "checks",
    "connect",
    "current",
    "evaluate",
    "fix",
    "matrix",
    "nested",
    "patterns",
    "roll_up",
    "run",
]
