"""An OTLP/HTTP endpoint: what is posted is on disk before it is answered; `inbox.py` keeps it."""

from __future__ import annotations

import ipaddress
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from ingest.bodies import JSON, PROTOBUF, RefusedError, check, posted, unpacked
from ingest.errors import IngestError
from ingest.inbox import Inbox

SECONDS_PER_READ = 30
BODIES_AT_ONCE = 8
SECONDS_FOR_ROOM = 5
SIGNALS = {f"/v1/{name}": name for name in ("traces", "logs", "metrics")}
SUFFIXES = {JSON: ".json", PROTOBUF: ".pb"}


class Address(NamedTuple):
    """Where to listen, and whether only this machine can reach it."""

    host: str
    port: int
    is_local: bool

    def at_port(self, port: int) -> str:
        """Host and port as they stand in a URL."""
        return f"[{self.host}]:{port}" if ":" in self.host else f"{self.host}:{port}"


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
    request_queue_size = 128

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
                f"{at.at_port(at.port)}: cannot listen there ({error.strerror})."
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
        if not self.server.room.acquire(timeout=SECONDS_FOR_ROOM):
            raise RefusedError(503, "Too many requests at once. Send it again.")
        try:
            sent = posted(self.rfile, self.headers)
            body = unpacked(sent, self.headers.get("Content-Encoding", ""))
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

    def _refuse(self, refused: RefusedError, kind: str) -> None:
        """Answer with a Status message; the rest of the connection is not read."""
        self.close_connection = True
        kind = PROTOBUF if kind == PROTOBUF else JSON
        self._answer(refused.status, kind, refused.message(kind))

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
