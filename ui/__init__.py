"""The only bridge between Streamlit and the queries: frame, filters, cached answers, cards."""

from __future__ import annotations

import gc

from ui import cost
from ui.cards import card, fact, kpi, show
from ui.changes import what_changed
from ui.check_card import beside, check_result, evidence, history, title_of, verdict_of_check
from ui.checks import across, check_list, pattern_across, pattern_links, pattern_list, trail, weeks
from ui.choices import choose, choose_one, paged, search
from ui.drill import to_check, to_failed_runs, to_pattern
from ui.fields import next_fields
from ui.filters import Filters
from ui.frame import ICON, frame, page, welcome
from ui.links import link, param, params
from ui.loading import last_load, load, load_demo, load_files
from ui.payload import recorded
from ui.programme import (
    common_causes,
    programme,
    programme_in_words,
    standing_list,
    to_pattern_everywhere,
)
from ui.readiness import (
    gate_counts,
    gate_download,
    gate_group,
    gate_lines,
    gate_list,
    gate_verdict,
    next_gate,
    next_gates,
    signoffs,
    waivers,
)
from ui.states import PATTERNS, legend
from ui.steps import outcome_badge, step_panel
from ui.store import Answer, computed, fetch, figure, gates, has_store
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
    "across",
    "beside",
    "card",
    "check_list",
    "check_result",
    "choose",
    "choose_one",
    "common_causes",
    "computed",
    "cost",
    "csv",
    "download",
    "esc",
    "evidence",
    "fact",
    "fetch",
    "figure",
    "frame",
    "gate_counts",
    "gate_download",
    "gate_group",
    "gate_lines",
    "gate_list",
    "gate_verdict",
    "gates",
    "has_store",
    "history",
    "kpi",
    "last_load",
    "legend",
    "link",
    "load",
    "load_demo",
    "load_files",
    "next_fields",
    "next_gate",
    "next_gates",
    "outcome_badge",
    "page",
    "paged",
    "param",
    "params",
    "pattern_across",
    "pattern_links",
    "pattern_list",
    "programme",
    "programme_in_words",
    "recorded",
    "rows",
    "scorecard",
    "search",
    "show",
    "signoffs",
    "standing_list",
    "step_panel",
    "table",
    "title_of",
    "to_check",
    "to_failed_runs",
    "to_pattern",
    "to_pattern_everywhere",
    "trail",
    "verdict",
    "verdict_of_check",
    "waivers",
    "weeks",
    "welcome",
    "what_changed",
    "workflow_order",
    "worst_first",
]
