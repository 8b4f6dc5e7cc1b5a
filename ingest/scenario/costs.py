"""What the runs cost, as a gateway logs it and as providers invoice it, and what was budgeted."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ingest.scenario.calendar import DAY_US, EPOCH, Period
from ingest.scenario.files import iso, save_lines, save_table
from ingest.scenario.flows import FLOWS
from ingest.scenario.runs import Chance, Run, Span, digest, prices
from ingest.scenario.world import DAYS, Flow, Model

LOGGED = {
    "call_type": "acompletion",
    "cache_hit": "None",
    "cache_key": "Cache OFF",
    "messages": {},
    "response": {},
    "proxy_server_request": {},
}
CHARGED = {
    "BillingAccountId": "0004711",
    "BillingAccountName": "Operations programme",
    "BillingAccountType": "Organization",
    "BillingCurrency": "USD",
    "ChargeCategory": "Usage",
    "ChargeClass": "",
    "ChargeFrequency": "Usage-Based",
    "ConsumedQuantity": 24,
    "ConsumedUnit": "Hours",
    "PricingCategory": "Standard",
    "PricingQuantity": 24,
    "PricingUnit": "Hours",
    "SubAccountId": "agents",
    "SubAccountName": "Agents",
    "Tags": "{}",
}
METERS = ("Input Tokens", "Cached Input Tokens", "Output Tokens")
HOSTING = (("Vector database", "Databases", 3.1), ("Agent hosting", "Compute", 5.2))
HOST = "Northstar Cloud"
MONTHLY_CREDIT_USD = -30.0
FIXED_MONTHLY_USD = 5
REVIEW = {"minutes": 3, "rate_usd": 40, "share": 0.02}


class Spend(NamedTuple):
    """Model cost per workflow and day, and what to budget: US dollars a month."""

    traced_usd: dict[tuple[str, dt.date], float]
    budgets: dict[str, int]


def write(folder: Path, runs: list[Run], period: Period, chance: Chance) -> Spend:
    """Write gateway log and invoices of every month touched."""
    calls = [(run, span) for run in runs for span in run.spans if span.kind == "llm"]
    log = (_logged(run, span) for run, span in calls if run.plan.flow.gateway)
    ordered = sorted(log, key=lambda row: (row["startTime"], row["request_id"]))
    save_lines(folder / "costs" / "litellm_spend_logs.jsonl.gz", ordered)
    charges = list(_charges(calls, period, chance))
    columns = sorted({name for row in charges for name in row})
    for month in sorted({row["BillingPeriodStart"][:7] for row in charges}):
        rows = [row for row in charges if row["BillingPeriodStart"].startswith(month)]
        save_table(folder / "costs" / f"focus_{month}.csv.gz", rows, columns)
    traced: dict[tuple[str, dt.date], float] = defaultdict(float)
    for run, span in calls:
        traced[run.plan.flow.name, day_of(span.start)] += span.cost_usd
    return Spend(traced, _budgets(traced, period))


def day_of(moment: int) -> dt.date:
    """The UTC day of a time."""
    return EPOCH + dt.timedelta(moment // DAY_US)


def _logged(run: Run, span: Span) -> dict[str, Any]:
    flow, model = run.plan.flow, run.plan.flow.model
    given, cached, made = span.tokens
    counts = {"prompt_tokens": given, "completion_tokens": made, "total_tokens": given + made}
    usage = counts | {"prompt_tokens_details": {"cached_tokens": cached}}
    return (
        LOGGED
        | counts
        | {
            "request_id": span.response_id or f"failed_{span.span_id}",
            "api_key": digest(f"key {flow.team}"),
            "startTime": iso(span.start),
            "endTime": iso(span.end),
            "completionStartTime": iso(span.end),
            "model": model.name,
            "team_id": flow.team,
            "metadata": {"user_api_key_alias": f"{flow.team}-key", "usage_object": usage},
            "spend": span.cost_usd,
            "request_tags": [flow.name],
            "model_group": model.name,
            "custom_llm_provider": model.provider,
            "session_id": run.session,
            "request_duration_ms": (span.end - span.start) // 1000,
            "status": "failure" if span.error else "success",
            "litellm_call_id": span.span_id,
        }
    )


def _charges(
    calls: list[tuple[Run, Span]], period: Period, chance: Chance
) -> Iterator[dict[str, Any]]:
    """Model lines of closed months, hosting lines of every day, one credit a closed month."""
    used: dict[tuple[dt.date, Model], list[int]] = defaultdict(lambda: [0, 0, 0])
    for _, span in calls:
        if span.model:
            totals = used[day_of(span.start), span.model]
            for i, n in enumerate((span.tokens[0] - span.tokens[1], *span.tokens[1:])):
                totals[i] += n
    surplus: dict[tuple[str, int], float] = {}
    for (day, model), totals in sorted(used.items()):
        if _is_closed(day, period.end):
            key = (model.provider, day.month)
            share = surplus.setdefault(key, chance.rng.uniform(1.02, 1.04))
            yield from _model_charges(day, model, totals, share)
    for back in range((period.end - period.first).days, -1, -1):
        day = period.end - dt.timedelta(back)
        for name, kind, usd in HOSTING:
            yield _charge(day, usd * chance.rng.uniform(0.97, 1.03), HOST, name, kind)
        if _is_closed(day, period.end) and (day + dt.timedelta(1)).day == 1:
            credit = _charge(day, MONTHLY_CREDIT_USD, HOST, "Startup credit", "Other")
            yield credit | {"ChargeCategory": "Credit", "ChargeFrequency": "One-Time"}


def _is_closed(day: dt.date, end: dt.date) -> bool:
    return (day.year, day.month) < (end.year, end.month)


def _model_charges(
    day: dt.date, model: Model, totals: list[int], share: float
) -> Iterator[dict[str, Any]]:
    uncached, cached, made = totals
    costs = prices(model, (uncached + cached, cached, made))
    rates = (model.input_usd, model.cached_usd, model.output_usd)
    for meter, tokens, usd, rate in zip(METERS, totals, costs, rates, strict=True):
        if not tokens:
            continue
        about = f"{model.name} {meter.lower()}"
        row = _charge(day, usd * share, model.issuer, about, "AI and Machine Learning")
        quantity = round(tokens * share)
        yield row | {
            "ConsumedQuantity": quantity,
            "ConsumedUnit": "Tokens",
            "ListUnitPrice": rate,
            "ContractedUnitPrice": rate,
            "PricingQuantity": quantity / 1e6,
            "PricingUnit": "1000000 Tokens",
            "ServiceName": f"{model.issuer} API",
            "ServiceSubcategory": "Generative AI",
            "SkuId": model.name,
            "SkuMeter": meter,
            "SkuPriceId": f"{model.name} {meter}",
            "x_Model": model.name,
        }


def _charge(day: dt.date, usd: float, issuer: str, about: str, kind: str) -> dict[str, Any]:
    start = day.replace(day=1)
    ends = (start + dt.timedelta(32)).replace(day=1)
    return (
        CHARGED
        | dict.fromkeys(
            ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"), f"{usd:.10f}"
        )
        | dict.fromkeys(("InvoiceIssuerName", "ProviderName", "PublisherName"), issuer)
        | {
            "BillingPeriodStart": f"{start}T00:00:00Z",
            "BillingPeriodEnd": f"{ends}T00:00:00Z",
            "ChargeDescription": about,
            "ChargePeriodStart": f"{day}T00:00:00Z",
            "ChargePeriodEnd": f"{day + dt.timedelta(1)}T00:00:00Z",
            "ServiceCategory": kind,
            "ServiceName": about,
        }
    )


def _budgets(traced: dict[tuple[str, dt.date], float], period: Period) -> dict[str, int]:
    """Monthly budgets, from what each workflow is on course to spend."""
    course = {flow.name: _course(flow, traced, period) for flow in FLOWS}
    found = {}
    for flow in FLOWS:
        asked = course[flow.name] / flow.over_budget
        if flow.over_budget < 1:
            asked = max(asked, 1.2 * _at_volume(flow, course[flow.name]))
        found[flow.name] = max(round(asked / 5) * 5, 1)
    hosting = sum(usd for _, _, usd in HOSTING) * 30.5
    found["programme"] = round((sum(course.values()) + hosting) * 1.4 / 50) * 50
    for team in sorted({flow.team for flow in FLOWS}):
        found[f"team {team}"] = sum(found[f.name] for f in FLOWS if f.team == team)
    return found


def _at_volume(flow: Flow, course_usd: float) -> float:
    """A month at the declared volume: runs, their review, and ten times what is fixed."""
    month = flow.runs / DAYS * 30
    review_usd = REVIEW["minutes"] / 60 * REVIEW["rate_usd"] * REVIEW["share"]
    return flow.monthly_volume * (course_usd / month + review_usd) + 10 * FIXED_MONTHLY_USD


def _course(flow: Flow, traced: dict[tuple[str, dt.date], float], period: Period) -> float:
    """Spent this month, and the mean of the last 28 days for each day left."""
    end = period.end
    daily = [traced.get((flow.name, end - dt.timedelta(n)), 0.0) for n in range(28)]
    left = ((end.replace(day=1) + dt.timedelta(32)).replace(day=1) - end).days - 1
    spent = sum(
        usd
        for (name, day), usd in traced.items()
        if name == flow.name and (day.year, day.month) == (end.year, end.month)
    )
    return spent + left * sum(daily) / len(daily)
