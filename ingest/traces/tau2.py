"""Runs of tau2-bench: an agent, a simulated user and tools, message by message.

Three shapes are read: one task a file (`run_info`), a results file (`simulations`), one simulation
a file. A message carries only the time it was finished at: its step starts when the message before
it ended, or as long before as its generation took. System messages are no step. Spoken runs hold
ticks in place of messages. The cost is on the messages, and 0 for tokens that were used means no
price was known; the total stated beside them counts only where no message states a cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any, Literal, NamedTuple

from ingest.fields.messages import brief
from ingest.fields.moments import after, is_later, stated_time
from ingest.fields.objects import member, objects
from ingest.fields.pages import items, unpacked
from ingest.fields.scalars import number, text, unsigned
from ingest.fields.usage import put_chat_usage
from ingest.formats import Read, Sample, Value
from ingest.hashes import of_value
from ingest.traces.transcript.speakers import ASSISTANT, REPLY, REQUEST, SIMULATOR, UNKNOWN_ROLE
from ingest.traces.transcript.steps import Transcript, facts, reward_votes
from ingest.traces.transcript.ticks import messages_of

NAME = "tau2.run"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "Run `tau2 run --domain retail …`; load the results file it writes, or its folder of runs."

Row = dict[str, Any]

STATUS = {"user_stop": "ok", "agent_stop": "ok", "max_steps": "timeout", "timeout": "timeout"}


class Told(NamedTuple):
    """What a file says beside its runs: the domain and the models that were meant to speak."""

    domain: str | None
    agent_model: str | None
    user_model: str | None


def accepts(sample: Sample) -> bool:
    """Whether the values are tau2 runs or lists of them."""
    if sample.container != "json":
        return False
    if sample.has("simulations"):
        return sample.has("tasks", "info") or _is_told(sample.under("simulations"))
    return _is_told(sample)


def _is_told(sample: Sample) -> bool:
    """Whether the values are attempts at a task, told by messages or ticks, with a reward."""
    told = sample.has("task_id", "reward_info") and bool({"messages", "ticks"} & sample.columns)
    return told and (sample.has("run_info") or sample.has("id", "termination_reason"))


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One run with its steps and its reward as a vote; a run of the wrong shape is a reject."""
    for value in values:
        yield from unpacked(items(value, "simulations"), partial(_runs, _told(value)))


def _told(value: Value) -> Told:
    info, scenario = member(value, "info"), member(member(value, "task"), "user_scenario")
    domain = text(member(info, "environment_info").get("domain_name"))
    domain = domain or text(member(scenario, "instructions").get("domain"))
    agent, user = (text(member(info, who).get("llm")) for who in ("agent_info", "user_info"))
    return Told(domain, agent, user)


def _flat(value: Value) -> Value:
    """A task file with the names that simulations have."""
    stated = member(value, "run_info")
    if not stated:
        return value
    renamed = {"id": stated.get("simulation_id"), "duration": stated.get("duration_sec")}
    return {**value, **stated, **renamed}


def _runs(told: Told, value: Value, _: str) -> Iterator[Read]:
    run = _flat(value)
    messages = _messages(run)
    run_id = text(run.get("id")) or of_value(
        [text(run.get(name)) for name in ("task_id", "timestamp", "start_time", "trial", "seed")]
    )
    transcript, calls, before = Transcript(run_id), dict[str, Value](), None
    for position, message in enumerate(messages):
        at = stated_time(message.get("timestamp"))
        times = {"started_at": _began(message, before, at), "ended_at": at}
        if message["role"] == "tool":
            _add_answer(transcript, str(position), message, times, calls)
        else:
            requests = objects(message.get("tool_calls"))
            calls |= {c["id"]: c for c in requests if isinstance(c.get("id"), str)}
            _add_turn(transcript, str(position), message, times, told)
        before = at or before
    claim = _claim(told, run, list(transcript.rows.values()))
    yield transcript.record(claim, outcome_votes=_votes(run_id, run))


def _messages(run: Value) -> list[Value]:
    """The messages that are steps, those of several tool answers taken apart."""
    stated = run.get("messages", False)
    if not stated and isinstance(run.get("ticks"), list):
        stated = messages_of(objects(run["ticks"]))
    if not isinstance(stated, list | None):
        raise ValueError("it has no list of messages.")
    messages: list[Value] = []
    for message in stated or []:
        if not isinstance(message, dict):
            raise ValueError("a message is not an object.")
        inner = message.get("tool_messages")
        messages += inner if isinstance(inner, list) else [message]
    roles = ("assistant", "user", "tool")
    if not all(isinstance(m, dict) and m.get("role") in (*roles, "system") for m in messages):
        raise ValueError(UNKNOWN_ROLE)
    return [m for m in messages if m["role"] in roles]


def _began(message: Value, before: datetime | None, at: datetime | None) -> datetime | None:
    """When a message began: as stated, else by how long it took, else when the last one ended."""
    if started := stated_time(message.get("started")):
        return started
    seconds = unsigned(message.get("generation_time_seconds"))
    begun = after(at, None if seconds is None else -seconds)
    return before or at if begun is None or is_later(before, begun) else begun


def _add_turn(transcript: Transcript, step_id: str, message: Value, times: Row, told: Told) -> None:
    """What a model said or called, in the place of the agent or of the user."""
    is_agent, cost = message["role"] == "assistant", unsigned(message.get("cost"))
    usage, raw = message.get("usage"), member(message, "raw_data")
    by_model = is_agent or cost is not None or isinstance(usage, dict)
    step: Row = (REPLY if is_agent else REQUEST) | {"kind": "llm" if by_model else "other"} | times
    step["model"] = told.agent_model if is_agent else told.user_model
    step["response_model"], step["response_id"] = text(raw.get("model")), text(raw.get("id"))
    step["finish_reason"] = text(raw.get("finish_reason"))
    if isinstance(usage, dict):
        put_chat_usage(step, usage)
    step["cost_usd"] = None if cost == 0 and step.get("input_tokens") else cost
    content, requests = message.get("content"), objects(message.get("tool_calls"))
    output = {"content": content, "tool_calls": requests} if requests else content
    transcript.add(step_id, step, output=output)


def _add_answer(
    transcript: Transcript, step_id: str, message: Value, times: Row, calls: dict[str, Value]
) -> None:
    call_id, content = text(message.get("id")), message.get("content")
    call = calls.get(call_id or "", {})
    name = text(call.get("name")) or "unknown"
    step: Row = {"kind": "tool", "name": name, "tool": name, "call_id": call_id, **times}
    step["agent"] = SIMULATOR if message.get("requestor") == "user" else ASSISTANT
    if message.get("error") is True:
        step["in_band_error"], step["error_message"] = True, brief(content)
    transcript.add(step_id, step, input=call.get("arguments"), output=content)


def _claim(told: Told, run: Value, steps: list[Row]) -> Row:
    reason, seconds = _reason(run), number(run.get("duration"))
    started = next((s["started_at"] for s in steps if s["started_at"]), None)
    started = started or stated_time(run.get("start_time")) or stated_time(run.get("timestamp"))
    return {
        "domain": told.domain,
        "version": told.agent_model,
        "task_key": text(run.get("task_id")),
        "status": STATUS.get(reason, "error") if reason else None,
        "termination_reason": reason,
        "started_at": started,
        "ended_at": after(started, seconds) or stated_time(run.get("end_time")),
        "duration_ms": None if seconds is None else seconds * 1_000,
        "record_at": stated_time(run.get("timestamp")),
        "cost_usd": _stated_cost(run, steps),
        "attributes": facts("tau2", run, "trial", "seed", "agent_cost", "user_cost"),
    }


def _reason(run: Value) -> str | None:
    """Why the run ended, also where the name of the enumeration stands before it."""
    stated = text(run.get("termination_reason"))
    return stated.rpartition(".")[2].lower() if stated else None


def _stated_cost(run: Value, steps: list[Row]) -> float | None:
    """The agent's total in US dollars, for a run whose messages state no cost."""
    on_steps = any(s.get("cost_usd") is not None and s["agent"] == ASSISTANT for s in steps)
    return None if on_steps else unsigned(run.get("agent_cost")) or None


def _votes(run_id: str, run: Value) -> list[Row]:
    votes = reward_votes(run_id, member(run, "reward_info").get("reward"))
    return [{**vote, "voted_at": stated_time(run.get("timestamp"))} for vote in votes]
