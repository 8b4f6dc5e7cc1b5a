"""The buckets of Anthropic's Admin API, and what its reports share. Its money is in cents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ingest import hashes
from ingest.costs.lines import Numbered, count, dollars, records
from ingest.fields.usage import TOKENS, put_tokens
from ingest.formats import Ignored, Read, Reject, Sample, Value

Record = Callable[[str, Value, Numbered], Read]
CENTS = -2


def buckets(sample: Sample) -> Iterator[Value]:
    """The buckets of the pages of a sample, or the values that are buckets themselves."""
    if sample.container == "json":
        for value in sample.values:
            yield from (b for _, b in records(value, "data") if isinstance(b, dict))


def holds(sample: Sample, *names: str) -> bool:
    """Whether the first result in the buckets has these keys."""
    found = (
        r
        for bucket in buckets(sample)
        if "starting_at" in bucket and isinstance(bucket.get("results"), list)
        for r in bucket["results"]
    )
    first = next((r for r in found if isinstance(r, dict)), {})
    return all(name in first for name in names)


def read(values: Iterator[Value], name: str, record: Record) -> Iterator[Read]:
    """Every result of the pages of the format `name`; equal ones of a bucket are numbered."""
    for value in values:
        found = 0
        for place, bucket in records(value, "data"):
            listed = bucket.get("results") if isinstance(bucket, dict) else None
            if not isinstance(listed, list):
                found += 1
                yield Reject("not_a_bucket", "a bucket has no list of results.", place)
                continue
            found += len(listed)
            yield from _bucket(place, bucket, Numbered(name), record)
        if not found:
            yield Ignored("empty page")


def _bucket(place: str, bucket: Value, numbered: Numbered, record: Record) -> Iterator[Read]:
    """Results with the bucket's times and `grouped`: the keys that any result of it fills."""
    listed = bucket["results"]
    times = {k: bucket.get(k) for k in ("starting_at", "ending_at")}
    grouped = {k for r in listed if isinstance(r, dict) for k, v in r.items() if v is not None}
    for number, result in enumerate(listed):
        at = f"{place}.results[{number}]".lstrip(".")
        if isinstance(result, dict):
            yield record(at, result | times | {"grouped": grouped}, numbered)
        else:
            yield Reject("not_an_object", "a result is not an object.", at, str(result)[:500])


def cents(value: Any) -> str | None:
    """Dollars of an amount in cents, exact to its last digit."""
    return dollars(value, CENTS)


def token_counts(uncached: Any, written: list[Any], read: Any, output: Any) -> dict[str, Any]:
    """Token columns of counts that do not overlap: the input is their sum."""
    write, hit = sum(map(count, written)), count(read)
    columns: dict[str, Any] = {}
    put_tokens(columns, count(uncached) + write + hit, count(output), hit, write, None)
    return {name: columns[name] for name in TOKENS if columns[name] is not None}


def slug(name: Any) -> str | None:
    """A model's display name (`Claude Sonnet 4.5`) as the API spells it (`claude-sonnet-4-5`)."""
    return str(name).strip().lower().replace(" ", "-").replace(".", "-") if name else None


def hashed(value: Any) -> str | None:
    """The hash of a key's id or of who used it."""
    return hashes.sha256(str(value).encode("utf-8", "replace")) if value else None
