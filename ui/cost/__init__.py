"""The money pages: whose money, the four answers, budgets, success, the bill, production."""

from queries import project
from ui.cost.answers import answers, success_kpi, success_of
from ui.cost.bars import budget_list, burn_rates, part_links, split_caption, split_table
from ui.cost.bill import apart, bill_caption, bill_steps, price_list, record_list, unpriced
from ui.cost.budget import budget_caption, budget_options, days, ladder, month_end_kpi
from ui.cost.production import (
    bills,
    days_of,
    driver_list,
    facts_of,
    growth_options,
    projected_kpis,
    prospect_links,
    prospects,
    scenario,
)
from ui.cost.scope import Scope, choose_split, scope, split_of
from ui.cost.unit import lever_list, moved, moved_in_words, per_week, target, unit_kpis, waste

__all__ = [
    "Scope",
    "answers",
    "apart",
    "bill_caption",
    "bill_steps",
    "bills",
    "budget_caption",
    "budget_list",
    "budget_options",
    "burn_rates",
    "choose_split",
    "days",
    "days_of",
    "driver_list",
    "facts_of",
    "growth_options",
    "ladder",
    "lever_list",
    "month_end_kpi",
    "moved",
    "moved_in_words",
    "part_links",
    "per_week",
    "price_list",
    "project",
    "projected_kpis",
    "prospect_links",
    "prospects",
    "record_list",
    "scenario",
    "scope",
    "split_caption",
    "split_of",
    "split_table",
    "success_kpi",
    "success_of",
    "target",
    "unit_kpis",
    "unpriced",
    "waste",
]
