"""Cost files: invoices, usage reports, gateway logs and the logs of clients."""

from __future__ import annotations

from ingest.formats import Format, listed

FORMATS: tuple[Format, ...] = listed(
    __name__,
    """
    aider
    anthropic.analytics
    anthropic.claude_code
    anthropic.console_cost
    anthropic.cost_report
    anthropic.usage_report
    aws
    azure
    cursor
    focus
    gcp
    litellm
    litellm_payload
    litellm_prices
    litellm_summary
    openai.costs
    openai.usage
    openrouter_activity
    openrouter_generations
    """,
)
