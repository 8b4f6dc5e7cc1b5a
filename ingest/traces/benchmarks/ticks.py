"""Spoken conversations of tau2, which are stored in ticks of a fraction of a second.

Both sides may speak in one tick. What a side says in ticks that follow each other, or under one
utterance id, is one message; silence is none. Sound stands in for words only in files of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats import Value
from ingest.traces.transcript import member, objects

SIDES = (("agent", "assistant"), ("user", "user"))


def messages_of(ticks: list[Value]) -> list[Value]:
    """The messages of all ticks by when they began, each with `started` beside its `timestamp`."""
    found: list[Value] = []
    for side, role in SIDES:
        found += _one_side(ticks, side, role)
    order = {id(t): n for n, t in enumerate(ticks)}
    found.sort(key=lambda m: order[m.pop("tick")])
    return found


def _one_side(ticks: list[Value], side: str, role: str) -> Iterator[Value]:
    """What one side said and called, and the answers to its calls."""
    open_message: Value | None = None
    for tick in ticks:
        chunk, calls = member(tick, f"{side}_chunk"), objects(tick.get(f"{side}_tool_calls"))
        answers = objects(tick.get(f"{side}_tool_results"))
        words = chunk.get("audio_script_gold" if chunk.get("is_audio") else "content")
        if open_message and words and not calls and _goes_on(open_message, chunk):
            _continue(open_message, chunk, tick, words)
            continue
        if open_message and not (words or calls or answers):
            open_message["is_silent"] = True
            continue
        if open_message:
            yield _closed(open_message)
            open_message = None
        if words or calls:
            open_message = _begun(chunk, tick, role, words, calls)
        if open_message and (calls or answers):
            yield _closed(open_message)
            open_message = None
        for answer in answers:
            yield {"role": "tool", "requestor": role, **answer, "tick": id(tick)}
    if open_message:
        yield _closed(open_message)


def _goes_on(message: Value, chunk: Value) -> bool:
    """Whether a chunk continues a message: nothing lies between, or the utterance is the same."""
    shared = set(_ids(message)) & set(_ids(chunk))
    return bool(shared) or not message["is_silent"]


def _ids(holder: Value) -> list[str]:
    found = holder.get("utterance_ids")
    return [i for i in found if isinstance(i, str)] if isinstance(found, list) else []


def _begun(chunk: Value, tick: Value, role: str, words: object, calls: list[Value]) -> Value:
    at = tick.get("timestamp") or chunk.get("timestamp")
    times = {"started": at, "timestamp": at, "tick": id(tick), "is_silent": False}
    return {**chunk, "role": role, "content": words, "tool_calls": calls or None, **times}


def _continue(message: Value, chunk: Value, tick: Value, words: object) -> None:
    """Add a chunk's words to the message it continues."""
    message["content"] = f"{message['content'] or ''}{words}"
    message["timestamp"] = tick.get("timestamp") or chunk.get("timestamp")
    message["is_silent"] = False
    message["utterance_ids"] = [*_ids(message), *_ids(chunk)]


def _closed(message: Value) -> Value:
    return {k: v for k, v in message.items() if k != "is_silent"}
