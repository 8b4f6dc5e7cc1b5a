"""The demo: twelve seeded weeks of an invented programme, written in the formats people export.

`python -m ingest.demo OUT_DIR [--end 2026-11-24] [--seed 7]` writes traces, gateway and invoice
lines, feedback and declarations, to yesterday unless told otherwise. Faults are planted in it;
`planted.txt` says which.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import shutil
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from rich import progress as shown
from rich.console import Console

from ingest.scenario import costs, declare, operations, people, spans
from ingest.scenario.calendar import Period, days, plans
from ingest.scenario.costs import day_of
from ingest.scenario.files import save
from ingest.scenario.flows import FLOWS
from ingest.scenario.runs import Chance, Run
from ingest.scenario.story import Story
from ingest.scenario.world import Flow

SEED = 7
PARTS = ("traces", "costs", "feedback", "operations", "workflows")
# A flood of plain records without rings: looking for rings often doubles the work.
RARELY = (100_000, 50, 100)
RED = (
    ("technology_before_workflow", "kyc-screening"),
    ("no_human_feedback", "kyc-screening"),
    ("no_governance", "refund-desk"),
    ("integrations_underestimated", "order-repair"),
    ("multi_agent_too_early", "contract-review"),
    ("no_cost_model", "contract-review"),
    ("no_observability", "research-briefs"),
)

Progress = Callable[[str, int, int], None]


class Truth(NamedTuple):
    """What was planned: counts, the faults planted, and the cells that must turn red.

    `unapproved` holds run id, step id and kind of each breach; the other lists hold run ids, and
    `failed_calls` run ids once for each call that failed for good. Budgets are US dollars a month.
    """

    first: dt.date
    end: dt.date
    seed: int
    runs: dict[str, int]
    steps: int
    scores: int
    red: tuple[tuple[str, str], ...]
    unapproved: list[tuple[str, str, str]]
    skipped_verify: list[str]
    failed_calls: list[str]
    circled: list[str]
    orphaned: list[str]
    rootless: list[str]
    unknown_outcome: dict[str, list[str]]
    running: list[str]
    budgets: dict[str, int]


def write(folder: Path, end: dt.date, seed: int = SEED, progress: Progress | None = None) -> Truth:
    """Write the demo that ends on a day into a folder; the same seed and end give the same bytes.

    A demo that is there already is replaced. `progress` is told the workflow at hand, how many are
    done and how many there are.
    """
    for part in PARTS:
        shutil.rmtree(folder / part, ignore_errors=True)
    period, chance = days(end), Chance(seed)
    runs: list[Run] = []
    for done, flow in enumerate(FLOWS):
        if progress:
            progress(flow.name, done, len(FLOWS))
        story = Story(flow, chance)
        played = [story.play(plan) for plan in plans(flow, end, chance.rng)]
        _write_traces(folder, flow, played)
        runs += played
    scores = people.write(folder, runs, period, chance)
    operations.write(folder, runs, period, chance)
    spend = costs.write(folder, runs, period, chance)
    declare.write(folder, period, spend.budgets)
    truth = _truth(runs, period, seed, scores, spend.budgets)
    save(folder / "planted.txt", orjson.dumps(truth._asdict(), option=orjson.OPT_INDENT_2))
    if progress:
        progress("done", len(FLOWS), len(FLOWS))
    return truth


def _write_traces(folder: Path, flow: Flow, runs: list[Run]) -> None:
    """One file a week, by the week a batch was sent in."""
    weeks: dict[str, list[bytes]] = defaultdict(list)
    for sent, line in spans.lines(runs):
        weeks[f"{day_of(sent):%G-W%V}"].append(line)
    suffix = "gz" if flow.dialect == "openinference" else "zst"
    for name, found in weeks.items():
        save(folder / "traces" / flow.name / f"{name}.jsonl.{suffix}", b"\n".join(found) + b"\n")


def _truth(
    runs: list[Run], period: Period, seed: int, scores: int, budgets: dict[str, int]
) -> Truth:
    faults: dict[str, list[str]] = defaultdict(list)
    unknown: dict[str, list[str]] = defaultdict(list)
    for run in runs:
        faults[run.plan.fault].append(run.run_id)
        if not run.is_known and run.plan.fault != "running":
            unknown[run.plan.flow.name].append(run.run_id)
    counts: dict[str, Any] = {f.name: sum(r.plan.flow is f for r in runs) for f in FLOWS}
    return Truth(
        period.first,
        period.end,
        seed,
        counts,
        sum(len(spans.kept(r)) for r in runs),
        scores,
        RED,
        [(r.run_id, *r.breach) for r in runs if r.breach],
        faults["skip"],
        [r.run_id for r in runs for _ in range(r.failed_calls)],
        faults["circled"],
        faults["orphan"],
        faults["rootless"],
        unknown,
        faults["running"],
        budgets,
    )


def yesterday() -> dt.date:
    """The last whole day, UTC."""
    return dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)


def main() -> None:
    """The command line; a bar on a terminal."""
    parser = argparse.ArgumentParser(prog="python -m ingest.demo", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="OUT_DIR")
    parser.add_argument("--end", type=dt.date.fromisoformat, default=yesterday())
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    gc.set_threshold(*RARELY)
    console = Console(stderr=True)
    with shown.Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("writing the demo", total=len(FLOWS))
        write(
            given.folder,
            given.end,
            given.seed,
            lambda name, done, total: bar.update(task, description=name, completed=done),
        )


if __name__ == "__main__":
    main()
