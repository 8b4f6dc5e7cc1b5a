"""Who speaks in a log of one or several agents, and what a speaker's label says of the message.

Magentic-One writes `Orchestrator (thought)`, `Orchestrator (-> WebSurfer)` and
`Orchestrator (termination condition)`; a terminal runs code and calls no model.
"""

from __future__ import annotations

import re
from typing import Any

Row = dict[str, Any]

LABEL = re.compile(r"(?P<agent>[^()]+?)\s*\((?P<note>[^()]*)\)\s*", re.ASCII)
PEOPLE = frozenset({"human", "user", "user_proxy", "userproxy"})
TERMINALS = frozenset({"computerterminal", "computer_terminal", "executor"})
NOTES = {"thought": "plan", "termination condition": "other"}
ASSISTANT, SIMULATOR = "assistant", "user_simulator"
REPLY: Row = {"kind": "llm", "name": ASSISTANT, "agent": ASSISTANT}
REQUEST: Row = {"kind": "other", "name": SIMULATOR, "agent": SIMULATOR}
UNKNOWN_ROLE = "a message has none of the roles assistant, user, tool and system."


def speaker(label: str) -> Row:
    """Kind, name, agent and hand-over of a message by its speaker's label."""
    matched = LABEL.fullmatch(label)
    agent, note = matched.group("agent", "note") if matched else (label.strip(), "")
    folded = agent.lower()
    if folded in PEOPLE:
        return {"kind": "human", "name": agent}
    step: Row = {"kind": NOTES.get(note.strip().lower(), "llm"), "name": agent, "agent": agent}
    if folded in TERMINALS:
        step |= {"kind": "tool", "tool": agent}
    if note.startswith("->"):
        step["handoff_to"] = note[2:].strip() or None
    return step
