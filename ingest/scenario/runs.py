"""What happens in each run: its spans along time, its approvals, its outcome."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson

from ingest.scenario.calendar import Plan
from ingest.scenario.world import Flow, Model

FAILS_EVERY = 110
HARD_FAILS_EVERY, FINAL_EVERY = 45, 5
MODEL_ERROR_EVERY = 300


@dataclass(slots=True)
class Failure:
    """How a span failed: error type, message and the HTTP status where there was one."""

    kind: str
    message: str
    http: int = 0


UNAVAILABLE = Failure("ServiceUnavailable", "upstream answered 503", 503)
TIMED_OUT = Failure("timeout", "no answer within the deadline")
LIMITED = Failure("RateLimitError", "too many requests", 429)
BROKEN = Failure("BadGateway", "order service closed the connection", 502)
DENIED = Failure("permission_denied", "tool is not in the allow-list", 403)


@dataclass(slots=True)
class Span:
    """One span; times are microseconds since 1970, `tokens` input, cached part of it, output."""

    span_id: str
    parent: str
    kind: str
    name: str
    agent: str
    start: int
    end: int = 0
    tool: str = ""
    effect: str = ""
    arguments: str = ""
    result: str = ""
    model: Model | None = None
    tokens: tuple[int, int, int] = (0, 0, 0)
    cost_usd: float = 0.0
    response_id: str = ""
    error: Failure | None = None
    in_band: bool = False
    pilot: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Run:
    """One run as it was, before anything of it is lost on the way to the file."""

    run_id: str
    plan: Plan
    case_id: str
    session: str
    user: str
    amount: int
    spans: list[Span]
    approvals: list[dict[str, Any]] = field(default_factory=list)
    outcome: str = "unknown"
    is_known: bool = True
    went_wrong: bool = False
    failed_calls: int = 0
    status: str = "ok"
    breach: tuple[str, str] | None = None

    @property
    def end(self) -> int:
        """When the root span ended."""
        return self.spans[0].end


class Chance:
    """The seeded source of everything random, and counters that space out rare failures."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.calls: Counter[str] = Counter()

    def token(self, digits: int) -> str:
        """A random lower-case hex id."""
        return f"{self.rng.getrandbits(digits * 4):0{digits}x}"

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` up to, not including, `high`."""
        return low + int(self.rng.random() * (high - low))

    def around(self, median: float, sigma: float = 0.45) -> float:
        """A lognormal draw."""
        return median * math.exp(self.rng.gauss(0, sigma))

    def is_nth(self, name: str, every: int) -> bool:
        """Whether this is one of every so many calls of a name; the first comes half-way."""
        return self.count(name) % every == every // 2

    def count(self, name: str) -> int:
        """How often this name was counted, this time included."""
        self.calls[name] += 1
        return self.calls[name]


class Recorder:
    """Writes the spans of one run along a cursor of time."""

    def __init__(self, run: Run, chance: Chance, effects: dict[str, str]) -> None:
        self.run, self.chance, self.effects = run, chance, effects
        self.flow: Flow = run.plan.flow
        self.now = run.plan.start
        self.latency = run.plan.version.latency
        self.owner = "coordinator" if self.flow.multi else f"{self.flow.name}-agent"
        self.root = self.open("root", self.flow.name, "", "" if self.flow.multi else self.owner)

    def open(self, kind: str, name: str, parent: str, agent: str) -> Span:
        """A span that starts now."""
        span = Span(self.chance.token(16), parent, kind, name, agent, self.now)
        self.run.spans.append(span)
        self.now += self.chance.between(3_000, 30_000)
        return span

    def close(self, span: Span, ms: float) -> None:
        """End a span after that many milliseconds, leaving a small gap before the next."""
        self.now += int(ms * 1000)
        span.end = self.now
        self.now += self.chance.between(3_000, 30_000)

    def think(self, parent: Span, says: str, error: Failure | None = None) -> Span:
        """A model call; one that fails has no usage and is tried again unless `error` is given."""
        flow, chance = self.flow, self.chance
        span = self.open("llm", f"chat {flow.model.name}", parent.span_id, parent.agent)
        span.model = flow.model
        span.arguments = f"Case {self.run.case_id}: {flow.about}"
        if error or chance.is_nth(f"{flow.name} model", MODEL_ERROR_EVERY):
            span.error = error or LIMITED
            self.close(span, 90_000 if error is TIMED_OUT else chance.around(700))
            if error:
                return span
            span.pilot["retry_after_ms"] = 1500
            self.now += chance.between(1_600_000, 2_800_000)
            return self.think(parent, says)
        self._spend(span)
        span.result = says
        self.close(span, (500 + 9 * span.tokens[2] * chance.rng.uniform(0.6, 1.5)) * self.latency)
        return span

    def _spend(self, span: Span) -> None:
        flow, chance = self.flow, self.chance
        share = self.run.plan.version.tokens
        given = int(chance.around(flow.tokens[0] * share, 0.35))
        cached = int(given * chance.rng.uniform(0.25, 0.6))
        cached = cached if flow.model.cached_usd < flow.model.input_usd else 0
        span.tokens = (given, cached, int(chance.around(flow.tokens[1] * share, 0.4)))
        span.cost_usd = round(sum(prices(flow.model, span.tokens)), 8)
        span.response_id = f"resp_{chance.token(24)}"

    def tool(self, name: str, parent: Span, median_ms: float, arguments: str) -> Span:
        """A tool call with the attempts it takes; the last attempt."""
        for result in self._results(name):
            if len(self.run.spans) > 1 and self.run.spans[-1].error:
                self.now += self.chance.between(700_000, 2_500_000)
            span = self.attempt(name, parent, median_ms, arguments, result)
        return span

    def _results(self, name: str) -> tuple[str, ...]:
        """How the attempts end: `done`, `error`, or `silent` for an error only the tool states."""
        flow, chance = self.flow, self.chance
        if name == flow.gate.action:
            return ("done",)
        if name == flow.injected and self.run.plan.fault == "injected":
            return ("error", "error")
        if name == flow.flaky[0] and chance.rng.random() < flow.flaky[1]:
            return ("silent",) if chance.is_nth("silent", 3) else ("error", "error")
        is_hard = name == flow.hard_fail
        if not chance.is_nth(f"{flow.name} {name}", HARD_FAILS_EVERY if is_hard else FAILS_EVERY):
            return ("done",)
        is_final = is_hard and chance.is_nth(f"{flow.name} final", FINAL_EVERY)
        return ("error", "error" if is_final else "done")

    def attempt(
        self, name: str, parent: Span, median_ms: float, arguments: str, result: str
    ) -> Span:
        """One attempt of a tool call."""
        agent = parent.agent or self.owner
        span = self.open("tool", f"execute_tool {name}", parent.span_id, agent)
        span.tool, span.arguments, span.effect = name, arguments, self.effects.get(name, "read")
        span.pilot["principal"] = f"svc-{self.flow.name}"
        if span.effect != "read":
            span.pilot["resource_key"] = f"case:{self.run.case_id}"
            span.pilot["idempotency_key"] = digest(arguments)[:16]
        if result == "silent":
            span.in_band, span.result = True, canonical({"error": BROKEN.message})
        elif result == "error":
            span.error = BROKEN if name == self.flow.flaky[0] else UNAVAILABLE
        else:
            span.result = canonical({"case_id": self.run.case_id, "status": "done"})
        self.close(span, self.chance.around(median_ms) * self.latency)
        return span


def prices(model: Model, tokens: tuple[int, int, int]) -> tuple[float, float, float]:
    """US dollars of uncached input, cached input and output."""
    given, cached, made = tokens
    return (
        (given - cached) * model.input_usd / 1e6,
        cached * model.cached_usd / 1e6,
        made * model.output_usd / 1e6,
    )


def canonical(value: dict[str, Any]) -> str:
    """Canonical JSON (RFC 8785) of a flat object of texts and whole numbers."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def digest(text: str) -> str:
    """SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
