"""How a workflow plays out: the path of each run, who approves, and how it ends."""

from __future__ import annotations

from ingest.scenario.approvals import arguments, authorise, request
from ingest.scenario.calendar import Plan
from ingest.scenario.runs import (
    DENIED,
    TIMED_OUT,
    UNAVAILABLE,
    Chance,
    Failure,
    Recorder,
    Run,
    Span,
    canonical,
)
from ingest.scenario.world import HANDOVER, Flow, Step

REFUSED_SHARE = 0.08
LONGEST_WAIT_MS = {"approve": 7_200_000, HANDOVER: 3_000_000}
ENDINGS = {"timeout": "failure", "error": "failure", "cancelled": "abandoned", "running": "unknown"}


class Story:
    """Plays the runs of one workflow."""

    def __init__(self, flow: Flow, chance: Chance) -> None:
        self.flow, self.chance = flow, chance
        self.steps = {s.name: s for s in flow.steps}
        self.effects = flow.tools()
        self.paths = [tuple(p.split()) for _, p in flow.paths]
        self.weights = [w for w, _ in flow.paths]
        self.acting = next(s.name for s in flow.steps if s.does == flow.gate.action)
        self.deciding = flow.decision[0]

    def play(self, plan: Plan) -> Run:
        """One run from its first span to its outcome."""
        path = self._path(plan)
        run = self._case(plan, path)
        record = Recorder(run, self.chance, self.effects)
        for i, name in enumerate(path):
            after = path[i + 1] if i + 1 < len(path) else "end"
            if not self._perform(record, self.steps[name], after):
                path = (*path[: i + 1], HANDOVER)
                self._hand_over(record)
                break
        if plan.fault in ("timeout", "error"):
            self._break_off(record, plan.fault)
        record.close(record.root, 15)
        run.status = plan.fault if plan.fault in ENDINGS else "ok"
        run.outcome = self._outcome(run, HANDOVER in path)
        run.is_known = plan.fault != "running" and self.chance.rng.random() < self.flow.known
        return run

    def _path(self, plan: Plan) -> tuple[str, ...]:
        fault, rng = plan.fault, self.chance.rng
        path = rng.choices(self.paths, self.weights)[0]
        if fault.startswith("unapproved"):
            return self.paths[1] if fault.endswith("payload") else self.paths[0]
        if fault == "circle" or plan.task:
            return self.paths[0]
        if fault == "skip":
            return tuple(s for s in path if s != "verify")
        if fault == "cancelled":
            return path[:1]
        return path[:2] if fault in ENDINGS else path

    def _case(self, plan: Plan, path: tuple[str, ...]) -> Run:
        chance, limit = self.chance, self.flow.gate.limit
        is_above = "approve" in path or plan.fault.startswith("unapproved")
        amount = (
            int(limit * (1.05 + chance.rng.expovariate(1.2))) + 1
            if is_above
            else chance.rng.randint(max(limit // 12, 1), limit)
        )
        case = f"{self.flow.name[:3].upper()}-{100_000 + 7 * chance.count('case')}"
        return Run(
            chance.token(32),
            plan,
            case,
            f"conv-{chance.token(12)}",
            f"u-{chance.token(10)}",
            amount,
            [],
        )

    def _perform(self, record: Recorder, step: Step, after: str) -> bool:
        """Do a step; False hands the run over."""
        if step.kind == "tool":
            return self._act(record, step)
        if step.kind == "plan":
            record.think(record.root, f"Next: {after}.")
            span = record.open("plan", step.does, record.root.span_id, record.owner)
            self._decide(record, span, step, after)
            record.close(span, self.chance.around(step.median_ms))
        elif step.kind == "agent":
            self._delegate(record, step, after)
        elif step.name == HANDOVER:
            self._hand_over(record)
        else:
            return self._ask(record, step)
        return True

    def _decide(self, record: Recorder, span: Span, step: Step, after: str) -> None:
        case = record.run.case_id
        span.pilot["decision"] = step.does
        span.pilot["decision_value"] = after
        span.pilot["rationale"] = f"Chose {after} for {case} by {self.flow.decision[1] or 'rule'}."

    def _act(self, record: Recorder, step: Step) -> bool:
        run, root = record.run, record.root
        if step.thinks:
            record.think(root, f"Call {step.does} for {run.case_id}.")
        if run.plan.fault == "blocked" and step.name == "profile":
            span = record.attempt(
                "crm.export_all", root, 40, arguments(run, "crm.export_all"), "error"
            )
            span.error, span.pilot["blocked"] = DENIED, True
        if step.does == self.flow.flaky[0]:
            return all(self._repair(record, step, line) for line in range(self._lines()))
        is_action = step.name == self.acting
        span = record.tool(step.does, root, step.median_ms, arguments(run, step.does))
        if is_action:
            authorise(run, span, self.chance)
        return span.error is None

    def _lines(self) -> int:
        return self.chance.rng.choice((2, 2, 3))

    def _repair(self, record: Recorder, step: Step, line: int) -> bool:
        run = record.run
        line_arguments = canonical({"case_id": run.case_id, "line": line + 1, "status": "released"})
        span = record.tool(step.does, record.root, step.median_ms, line_arguments)
        run.went_wrong = run.went_wrong or span.in_band
        run.failed_calls += span.in_band or span.error is not None
        is_noticed = span.in_band and self.chance.is_nth("noticed", 2)
        return span.error is None and not is_noticed

    def _delegate(self, record: Recorder, step: Step, after: str) -> None:
        if step.name == "draft" and record.run.plan.fault == "circle":
            record.run.plan = record.run.plan._replace(fault="circled")
            return self._circle(record)
        span = self._agent(record, step, record.root, after)
        if step.inner:
            group = record.open("chain", "gather_sources", span.span_id, step.does)
            for i, tool in enumerate(step.inner):
                query = {"case_id": record.run.case_id, "query": f"topic {i + 1}"}
                record.tool(tool, group, 700, canonical(query))
            record.close(group, 2)
        span.pilot["handoff_to"] = self.steps[after].does if after in self.steps else "end"
        return record.close(span, 5)

    def _agent(self, record: Recorder, step: Step, parent: Span, after: str) -> Span:
        span = record.open("agent", step.does, parent.span_id, step.does)
        span.pilot["role"] = step.name
        if step.name == self.deciding:
            self._decide(record, span, step, after)
        record.think(span, f"{step.name} of {record.run.case_id} done.")
        return span

    def _circle(self, record: Recorder) -> None:
        """The drafter calls the reviewer, which calls the drafter again."""
        parent, opened = record.root, []
        for name in ("draft", "review", "draft"):
            parent = self._agent(record, self.steps[name], parent, "draft")
            opened.append(parent)
        for span in reversed(opened):
            record.close(span, 5)

    def _ask(self, record: Recorder, step: Step) -> bool:
        """Wait for a person; False when the request is refused or nobody answers."""
        run, rng = record.run, self.chance.rng
        span = self._wait(record, step)
        draw = 1.0 if run.plan.fault.startswith("unapproved") else rng.random()
        decision = "approved" if draw > REFUSED_SHARE + 0.07 else "edited"
        if draw < REFUSED_SHARE:
            decision = "rejected" if draw < REFUSED_SHARE * 0.85 else "expired"
        span.pilot["decision"], span.pilot["decision_value"] = step.does, decision
        request(run, self.chance, (span.start, span.end), decision)
        return decision in ("approved", "edited")

    def _wait(self, record: Recorder, step: Step) -> Span:
        span = record.open("human", step.does, record.root.span_id, record.owner)
        wait = min(self.chance.around(step.median_ms, 0.7), LONGEST_WAIT_MS[step.name])
        record.close(span, max(wait, 25_000))
        return span

    def _hand_over(self, record: Recorder) -> None:
        self._wait(record, self.steps[HANDOVER]).pilot["handoff_to"] = "desk"

    def _break_off(self, record: Recorder, fault: str) -> None:
        error: Failure = TIMED_OUT if fault == "timeout" else UNAVAILABLE
        record.think(record.root, "", error)
        self._hand_over(record)
        record.root.error = error

    def _outcome(self, run: Run, handed_over: bool) -> str:
        plan, rng = run.plan, self.chance.rng
        if run.status in ENDINGS:
            return ENDINGS[run.status]
        if plan.channel.success == 1:
            return "success"
        rate = min(plan.channel.success + plan.version.success, 0.985)
        rate *= 0.5 if handed_over else 1
        rate *= 0.15 if run.went_wrong else 1
        if rng.random() < rate:
            return "success"
        return rng.choices(("failure", "partial", "abandoned"), (0.75, 0.2, 0.05))[0]
