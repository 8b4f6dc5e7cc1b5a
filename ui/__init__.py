"""The only bridge between Streamlit and the queries: frame, filters, cached answers, cards."""

from __future__ import annotations

import gc

from ui.cards import card, fact, kpi, show
from ui.checks import check_list, check_result, pattern_list, trail, verdict_of_check
from ui.choices import choose, choose_one, paged, search
from ui.drill import to_failed_runs
from ui.filters import Filters
from ui.frame import ICON, frame, page, welcome
from ui.links import link, param, params
from ui.loading import last_load, load, load_demo, load_files
from ui.money import budget_words, over, projection, spend_kpi
from ui.patterns import PATTERNS
from ui.payload import recorded
from ui.steps import outcome_badge, step_panel
from ui.store import Answer, budget, fetch, figure, has_store
from ui.tables import download, rows, table
from ui.text import csv, esc
from ui.verdict import scorecard, verdict, workflow_order, worst_first

# Streamlit collects all garbage after every page run; what was imported never becomes garbage.
gc.collect()
gc.freeze()

__all__ = [
    "ICON",
    "PATTERNS",
    "Answer",
    "Filters",
    "budget",
    "budget_words",
    "card",
    "check_list",
    "check_result",
    "choose",
    "choose_one",
    "csv",
    "download",
    "esc",
    "fact",
    "fetch",
    "figure",
    "frame",
    "has_store",
    "kpi",
    "last_load",
    "link",
    "load",
    "load_demo",
    "load_files",
    "outcome_badge",
    "over",
    "page",
    "paged",
    "param",
    "params",
    "pattern_list",
    "projection",
    "recorded",
    "rows",
    "scorecard",
    "search",
    "show",
    "spend_kpi",
    "step_panel",
    "table",
    "to_failed_runs",
    "trail",
    "verdict",
    "verdict_of_check",
    "welcome",
    "workflow_order",
    "worst_first",
]
