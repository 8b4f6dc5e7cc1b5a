"""One row a run, from what its sources claim of it, its steps, votes and declaration."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson

from ingest.casts import since_epoch
from ingest.declared import Declared
from ingest.fields.usage import TOKENS
from ingest.outcomes import winner
from ingest.schema import TABLES
from ingest.tree import USER_SIMULATOR, covered, failed

Row = dict[str, Any]

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{24,}\b", re.IGNORECASE)
ABANDONED_AFTER = timedelta(hours=24)
STAGES = next(c.words for c in TABLES["runs"].columns if c.name == "stage")
CLAIMED = [
    c.name
    for c in TABLES["run_claims"].columns
    if c.name in {r.name for r in TABLES["runs"].columns}
    and c.name not in {"run_id", "source_id", "attributes", "status", *TOKENS, "cost_usd"}
]


class Evidence(NamedTuple):
    """Everything known of one run; claims with the one that saw the root first."""

    workflow: str
    claims: list[Row]
    steps: list[Row]
    votes: list[Row]
    waits: list[tuple[int, int]]
    gateway_cost_usd: float | None


def run_row(run_id: str, known: Evidence, declared: Declared, as_of: datetime, loaded: int) -> Row:
    """The run's row; times in microseconds. `loaded` stands in where the data hold no time."""
    claims = known.claims
    row: Row = dict.fromkeys(CLAIMED)
    for claim in reversed(claims):
        row.update((n, claim[n]) for n in CLAIMED if claim[n] is not None)
    row["run_id"], row["source_id"] = run_id, claims[0]["source_id"] if claims else ""
    if not claims:
        row["source_id"] = min(s["source_id"] for s in known.steps)
    row["workflow"] = known.workflow
    _place(row, claims, declared)
    _times(row, claims, known, loaded)
    _status(row, claims, known.steps)
    _outcome(row, known, as_of)
    _totals(row, claims, known)
    row["attributes"] = _attributes(claims)
    return row


def in_order(claims: list[Row]) -> list[Row]:
    """Claims with the one that saw the root first, then by source."""
    return sorted(claims, key=lambda c: (not c["root_name"], c["source_id"]))


def _first(rows: Iterable[Row], name: str) -> Any:
    return next((r[name] for r in rows if r[name] is not None), None)


def workflow_of(claims: list[Row], steps: list[Row], declared: Declared) -> str:
    """The workflow a run belongs to: the first known of the names in the README's order."""
    services = [c["service_name"] for c in claims if c["service_name"]]
    known = [s for s in sorted(services) if not s.startswith("unknown_service")]
    agents = sorted({s["agent"] for s in steps if s["kind"] == "agent" and s["agent"]})
    folders = [c["folder"].replace("\\", "/").rsplit("/", 1)[-1] for c in claims if c["folder"]]
    chosen = (
        _first(claims, "option_workflow"),
        declared.by_source([c["path"] for c in claims if c["path"]]),
    )
    found = (
        _first(claims, "workflow_name"),
        *known[:1],
        _first(claims, "root_name"),
        _first(claims, "domain"),
        *agents[:1],
        *sorted(folders)[:1],
    )
    names = (*chosen, *(without_id(name) for name in found if name))
    return next((name for name in names if name), "default")


def without_id(name: str) -> str:
    """A name less the ids that frameworks put into it: with them every run would be its own."""
    kept = ID.sub("", name)
    return name if kept == name else kept.strip(" .:/_-#()[]")


def _place(row: Row, claims: list[Row], declared: Declared) -> None:
    row["version"] = row["version"] or _first(claims, "leaf")
    deployment = _first(claims, "deployment")
    row["environment"] = row["environment"] or deployment
    place = (deployment or row["environment"] or "").lower()
    seen = place if place in STAGES else "production" if place.startswith("prod") else "pilot"
    known = "replay" if seen == "replay" else declared.stage(row["workflow"])
    row["stage"] = _first(claims, "option_stage") or known or seen


def _times(row: Row, claims: list[Row], known: Evidence, loaded: int) -> None:
    starts = [t for t in (s["started_at"] for s in known.steps) if t is not None]
    starts += [c["started_at"] for c in claims if c["started_at"] is not None]
    ends = [t for t in (s["ended_at"] for s in known.steps) if t is not None]
    ends += [c["ended_at"] for c in claims if c["ended_at"] is not None]
    row["started_at"] = min(starts, default=loaded)
    row["time_source"] = row["time_source"] or ("reported" if starts else "load")
    open_root = any(s["depth"] == 0 and s["ended_at"] is None for s in known.steps)
    row["ended_at"] = max(ends) if ends and not open_root else None
    if row["duration_ms"] is None and starts and row["ended_at"] is not None:
        row["duration_ms"] = (row["ended_at"] - row["started_at"]) / 1_000
    row["machine_ms"] = None
    if row["duration_ms"] is not None:
        human = [
            (s["started_at"], s["ended_at"])
            for s in known.steps
            if s["kind"] == "human" and s["started_at"] is not None and s["ended_at"] is not None
        ]
        waits = covered(sorted([*human, *known.waits])) / 1_000
        row["machine_ms"] = max(row["duration_ms"] - waits, 0.0)


def _status(row: Row, claims: list[Row], steps: list[Row]) -> None:
    stated = [c["status"] for c in claims if c["status"]]
    has_root = any(c["root_name"] for c in claims) or any(c["holds"] == "whole" for c in claims)
    if stated:
        row["status"] = stated[0]
    elif steps and row["ended_at"] is None:
        row["status"] = "running"
    else:
        row["status"] = "ok" if has_root and row["ended_at"] is not None else "unknown"
    bad = [s for s in steps if failed(s)]
    if row["status"] in ("error", "timeout") and bad and row["error_class"] is None:
        row["error_class"] = bad[-1]["error_class"]
        row["error_message"] = row["error_message"] or bad[-1]["error_message"]


def _outcome(row: Row, known: Evidence, as_of: datetime) -> None:
    vote = winner(known.votes)
    row["outcome"], row["outcome_source"] = "unknown", "none"
    late = since_epoch(as_of - ABANDONED_AFTER)
    if vote:
        row["outcome"], row["outcome_source"] = vote["outcome"], vote["source"]
        row["score"] = vote["score"] if vote["score"] is not None else row["score"]
    elif row["status"] in ("error", "timeout"):
        row["outcome"], row["outcome_source"] = "failure", "status"
    elif row["status"] == "running" and row["started_at"] < late:
        row["outcome"], row["outcome_source"] = "abandoned", "status"
    trouble = any(failed(s) for s in known.steps)
    row["recovered"] = (row["outcome"] == "success") if trouble else None


def _totals(row: Row, claims: list[Row], known: Evidence) -> None:
    """Counts, tokens and cost of the agent; a simulated user is no part of them."""
    steps = [s for s in known.steps if s["agent"] != USER_SIMULATOR]
    row["n_steps"] = len(known.steps)
    row["n_llm_calls"] = sum(s["kind"] == "llm" for s in steps)
    row["n_tool_calls"] = sum(s["kind"] == "tool" for s in steps)
    row["n_agents"] = len({s["agent"] for s in steps if s["agent"]})
    if row["architecture"] is None and row["n_agents"]:
        row["architecture"] = "multi" if row["n_agents"] > 1 else "single"
    for name in TOKENS:
        row[name] = _sum(s[name] for s in steps)
        if row[name] is None:
            row[name] = _first(claims, name)
    row["cost_usd"], row["cost_source"] = _cost(steps, claims, known.gateway_cost_usd)


def _cost(steps: list[Row], claims: list[Row], gateway_usd: float | None) -> tuple[Any, Any]:
    """The dollars of a run and where they come from: as reported of its steps, by the gateway or of
    the whole run; where none reports any, as priced."""
    costed = [s for s in steps if s["cost_usd"] is not None]
    sources = {s["cost_source"] for s in costed}
    total = _sum(s["cost_usd"] for s in costed)
    if "reported" in sources:
        return total, "reported" if len(sources) == 1 else "mixed"
    stated = gateway_usd if gateway_usd is not None else _first(claims, "cost_usd")
    if stated is not None:
        return stated, "reported"
    return total, None if total is None else "priced"


def _sum(values: Iterable[Any]) -> Any:
    known = [v for v in values if v is not None]
    return sum(known) if known else None


def _attributes(claims: list[Row]) -> str:
    merged: Row = {}
    for claim in reversed(claims):
        merged |= orjson.loads(claim["attributes"] or "{}")
    return orjson.dumps(merged, option=orjson.OPT_SORT_KEYS).decode()
