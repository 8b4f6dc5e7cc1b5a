"""Spoken conversations of tau2, which are stored in ticks of a fraction of a second.

Both sides may speak in one tick. What a side says in ticks that follow each other, or under one
utterance id, is one message; silence is none. Sound stands in for words only in files of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter

from ingest.fields.objects import member, objects
from ingest.formats import Value

SIDES = (("agent", "assistant"), ("user", "user"))


def messages_of(ticks: list[Value]) -> list[Value]:
    """The messages of all ticks by when they began, each with `started` beside its `timestamp`."""
    found = [told for side, role in SIDES for told in _one_side(ticks, side, role)]
    return [message for _, message in sorted(found, key=itemgetter(0))]


def _one_side(ticks: list[Value], side: str, role: str) -> Iterator[tuple[int, Value]]:
    """What one side said and called, and the answers to its calls, with the tick it began in."""
    spoken, began, is_silent = Value(), 0, False
    for number, tick in enumerate(ticks):
        chunk, calls = member(tick, f"{side}_chunk"), objects(tick.get(f"{side}_tool_calls"))
        answers = objects(tick.get(f"{side}_tool_results"))
        words = chunk.get("audio_script_gold" if chunk.get("is_audio") else "content")
        if not (words or calls or answers):
            is_silent = True
            continue
        if spoken and words and not calls and (not is_silent or _is_shared(spoken, chunk)):
            _continue(spoken, chunk, tick, words)
            is_silent = False
            continue
        if spoken:
            yield began, spoken
            spoken = {}
        if words or calls:
            spoken, began, is_silent = _begun(chunk, tick, role, words, calls), number, False
        if spoken and (calls or answers):
            yield began, spoken
            spoken = {}
        for answer in answers:
            yield number, {"role": "tool", "requestor": role, **answer}
    if spoken:
        yield began, spoken


def _is_shared(message: Value, chunk: Value) -> bool:
    """Whether a chunk is of an utterance that the message already has a part of."""
    return not set(_ids(message)).isdisjoint(_ids(chunk))


def _ids(holder: Value) -> list[str]:
    found = holder.get("utterance_ids")
    return [i for i in found if isinstance(i, str)] if isinstance(found, list) else []


def _begun(chunk: Value, tick: Value, role: str, words: object, calls: list[Value]) -> Value:
    at = tick.get("timestamp") or chunk.get("timestamp")
    times = {"started": at, "timestamp": at}
    return {**chunk, "role": role, "content": words, "tool_calls": calls or None, **times}


def _continue(message: Value, chunk: Value, tick: Value, words: object) -> None:
    """Add a chunk's words to the message it continues."""
    message["content"] = f"{message['content'] or ''}{words}"
    message["timestamp"] = tick.get("timestamp") or chunk.get("timestamp")
    message["utterance_ids"] = [*_ids(message), *_ids(chunk)]
