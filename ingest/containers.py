"""From bytes to decoded values: JSON, JSON lines, CSV, YAML and Parquet, each with its place."""

from __future__ import annotations

import csv
import io
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from typing import TYPE_CHECKING, BinaryIO, TextIO

import pyarrow.parquet as pq

from ingest.errors import IngestError
from ingest.formats import EXCERPT, Container, Reject, Value, sample
from ingest.json_values import loads
from ingest.protobuf_values import open_protobuf
from ingest.recoding import as_utf8
from ingest.yaml_documents import documents
from ingest.zip_values import MAGIC, zip_values

if TYPE_CHECKING:
    from _csv import Reader

LINE_LIMIT = 64 << 20
VALUE_LIMIT = 256 << 20
LISTS_DEEP = 2
csv.field_size_limit(LINE_LIMIT)


class Values:
    """The decoded values of one file, in order; `place` is where the last one stands.

    Values that cannot be decoded are not yielded but kept in `broken` with their place.
    """

    def __init__(self, container: Container, decoded: Iterator[tuple[str, Value | Reject]]) -> None:
        self.place = ""
        self.broken: list[Reject] = []
        self._decoded = decoded
        self.head = tuple(islice(self._good(), 200))
        self.sample = sample(container, [value for _, value in self.head])

    def __iter__(self) -> Iterator[Value]:
        for place, value in chain(self.head, self._good()):
            self.place = place
            yield value

    def _good(self) -> Iterator[tuple[str, Value]]:
        for place, value in self._decoded:
            if isinstance(value, Reject):
                self.broken.append(value._replace(place=place))
            else:
                yield place, value


def open_values(stream: BinaryIO, name: str) -> Values:
    """The values of a file by its first bytes; IngestError when it is empty or unreadable."""
    head = b""
    if isinstance(stream, io.BufferedReader):
        stream = as_utf8(stream)
        head = stream.peek(1 << 16)[: 1 << 16]
    if not head.strip(b"\xef\xbb\xbf \t\r\n\0"):
        raise IngestError(f"{name}: the file is empty. Export it again, or leave it out.")
    if head.startswith(b"PAR1"):
        return Values("parquet", _parquet(stream))
    if head.startswith(MAGIC):
        return Values("eval", zip_values(stream, name))
    if messages := open_protobuf(stream, head):
        return Values("json", messages)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] in (b"{", b"["):
        return Values("json", _json(stream, name))
    if b"\0" in head:
        raise IngestError(f"{name}: binary data of an unknown kind. {KNOWN}")
    if _looks_like_yaml(text):
        return Values("yaml", documents(stream.read(VALUE_LIMIT)))
    return Values("csv", _csv(stream))


KNOWN = "Run `python -m ingest --formats` to see what can be read and how to export it."


def _looks_like_yaml(text: bytes) -> bool:
    first = next(
        (x for x in text.splitlines() if x.strip() and not x.lstrip().startswith(b"#")), b""
    )
    key, colon, rest = first.partition(b":")
    return first.strip() == b"---" or bool(colon and b"," not in key and rest[:1] in (b"", b" "))


def _decode(data: bytes, place: str) -> Iterator[tuple[str, Value | Reject]]:
    """The objects of one line or document."""
    if len(data) > LINE_LIMIT:
        yield place, Reject("too_long", f"longer than {LINE_LIMIT >> 20} MB. Split the record.")
        return
    try:
        value = loads(data)
    except json.JSONDecodeError as error:
        yield place, Reject("bad_json", f"not valid JSON ({error}).", excerpt=_excerpt(data))
        return
    yield from _objects(value, place, LISTS_DEEP)


def _objects(value: object, place: str, lists: int) -> Iterator[tuple[str, Value | Reject]]:
    """An object, or those of a list, whose items may be lists again."""
    if isinstance(value, dict):
        yield place, value
    elif isinstance(value, list) and lists:
        for number, item in enumerate(value):
            yield from _objects(item, f"{place}[{number}]", lists - 1)
    else:
        reason = "a JSON object was expected."
        yield place, Reject("not_an_object", reason, excerpt=str(value)[:EXCERPT])


def _excerpt(data: bytes) -> str:
    return data[:EXCERPT].decode("utf-8", "replace")


def _json(stream: BinaryIO, name: str) -> Iterator[tuple[str, Value | Reject]]:
    first = stream.readline(LINE_LIMIT + 1).removeprefix(b"\xef\xbb\xbf")
    if _is_whole(first, dict):
        return _json_lines(chain([first], stream))
    rest = stream.read(VALUE_LIMIT)
    if len(first) + len(rest) < VALUE_LIMIT:
        return _json_document(first + rest)
    if any(map(_is_whole, islice(io.BytesIO(rest), 50))):
        return _json_lines(chain([first], io.BytesIO(rest), stream))
    raise IngestError(
        f"{name}: one JSON value of more than {VALUE_LIMIT >> 20} MB."
        " Export JSON lines instead, or split it into several files."
    )


def _is_whole(line: bytes, kinds: type | tuple[type, ...] = (dict, list)) -> bool:
    try:
        return isinstance(loads(line), kinds)
    except json.JSONDecodeError:
        return False


def _json_lines(lines: Iterable[bytes]) -> Iterator[tuple[str, Value | Reject]]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield from _decode(line, f"line {number}")


def _json_document(data: bytes) -> Iterator[tuple[str, Value | Reject]]:
    try:
        value = loads(data)
    except json.JSONDecodeError as error:
        yield from _json_stream(data, error)
        return
    yield from _objects(value, "", LISTS_DEEP)


def _json_stream(data: bytes, error: json.JSONDecodeError) -> Iterator[tuple[str, Value | Reject]]:
    """Lines when any of the first stands alone, else objects printed one after another."""
    lines = data.splitlines(True)
    if any(map(_is_whole, lines[:50])):
        yield from _json_lines(lines)
        return
    text = data.decode("utf-8", "replace")
    decoder, at = json.JSONDecoder(), 0
    while (at := _next_object(text, at)) >= 0:
        try:
            _, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        yield from _decode(text[at:end].encode(), f"line {text.count(chr(10), 0, at) + 1}")
        at = end
    if at >= 0:
        line = data.count(b"\n", 0, error.pos if at == 0 else at) + 1
        reason = f"not valid JSON from here on ({error.msg}). Export the file again."
        yield f"line {line}", Reject("bad_json", reason, excerpt=text[at : at + EXCERPT])


def _next_object(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n,\ufeff":
        at += 1
    return at if at < len(text) else -1


def _csv(stream: BinaryIO) -> Iterator[tuple[str, Value | Reject]]:
    text = io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline="")
    try:
        yield from _csv_values(text)
    finally:
        # Left attached, it would close a stream it did not open; one closed before raises here.
        with suppress(ValueError):
            text.detach()


def _csv_values(text: TextIO) -> Iterator[tuple[str, Value | Reject]]:
    first = text.readline()
    delimiter = max(",;\t", key=first.count)
    header: list[str] = []
    for place, row in _csv_rows(csv.reader(chain([first], text), delimiter=delimiter)):
        if isinstance(row, csv.Error):
            yield place, Reject("bad_csv", f"not a CSV row ({row}).")
        elif row and not header:
            header = row
        elif row and len(row) != len(header):
            reason = f"{len(row)} cells under a header of {len(header)}."
            yield place, Reject("wrong_width", reason, excerpt=delimiter.join(row)[:EXCERPT])
        elif row:
            yield place, dict(zip(header, row, strict=True))


def _csv_rows(rows: Reader) -> Iterator[tuple[str, list[str] | csv.Error]]:
    """Every row, or what is wrong with it, with the number of the line it begins on."""
    while True:
        place = f"row {rows.line_num + 1}"
        try:
            yield place, next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield place, error


def _parquet(stream: BinaryIO) -> Iterator[tuple[str, Value | Reject]]:
    with tempfile.TemporaryFile() as plain:
        shutil.copyfileobj(stream, plain)
        number = 0
        for batch in pq.ParquetFile(plain).iter_batches(batch_size=5_000):
            for row in batch.to_pylist():
                number += 1
                yield f"row {number}", row
