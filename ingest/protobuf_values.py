"""OTLP in protobuf as values shaped like OTLP JSON, and the framings collectors write it in.

A file is one message, or messages each behind its length in four bytes (big-endian); each may be a
zstd frame of its own, of a message or of JSON. Traces, logs and metrics share one outer shape:
which it is shows in the first span, log record or metric, which stands two levels down.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

import orjson
from backports import zstd
from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]
from google.protobuf.message import DecodeError, Message  # type: ignore[import-untyped]
from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
from opentelemetry.proto.metrics.v1.metrics_pb2 import MetricsData
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from ingest.formats import Reject, Value

LARGEST = 256 << 20
ZSTD = b"\x28\xb5\x2f\xfd"
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
SIZES = {FIXED64: 8, FIXED32: 4}
OF_RESOURCE = frozenset({1, 2, 3, 1000})
METRIC_KINDS = frozenset({5, 7, 9, 10, 11})
Decoded = tuple[str, Value | Reject]


class _Field(NamedTuple):
    """A field of a message; the value is cut short where the bytes at hand end before it."""

    number: int
    wire: int
    value: bytes


class _NoMessageError(ValueError):
    """Bytes that are no protobuf message."""


def open_protobuf(stream: BinaryIO, head: bytes) -> Iterator[Decoded] | None:
    """The messages of a protobuf file with their places; None when it is no such file.

    `head` is the file's beginning, still to be read from the stream.
    """
    if _is_request(head):
        return _decoded([("", stream.read(LARGEST + 1))])
    if len(head) > len(ZSTD) + 4 and (size := _length(head)) <= LARGEST:
        body = head[4 : 4 + size]
        if body.startswith(ZSTD) or _is_request(body):
            return _decoded(_frames(stream))
    return None


def _length(head: bytes) -> int:
    return int(struct.unpack(">I", head[:4])[0])


def _frames(stream: BinaryIO) -> Iterator[tuple[str, bytes | Reject]]:
    """The messages behind their lengths; the file is given up where it breaks off."""
    number = 0
    while head := stream.read(4):
        number += 1
        place = f"message {number}"
        size = _length(head) if len(head) == 4 else LARGEST + 1
        data = stream.read(size) if size <= LARGEST else b""
        if len(data) < size:
            reason = "the file breaks off here, or its length is wrong. Copy it again."
            yield place, Reject("cut_off", reason)
            return
        if data:
            yield place, _unpacked(data)


def _unpacked(data: bytes) -> bytes | Reject:
    if not data.startswith(ZSTD):
        return data
    unpacker = zstd.ZstdDecompressor()
    try:
        plain = unpacker.decompress(data, LARGEST)
    except zstd.ZstdError as error:
        return Reject("bad_zstd", f"its compressed data is damaged ({error}).")
    if unpacker.eof:
        return plain
    return Reject("too_long", f"it breaks off, or expands to more than {LARGEST >> 20} MB.")


def _decoded(messages: Iterable[tuple[str, bytes | Reject]]) -> Iterator[Decoded]:
    for place, data in messages:
        yield place, data if isinstance(data, Reject) else _value(data)


def _value(data: bytes) -> Value | Reject:
    """The value of a message, or of the JSON that stands in its place."""
    if len(data) > LARGEST:
        return Reject("too_long", f"one message of more than {LARGEST >> 20} MB.")
    try:
        if data.lstrip()[:1] == b"{" and not _is_request(data):
            value = orjson.loads(data)
            return value if isinstance(value, dict) else Reject("shape", "it is no JSON object.")
        message = _kind(data)()
        message.ParseFromString(data)
        found: Value = MessageToDict(message)
        return found
    except (orjson.JSONDecodeError, DecodeError, _NoMessageError, ValueError) as error:
        return Reject("bad_message", f"not a message of OTLP ({error}).", excerpt=repr(data[:100]))


def _kind(data: bytes) -> type[Message]:
    """The message that holds the first span, log record or metric; traces when there is none."""
    for resource in _fields(data):
        for scope in _fields(resource.value):
            if scope.number != 2 or scope.wire != BYTES:
                continue
            for item in _fields(scope.value):
                if item.number == 2 and item.wire == BYTES:
                    return _kind_of_item(list(_fields(item.value)))
    return TracesData


def _kind_of_item(fields: list[_Field]) -> type[Message]:
    """A span begins with a trace id of 16 bytes; a log record with a time; a metric has data."""
    by_number = {field.number: field for field in fields}
    first, second = by_number.get(1), by_number.get(2)
    if (first and first.wire == FIXED64) or (11 in by_number and by_number[11].wire == FIXED64):
        return LogsData
    if first and second and (len(first.value), len(second.value)) == (16, 8):
        return TracesData
    return MetricsData if METRIC_KINDS & by_number.keys() else LogsData


def _is_request(head: bytes) -> bool:
    """Whether bytes begin as a request does: resources, each of scopes, as far as they go."""
    if head[:1] != b"\x0a":
        return False
    try:
        resources = list(_fields(head))
        inner = [field for resource in resources for field in _fields(resource.value)]
    except _NoMessageError:
        return False
    return all(f.number == 1 and f.wire == BYTES for f in resources) and all(
        f.number in OF_RESOURCE and f.wire == BYTES for f in inner
    )


def _fields(data: bytes) -> Iterator[_Field]:
    """The fields of a message, as far as the bytes go."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if not number or wire not in (VARINT, FIXED64, BYTES, FIXED32):
            raise _NoMessageError("a field of no known type")
        start = at
        if wire == VARINT:
            _, at = _varint(data, at)
        else:
            size = SIZES.get(wire)
            if size is None:
                size, start = _varint(data, at)
            at = start + size
        yield _Field(number, wire, data[start:at])


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number and where it ends; a number cut short is what there is of it."""
    found = shift = 0
    while at < len(data):
        byte = data[at]
        at += 1
        found |= (byte & 0x7F) << shift
        if byte < 0x80:
            return found, at
        shift += 7
        if shift > 63:
            raise _NoMessageError("a number of more than 64 bits")
    return found, at
