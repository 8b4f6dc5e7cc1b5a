"""The words of the demo world: models, steps, versions and workflows. All of it is invented."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import NamedTuple

DAYS = 84
HANDOVER = "handover"


class Model(NamedTuple):
    """A model, the name it is served under, and list prices in US dollars per million tokens."""

    name: str
    served: str
    provider: str
    issuer: str
    input_usd: float
    cached_usd: float
    output_usd: float


class Step(NamedTuple):
    """A declared step: what runs, in which system, how long it takes and what it changes.

    `does` is the tool, agent, decision or human task; `thinks` puts a model call before it (inside
    it for an agent); `inner` are the tools an agent calls.
    """

    name: str
    kind: str
    does: str
    system: str
    median_ms: float
    effect: str = "none"
    thinks: bool = False
    inner: tuple[str, ...] = ()


class Version(NamedTuple):
    """A released version and what its release moved; `since_days` counts back from the last day."""

    name: str
    since_days: int
    change: str = "prompt"
    success: float = 0.0
    latency: float = 1.0
    tokens: float = 1.0
    is_rollback: bool = False


class Gate(NamedTuple):
    """An action that needs a human approval when its argument `field` exceeds `limit`."""

    action: str
    field: str
    limit: int


class Channel(NamedTuple):
    """A way runs come in: its share of runs and the success rate of runs nobody takes over."""

    name: str
    share: float
    success: float


class Waiver(NamedTuple):
    """A check that is set aside for now, until so many days after the last day."""

    check: str
    reason: str
    control: str
    ends_in_days: int

    def last_day(self, end: dt.date) -> dt.date:
        """The last day it holds, where the demo ends on `end`."""
        return end + dt.timedelta(self.ends_in_days)


class Flow(NamedTuple):
    """One workflow: its declaration, its behaviour and the faults planted in it.

    `paths` are weights and step names; `tokens` the median input and output of a model call;
    `faults` the share of runs with a fault; `known` the share of runs whose end is recorded;
    `exceptions` what leads to the hand-over, as `tool:error_class`; `live_days` how long ago real
    customers came in, counted back from the last day; `injected` the tool whose outage is replayed;
    `must_precede` the step that no action goes without, the first one unless given.
    """

    name: str
    stage: str
    risk: str
    team: str
    about: str
    runs: int
    model: Model
    tokens: tuple[int, int]
    channels: tuple[Channel, ...]
    versions: tuple[Version, ...]
    steps: tuple[Step, ...]
    paths: tuple[tuple[float, str], ...]
    gate: Gate
    decision: tuple[str, str, dict[str, str]]
    source: str
    sink: str
    label: str
    dialect: str = "genai"
    multi: bool = False
    weekend: float = 0.35
    user_visible: bool = True
    thumbs: float = 0.05
    known: float = 0.975
    gateway: bool = True
    over_budget: float = 1 / 1.5
    flaky: tuple[str, float] = ("", 0.0)
    hard_fail: str = ""
    faults: tuple[tuple[str, float], ...] = ()
    exceptions: tuple[str, ...] = ("*:server",)
    must_precede: str = ""
    live_days: int = 0
    injected: str = ""
    signed: tuple[tuple[str, str], ...] = ()
    waiver: Waiver | None = None
    is_reviewed: bool = True

    @property
    def monthly_volume(self) -> int:
        """Runs a month that its owners count on."""
        return round(self.runs * 60 / DAYS / 100) * 100

    def step(self, name: str) -> Step:
        """The declared step of that name."""
        return next(s for s in self.steps if s.name == name)

    def version(self, days_ago: int) -> Version:
        """The version in use that many days before the last day."""
        return [v for v in self.versions if v.since_days >= days_ago][-1]

    def tools(self) -> dict[str, str]:
        """Every tool the workflow may call and its side effect."""
        found = {s.does: s.effect for s in self.steps if s.kind == "tool"}
        return found | {t: "read" for s in self.steps for t in s.inner}

    def edges(self) -> list[tuple[str, str]]:
        """Every step that may follow another, `^` before the first and `$` after the last.

        A cancelled run ends after its first step; one that times out or meets an error is handed
        over after its second, a refused approval at once.
        """
        found = {}
        for path in self.variants():
            walk = ["^", *path, "$"]
            found.update(dict.fromkeys(pairwise(walk)))
        return [(a, b) for a, b in found if a != b]

    def variants(self) -> list[tuple[str, ...]]:
        """Every declared path, the exceptional ones too."""
        plain = [tuple(steps.split()) for _, steps in self.paths]
        refused = [p[: p.index("approve") + 1] for p in plain if "approve" in p]
        failed = [
            p[: p.index(s.name) + 1]
            for p in plain
            for s in self.steps
            if s.name in p and s.does in (self.flaky[0], self.hard_fail)
        ]
        stopped = [p[:2] for p in plain]
        ended = [(*p, HANDOVER) for p in refused + failed + stopped]
        return [*plain, *ended, *(p[:1] for p in plain)]


HAIKU = Model("claude-haiku-4-5", "claude-haiku-4-5-20251001", "anthropic", "Anthropic", 1, 0.1, 5)
SONNET = Model(
    "claude-sonnet-4-5", "claude-sonnet-4-5-20250929", "anthropic", "Anthropic", 3, 0.3, 15
)
GPT = Model("gpt-5", "gpt-5-2025-08-07", "openai", "OpenAI", 1.25, 0.125, 10)
COMMAND = Model("command-a-03-2025", "command-a-03-2025", "cohere", "Cohere", 2.5, 2.5, 10)

RARE = (("timeout", 0.006), ("cancelled", 0.006), ("error", 0.006))
HANDOVER_STEP = Step(HANDOVER, "human", "hand_over_to_desk", "desk", 240_000)


def approval(task: str, minutes: float = 12) -> Step:
    """The step in which a person approves an action; `minutes` is the median wait."""
    return Step("approve", "human", task, "desk", minutes * 60_000)
