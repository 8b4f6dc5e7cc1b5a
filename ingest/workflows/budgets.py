"""Budgets of the programme, of teams and of tags: `budgets.yaml`, a list under `budgets`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import ValidationError

from ingest.formats import Ignored, Read, Sample, Value
from ingest.workflows import faults
from ingest.workflows.document import Scope

NAME = "budgets.yaml"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "budgets"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "Write budgets.yaml: a list `budgets` of scope_kind, scope, period, amount and currency."


def accepts(sample: Sample) -> bool:
    """YAML with a list of budgets, or with one budget per document."""
    return sample.container == "yaml" and (
        sample.has("budgets") or sample.has("scope_kind", "amount")
    )


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One row per budget; one that cannot be read is a reject, and the others load."""
    for value in values:
        document = faults.plain(value)
        if "budgets" not in document:
            yield _record(document, (), value)
            continue
        for key in document.keys() - {"budgets"}:
            words = f'unknown key "{key}". {faults.nearest(key, ["budgets"])}'
            yield faults.reject([faults.fault(value, (key,), words)])
        listed = document["budgets"]
        if not isinstance(listed, list):
            words = "budgets should be a list. Begin every budget with `- scope_kind:`."
            yield faults.reject([faults.fault(value, ("budgets",), words)])
        elif not listed:
            yield Ignored("empty list")
        else:
            for number, found in enumerate(listed):
                yield _record(found, ("budgets", number), value)


def _record(found: Any, place: faults.Place, value: Value) -> Read:
    try:
        scope = Scope.model_validate(found)
    except ValidationError as error:
        return faults.reject(faults.of(error, value, Scope, place))
    return {"budgets": [scope.model_dump() | {"amount": str(scope.amount)}]}
