"""Figures: one pure function each, a frame in, a Plotly figure out that any theme can ink."""

from __future__ import annotations

from charts.budget import budget_bars, burn_rates, burn_up
from charts.failure import failure_matrix, failure_reasons
from charts.history import check_history
from charts.latency import latency_by_step, latency_daily, latency_distribution
from charts.production import production_cost, prospects, scaling_curve
from charts.programme import exposure_dots, exposure_key, stage_funnel
from charts.readiness import gate_bars, requirement_dots
from charts.scorecard import check_matrix, scorecard_matrix, state_weeks
from charts.spend import spend_by, spend_daily, waste
from charts.success import success_daily, success_matrix
from charts.unit_cost import cost_per_success, money_steps
from charts.waterfall import MOST, waterfall

__all__ = [
    "MOST",
    "budget_bars",
    "burn_rates",
    "burn_up",
    "check_history",
    "check_matrix",
    "cost_per_success",
    "exposure_dots",
    "exposure_key",
    "failure_matrix",
    "failure_reasons",
    "gate_bars",
    "latency_by_step",
    "latency_daily",
    "latency_distribution",
    "money_steps",
    "production_cost",
    "prospects",
    "requirement_dots",
    "scaling_curve",
    "scorecard_matrix",
    "spend_by",
    "spend_daily",
    "stage_funnel",
    "state_weeks",
    "success_daily",
    "success_matrix",
    "waste",
    "waterfall",
]
