"""One log record as rows: model calls, tool calls, decisions and judgements told as events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ingest.fields.scalars import first_text, number, text
from ingest.formats import Ignored, Read, Reject
from ingest.traces.opentelemetry import claude_code_logs, codex_logs, genai
from ingest.traces.opentelemetry.judgements import put_score
from ingest.traces.opentelemetry.log_records import RUNS, Log
from ingest.traces.opentelemetry.run_facts import Origin, claim_of
from ingest.traces.opentelemetry.spans import Span, span_rows

Row = dict[str, Any]

MESSAGES = frozenset(
    f"gen_ai.{name}"
    for name in ("system.message", "user.message", "assistant.message", "tool.message", "choice")
)
AGENTS = ("claude_code.", "codex.", "gemini_cli.")
SHORT_NAMES = {"claude-code": "claude_code."}
# Events end no run: without this word a run known by events alone would look as if it still ran.
UNTOLD = {"status": "unknown"}
IGNORED_MESSAGE = "log records: single messages of model calls, whose spans tell of the call"
IGNORED_AGENT = "log records: events of a coding agent other than calls and decisions"
IGNORED_OTHER = "log records: no event of a model call, tool call, decision or judgement"
FAILED_JUDGEMENT = "log records: judgements that failed and say nothing"


def record(log: Log, origin: Origin) -> Read:
    """The one record of a log record: its rows, or why it is left out."""
    if "." not in log.name:
        log = log._replace(name=SHORT_NAMES.get(origin.service, "") + log.name)
    if log.name not in KNOWN:
        return Ignored(_reason(log.name))
    if log.run_id is None:
        log = log._replace(run_id=first_text(origin.resource, *RUNS))
    if log.run_id is None:
        return Reject("no_run", "the event names neither a trace nor a session.")
    if log.name == "gen_ai.evaluation.result":
        return _judgement(log)
    if log.name == "gen_ai.client.inference.operation.details":
        return _details(log, log.run_id, origin)
    rows = CALLS[log.name](log)
    if isinstance(rows, dict) and (claim := claim_of(log.run_id, log.found, origin)):
        rows["run_claims"] = [claim | UNTOLD]
    return rows


def _reason(name: str) -> str:
    if name in MESSAGES:
        return IGNORED_MESSAGE
    return IGNORED_AGENT if name.startswith(AGENTS) else IGNORED_OTHER


def _details(log: Log, run_id: str, origin: Origin) -> Read:
    """A model call told as an event at its end; its span, where there is one, is the same step."""
    words = (first_text(log.found, f"gen_ai.{n}") for n in ("operation.name", "request.model"))
    name = " ".join(w for w in words if w) or "model call"
    ids = run_id, log.span_id or log.step_id, None
    call = Span(*ids, name, log.at, None, log.found, None, ("unset", None), {}, {}, True)
    rows = span_rows(call, origin, genai.describe)
    for claim in rows.get("run_claims", ()):
        claim.update(UNTOLD)
    return rows


def _judgement(log: Log) -> Read:
    name = first_text(log.found, "gen_ai.evaluation.name")
    if name is None:
        return Reject("shape", "the judgement has no gen_ai.evaluation.name.")
    score = number(log.found.get("gen_ai.evaluation.score.value"))
    label = text(log.found.get("gen_ai.evaluation.score.label"))
    if score is None and label is None and "error.type" in log.found:
        return Ignored(FAILED_JUDGEMENT)
    row: Row = {
        "target_kind": "step" if log.span_id else "run",
        "target_id": log.span_id or log.run_id,
        "run_id": log.run_id,
        "step_id": log.span_id,
        "created_at": log.at,
        "source": "evaluator",
        "name": name,
        "comment": first_text(log.found, "gen_ai.evaluation.explanation"),
    }
    put_score(row, score, label)
    return {"feedback": [row]}


CALLS: dict[str, Callable[[Log], Read]] = {**claude_code_logs.READERS, **codex_logs.READERS}
KNOWN = frozenset(CALLS) | {
    "gen_ai.client.inference.operation.details",
    "gen_ai.evaluation.result",
}
