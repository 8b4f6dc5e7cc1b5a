"""What the tests of trace formats read: fixtures decoded, and spans made of plain values."""

from __future__ import annotations

import json
from pathlib import Path

import orjson

from ingest.traces import otlp

HERE = Path(__file__).parent / "fixtures" / "traces"
TRACE = "0af7651916cd43dd8448eb211c80319c"


def decoded(path):
    """The values of a JSON or JSON lines file."""
    data = path.read_bytes()
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        return [orjson.loads(line) for line in data.splitlines()]
    return found if isinstance(found, list) else [found]


def rows(form, path):
    """What a format yields for a file, as a list."""
    return list(form.read(iter(decoded(path))))


def steps_of(name):
    """The steps of a fixture by their names."""
    found = [r for r in rows(otlp, HERE / name) if isinstance(r, dict)]
    return {r["steps"][0]["name"]: r["steps"][0] for r in found}


def one_span(**fields):
    """An OTLP request with one sound span, changed by `fields`."""
    span = {"traceId": TRACE, "spanId": "b7ad6b7169203331", "name": "n"} | fields
    return {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}


def lines(found):
    """One JSON line a row, without nulls; rejects and ignored records as they are."""
    for record in found:
        if isinstance(record, dict):
            named = ((table, row) for table, some in record.items() for row in some)
        else:
            named = [(type(record).__name__.lower(), record._asdict())]
        for table, row in named:
            kept = {k: v for k, v in row.items() if v is not None}
            yield json.dumps({"table": table, **kept}, ensure_ascii=False, default=str)


def any_of(plain):
    """The AnyValue of a plain value."""
    if plain is None:
        return {}
    if isinstance(plain, bool):
        return {"boolValue": plain}
    if isinstance(plain, int):
        return {"intValue": str(plain)}
    if isinstance(plain, float):
        return {"doubleValue": plain}
    if isinstance(plain, str):
        return {"stringValue": plain}
    if isinstance(plain, list):
        return {"arrayValue": {"values": [any_of(item) for item in plain]}}
    fields = [{"key": key, "value": any_of(item)} for key, item in plain.items()]
    return {"kvlistValue": {"values": fields}}
