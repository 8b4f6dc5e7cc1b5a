"""The summary tau2 writes beside its runs: read, and holding no record of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ingest.formats import Read, Sample, Value

NAME = "tau2.index"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "tau2-bench writes it beside the runs of `tau2 run`; the runs themselves are loaded."


def accepts(sample: Sample) -> bool:
    """Whether the value lists tasks with their rewards, or runs that are files of their own."""
    if sample.container != "json" or not sample.has("tasks"):
        return False
    if sample.has("run_timestamp"):
        return sample.under("tasks").has("task_id", "reward")
    return sample.has("simulation_index") and not sample.has("simulations")


def read(values: Iterator[Value]) -> Iterator[Read]:
    """Nothing: every run stands in a file of its own."""
    for _ in values:
        yield from ()
