"""Named questions on the store, the scorecard, and the month's projection."""

from queries.axis import Axis, axis
from queries.catalog import Query, QueryError, catalog
from queries.check_movement import moved_checks
from queries.engine import connect, current, run
from queries.gates import VERDICTS, Gate, demotions, gates
from queries.grading import Crossing
from queries.instrumentation import instrumentation
from queries.money.bill import Bill, bill
from queries.money.budgets import Outlook, Rung, outlook, outlooks
from queries.money.moves.spend import Moves, moves
from queries.money.production.pilot import Facts, Segment, facts
from queries.money.production.projection import project
from queries.money.production.scenario import Projected, Scenario
from queries.money.success import Each, Lever, Success, levers, success, success_over
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
    "Bill",
    "Check",
    "Crossing",
    "Each",
    "Facts",
    "Gate",
    "Lever",
    "Movement",
    "Moves",
    "Outlook",
    "Pattern",
    "Programme",
    "Projected",
    "Query",
    "QueryError",
    "Requirement",
    "Rung",
    "Scenario",
    "Segment",
    "Streak",
    "Success",
    "about",
    "axis",
    "bill",
    "catalog",
    "checks",
    "connect",
    "current",
    "demotions",
    "effect",
    "evaluate",
    "facts",
    "fix",
    "gates",
    "instrumentation",
    "lacking",
    "levers",
    "matrix",
    "moved_checks",
    "movement",
    "moves",
    "nested",
    "outlook",
    "outlooks",
    "patterns",
    "programme",
    "project",
    "roll_up",
    "run",
    "standing",
    "streak",
    "success",
    "success_over",
    "told",
]
