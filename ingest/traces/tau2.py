"""Runs of tau2-bench: an agent, a simulated user and tools, message by message.

Three shapes are read: one task a file (`run_info`), a results file (`simulations`), one simulation
a file. A message carries only the time it was finished at: its step starts when the message before
it ended, or as long before as its generation took. System messages are no step. Spoken runs hold
ticks in place of messages. The cost is on the messages, and 0 for tokens that were used means no
price was known; the total stated beside them counts only where no message states a cost.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from ingest.fields.scalars import count, number, text
from ingest.fields.usage import put_tokens
from ingest.formats import Read, Reject, Sample, Value
from ingest.hashes import of_value
from ingest.traces.benchmarks.rows import is_later, reward_votes
from ingest.traces.benchmarks.ticks import messages_of
from ingest.traces.transcript import member, moment, objects

NAME = "tau2.run"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "Run `tau2 run --domain retail …`; load the results file it writes, or its folder of runs."

Row = dict[str, Any]

ASSISTANT, SIMULATOR = "assistant", "user_simulator"
STATUS = {"user_stop": "ok", "agent_stop": "ok", "max_steps": "timeout", "timeout": "timeout"}


class Simulation(NamedTuple):
    """One run in whichever shape, and what its file says of the models."""

    place: str
    run: Value
    domain: str | None
    agent_model: str | None = None
    user_model: str | None = None


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
        for found in _simulations(value):
            try:
                yield _rows(found)
            except (ValueError, OverflowError) as error:
                excerpt = json.dumps(found.run, default=str)[:500]
                yield Reject("shape", str(error), found.place, excerpt)


def _simulations(value: Value) -> Iterator[Simulation]:
    if "simulations" not in value:
        yield Simulation("", _flat(value), _domain(value))
        return
    info, runs = member(value, "info"), value["simulations"]
    domain = text(member(info, "environment_info").get("domain_name"))
    models = [text(member(info, who).get("llm")) for who in ("agent_info", "user_info")]
    for position, run in enumerate(runs if isinstance(runs, list) else [runs]):
        place = f"simulations[{position}]"
        yield Simulation(place, run if isinstance(run, dict) else {}, domain, *models)


def _flat(value: Value) -> Value:
    """A task file with the names that simulations have."""
    stated = member(value, "run_info")
    if not stated:
        return value
    renamed = {"id": stated.get("simulation_id"), "duration": stated.get("duration_sec")}
    return {**value, **stated, **renamed}


def _domain(value: Value) -> str | None:
    scenario = member(member(value, "task"), "user_scenario")
    return text(member(scenario, "instructions").get("domain"))


def _rows(simulation: Simulation) -> dict[str, list[Row]]:
    run = simulation.run
    messages = _messages(run)
    run_id = text(run.get("id")) or of_value(
        [text(run.get(name)) for name in ("task_id", "timestamp", "start_time", "trial", "seed")]
    )
    calls = {c["id"]: c for m in messages for c in _calls(m) if isinstance(c.get("id"), str)}
    steps: list[Row] = []
    payloads: list[Row] = []
    before = None
    for position, message in enumerate(messages):
        at = moment(message.get("timestamp"))
        step: Row = {"run_id": run_id, "step_id": str(position)}
        step |= {"started_at": _began(message, before, at), "ended_at": at}
        payloads.append({"run_id": run_id, "step_id": str(position), "attributes": {}})
        _put_message(step, payloads[-1], message, simulation, calls)
        steps.append(step)
        before = at or before
    rows = {"run_claims": [_claim(run_id, simulation, steps)], "steps": steps}
    return {**rows, "payloads": payloads, "outcome_votes": _votes(run_id, run)}


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
        raise ValueError("a message has none of the roles assistant, user, tool and system.")
    return [m for m in messages if m["role"] in roles]


def _calls(message: Value) -> list[Value]:
    calls = message.get("tool_calls")
    return [c for c in calls if isinstance(c, dict)] if isinstance(calls, list) else []


def _began(message: Value, before: datetime | None, at: datetime | None) -> datetime | None:
    """When a message began: as stated, else by how long it took, else when the last one ended."""
    started, seconds = (
        moment(message.get("started")),
        number(message.get("generation_time_seconds")),
    )
    if started is None and at is not None and seconds is not None and seconds >= 0:
        started = at - timedelta(seconds=seconds)
        if before is not None and is_later(before, started):
            started = before
    return started or before or at


def _put_message(
    step: Row, payload: Row, message: Value, simulation: Simulation, calls: dict[str, Value]
) -> None:
    if message["role"] == "tool":
        _put_tool(step, payload, message, calls)
        return
    is_agent = message["role"] == "assistant"
    cost, usage = number(message.get("cost")), message.get("usage")
    simulated = cost is not None or isinstance(usage, dict)
    step["kind"] = "llm" if is_agent or simulated else "other"
    step["name"] = step["agent"] = ASSISTANT if is_agent else SIMULATOR
    raw = member(message, "raw_data")
    known = simulation.agent_model if is_agent else simulation.user_model
    step["model"] = known
    step["response_model"], step["response_id"] = text(raw.get("model")), text(raw.get("id"))
    step["finish_reason"] = text(raw.get("finish_reason"))
    if isinstance(usage, dict):
        _put_usage(step, usage)
    is_known = cost is not None and (cost > 0 or (cost == 0 and not step.get("input_tokens")))
    step["cost_usd"] = cost if is_known else None
    content, requests = message.get("content"), _calls(message)
    payload["output"] = {"content": content, "tool_calls": requests} if requests else content


def _put_usage(step: Row, usage: Value) -> None:
    prompt, completion = (
        member(usage, f"{side}_tokens_details") for side in ("prompt", "completion")
    )
    put_tokens(
        step,
        count(usage.get("prompt_tokens")),
        count(usage.get("completion_tokens")),
        count(usage.get("cache_read_tokens", prompt.get("cached_tokens"))),
        count(usage.get("cache_creation_tokens", prompt.get("cache_creation_tokens"))),
        count(usage.get("reasoning_tokens", completion.get("reasoning_tokens"))),
    )


def _put_tool(step: Row, payload: Row, message: Value, calls: dict[str, Value]) -> None:
    call_id = text(message.get("id"))
    call = calls.get(call_id or "", {})
    step["kind"] = "tool"
    step["name"] = step["tool"] = text(call.get("name")) or "unknown"
    step["call_id"] = call_id
    step["agent"] = SIMULATOR if message.get("requestor") == "user" else ASSISTANT
    payload["input"], payload["output"] = call.get("arguments"), message.get("content")
    if message.get("error") is True:
        step["in_band_error"] = True
        step["error_message"] = (text(message.get("content")) or "")[:500]


def _claim(run_id: str, simulation: Simulation, steps: list[Row]) -> Row:
    run = simulation.run
    reason, seconds = _reason(run), number(run.get("duration"))
    started = next((s["started_at"] for s in steps if s["started_at"]), None)
    started = started or moment(run.get("start_time")) or moment(run.get("timestamp"))
    ended = moment(run.get("end_time"))
    if started is not None and seconds is not None:
        ended = started + timedelta(seconds=seconds)
    names = ("trial", "seed", "agent_cost", "user_cost")
    facts = {f"tau2.{name}": run[name] for name in names if run.get(name) is not None}
    return {
        "run_id": run_id,
        "domain": simulation.domain,
        "version": simulation.agent_model,
        "task_key": text(run.get("task_id")),
        "status": STATUS.get(reason, "error") if reason else None,
        "termination_reason": reason,
        "started_at": started,
        "ended_at": ended,
        "duration_ms": None if seconds is None else seconds * 1_000,
        "record_at": moment(run.get("timestamp")),
        "cost_usd": _stated_cost(run, steps),
        "attributes": facts,
    }


def _reason(run: Value) -> str | None:
    """Why the run ended, also where the name of the enumeration stands before it."""
    stated = text(run.get("termination_reason"))
    return stated.rpartition(".")[2].lower() if stated else None


def _stated_cost(run: Value, steps: list[Row]) -> float | None:
    """The agent's total in US dollars, for a run whose messages state no cost."""
    on_steps = any(s.get("cost_usd") is not None and s["agent"] == ASSISTANT for s in steps)
    total = number(run.get("agent_cost"))
    return total if not on_steps and total is not None and total > 0 else None


def _votes(run_id: str, run: Value) -> list[Row]:
    votes = reward_votes(run_id, member(run, "reward_info").get("reward"))
    return [{**vote, "voted_at": moment(run.get("timestamp"))} for vote in votes]
