"""Where spans of Datadog stand: in an intake event, in the body of its HTTP API, in a page of its
Export API, or alone."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.fields.objects import as_object
from ingest.fields.pages import Found, listed
from ingest.fields.rejects import misshapen
from ingest.formats import Value

SHARED = ("ml_app", "session_id", "tags")


def spans_in(value: Value) -> Iterator[Found]:
    """The spans of a value with their places, each with what its envelope says of all of them."""
    data = value.get("data")
    if isinstance(data, dict) and isinstance(told := data.get("attributes"), dict):
        yield from _listed(told.get("spans"), "data.attributes.spans", told)
    elif isinstance(data, list):
        for place, found in _listed(data, "data", {}):
            yield place, _resource(found) if isinstance(found, dict) else found
    elif isinstance(value.get("spans"), list):
        yield from _listed(value["spans"], "spans", value)
    else:
        yield "", value


def _listed(spans: object, place: str, shared: Value) -> Iterator[Found]:
    if not isinstance(spans, list):
        yield place, misshapen("a list was expected.", spans, place)
        return
    told = {name: shared[name] for name in SHARED if shared.get(name)}
    for at, found in listed(spans, place):
        if isinstance(found, dict):
            found = told | {name: held for name, held in found.items() if held is not None}
        yield at, found


def _resource(found: Value) -> Value:
    """The span of a page's resource, whose id may stand beside its attributes only."""
    told = as_object(found.get("attributes"))
    return {**told, "span_id": told.get("span_id") or found.get("id")}
