"""Named questions on the store, the scorecard, and the month's projection."""

from queries.axis import Axis, axis
from queries.catalog import Query, QueryError, catalog
from queries.check_movement import moved_checks
from queries.engine import connect, current, run
from queries.gates import VERDICTS, Gate, demotions, gates
from queries.instrumentation import instrumentation
from queries.month import budget
from queries.movement import Movement, movement
from queries.programme import Programme, programme
from queries.record import nested
from queries.requirements import Requirement
from queries.rollup import effect, matrix, roll_up, standing
from queries.rules import Check, Pattern, checks, patterns
from queries.scorecard import evaluate
from queries.streak import Streak, streak
from queries.wording import about, fix, lacking, told

__all__ = [
    "VERDICTS",
    "Axis",
    "Check",
    "Gate",
    "Movement",
    "Pattern",
    "Programme",
    "Query",
    "QueryError",
    "Requirement",
    "Streak",
    "about",
    "axis",
    "budget",
    "catalog",
    "checks",
    "connect",
    "current",
    "demotions",
    "effect",
    "evaluate",
    "fix",
    "gates",
    "instrumentation",
    "lacking",
    "matrix",
    "moved_checks",
    "movement",
    "nested",
    "patterns",
    "programme",
    "roll_up",
    "run",
    "standing",
    "streak",
    "told",
]
