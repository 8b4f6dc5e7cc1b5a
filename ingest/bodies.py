"""The body of an OTLP/HTTP request: read, unpacked and checked, or refused in a sentence."""

from __future__ import annotations

import zlib
from email.message import Message
from io import BufferedIOBase

import orjson

BODY_LIMIT = 64 << 20
LINE_LIMIT = 1 << 10
JSON, PROTOBUF = "application/json", "application/x-protobuf"
INVALID, UNAVAILABLE = 3, 14
GZIP_WINDOW = 16 + zlib.MAX_WBITS


class RefusedError(Exception):
    """A request that is not taken, with its HTTP status and the words for the sender."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status

    def message(self, kind: str) -> bytes:
        """The Status message that tells the sender, as JSON or protobuf."""
        code = UNAVAILABLE if self.status >= 500 else INVALID
        if kind == PROTOBUF:
            data = str(self).encode()
            return bytes([0x08, code, 0x12]) + _varint(len(data)) + data
        return orjson.dumps({"code": code, "message": str(self)})


def posted(stream: BufferedIOBase, headers: Message) -> bytes:
    """The body as it was sent, by its stated length or in chunks."""
    if headers.get("Transfer-Encoding", "").strip().lower() == "chunked":
        return _chunked(stream)
    stated = headers.get("Content-Length", "")
    if not stated.isdecimal():
        raise RefusedError(411, "Say the length of the body in Content-Length.")
    return _exactly(stream, int(stated), BODY_LIMIT)


def _chunked(stream: BufferedIOBase) -> bytes:
    found = bytearray()
    while size := _chunk_size(stream.readline(LINE_LIMIT)):
        found += _exactly(stream, size, BODY_LIMIT - len(found))
        stream.readline(LINE_LIMIT)
    while stream.readline(LINE_LIMIT).strip():
        pass
    return bytes(found)


def _chunk_size(line: bytes) -> int:
    words = line.partition(b";")[0].strip()
    if not words.isalnum():
        raise RefusedError(400, "The body breaks off between its chunks. Send it again.")
    try:
        return int(words, 16)
    except ValueError:
        raise RefusedError(400, "The size of a chunk is no hexadecimal number.") from None


def _exactly(stream: BufferedIOBase, size: int, room: int) -> bytes:
    if size > room:
        raise RefusedError(413, f"Longer than {BODY_LIMIT >> 20} MB. Send smaller batches.")
    body = stream.read(size)
    if len(body) < size:
        raise RefusedError(400, "The body is shorter than was said. Send it again.")
    return body


def unpacked(body: bytes, encoding: str) -> bytes:
    """The body without its compression, stopped where it grows beyond the limit."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise RefusedError(415, f"'{encoding[:60]}' is not unpacked here. Send gzip or plain.")
    stream = zlib.decompressobj(GZIP_WINDOW)
    try:
        found = stream.decompress(body, BODY_LIMIT + 1)
    except zlib.error:
        raise RefusedError(400, "The gzip data is damaged. Send it again.") from None
    if len(found) > BODY_LIMIT:
        raise RefusedError(413, f"Expands beyond {BODY_LIMIT >> 20} MB. Send smaller batches.")
    if not stream.eof:
        raise RefusedError(400, "The gzip data breaks off. Send it again.")
    return found


def check(kind: str, signal: str, body: bytes) -> None:
    """RefusedError unless the body can be an Export request of the signal."""
    if kind == PROTOBUF:
        if not _is_request(body):
            raise RefusedError(400, "The body is no Export request in protobuf.")
        return
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RefusedError(400, f"The body is not valid JSON ({error}).") from None
    name = {"traces": "resourceSpans", "logs": "resourceLogs", "metrics": "resourceMetrics"}[signal]
    snake = f"resource_{signal.replace('traces', 'spans')}"
    if not isinstance(found, dict) or (found and found.keys().isdisjoint({name, snake})):
        raise RefusedError(400, f"The body has no {name}. Send an Export request.")


def _is_request(body: bytes) -> bool:
    """Whether the bytes are nothing but length-delimited fields 1, as in every Export request."""
    at = 0
    while at < len(body):
        if body[at] != 0x0A:
            return False
        size, shift, at = 0, 0, at + 1
        while at < len(body) and shift < 35:
            size |= (body[at] & 0x7F) << shift
            shift, at = shift + 7, at + 1
            if body[at - 1] < 0x80:
                break
        else:
            return False
        at += size
    return at == len(body)


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])
