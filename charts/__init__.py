"""Figures: one pure function each, a frame in, a Plotly figure out that any theme can ink."""

from __future__ import annotations

from charts.failure import failure_matrix, failure_reasons
from charts.history import check_history
from charts.latency import latency_by_step, latency_daily, latency_distribution
from charts.programme import exposure_dots, exposure_key, stage_funnel
from charts.readiness import gate_bars, requirement_dots
from charts.scorecard import check_matrix, scorecard_matrix, state_weeks
from charts.spend import burn_up, spend_by_model, spend_by_workflow, spend_daily
from charts.success import success_daily, success_matrix
from charts.waterfall import MOST, waterfall

__all__ = [
    "MOST",
    "burn_up",
    "check_history",
    "check_matrix",
    "exposure_dots",
    "exposure_key",
    "failure_matrix",
    "failure_reasons",
    "gate_bars",
    "latency_by_step",
    "latency_daily",
    "latency_distribution",
    "requirement_dots",
    "scorecard_matrix",
    "spend_by_model",
    "spend_by_workflow",
    "spend_daily",
    "stage_funnel",
    "state_weeks",
    "success_daily",
    "success_matrix",
    "waterfall",
]
