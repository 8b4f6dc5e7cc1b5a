"""LiteLLM spend summed per day: what GET /spend/logs gives when dates are asked for.

One line a day and model, estimated by the gateway, without request ids; the hashed keys stand among
the fields. Rows of the same day and provider win over it; who is paid is told by the model's name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.costs import lines
from ingest.formats import Ignored, Placed, Read, Sample, Value

NAME = "litellm.spend_summary"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "costs"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "Save GET /spend/logs with start_date and end_date; better, with summarize=false,"
    " which gives the rows."
)

DAY = ("startTime", "spend", "users", "models")
TELLING = 1


def accepts(sample: Sample) -> bool:
    """A day with its spend by user and by model."""
    return sample.has(*DAY) and "request_id" not in sample.columns


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One cost line per day and model; a day without spend has none."""
    for value in values:
        models = value.get("models")
        spent = models if isinstance(models, dict) else {}
        if not spent and lines.exact(value.get("spend")) in (None, 0):
            yield Ignored("no spend on the day")
            continue
        for model, spend in (spent or {"": value.get("spend")}).items():
            yield Placed({"costs": [_line(value, model, spend)]}, f"models.{model}"[:200])


def _line(day: Value, model: str, spend: Any) -> dict[str, Any]:
    start = day.get("startTime")
    return {
        "cost_id": lines.line_id(NAME, start, model),
        "period_start": start,
        "period_end": lines.day_after(start),
        "provider": lines.maker(model),
        "category": "llm",
        "model": model or None,
        "amount": lines.dollars(spend),
        "currency": "USD",
        "measure": "estimated",
        "source": "gateway_log",
        "attributes": lines.told({}, TELLING),
    }
