"""Compressed files that are the same bytes every time."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from backports import zstd

GZIP_LEVEL = 3
ZSTD_LEVEL = 3


def save(path: Path, body: bytes) -> None:
    """Write bytes, compressed as the name says, making the folder if needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        body = gzip.compress(body, GZIP_LEVEL, mtime=0)
    elif path.suffix == ".zst":
        body = zstd.compress(body, ZSTD_LEVEL)
    path.write_bytes(body)


def save_table(path: Path, rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Write a CSV; what a row lacks is an empty field."""
    text = io.StringIO()
    table = csv.DictWriter(text, columns, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    save(path, text.getvalue().encode())


def save_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write JSON lines."""
    save(path, b"".join(orjson.dumps(row) + b"\n" for row in rows))


def iso(moment: int | None) -> str:
    """Microseconds since 1970 as ISO text in UTC, to the millisecond; empty for None."""
    if moment is None:
        return ""
    seconds, micros = divmod(moment, 1_000_000)
    days, rest = divmod(seconds, 86_400)
    clock = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}.{micros // 1000:03d}"
    return f"{_day(days)}T{clock}Z"


@cache
def _day(days: int) -> str:
    return str(dt.date(1970, 1, 1) + dt.timedelta(days))
