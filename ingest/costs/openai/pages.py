"""The buckets of OpenAI's organization API, and the rows of the tables its dashboard exports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ingest import hashes
from ingest.costs.lines import Numbered, micros, records
from ingest.formats import Ignored, Read, Reject, Sample, Value

Record = Callable[[str, Value, Numbered], Read]


def holds(sample: Sample, kind: str) -> bool:
    """Whether the first result of the pages says that it is of that kind."""
    if sample.container != "json":
        return False
    found = (r for v in sample.values for _, b in records(v, "data") for r in _listed(b) or ())
    first = next((r for r in found if isinstance(r, dict)), {})
    return str(first.get("object", "")).startswith(kind)


def read(values: Iterator[Value], name: str, record: Record) -> Iterator[Read]:
    """Every result of pages and buckets, with the times of its bucket; table rows as they are.

    Equal lines are numbered within a bucket, or within a table; `name` is that of the format.
    """
    of_table = Numbered(name)
    for value in values:
        if "data" not in value and _listed(value) is None:
            yield record("", value, of_table)
        else:
            yield from _page(value, name, record)


def _page(value: Value, name: str, record: Record) -> Iterator[Read]:
    found = 0
    for place, bucket in records(value, "data"):
        listed = _listed(bucket)
        if listed is None:
            found += 1
            yield Reject("not_a_bucket", "a bucket has no list of results.", place)
            continue
        times = {k: bucket.get(k) for k in ("start_time", "end_time")}
        found, numbered = found + len(listed), Numbered(name)
        for number, result in enumerate(listed):
            at = f"{place}.results[{number}]".lstrip(".")
            if isinstance(result, dict):
                yield record(at, result | times, numbered)
            else:
                yield Reject("not_an_object", "a result is not an object.", at, str(result)[:500])
    if not found:
        yield Ignored("empty page")


def _listed(bucket: Any) -> list[Any] | None:
    found = bucket.get("results", bucket.get("result")) if isinstance(bucket, dict) else None
    return found if isinstance(found, list) else None


def period(row: Value) -> dict[str, Any]:
    """Start and end of the bucket: seconds since 1970, or text where only that is given."""
    ends = {
        name: micros(row.get(f"{name}_time") or None) or row.get(f"{name}_time_iso")
        for name in ("start", "end")
    }
    return {"period_start": ends["start"], "period_end": ends["end"] or ends["start"]}


def key_hash(row: Value) -> str | None:
    """The hash of the id of the API key."""
    key = row.get("api_key_id")
    return hashes.sha256(str(key).encode("utf-8", "replace")) if key else None


def project(row: Value) -> dict[str, str] | None:
    """The project as a tag, by its name where there is one."""
    found = row.get("project_name") or row.get("project_id")
    return {"project": str(found)} if found else None
