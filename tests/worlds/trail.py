"""One run as it happens: spans of agents, model calls and tool calls, one after the other."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from store_builder import step_row

USD_PER_TOKEN = {"input": 2e-5, "output": 8e-5}
MODEL, VERSION = "model-l", "8"
Row = dict[str, Any]


class Trail:
    """The steps of one run, appended in the order they happen."""

    def __init__(self, run: Row, root: str, dice: Random) -> None:
        self.run, self.dice = run, dice
        self.steps: list[Row] = []
        self.clock_s = 0.0
        self.owner = self.agent(root, None)

    def agent(self, name: str, above: Row | None) -> Row:
        """The span of an agent; steps added next are its own."""
        path = f"{above['agent_path']} > {name}" if above else name
        parent = above["step_id"] if above else None
        known = {
            "agent": name,
            "agent_path": path,
            "role": "work",
            "reenters_agent": False,
            "parent_step_id": parent,
        }
        row = self._add("agent", name, len(path.split(" > ")) - 1, **known)
        self.clock_s -= 1
        self.owner = row
        return row

    def back_to(self, agent: Row) -> None:
        """The current agent returns to the one that called it."""
        self._close(self.owner)
        self.owner = agent

    def llm(self, name: str, tokens: int, **columns: Any) -> Row:
        """A priced model call."""
        output = tokens // 8
        cost = tokens * USD_PER_TOKEN["input"] + output * USD_PER_TOKEN["output"]
        usage = {"input_tokens": tokens, "output_tokens": output, "cost_usd": cost}
        known = {"model": MODEL, "response_model": MODEL, "finish_reason": "stop"}
        priced = {"cost_source": "priced", "price_version": "2026-10", "prompt_version": VERSION}
        return self.work("llm", name, **usage, **known, **priced, **columns)

    def tool(self, tool: str, **columns: Any) -> Row:
        """A tool call that the gateway let through."""
        known = {"tool": tool, "system": tool.split(".")[0], "side_effect": "read"}
        shape = {"output_shape_hash": f"shape of {tool}", "is_executed": True, "is_gated": False}
        granted = {
            "principal": f"{self.owner['agent']}-key",
            "attempt": 1,
            "authority": "policy:reads",
        }
        return self.work("tool", tool, **known | shape | granted | columns)

    def work(self, kind: str, name: str, **columns: Any) -> Row:
        """A step of the current agent."""
        agent = self.owner
        place = f"{self.run['run_id']}.{len(self.steps)}"
        known = {"agent": agent["agent"], "agent_path": agent["agent_path"]}
        hashes = {"input_hash": f"in {place}", "output_hash": f"out {place}"}
        own = {"parent_step_id": agent["step_id"], **known, **hashes}
        return self._add(kind, name, agent["depth"] + 1, **own | columns)

    def _add(self, kind: str, name: str, depth: int, **columns: Any) -> Row:
        number = len(self.steps)
        place = {"kind": kind, "name": name, "seq": number, "depth": depth}
        row = step_row(self.run, f"s{number}", self.clock_s, **place, **columns)
        self.clock_s += 1 + self.dice.random()
        self.steps.append(row)
        return row

    def _close(self, agent: Row) -> None:
        agent["ended_at"] = self.run["started_at"] + timedelta(seconds=self.clock_s)
        agent["duration_ms"] = 1000 * self.clock_s

    def close(self) -> list[Row]:
        """The steps, with the totals of the run filled in."""
        self._close(self.owner)
        self._close(self.steps[0])
        run, steps = self.run, self.steps
        kinds = [step["kind"] for step in steps]
        waited = sum(step["duration_ms"] for step in steps if step["kind"] == "human")
        run |= {
            "ended_at": steps[0]["ended_at"],
            "duration_ms": 1000 * self.clock_s,
            "machine_ms": 1000 * self.clock_s - waited,
            "n_steps": len(steps),
            "n_llm_calls": kinds.count("llm"),
            "n_tool_calls": kinds.count("tool"),
            "n_agents": len({step["agent"] for step in steps}),
            "cost_source": "priced",
        }
        for total in ("input_tokens", "output_tokens", "cost_usd"):
            run[total] = sum(step.get(total) or 0 for step in steps)
        return steps
