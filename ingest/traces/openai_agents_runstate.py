"""Saved states of the OpenAI Agents SDK (`RunState`), which runs waiting for an approval leave.

A state is what its run was when it stopped: running, with the tool calls that wait for a person. It
holds no time at all, and an approval without one cannot be placed: approvals are counted as ignored
and named in the run's attributes, and `approvals.csv` is the way to load them with their times. The
tokens are those of the run so far, and count only where no trace of the run tells them call by
call. Python and JavaScript spell the fields in snake_case and camelCase.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ingest.fields.names import snake
from ingest.fields.objects import member, objects
from ingest.fields.scalars import first_count, text
from ingest.fields.usage import put_tokens
from ingest.formats import Ignored, Read, Reject, Sample, Value
from ingest.hashes import of_value

NAME = "openai_agents.runstate"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "files"
OBTAIN = (
    "Save `json.dumps(result.to_state().to_json())` of a run of the OpenAI Agents SDK that was"
    " interrupted for an approval."
)

Row = dict[str, Any]

VERSION, TURN = "$schemaVersion", frozenset({"current_turn", "currentTurn"})
INTERRUPTED = "next_step_interruption"
PENDING = "pending approvals: a saved state has no times; load approvals.csv with requested_at"
DECIDED = "decided approvals: a saved state has no times; load approvals.csv with requested_at"


def accepts(sample: Sample) -> bool:
    """Whether the values are saved states."""
    return (
        sample.container == "json" and sample.has(VERSION) and not TURN.isdisjoint(sample.columns)
    )


def read(values: Iterator[Value]) -> Iterator[Read]:
    """One run a state, and one ignored record for every approval it holds."""
    for value in values:
        state = _plain(value)
        if "current_turn" not in state:
            yield Reject("shape", "it is no saved state of a run.", excerpt=str(value)[:500])
            continue
        context = _plain(member(state, "context"))
        pending = _pending(state)
        decided = [_plain(a) for a in member(context, "approvals").values() if isinstance(a, dict)]
        yield {"run_claims": [_claim(state, context, pending)]}
        for _ in pending:
            yield Ignored(PENDING)
        for approval in decided:
            for _ in _calls(approval.get("approved")) + _calls(approval.get("rejected")):
                yield Ignored(DECIDED)


def _plain(value: Value) -> Value:
    """The object under snake_case names."""
    return {snake(str(name)): held for name, held in value.items()}


def _calls(decided: object) -> list[Any]:
    """The calls that were decided on; `true` stands for all calls of a tool."""
    return decided if isinstance(decided, list) else [True] if decided is True else []


def _pending(state: Value) -> list[str]:
    """The tools whose calls wait for an approval."""
    step = _plain(member(state, "current_step"))
    if step.get("type") != INTERRUPTED:
        return []
    data = _plain(member(step, "data")) or step
    return [_tool(_plain(item)) for item in objects(data.get("interruptions"))]


def _tool(item: Value) -> str:
    raw = member(item, "raw_item")
    return text(item.get("tool_name")) or text(raw.get("name")) or "unknown"


def _claim(state: Value, context: Value, pending: list[str]) -> Row:
    trace = _plain(member(state, "trace"))
    agent = text(member(state, "current_agent").get("name"))
    claim: Row = {
        "run_id": text(trace.get("id")) or _identity(state),
        "workflow_name": text(trace.get("workflow_name")) or agent,
        "session_id": text(trace.get("group_id")) or text(state.get("conversation_id")),
        "status": "running" if pending else None,
        "attributes": {
            "openai_agents.current_agent": agent,
            "openai_agents.current_turn": state.get("current_turn"),
            "openai_agents.pending_approvals": len(pending),
            "openai_agents.pending_tools": ", ".join(sorted(set(pending))) or None,
            "time_note": "a saved state has no times",
        },
    }
    _put_usage(claim, _plain(member(context, "usage")))
    return claim


def _identity(state: Value) -> str:
    responses = [_plain(r) for r in objects(state.get("model_responses"))]
    ids = [text(r.get("response_id")) for r in responses]
    return of_value([*ids, state.get("original_input"), state.get("current_turn")])


def _put_usage(claim: Row, usage: Value) -> None:
    if not first_count(usage, "requests"):
        return
    asked, said = (_details(usage.get(f"{side}_tokens_details")) for side in ("input", "output"))
    put_tokens(
        claim,
        first_count(usage, "input_tokens"),
        first_count(usage, "output_tokens"),
        first_count(asked, "cached_tokens"),
        first_count(asked, "cache_write_tokens"),
        first_count(said, "reasoning_tokens"),
    )


def _details(found: object) -> Value:
    """The parts of a side of the usage, an object or a list of one a request."""
    parts = [_plain(p) for p in objects(found if isinstance(found, list) else [found])]
    names = {name for part in parts for name in part}
    counts = {n: [c for p in parts if (c := first_count(p, n)) is not None] for n in names}
    return {name: sum(found) for name, found in counts.items() if found}
