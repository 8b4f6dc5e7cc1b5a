"""What people and graders say of the runs: scores, outcomes, approvals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.scenario.approvals import planted
from ingest.scenario.calendar import HOUR_US, Period
from ingest.scenario.files import iso, save_lines, save_table
from ingest.scenario.runs import Chance, Run
from ingest.scenario.triage import COLUMNS, UNTRIAGED, triage

REVIEWS_A_DAY = 6
REVIEWER_SHARE = 0.03
GRADED_SHARE = 0.12
CORRECTED_SHARE = 0.9
VERDICTS = {"success": "correct", "partial": "partial"}
OUTCOME_COLUMNS = ("run_id", "outcome", "source", "name", "voted_at")
APPROVAL_COLUMNS = (
    "approval_id",
    "run_id",
    "step_id",
    "action",
    "requested_at",
    "decided_at",
    "decision",
    "decider_hash",
    "decider_type",
    "payload_hash",
    "payload_chars",
    "is_seeded_test",
)

Row = dict[str, Any]


def write(folder: Path, runs: list[Run], period: Period, chance: Chance) -> int:
    """Write every file of human and grader feedback; the number of scores."""
    people = folder / "feedback"
    scores = sorted(Scores(period, chance).of(runs), key=lambda s: (s["timestamp"], s["id"]))
    save_lines(people / "langfuse_scores.jsonl.gz", scores)
    save_table(people / "triage.csv", triage(scores, runs, period, chance), COLUMNS)
    save_table(people / "outcomes.csv.gz", _outcomes(runs, period, chance), OUTCOME_COLUMNS)
    rows = [row for run in runs for row in [*run.approvals, *planted(run, chance)]]
    for row in rows:
        row["requested_at"], row["decided_at"] = iso(row["requested_at"]), iso(row["decided_at"])
    save_table(people / "approvals.csv.gz", rows, APPROVAL_COLUMNS)
    return len(scores)


class Scores:
    """Scores of five kinds: thumbs, a reviewer's note, a random sample, a grader, an assertion."""

    def __init__(self, period: Period, chance: Chance) -> None:
        self.period, self.chance = period, chance

    def of(self, runs: list[Run]) -> Iterator[Row]:
        """Every score given before the demo ends, on runs whose end is known."""
        rng, sampled = self.chance.rng, self._sample(runs)
        for run in runs:
            flow = run.plan.flow
            if not run.is_known:
                continue
            if rng.random() < flow.thumbs:
                yield from self._thumb(run)
            if rng.random() < REVIEWER_SHARE:
                yield from self._review(run, "")
            if rng.random() < GRADED_SHARE:
                yield from self._grade(run)
            if run.run_id in sampled:
                yield from self._review(run, "random-sample")
            if run.outcome == "failure":
                yield from self._assertion(run)

    def _sample(self, runs: list[Run]) -> set[str]:
        """Some runs of every day and workflow, whatever became of them."""
        days: dict[tuple[str, int], list[str]] = defaultdict(list)
        for run in runs:
            if run.is_known and run.plan.flow.name != UNTRIAGED:
                days[run.plan.flow.name, run.plan.days_ago].append(run.run_id)
        return {
            found
            for names in days.values()
            for found in self.chance.rng.sample(names, min(REVIEWS_A_DAY, len(names)))
        }

    def _thumb(self, run: Run) -> Iterator[Row]:
        is_happy = self.chance.rng.random() < (0.93 if run.outcome == "success" else 0.1)
        said = {"value": int(is_happy), "stringValue": str(is_happy), "dataType": "BOOLEAN"}
        metadata = {"source": "end_user", "channel": run.plan.channel.name}
        comment = None if is_happy else "This did not solve it."
        yield from self._score(
            run, "user_thumbs", "API", 1.5, said | {"comment": comment}, metadata
        )

    def _review(self, run: Run, queue: str) -> Iterator[Row]:
        rng, word = self.chance.rng, VERDICTS.get(run.outcome, "incorrect")
        if rng.random() < 0.02:
            word = "partial"
        said = {
            "value": 0,
            "stringValue": word,
            "dataType": "CATEGORICAL",
            "queueId": queue or None,
            "comment": None if word == "correct" else f"Judged {word}: {run.case_id}.",
        }
        said["authorUserId"] = f"reviewer-{rng.randrange(1, 7)}"
        yield from self._score(run, "correctness", "ANNOTATION", 20, said, {})
        is_corrected = run.plan.flow.name != UNTRIAGED and rng.random() < CORRECTED_SHARE
        if word != "correct" and is_corrected:
            right = f"What {run.case_id} should have got."
            said = {"value": None, "stringValue": right, "dataType": "CORRECTION"}
            yield from self._score(run, "output", "ANNOTATION", 20, said, {})

    def _grade(self, run: Run) -> Iterator[Row]:
        rng = self.chance.rng
        is_good = rng.random() < (0.95 if run.outcome == "success" else 0.15)
        value = round(rng.uniform(0.72, 1) if is_good else rng.uniform(0.05, 0.45), 3)
        said = {"value": value, "stringValue": None, "dataType": "NUMERIC", "comment": None}
        yield from self._score(run, "correctness", "EVAL", 0.1, said, {"evaluator": "rubric-2"})

    def _assertion(self, run: Run) -> Iterator[Row]:
        """What must hold after the last tool call did not."""
        last = [span for span in run.spans if span.tool][-1:]
        said = {
            "value": 0,
            "stringValue": "incorrect",
            "dataType": "CATEGORICAL",
            "observationId": last[0].span_id if last else None,
        }
        metadata = {"evaluator": "post-conditions"}
        yield from self._score(run, "correctness", "EVAL", 0.02, said, metadata)

    def _score(
        self, run: Run, name: str, source: str, hours: float, said: Row, metadata: Row
    ) -> Iterator[Row]:
        given = run.end + int(self.chance.around(hours, 0.6) * HOUR_US)
        if given >= self.period.until:
            return
        stage = "production" if run.plan.flow.stage != "pilot" else "staging"
        yield {
            "id": f"sc-{self.chance.token(16)}",
            "traceId": run.run_id,
            "observationId": None,
            "sessionId": run.session,
            "timestamp": iso(given),
            "source": source,
            "name": name,
            "queueId": None,
            "authorUserId": None,
            "environment": stage,
            "createdAt": iso(given),
            "metadata": metadata,
            **said,
        }


def _outcomes(runs: list[Run], period: Period, chance: Chance) -> Iterator[Row]:
    """How runs ended, from the system of record or a person, for the runs where that is known."""
    for run in runs:
        if run.is_known:
            voted = run.end + int(chance.around(0.7, 0.8) * HOUR_US)
            yield {
                "run_id": run.run_id,
                "outcome": run.outcome,
                "source": run.plan.flow.label,
                "name": f"{run.plan.flow.sink}_status",
                "voted_at": iso(min(voted, period.until)),
            }
