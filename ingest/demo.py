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
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import orjson
from rich import progress as shown
from rich.console import Console

from ingest.scenario import costs, declare, operations, people, spans
from ingest.scenario.calendar import Period, days, plans
from ingest.scenario.costs import day_of
from ingest.scenario.files import save
from ingest.scenario.flows import FLOWS
from ingest.scenario.replays import replays
from ingest.scenario.runs import Chance, Run
from ingest.scenario.story import Story
from ingest.scenario.world import Flow

SEED = 7
PARTS = ("traces", "costs", "feedback", "operations", "workflows")
# A flood of plain records without rings: looking for rings often doubles the work.
RARELY = (100_000, 50, 100)
RED = (
    ("technology_before_workflow", "kyc-screening", ("WF-1", "WF-2")),
    ("no_human_feedback", "kyc-screening", ("FB-1", "FB-3")),
    ("no_governance", "refund-desk", ("GOV-1",)),
    ("integrations_underestimated", "order-repair", ("INT-2",)),
    ("multi_agent_too_early", "contract-review", ("MA-1", "MA-2")),
    ("no_cost_model", "contract-review", ("COST-3", "COST-7")),
    ("no_observability", "research-briefs", ("OBS-1", "OBS-5")),
)

Progress = Callable[[str, int, int], None]


class Truth(NamedTuple):
    """What was planned: counts, the faults planted, and the cells that must turn red.

    `red` holds pattern, workflow and the checks that show it; `waived` workflow, check and the last
    day of the waiver. `unapproved` holds run id, step id and kind of each breach; the other lists
    hold run ids, and `failed_calls` run ids once for each call that failed for good. Budgets are US
    dollars a month. `steps` are those of runs and of replays.
    """

    first: dt.date
    end: dt.date
    seed: int
    runs: dict[str, int]
    replays: dict[str, int]
    steps: int
    scores: int
    red: tuple[tuple[str, str, tuple[str, ...]], ...]
    waived: list[tuple[str, str, dt.date]]
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
    again: list[Run] = []
    for done, flow in enumerate(FLOWS):
        if progress:
            progress(flow.name, done, len(FLOWS))
        story = Story(flow, chance)
        played = [story.play(plan) for plan in plans(flow, end, chance.rng)]
        replayed = replays(flow, played, end, chance)
        _write_traces(folder, flow, played, replayed)
        runs += played
        again += replayed
    scores = people.write(folder, runs, period, chance)
    operations.write(folder, runs, period, chance)
    spend = costs.write(folder, [*runs, *again], period, chance)
    declare.write(folder, period, spend.budgets)
    truth = _truth(runs, again, period, seed, scores, spend.budgets)
    save(folder / "planted.txt", orjson.dumps(truth._asdict(), option=orjson.OPT_INDENT_2))
    if progress:
        progress("done", len(FLOWS), len(FLOWS))
    return truth


def _write_traces(folder: Path, flow: Flow, runs: list[Run], replayed: list[Run]) -> None:
    """One file a week, by the week a batch was sent in, and one of all replays."""
    weeks: dict[str, list[bytes]] = defaultdict(list)
    for sent, line in spans.lines(runs):
        weeks[f"{day_of(sent):%G-W%V}"].append(line)
    if replayed:
        weeks["replays"] = [line for _, line in spans.lines(replayed)]
    suffix = "gz" if flow.dialect == "openinference" else "zst"
    for name, found in weeks.items():
        save(folder / "traces" / flow.name / f"{name}.jsonl.{suffix}", b"\n".join(found) + b"\n")


def _truth(
    runs: list[Run],
    again: list[Run],
    period: Period,
    seed: int,
    scores: int,
    budgets: dict[str, int],
) -> Truth:
    faults = _by((r.plan.fault, r) for r in runs)
    return Truth(
        period.first,
        period.end,
        seed,
        Counter(r.plan.flow.name for r in runs),
        Counter(r.plan.flow.name for r in again),
        sum(len(spans.kept(r)) for r in [*runs, *again]),
        scores,
        RED,
        [(f.name, f.waiver.check, f.waiver.last_day(period.end)) for f in FLOWS if f.waiver],
        [(r.run_id, *r.breach) for r in runs if r.breach],
        faults["skip"],
        [r.run_id for r in runs for _ in range(r.failed_calls)],
        faults["circled"],
        faults["orphan"],
        faults["rootless"],
        _by((r.plan.flow.name, r) for r in runs if not r.is_known and r.plan.fault != "running"),
        faults["running"],
        budgets,
    )


def _by(named: Iterable[tuple[str, Run]]) -> dict[str, list[str]]:
    """Run ids by name."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, run in named:
        found[name].append(run.run_id)
    return found


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
