"""The listings Inspect AI keeps beside its logs: read, and holding no record of their own.

`eval-set.json` names the tasks of an evaluation set, `logs.json` repeats the header of every log.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ingest.formats import Read, Sample, Value

NAME = "inspect.index"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "Inspect AI writes it beside the logs of an evaluation set; the logs themselves are loaded."
)

HEADER = frozenset({"eval", "status", "version"})


def accepts(sample: Sample) -> bool:
    """Whether the value names the tasks of an evaluation set, or holds headers by file name."""
    if sample.container != "json" or len(sample.values) != 1:
        return False
    value = sample.values[0]
    if "eval_set_id" in value:
        return isinstance(value.get("tasks"), list)
    return bool(value) and all(_is_header(held) for held in value.values())


def _is_header(held: object) -> bool:
    if not isinstance(held, dict) or not held.keys() >= HEADER or "samples" in held:
        return False
    return isinstance(held["eval"], dict) and {"task", "model"} <= held["eval"].keys()


def read(values: Iterator[Value]) -> Iterator[Read]:
    """Nothing: every sample stands in a log of its own."""
    for _ in values:
        yield from ()
