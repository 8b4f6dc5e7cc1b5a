"""Cost files: invoices, usage reports, gateway logs and the logs of clients."""

from __future__ import annotations

from ingest.costs import (
    aider,
    aws,
    azure,
    cursor,
    focus,
    gcp,
    litellm,
    litellm_payload,
    litellm_summary,
    openrouter_activity,
    openrouter_generations,
)
from ingest.costs.anthropic import (
    analytics,
    claude_code,
    console_cost,
    cost_report,
    usage_report,
)
from ingest.costs.openai import costs as openai_costs
from ingest.costs.openai import usage as openai_usage
from ingest.formats import Format

FORMATS: tuple[Format, ...] = (
    *(litellm, litellm_payload, litellm_summary, aider, cursor),
    *(openrouter_activity, openrouter_generations, openai_costs, openai_usage),
    *(cost_report, usage_report, console_cost, analytics, claude_code),
    *(focus, aws, azure, gcp),
)
