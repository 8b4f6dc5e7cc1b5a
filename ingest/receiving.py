"""An OTLP/HTTP endpoint: what is posted is on disk before it is answered; `inbox.py` keeps it."""

from __future__ import annotations

import ipaddress
import socket
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import orjson

from ingest.errors import IngestError
from ingest.inbox import Inbox

BODY_LIMIT = 64 << 20
SECONDS_PER_READ = 30
BODIES_AT_ONCE = 8
SIGNALS = {f"/v1/{name}": name for name in ("traces", "logs", "metrics")}
JSON, PROTOBUF = "application/json", "application/x-protobuf"
SUFFIXES = {JSON: ".json", PROTOBUF: ".pb"}
INVALID, UNAVAILABLE = 3, 14
GZIP_WINDOW = 16 + zlib.MAX_WBITS


class RefusedError(Exception):
    """A request that is not taken, with its HTTP status and the words for the sender."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class Address(NamedTuple):
    """Where to listen, and whether only this machine can reach it."""

    host: str
    port: int
    is_local: bool


def address(text: str) -> Address:
    """`127.0.0.1:4318` as host and port; the host has to be said."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65_535:
        raise IngestError(f"{text}: not an address. Write host:port, such as 127.0.0.1:4318.")
    host = host.strip("[]")
    try:
        is_local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_local = host == "localhost"
    return Address(host, int(port), is_local)


class Receiver(ThreadingHTTPServer):
    """Listens on an address and keeps what is posted in the inbox."""

    daemon_threads = True

    @property
    def port(self) -> int:
        """The port in use, where any free one was asked for."""
        return int(self.server_address[1])

    def __init__(self, at: Address, inbox: Inbox) -> None:
        self.inbox = inbox
        self.address_family = socket.AF_INET6 if ":" in at.host else socket.AF_INET
        self.room = threading.BoundedSemaphore(BODIES_AT_ONCE)
        try:
            super().__init__((at.host, at.port), _Handler)
        except OSError as error:
            raise IngestError(
                f"{at.host}:{at.port}: cannot listen there ({error.strerror})."
                " Stop what uses the port, or name another one."
            ) from error

    def start(self) -> None:
        """Answer requests in the background."""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request: object, client_address: object) -> None:
        """A sender that hangs up is no trouble of ours."""


class _Handler(BaseHTTPRequestHandler):
    """One connection of a sender."""

    server: Receiver
    protocol_version = "HTTP/1.1"
    timeout = SECONDS_PER_READ

    def do_POST(self) -> None:
        """Keep the body, then answer; a refusal is a sentence in the sender's own encoding."""
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        try:
            self._take(kind)
        except RefusedError as refused:
            self._refuse(refused, kind)
        else:
            self._answer(200, kind, b"{}" if kind == JSON else b"")

    def do_GET(self) -> None:
        """Nothing is to be read here."""
        self._refuse(RefusedError(405, "POST OTLP to /v1/traces, /v1/logs or /v1/metrics."), "")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of single requests."""

    def _take(self, kind: str) -> None:
        signal = SIGNALS.get(self.path.partition("?")[0])
        if signal is None:
            raise RefusedError(404, "POST OTLP to /v1/traces, /v1/logs or /v1/metrics.")
        if kind not in SUFFIXES:
            words = f"'{kind[:60]}' is not read here. Send {JSON} or {PROTOBUF}."
            raise RefusedError(415, words)
        if not self.server.room.acquire(blocking=False):
            raise RefusedError(503, "Too many requests at once. Send it again.")
        try:
            body = unpacked(self._body(), self.headers.get("Content-Encoding", ""))
            check(kind, signal, body)
            self._keep(signal, SUFFIXES[kind], body)
        finally:
            self.server.room.release()

    def _keep(self, signal: str, suffix: str, body: bytes) -> None:
        if not body or body == b"{}":
            return
        try:
            self.server.inbox.keep(signal, suffix, body)
        except OSError as error:
            words = f"The body could not be written ({error.strerror}). Send it again."
            raise RefusedError(503, words) from error

    def _body(self) -> bytes:
        stated = self.headers.get("Content-Length", "")
        if not stated.isdecimal():
            raise RefusedError(411, "Say the length of the body in Content-Length.")
        if int(stated) > BODY_LIMIT:
            raise RefusedError(413, f"Longer than {BODY_LIMIT >> 20} MB. Send smaller batches.")
        body = self.rfile.read(int(stated))
        if len(body) < int(stated):
            raise RefusedError(400, "The body is shorter than its Content-Length. Send it again.")
        return body

    def _refuse(self, refused: RefusedError, kind: str) -> None:
        """Answer with a Status message; the rest of the connection is not read."""
        self.close_connection = True
        code = UNAVAILABLE if refused.status >= 500 else INVALID
        if kind == PROTOBUF:
            body = b"\x08" + _varint(code) + _text_field(2, str(refused))
        else:
            kind, body = JSON, orjson.dumps({"code": code, "message": str(refused)})
        self._answer(refused.status, kind, body)

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status == 503:
            self.send_header("Retry-After", "1")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


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


def _text_field(number: int, words: str) -> bytes:
    data = words.encode()
    return bytes([number << 3 | 2]) + _varint(len(data)) + data


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])
