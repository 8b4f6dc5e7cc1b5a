"""Figures: one pure function each, a frame in, a Plotly figure out that any theme can ink."""

from __future__ import annotations

from charts.failure import failure_matrix, failure_reasons
from charts.latency import latency_by_step, latency_daily, latency_distribution
from charts.scorecard import check_history, scorecard_matrix
from charts.spend import burn_up, spend_by_model, spend_by_workflow, spend_daily
from charts.success import success_daily, success_matrix
from charts.waterfall import MOST, waterfall

__all__ = [
    "MOST",
    "burn_up",
    "check_history",
    "failure_matrix",
    "failure_reasons",
    "latency_by_step",
    "latency_daily",
    "latency_distribution",
    "scorecard_matrix",
    "spend_by_model",
    "spend_by_workflow",
    "spend_daily",
    "success_daily",
    "success_matrix",
    "waterfall",
]
