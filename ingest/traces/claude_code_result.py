"""What `claude -p --output-format json` prints: the closing result of a run, without its steps.

A record is one result: status, tokens and cost (USD) of the run. It holds no times, and its text is
not kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ingest.fields.pages import each
from ingest.fields.scalars import text
from ingest.formats import Read, Sample, Value
from ingest.traces.claude_code.results import named, result_facts

NAME = "claude_code.result"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "documentation"
OBTAIN = "Run `claude -p --output-format json …` and keep what it prints."

OWN = frozenset({"total_cost_usd", "num_turns", "cost_usd"})
"""What other programs that print a `result` leave out."""


def accepts(sample: Sample) -> bool:
    """Whether every value is a result."""
    return (
        sample.container == "json"
        and bool(sample.values)
        and all(
            v.get("type") == "result" and "session_id" in v and not OWN.isdisjoint(v)
            for v in sample.values
        )
    )


def read(values: Iterator[Value]) -> Iterator[Read]:
    """The claim of every run."""
    return each(values, _claims)


def _claims(result: Value, _: str) -> Iterator[Read]:
    run_id = text(result.get("session_id"))
    if run_id is None:
        raise ValueError("it has no session_id.")
    yield {"run_claims": [named(run_id) | result_facts(result)]}
