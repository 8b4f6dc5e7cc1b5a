"""What people call things: the names that fill a column, and the words of a few columns."""

from __future__ import annotations

import re

RUN = (
    "run_id trace_id run trace request_id task_id job_id conversation_id conversation session_id"
    " session chat_id thread_id dialog_id dialogue_id ticket_id case_id correlation_id"
).split()
NAMES: dict[str, dict[str, list[str]]] = {
    "steps": {
        "step_id": "step_id span_id event_id call_id message_id observation_id uuid id".split(),
        "parent_step_id": "parent_step_id parent_span_id parent_id parent".split(),
        "kind": "kind span_kind step_type event_type type operation op event role".split(),
        "tool": "tool tool_name function function_name fn".split(),
        "agent": "agent agent_name assistant bot".split(),
        "model": "model model_name model_id llm engine".split(),
        "provider": "provider vendor llm_provider".split(),
        "name": "name step step_name action span_name title label".split(),
        "started_at": (
            "started_at start_time start started begin begin_time timestamp ts time created_at"
            " created date datetime at when logged_at"
        ).split(),
        "ended_at": "ended_at end_time end ended finished_at finished completed_at stop".split(),
        "duration_ms": (
            "duration latency elapsed took response_time runtime time_taken secs seconds millis"
            " wall_time"
        ).split(),
        "ttft_ms": "ttft time_to_first_token first_token".split(),
        "status": "status state ok success succeeded is_ok outcome result_status".split(),
        "error_message": "error_message error err exception failure_reason".split(),
        "error_type": "error_type exception_type error_code error_class".split(),
        "http_status": "http_status status_code http_code".split(),
        "input_tokens": (
            "input_tokens prompt_tokens tokens_in in_tokens tokens_input tokens_prompt tok_in"
            " n_prompt_tokens num_input_tokens"
        ).split(),
        "output_tokens": (
            "output_tokens completion_tokens tokens_out out_tokens tokens_output tok_out"
            " tokens_completion n_completion_tokens num_output_tokens"
        ).split(),
        "cache_read_tokens": "cache_read_tokens cached_tokens cache_read".split(),
        "reasoning_tokens": ["reasoning_tokens"],
        "cost_usd": "cost_usd cost usd price spend total_cost cost_total cost_cents".split(),
        "input": "input prompt question query user_message arguments args request".split(),
        "output": "output response answer completion reply assistant_message result".split(),
        "run.session_id": "session_id conversation_id chat_id thread_id session".split(),
        "run.user_hash": "user_id user username customer_id customer end_user".split(),
        "run.workflow": "workflow workflow_name app application project bot_name service".split(),
        "run.version": "version release app_version".split(),
        "run.environment": "environment env".split(),
        "run.outcome": "outcome resolved solved task_success is_resolved".split(),
    },
    "feedback": {
        "step_id": "step_id span_id observation_id".split(),
        "created_at": (
            "created_at timestamp submitted_at annotated_at rated_at reviewed_at updated_at"
            " inserted_at time date ts when"
        ).split(),
        "label": (
            "rating score thumbs thumb stars vote verdict label labels agreed consensus gold"
            " is_correct correct correctness quality sentiment grade choice choices value"
        ).split(),
        "comment": "comment comments feedback text note notes reason remark".split(),
        "author_hash": (
            "user user_id author reviewer reviewed_by annotator annotated_by completed_by rater"
            " customer email by"
        ).split(),
        "channel": ["channel", "medium"],
        "category": ["category", "topic"],
    },
    "costs": {
        "period_start": (
            "period_start start_date start_time start usage_date day date month period timestamp"
        ).split(),
        "period_end": "period_end end_date end_time end".split(),
        "provider": "provider vendor supplier company".split(),
        "service": "service product service_name sku item description".split(),
        "model": ["model", "model_name"],
        "amount": (
            "amount cost cost_usd total total_cost price spend usd charge billed net_cost"
        ).split(),
        "currency": "currency billing_currency currency_code".split(),
        "quantity": "quantity qty usage units".split(),
        "unit": ["unit", "uom"],
        "team": "team department cost_center cost_centre group".split(),
        "workflow": "workflow project app application".split(),
    },
    "approvals": {
        "requested_at": "requested_at asked_at submitted_at created_at timestamp time".split(),
        "decided_at": "decided_at approved_at reviewed_at answered_at resolved_at".split(),
        "decision": "decision verdict approved answer outcome status".split(),
        "action": "action tool tool_name step operation request".split(),
        "decider_hash": "decided_by approver approved_by reviewer decider by".split(),
        "step_id": ["step_id", "span_id", "call_id"],
    },
}
NAMES["costs"] |= {
    name: NAMES["steps"][name] for name in ("input_tokens", "output_tokens", "cache_read_tokens")
}
NAMES["runs"] = {
    "outcome": [*NAMES["steps"]["run.outcome"], "result"],
    **{
        name.removeprefix("run."): NAMES["steps"][name]
        for name in (
            *("started_at", "ended_at", "duration_ms", "status", "error_message"),
            *("input_tokens", "output_tokens", "cost_usd", "run.session_id", "run.user_hash"),
            *("run.workflow", "run.version", "run.environment"),
        )
    },
    "channel": ["channel", "source"],
    "score": ["score", "reward"],
    "termination_reason": "termination_reason stop_reason end_reason exit_reason".split(),
}
REVIEWERS = frozenset("reviewer reviewed_by annotator annotated_by completed_by rater".split())
WORDS: dict[str, dict[str, str]] = {
    "kind": {
        word: kind
        for kind, words in {
            "llm": "llm gen generation chat completion model llm_call model_call assistant gpt",
            "tool": "tool tool_call function function_call fn action tool_result api api_call",
            "agent": "agent agent_run invoke_agent planner worker",
            "retrieval": "retrieval retrieve retriever search rag vector_search lookup",
            "human": "human user approval review handoff_human",
            "guardrail": "guardrail guard moderation filter safety",
            "plan": "plan planning",
            "chain": "chain workflow pipeline",
        }.items()
        for word in words.split()
    },
    "status": {
        word: status
        for status, words in {
            "ok": "ok true success succeeded successful completed complete done 200 finished pass",
            "error": "error false failed failure fail err exception timeout crashed 500 aborted",
        }.items()
        for word in words.split()
    },
    "outcome": {
        word: outcome
        for outcome, words in {
            "success": "success true resolved solved ok pass passed done completed yes correct",
            "failure": "failure false failed fail error unresolved escalated no wrong incorrect",
            "partial": "partial partially",
            "abandoned": "abandoned cancelled canceled dropped",
        }.items()
        for word in words.split()
    },
}
WORDS["decision"] = {
    word: decision
    for decision, words in {
        "approved": "approved approve yes true accepted accept allow allowed granted",
        "rejected": "rejected reject no false denied deny declined refused",
        "edited": "edited edit modified changed",
        "expired": "expired timeout timed_out",
    }.items()
    for word in words.split()
}
ELSE = {"kind": "other", "status": "unset", "outcome": "unknown"}
DURATION_UNITS = {
    "ms": "ms millis milliseconds msec".split(),
    "s": "s sec secs seconds".split(),
    "us": "us micros microseconds usec".split(),
    "ns": "ns nanos nanoseconds".split(),
    "min": "min mins minutes".split(),
}


def plain(name: str) -> str:
    """A name in lower case with underscores, so that `TraceId`, `trace-id` and `trace id` agree."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[\W_]+", "_", words).lower().strip("_")


def unit_in(name: str) -> tuple[str, str | None]:
    """The name without a unit of time at its end, and that unit."""
    head, _, tail = name.rpartition("_")
    for unit, words in DURATION_UNITS.items():
        if tail in words:
            return head or tail, unit
    return name, None
