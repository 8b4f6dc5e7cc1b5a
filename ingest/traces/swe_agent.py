"""Trajectories of SWE-agent (`.traj`): one run a file, a model call and a command a step.

There are no times, only how long a command took (seconds). Tokens and cost (USD) are stated for the
run. A file names its task in `replay_config` only, in newer versions. Demonstrations hold a history
and no trajectory. `exit_status` says how the run ended, not whether the task was solved.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.fields.messages import without_data
from ingest.fields.objects import mapping, member, objects
from ingest.fields.pages import each
from ingest.fields.scalars import count, text, unsigned
from ingest.formats import Read, Sample, Value
from ingest.hashes import of_value
from ingest.traces.transcript.steps import Steps, facts

NAME = "swe_agent.trajectory"
HOLDS: Literal["whole", "part"] = "whole"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = "Load the folder `trajectories/…` that `sweagent run` or `sweagent run-batch` wrote."

Row = dict[str, Any]

AGENT = "swe-agent"
STATUS = (
    ("submitted", "ok"),
    ("exit_cost", "timeout"),
    ("exit_total_execution_time", "timeout"),
    ("exit_command_timeout", "timeout"),
    ("exit", "error"),
    ("early_exit", "error"),
)


def accepts(sample: Sample) -> bool:
    """Whether a value is a trajectory: steps of action and observation, or a history of agents."""
    return sample.container == "json" and any(map(_is_trajectory, sample.values))


def _is_trajectory(value: Value) -> bool:
    steps, history = objects(value.get("trajectory")), objects(value.get("history"))
    if steps:
        return "observation" in steps[0] and "action" in steps[0] and "info" in value
    told = bool(history) and all("role" in m and "agent" in m for m in history[:3])
    return told and not {"instance_id", "messages"} & set(value)


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One run a value."""
    return each(values, _runs)


def _runs(value: Value, _: str) -> Iterator[Read]:
    if not any(isinstance(value.get(name), list) for name in ("trajectory", "history")):
        raise ValueError("it has no list of steps: neither a trajectory nor a history.")
    info, config = member(value, "info"), mapping(value.get("replay_config"))
    steps = Steps(of_value([value.get(n) for n in ("environment", "trajectory", "history")]))
    model = text(member(member(config, "agent"), "model").get("name"))
    spoken = list(_spoken(objects(value.get("history"))))
    turns = objects(value.get("trajectory")) or spoken
    calls: list[Value] = [next(iter(objects(s.get("tool_calls"))), {}) for s in spoken]
    if len(calls) != len(turns):
        calls = [{}] * len(turns)
    for turn, call in zip(turns, calls, strict=True):
        _put_turn(steps, turn, model, call)
    yield steps.record(_claim(info, config))


def _spoken(history: list[Value]) -> Iterator[Value]:
    """What the agent said, with the answer that follows it; a demonstration is no part of it."""
    for place, message in enumerate(history):
        if message.get("role") == "assistant" and message.get("is_demo") is not True:
            after = history[place + 1 : place + 2]
            answer = after[0].get("content") if after else None
            yield {**message, "response": message.get("content"), "observation": answer}


def _put_turn(steps: Steps, turn: Value, model: str | None, call: Value) -> None:
    place = len(steps.rows)
    step = steps.step(f"model-{place}", "llm", "assistant")
    step["model"], step["agent"] = model, AGENT
    payload = steps.payload(step)
    payload["output"], payload["rationale"] = turn.get("response"), text(turn.get("thought"))
    action = text(turn.get("action"))
    if action is None:
        return
    function, call_id = member(call, "function"), text(call.get("id"))
    name = text(function.get("name")) or next(iter(action.split()), None)
    tool = steps.tool(call_id or f"command-{place}", name)
    tool["agent"], tool["call_id"] = AGENT, call_id
    seconds = unsigned(turn.get("execution_time"))
    tool["duration_ms"] = None if seconds is None else seconds * 1_000
    payload = steps.payload(tool)
    payload["input"] = text(function.get("arguments")) or action
    payload["output"] = without_data(turn.get("observation"))


def _claim(info: Value, config: Value) -> Row:
    stats, reason = member(info, "model_stats"), text(info.get("exit_status"))
    return {
        "service_name": AGENT,
        "version": text(info.get("swe_agent_version")),
        "task_key": text(member(config, "problem_statement").get("id")),
        "status": next((s for word, s in STATUS if (reason or "").startswith(word)), "unknown"),
        "termination_reason": reason,
        "input_tokens": count(stats.get("tokens_sent")),
        "output_tokens": count(stats.get("tokens_received")),
        "cost_usd": unsigned(stats.get("instance_cost")) or None,
        "attributes": facts("swe_agent", stats, "api_calls"),
    }
