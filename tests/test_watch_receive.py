"""Loading that goes on: what appears in a folder, and what is sent over OTLP/HTTP."""

from __future__ import annotations

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, environment, ingest
from hypothesis import given
from hypothesis import strategies as st
from tables import rows, unbalanced

from ingest import bodies, receiving
from ingest.bodies import BODY_LIMIT, JSON, PROTOBUF, RefusedError, check
from ingest.errors import IngestError
from ingest.files import Found
from ingest.inbox import GATHER_S, Inbox
from ingest.pipeline import Report
from ingest.receiving import Receiver, address
from ingest.store.generations import Store
from ingest.watching import AFTER_TROUBLE_S, Folder, follow

LOCAL = address("127.0.0.1:0")


def spans(number: int) -> dict[str, Any]:
    """An export request with one span of a numbered trace."""
    start = 1_760_000_000_000_000_000 + number * 10**9
    span = {
        "traceId": f"{number:032x}",
        "spanId": f"{number:016x}",
        "name": "root",
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + 10**8),
    }
    service = {"key": "service.name", "value": {"stringValue": "bot"}}
    resource = {"resource": {"attributes": [service]}, "scopeSpans": [{"spans": [span]}]}
    return {"resourceSpans": [resource]}


def names(found: list[Found]) -> list[str]:
    return [f.name for f in found]


# A folder


def test_a_file_waits_until_it_keeps_its_size(tmp_path: Path) -> None:
    folder, file = Folder(tmp_path), tmp_path / "a.jsonl"
    file.write_text("{")
    assert folder.ready() == []
    file.write_text("{}{")
    assert folder.ready() == []
    assert names(folder.ready()) == [f"{tmp_path.name}/a.jsonl"]


def test_a_file_that_is_touched_while_it_keeps_its_size_waits(tmp_path: Path) -> None:
    folder, file = Folder(tmp_path), tmp_path / "a.jsonl"
    file.write_text("{}")
    folder.ready()
    os.utime(file, ns=(1, 1))
    assert folder.ready() == []
    assert len(folder.ready()) == 1


def test_what_was_loaded_is_left_alone_until_it_changes(tmp_path: Path) -> None:
    folder, file = Folder(tmp_path), tmp_path / "a.jsonl"
    file.write_text("{}")
    folder.ready()
    folder.done(folder.ready(), Report())
    assert folder.ready() == []
    file.write_text("{}{}")
    assert folder.ready() == []
    assert len(folder.ready()) == 1


def test_what_was_refused_is_tried_again_beside_new_yaml(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    (tmp_path / "a.jsonl").write_text("{}")
    folder.ready()
    batch = folder.ready()
    folder.done(batch, Report(unread=batch))
    assert folder.ready() == []
    (tmp_path / "b.yaml").write_text("mapping: b")
    folder.ready()
    folder.done(folder.ready(), Report())
    assert names(folder.ready()) == [f"{tmp_path.name}/a.jsonl"]


class Scripted:
    """A place with a batch at some looks and trouble at others."""

    def __init__(self, *looks: list[Found] | Exception) -> None:
        self.looks, self.done_with = iter(looks), list[list[Found]]()

    def ready(self) -> list[Found]:
        look = next(self.looks)
        if isinstance(look, Exception):
            raise look
        return look

    def done(self, batch: list[Found], report: Report) -> None:
        self.done_with.append(batch)


def test_the_loop_outlives_trouble_and_never_runs_without_a_pause(tmp_path: Path) -> None:
    batch = [Found(tmp_path, "a", "", "")]
    place = Scripted([], IngestError("gone."), batch, ValueError("odd"), batch)
    said: list[str] = []
    failing = iter([OSError("disk full"), None])

    def load(found: list[Found]) -> Report:
        trouble = next(failing)
        if trouble:
            raise trouble
        return Report()

    told: list[Report] = []
    steps = follow([place], load, told.append, said.append, 2)
    pauses = [next(steps) for _ in range(5)]
    assert pauses == [2, AFTER_TROUBLE_S, AFTER_TROUBLE_S, AFTER_TROUBLE_S, 2]
    assert place.done_with == [batch]
    assert len(told) == 1
    assert [words.partition(" Trying")[0] for words in said] == [
        "gone.",
        "disk full",
        "The load failed (odd).",
    ]


# The inbox


class Clock:
    """Seconds that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_bodies_gather_and_leave_when_they_are_loaded(tmp_path: Path) -> None:
    clock = Clock()
    inbox = Inbox(Store(tmp_path), clock)
    inbox.done([], Report())
    kept = inbox.keep("traces", ".json", b"{}")
    assert inbox.ready() == []
    clock.now = GATHER_S
    batch = inbox.ready()
    assert [f.path for f in batch] == [kept]
    inbox.done(batch, Report())
    assert inbox.waiting() == []
    inbox.close()


def test_what_an_earlier_process_left_is_ready_at_once(tmp_path: Path) -> None:
    first = Inbox(Store(tmp_path), Clock())
    first.keep("traces", ".json", b"{}")
    (first.folder / ".half.json.part").write_bytes(b"{")
    first.close()
    second = Inbox(Store(tmp_path), Clock())
    assert len(second.ready()) == 1
    assert not list(second.folder.glob(".*.part"))
    second.close()


def test_what_cannot_be_read_is_put_aside_until_the_next_start(tmp_path: Path) -> None:
    inbox = Inbox(Store(tmp_path), Clock())
    inbox.keep("traces", ".pb", b"x")
    batch = inbox.ready()
    inbox.done(batch, Report(unread=batch))
    assert inbox.waiting() == []
    assert [p.read_bytes() for p in inbox.refused.iterdir()] == [b"x"]
    inbox.close()
    again = Inbox(Store(tmp_path), Clock())
    assert [f.path.read_bytes() for f in again.ready()] == [b"x"]
    again.close()


def test_only_one_process_receives_into_a_store(tmp_path: Path) -> None:
    inbox = Inbox(Store(tmp_path))
    with pytest.raises(IngestError, match="another process receives"):
        Inbox(Store(tmp_path))
    inbox.close()


# The endpoint


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    inbox = Inbox(Store(tmp_path / "store"), Clock())
    server = Receiver(LOCAL, inbox)
    server.start()
    yield server
    server.shutdown()
    server.server_close()
    inbox.close()


def post(
    port: int, body: bytes, kind: str = JSON, path: str = "/v1/traces", **headers: str
) -> tuple[int, str, bytes]:
    """Status, content type and body of the answer."""
    given = {"Content-Type": kind} | {k.replace("_", "-"): v for k, v in headers.items()}
    url = f"http://127.0.0.1:{port}{path}"
    request = urllib.request.Request(url, data=body, headers=given, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.headers["Content-Type"], refused.read()


BODY = json.dumps(spans(1)).encode()
PB = b"\x0a\x03abc"
TRACES = "/v1/traces"
GZIP = {"Content_Encoding": "gzip"}


def test_a_body_is_on_disk_before_it_is_answered(receiver: Receiver) -> None:
    assert post(receiver.port, BODY) == (200, JSON, b"{}")
    assert post(
        receiver.port, gzip.compress(PB), PROTOBUF, "/v1/logs", Content_Encoding="gzip"
    ) == (
        200,
        PROTOBUF,
        b"",
    )
    kept = {p.suffix: p.read_bytes() for p in receiver.inbox.waiting()}
    assert kept == {".json": BODY, ".pb": PB}


def test_an_empty_request_is_answered_and_not_kept(receiver: Receiver) -> None:
    assert post(receiver.port, b"{}", "application/json; charset=utf-8")[0] == 200
    assert post(receiver.port, b"", PROTOBUF)[0] == 200
    assert receiver.inbox.waiting() == []


@pytest.mark.parametrize(
    ("body", "kind", "path", "headers", "status", "words"),
    [
        (BODY, "text/plain", TRACES, {}, 415, "'text/plain' is not read here."),
        (BODY, JSON, TRACES, {"Content_Encoding": "br"}, 415, "'br' is not unpacked"),
        (BODY, JSON, "/v2/traces", {}, 404, "POST OTLP to /v1/traces"),
        (b"{", JSON, TRACES, {}, 400, "not valid JSON"),
        (b'{"a": 1}', JSON, TRACES, {}, 400, "has no resourceSpans"),
        (BODY, JSON, "/v1/metrics", {}, 400, "has no resourceMetrics"),
        (b"no gzip", JSON, TRACES, GZIP, 400, "gzip data is damaged"),
        (gzip.compress(BODY)[:-9], JSON, TRACES, GZIP, 400, "breaks off"),
        (BODY, JSON, TRACES, {"Content_Length": str(BODY_LIMIT + 1)}, 413, "Longer than 64 MB"),
        (BODY, JSON, TRACES, {"Content_Length": "x"}, 411, "Say the length"),
    ],
)
def test_what_is_not_taken_is_answered_in_a_sentence(
    receiver: Receiver,
    body: bytes,
    kind: str,
    path: str,
    headers: dict[str, str],
    status: int,
    words: str,
) -> None:
    got, answered, said = post(receiver.port, body, kind, path, **headers)
    assert (got, answered) == (status, JSON)
    assert words in json.loads(said)["message"]
    assert receiver.inbox.waiting() == []


def chunked(port: int, *pieces: bytes, end: bytes = b"0\r\n\r\n") -> tuple[int, bytes]:
    """Status and answer of a body sent in chunks, as exporters send what they pack on the way."""
    head = f"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: {JSON}\r\n"
    lines = [head.encode(), b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"]
    lines += [b"%x;note\r\n%s\r\n" % (len(piece), piece) for piece in pieces]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as sender:
        sender.sendall(b"".join([*lines, end]))
        sender.shutdown(socket.SHUT_WR)
        answer = sender.makefile("rb").read()
    return int(answer.split()[1]), answer.partition(b"\r\n\r\n")[2]


def test_a_body_may_come_in_chunks(receiver: Receiver) -> None:
    assert chunked(receiver.port, BODY[:7], BODY[7:]) == (200, b"{}")
    assert [p.read_bytes() for p in receiver.inbox.waiting()] == [BODY]
    for end, words in [(b"", b"between its chunks"), (b"zz\r\n", b"no hexadecimal number")]:
        status, said = chunked(receiver.port, BODY, end=end)
        assert status == 400 and words in said
    assert chunked(receiver.port, end=b"%x\r\n" % (BODY_LIMIT + 1))[0] == 413
    assert len(receiver.inbox.waiting()) == 1


def test_too_many_at_once_are_told_to_come_again(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "SECONDS_FOR_ROOM", 0)
    for _ in range(receiving.BODIES_AT_ONCE):
        receiver.room.acquire()
    status, _, said = post(receiver.port, BODY)
    assert status == 503 and json.loads(said)["code"] == 14
    receiver.room.release()
    assert post(receiver.port, BODY)[0] == 200


def test_a_bomb_is_stopped(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_LIMIT", 1 << 20)
    packed = gzip.compress(bytes(2 << 20))
    assert post(receiver.port, packed, Content_Encoding="gzip")[0] == 413


def test_a_refusal_in_protobuf_is_a_status_message(receiver: Receiver) -> None:
    status, kind, said = post(receiver.port, b"\xff", PROTOBUF)
    assert (status, kind) == (400, PROTOBUF)
    message = b"The body is no Export request in protobuf."
    assert said == b"\x08\x03\x12" + bytes([len(message)]) + message


def test_a_get_is_told_what_to_do(receiver: Receiver) -> None:
    url = f"http://127.0.0.1:{receiver.port}/"
    with pytest.raises(urllib.error.HTTPError, match="405") as refused:
        urllib.request.urlopen(url, timeout=30)
    refused.value.close()


def test_a_disk_that_refuses_has_the_sender_try_again(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(receiver.inbox, "keep", full)
    status, _, said = post(receiver.port, BODY)
    assert status == 503
    assert "No space left on device" in json.loads(said)["message"]


@given(st.binary(max_size=60))
def test_any_bytes_are_a_request_or_are_refused(body: bytes) -> None:
    for kind in (JSON, PROTOBUF):
        try:
            check(kind, "traces", body)
        except RefusedError as refused:
            assert refused.status == 400


@pytest.mark.parametrize("text", ["4318", ":4318", "127.0.0.1:", "127.0.0.1:70000", "host:x"])
def test_the_host_has_to_be_said(text: str) -> None:
    with pytest.raises(IngestError, match="not an address"):
        address(text)


@pytest.mark.parametrize(
    ("text", "local"),
    [("127.0.0.1:1", True), ("localhost:1", True), ("[::1]:1", True), ("0.0.0.0:1", False)],
)
def test_what_others_can_reach_is_known(text: str, local: bool) -> None:
    assert address(text).is_local is local
    assert address(text).at_port(1) == text


@pytest.mark.parametrize(
    "more",
    [
        ("--dry-run", "--receive", "127.0.0.1:1"),
        ("--strict", "--watch", "."),
        (".", "--watch", "."),
    ],
)
def test_what_only_a_single_load_can_do_is_refused(tmp_path: Path, more: tuple[str, ...]) -> None:
    done = ingest(*more, "--store", tmp_path / "store", expect=2)
    assert "--watch" in done.stderr
    assert not (tmp_path / "store").exists()


# Whole commands


class Command:
    """`python -m ingest` that runs until it is told to stop, with its events."""

    def __init__(self, *arguments: object) -> None:
        command = [sys.executable, "-m", "ingest", *map(str, arguments), "--progress", "json"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment()
        )

    def until(self, event: str) -> dict[str, Any]:
        """The next event of that name; the process may not end before it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            found: dict[str, Any] = json.loads(line)
            if found["event"] == event:
                return found
        raise AssertionError(f"ended with {self.process.wait()} before {event}")

    def stop(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        with self.process:
            return self.process.wait()


def port_of(command: Command) -> int:
    """The port a receiver says it listens on."""
    return int(command.until("wait")["message"].partition("/v1/")[0].rpartition(":")[2])


@pytest.mark.slow
def test_a_watched_folder_is_loaded_as_it_fills(tmp_path: Path) -> None:
    folder, store = tmp_path / "in", tmp_path / "store"
    folder.mkdir()
    (folder / "a.jsonl").write_text(json.dumps(spans(1)))
    watching = Command("--watch", folder, "--store", store, "--workflow", "claims")
    assert watching.until("done")["files"] == 1
    (folder / "b.jsonl").write_text(json.dumps(spans(2)))
    (folder / "c.json").write_text('{"colour": "blue"}')
    done = watching.until("done")
    assert done["files"] == 1
    assert len(done["refused"]) == 1
    assert watching.stop(signal.SIGINT) == 0
    assert rows(store, "select workflow, count(*) from runs group by all") == [("claims", 2)]
    assert not unbalanced(store)


@pytest.mark.slow
def test_kill_9_between_answer_and_load_loses_nothing(tmp_path: Path) -> None:
    store = tmp_path / "store"
    first = Command("--receive", "127.0.0.1:0", "--store", store)
    port = port_of(first)
    for number in range(1, 6):
        assert post(port, json.dumps(spans(number)).encode())[0] == 200
    first.stop(signal.SIGKILL)
    assert len(list((store / "inbox").glob("*.json"))) == 5
    second = Command("--receive", "127.0.0.1:0", "--store", store, "--stage", "production")
    assert second.until("done")["files"] == 5
    assert second.stop(signal.SIGTERM) == 0
    assert rows(store, "select stage, count(*) from runs group by all") == [("production", 5)]
    assert not list((store / "inbox").glob("*.json"))
    assert not unbalanced(store)


@pytest.mark.slow
def test_the_sdk_exporter_sends_across_a_kill_and_a_restart(tmp_path: Path) -> None:
    exporting = pytest.importorskip("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    export = pytest.importorskip("opentelemetry.sdk.trace.export")
    store = tmp_path / "store"

    def send(port: int, name: str) -> None:
        endpoint = f"http://127.0.0.1:{port}/v1/traces"
        exporter = exporting.OTLPSpanExporter(endpoint, compression=exporting.Compression.Gzip)
        provider = sdk.TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(export.SimpleSpanProcessor(exporter))
        with provider.get_tracer("test").start_as_current_span(name):
            pass
        provider.shutdown()

    first = Command("--receive", "127.0.0.1:0", "--store", store)
    send(port_of(first), "before")
    first.stop(signal.SIGKILL)
    second = Command("--receive", "127.0.0.1:0", "--store", store)
    port = port_of(second)
    assert second.until("done")["files"] == 1
    send(port, "after")
    assert second.until("done")["files"] == 1
    assert second.stop(signal.SIGINT) == 0
    assert rows(store, "select name from steps order by name") == [("after",), ("before",)]
