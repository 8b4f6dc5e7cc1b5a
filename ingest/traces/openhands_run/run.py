"""What a run of OpenHands is put together from, in events of any version, and its metrics.

Metrics are running totals. Those of an evaluation list the usage of every call by response id, and
their costs (USD) in the same order; those on an event are the totals up to it, so a call's share is
their growth.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ingest.fields.messages import brief, without_data
from ingest.fields.objects import member, objects
from ingest.fields.scalars import number, text, unsigned
from ingest.fields.usage import put_chat_usage
from ingest.formats import Value
from ingest.traces.transcript.steps import Steps

Row = dict[str, Any]

AGENT = "openhands"
USAGE = (
    "prompt_tokens",
    "completion_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
)
ENDS = {
    "finished": "ok",
    "error": "error",
    "stuck": "error",
    "rejected": "cancelled",
    "stopped": "cancelled",
}


class Run(Steps):
    """A run under way: when it last did anything, how it stands, and what its metrics said."""

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id)
        self.latest: datetime | None = None
        self.end: Row = {"status": "unknown"}
        self.approvals: list[Row] = []
        self.totals: Value = {}
        self.told: dict[str, Row] = {}

    def know(self, metrics: Value) -> None:
        """Keep what an evaluation's metrics say of single calls."""
        used, costs = objects(metrics.get("token_usages")), objects(metrics.get("costs"))
        paid: list[Value] = costs if len(costs) == len(used) else [{}] * len(used)
        for usage, cost in zip(used, paid, strict=True):
            if response_id := text(usage.get("response_id")):
                row: Row = {"model": text(usage.get("model"))}
                put_chat_usage(row, usage)
                row["cost_usd"] = unsigned(cost.get("cost"))
                self.told[response_id] = row

    def model(self, response_id: str | None, place: int, at: datetime | None) -> Row:
        """The step of a model call; calls of tools that one answer asked for share it."""
        key = response_id or f"model-{place}"
        if key in self.rows:
            return self.rows[key]
        step = self.step(key, "llm", "assistant")
        step["agent"], step["response_id"] = AGENT, response_id
        step["started_at"], step["ended_at"] = self.latest or at, at
        step.update(self.told.get(key, {}))
        return step

    def growth(self, step: Row, totals: Value) -> None:
        """Give a call what the totals grew by since the event before it."""
        before, self.totals = self.totals, totals
        cost = unsigned(totals.get("accumulated_cost"))
        if cost is not None and step.get("cost_usd") is None:
            spent = cost - (unsigned(before.get("accumulated_cost")) or 0)
            step["cost_usd"] = round(spent, 12) if spent > 0 else None
        now, then = (member(t, "accumulated_token_usage") for t in (totals, before))
        if now and step.get("input_tokens") is None:
            counts = {n: (number(now.get(n)) or 0) - (number(then.get(n)) or 0) for n in USAGE}
            if counts["prompt_tokens"] > 0:
                put_chat_usage(step, counts)
                step["model"] = step.get("model") or text(now.get("model"))

    def person(self, key: str, content: object, at: datetime | None) -> None:
        """Add what a person wrote; they had the time since the run last did anything."""
        step = self.step(key, "human", "user")
        step["started_at"], step["ended_at"] = self.latest or at, at
        self.payload(step)["output"] = without_data(content)

    def asked(self, key: str, name: str, arguments: object, at: datetime | None) -> Row:
        """Add the call of a tool."""
        step = self.tool(key, name)
        step["agent"], step["started_at"] = AGENT, at
        self.payload(step)["input"] = without_data(arguments)
        return step

    def answered(self, key: str, content: object, at: datetime | None, is_error: bool) -> None:
        """Add the answer of a tool to its call; one that was never called is left out."""
        step = self.rows.get(key)
        if step is None:
            return
        step["ended_at"] = at
        self.payload(step)["output"] = without_data(content)
        if is_error:
            step["in_band_error"], step["error_message"] = True, brief(content)

    def refused(self, key: str, by: str, at: datetime | None) -> None:
        """Note that a call was not allowed, so it did not run."""
        step = self.rows.get(key)
        if step is None:
            return
        step["is_executed"], step["ended_at"] = False, at
        if (requested := step.get("started_at") or at) is not None:
            ids = {"run_id": self.run_id, "step_id": step["step_id"], "action": step["name"]}
            decided = {"requested_at": requested, "decided_at": at, "decision": "rejected"}
            self.approvals.append({**ids, **decided, "decider_type": by})

    def stands(self, state: str | None) -> None:
        """Note the state the run came to."""
        if state is not None:
            self.end = {"status": ENDS.get(state, "unknown")}
            self.end["termination_reason"] = state


def put_totals(claim: Row, rows: dict[str, Row], metrics: Value) -> None:
    """Set the run's tokens and cost (USD) where its steps have none of them."""
    steps = rows.values()
    if all(s.get("cost_usd") is None for s in steps):
        claim["cost_usd"] = unsigned(metrics.get("accumulated_cost")) or None
    usage = member(metrics, "accumulated_token_usage")
    if usage and all(s.get("input_tokens") is None for s in steps):
        put_chat_usage(claim, usage)
