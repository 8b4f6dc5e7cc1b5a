"""The keys a declaration may hold, with their types; the names are those people write in YAML."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ingest.workflows.kinds import (
    CheckId,
    Condition,
    Constraint,
    Currency,
    Day,
    Money,
    Name,
    Names,
    Number,
    Pattern,
    Positive,
    Share,
    Time,
    edge,
    keyed,
    listed,
    step,
    under,
)

Stage = Literal["pilot", "limited", "production", "test", "replay"]
ENDS = ("^", "$")


class Part(BaseModel):
    """A mapping of known keys only."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Owner(Part):
    """Who answers for the product, its operation and its code."""

    product: Name | None = None
    operations: Name | None = None
    engineering: Name | None = None


class DoneWhen(Part):
    """What shows that the work is done: in words, or as a label in another system."""

    description: Name | None = None
    label_from: Name | None = None
    equals: Any = None
    within_h: Positive | None = None

    @model_validator(mode="after")
    def _says_something(self) -> DoneWhen:
        if self.description is None and self.label_from is None:
            raise ValueError("say it in a sentence, or name the label_from another system")
        return self


class Step(Part):
    """A step, and the system it works in."""

    step: Name
    system: Name | None = None


class Edge(Part):
    """That one step may follow another."""

    from_step: Name = Field(alias="from")
    to_step: Name = Field(alias="to")
    when: Condition | None = None
    expected_rate: Share | None = None


class Decision(Part):
    """What a step decides by, and where each answer leads."""

    criteria: Name | None = None
    branches: Annotated[dict[Name, str | None], BeforeValidator(keyed)] = {}


class Tool(Part):
    """What an allowed tool may do, in which scopes and stages (without any, in all of them).

    `max_amount` is in the unit of its input; a tool of `break_glass` is rare by design, and what
    `append` writes overwrites nothing.
    """

    scope: Names = []
    stage: Annotated[list[Stage], BeforeValidator(listed)] = []
    side_effect: Literal["none", "read", "write", "external"] | None = None
    max_amount: Number | None = None
    break_glass: bool | None = None
    append: bool | None = None


class Approval(Part):
    """When an action needs an approval, and how fast and how long people look."""

    when: Condition | None = None
    sla_h: Positive | None = None
    min_read_s: Number | None = None


class Slo(Part):
    """Success as a rate from 0 to 1, machine time in seconds."""

    success: Share | None = None
    p95_machine_s: Positive | None = None


class Budget(Part):
    """Money a month, and US dollars a run."""

    monthly: Money | None = None
    per_run_cap: Number | None = None
    currency: Currency = "USD"
    valid_from: Day | None = None


class Baseline(Part):
    """What people need for one piece of work: US dollars, minutes, success from 0 to 1."""

    cost: Number | None = None
    minutes: Number | None = None
    success: Share | None = None


class Feedback(Part):
    """Days until feedback is judged, and random reviews a day."""

    sla_days: Positive | None = None
    random_reviews_per_day: Number | None = None


class Review(Part):
    """What reviewing costs: minutes each, US dollars an hour, share of runs from 0 to 1."""

    minutes: Number
    rate_usd: Number
    share: Share


class Outcome(Part):
    """The score that decides success, and from where on."""

    score: Name
    success_at: Annotated[float, Field(strict=True)] = 0.5


class Waiver(Part):
    """A check that is set aside, by whom, why and until when."""

    check: CheckId
    owner: Name
    reason: Name
    control: Name | None = None
    expires: Day


class Signoff(Part):
    """Who opened a gate, and when."""

    gate: Literal["limited", "production"]
    by: Name
    on: Day


class Declaration(Part):
    """One workflow."""

    id: Name
    stage: Stage | None = None
    risk: Literal["low", "medium", "high"] | None = None
    source: Literal["discovered", "reviewed"] | None = None
    owner: Annotated[Owner, under("product")] = Owner()
    reviewed_at: Time | None = None
    production_since: Day | None = None
    done_when: Annotated[DoneWhen, under("description")] | None = None
    team: Name | None = None
    trigger: Name | None = None
    fallback: Name | None = None
    inputs: Names = []
    outputs: Names = []
    steps: list[Annotated[Step, BeforeValidator(step)]] = []
    edges: list[Annotated[Edge, BeforeValidator(edge)]] = []
    match: dict[str, Pattern] = {}
    decision_points: dict[str, Decision] = {}
    exception_paths: dict[str, Name] = {}
    constraints: Annotated[list[Constraint], BeforeValidator(listed)] = []
    allowed_tools: Annotated[dict[str, Tool], BeforeValidator(keyed)] = {}
    approvals_required: Annotated[dict[str, Approval], BeforeValidator(keyed)] = {}
    rate_limits: dict[str, Positive] = {}
    slo: Slo = Slo()
    budget: Budget = Budget()
    fixed_monthly_usd: Number | None = None
    expected_monthly_volume: Number | None = None
    peak_factor: Annotated[float, Field(strict=True, ge=1)] | None = None
    value_per_outcome: Number | None = None
    human_baseline: Baseline | None = None
    feedback: Feedback = Feedback()
    review: Review | None = None
    outcome: Outcome | None = None
    retention_days: Positive | None = None
    idle_limit_s: Positive | None = None
    max_rounds: Annotated[int, Field(strict=True, ge=1)] | None = None
    limits: dict[CheckId, tuple[float, float]] = {}
    waivers: list[Waiver] = []
    signoffs: list[Signoff] = []


class Scope(Part):
    """One line of budgets.yaml."""

    scope_kind: Literal["program", "workflow", "team", "tag"]
    scope: Name
    period: Literal["month", "week", "day"] = "month"
    amount: Money
    currency: Currency = "USD"
    valid_from: Day | None = None
