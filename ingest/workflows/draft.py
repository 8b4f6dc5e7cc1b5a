"""A first declaration of a workflow, from its runs: what was seen, and what only people know.

Every line that was seen says how often; what is marked TODO is for a person to settle. Nothing of
the data is interpreted: texts are quoted, and those that would mean more than a name are left to
the reader in a comment.
"""

from __future__ import annotations

import re
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from ingest.errors import IngestError
from ingest.store.generations import Store
from ingest.store.observed import Observed, observing
from ingest.workflows import faults, seen_map
from ingest.workflows.seen_steps import is_often
from ingest.yaml_words import example, printable, word

Row = dict[str, Any]

FLOWS = {"inputs": "comes from", "outputs": "goes to"}
EFFECTS = ("none", "read", "write", "external")
DAYS_A_MONTH = 30.44
DAYS_FOR_A_RATE = 7
MOST, LONGEST = 40, 200
HEAD = """\
# A first declaration of {name}, drafted from {runs}, {days}.
# What was seen is not what was agreed: read every line, settle what is marked TODO, then
#   python -m ingest {file}.yaml
# Until a person has reviewed it, the map agrees with itself and shows nothing."""
ASKED = """\
# TODO reviewed_at: 2026-11-02  # once a person has checked this file; then source: reviewed
# TODO risk: low, medium or high
# TODO owner: {product: NAME, operations: NAME, engineering: NAME}
# TODO team: who pays for it
# TODO trigger: what starts a run
# TODO done_when: {label_from: SYSTEM.FIELD, equals: VALUE, within_h: 48}  # or one sentence
# TODO fallback: who does the work when the agent cannot"""
WORTH = """\
# TODO value_per_outcome: US dollars one success is worth
# TODO human_baseline: {cost: US dollars, minutes: MINUTES, success: 0 to 1}  # done by people"""


def draft(store: Store, workflow: str) -> str:
    """The YAML of a first declaration; IngestError where the store has no run to draft from."""
    with observing(store.in_force(), workflow) as seen:
        return text(seen)


def text(seen: Observed) -> str:
    """The same, of what was observed."""
    (facts,) = seen.table("facts")
    if not facts["runs"]:
        raise IngestError(_nothing(seen.workflow, seen.known()))
    runs, declared = facts["runs"], seen.declared()
    words = {part: list(rows) for part, rows in groupby(seen.table("words"), itemgetter("part"))}
    lines = [
        *_head(seen.workflow, facts, declared),
        f"id: {word(seen.workflow)}",
        _stage(words["stage"]),
        "source: discovered",
        ASKED,
        *_ends("inputs", words.get("inputs", []), runs),
        *_ends("outputs", words.get("outputs", []), runs),
        *_channels(words.get("channel", [])),
        *seen_map.lines(seen, runs, declared["match_source"] if declared else None),
        *_failures(seen.table("failures"), runs),
        *_tools(seen, runs),
        *_limits(facts),
    ]
    return "\n".join([*lines, WORTH]) + "\n"


def _nothing(workflow: str, known: list[str]) -> str:
    name = printable(workflow)
    if workflow in known:
        return f"{name}: no finished run of it outside test and replay. Load its traces first."
    near = faults.nearest(name, [printable(k)[:LONGEST] for k in known])
    return f"{name}: no such workflow in the store. {near if known else 'It holds none yet.'}"


def _head(workflow: str, facts: Row, declared: Row | None) -> list[str]:
    file = re.sub(r"[^A-Za-z0-9_.-]+", "-", workflow)[:60].strip("-.") or "workflow"
    runs = "one finished run" if facts["runs"] == 1 else f"{facts['runs']:,} finished runs"
    days = _days(facts["first_at"], facts["last_at"])
    lines = [HEAD.format(name=example(workflow), runs=runs, days=days, file=file)]
    if declared:
        where = f" in {example(declared['path'])}" if declared["path"] else ""
        lines.append(f"# It is declared already{where}; loading this file takes the place of that.")
    return lines


def _days(first_at: datetime | None, last_at: datetime | None) -> str:
    if first_at is None or last_at is None:
        return "none of them with a time"
    first, last = (f"{at.day} {at:%b %Y}" for at in (first_at, last_at))
    return first if first == last else f"{first} to {last}"


def _stage(stages: list[Row]) -> str:
    """A stage declared here holds for all runs, so it is only drafted where all agree."""
    if len(stages) == 1:
        return f"stage: {stages[0]['word']}  # of every run"
    seen = ", ".join(f"{row['word']} of {row['runs']:,} runs" for row in stages)
    return f"# TODO stage: one for all runs  # seen: {seen}"


def _ends(part: str, rows: list[Row], runs: int) -> list[str]:
    """The systems that work comes from or goes to."""
    good = [r for r in rows if is_often(r["runs"], runs) and len(r["word"]) <= LONGEST][:MOST]
    if not good:
        return [f"# TODO {part}: the systems work {FLOWS[part]}"]
    lines = [f"  - {word(r['word'])}  # seen in {r['runs']:,} of {runs:,} runs" for r in good]
    return [f"{part}:", *lines, *_more(len(rows) - len(good), "  # rarer ones left out: {}")]


def _channels(rows: list[Row]) -> list[str]:
    shown = ", ".join(f"{example(r['word'])} in {r['runs']:,} runs" for r in rows[:MOST])
    return [f"# channels seen: {shown}"] if rows else []


def _failures(rows: list[Row], runs: int) -> list[str]:
    if not rows:
        return ['# TODO exception_paths: {"TOOL:timeout": STEP}  # no failed call was seen']
    lines = [
        f"#   {example(r['tool'] + ':' + r['error_class'])}: STEP"
        f"  # failed calls: {r['calls']:,}, in {r['runs']:,} of {runs:,} runs"
        for r in rows[:MOST]
    ]
    return ["# TODO exception_paths:  # where does a run go when a call fails?", *lines]


def _tools(seen: Observed, runs: int) -> list[str]:
    """The tools called, and those among them that people may want to be asked about."""
    tools = seen.table("tools")
    good = [row for row in tools if is_often(row["runs"], runs) and _is_name(row["tool"])][:MOST]
    names = {row["tool"] for row in good}
    doubtful = [row for row in tools if row["tool"] not in names]
    lines = ["allowed_tools:" if good else "# TODO allowed_tools: {TOOL: {side_effect: read}}"]
    for row in good:
        effect = f"side_effect: {_effect(row)}" if row["effect"] else ""
        lines.append(f"  {word(row['tool'])}: {{{effect}}}  # {_called(row, runs)}")
    lines += [
        f"  # TODO {example(row['tool'])}: {_called(row, runs)}. Is it allowed?"
        for row in doubtful[:MOST]
    ]
    lines += _more(len(doubtful) - MOST, "  # tools left out: {}")
    asked = {row["action"]: row["requests"] for row in seen.table("approvals")}
    return [*lines, *_approvals([r for r in good if _effect(r) in EFFECTS[2:]], asked)]


def _is_name(tool: str) -> bool:
    """Whether a tool can stand on a list of names, where `*` and `%` stand for anything."""
    return bool(tool.strip()) and len(word(tool)) <= LONGEST and not set("*%") & set(tool)


def _effect(row: Row) -> str:
    return EFFECTS[row["effect"] - 1] if row["effect"] else ""


def _called(row: Row, runs: int) -> str:
    told = f"called in {row['runs']:,} of {runs:,} runs"
    if row["with_effect"] == row["calls"]:
        return told
    if not row["with_effect"]:
        return f"{told}; side effect not recorded"
    return f"{told}; side effect known of {row['with_effect']:,} of {row['calls']:,} calls"


def _approvals(tools: list[Row], asked: dict[str, int]) -> list[str]:
    rule = '{when: "amount > 50", sla_h: 4, min_read_s: 10}'
    effects = {row["tool"]: _effect(row) for row in tools}
    lines = []
    for name in list(dict.fromkeys([*asked, *effects]))[:MOST]:
        seen = [effects.get(name, ""), f"approvals seen: {asked[name]:,}" if name in asked else ""]
        lines.append(f"#   {example(name)}: {rule}  # {', '.join(filter(None, seen))}")
    if not lines:
        return [f"# TODO approvals_required: {{TOOL: {rule}}}"]
    return ["# TODO approvals_required:  # which of these must a person approve?", *lines]


def _limits(facts: Row) -> list[str]:
    days = (facts["last_at"] - facts["first_at"]).total_seconds() / 86_400 if facts["dated"] else 0
    is_known = days >= DAYS_FOR_A_RATE and facts["dated"] == facts["runs"]
    a_month = DAYS_A_MONTH / days if is_known else 0
    return [_slo(facts), _budget(facts, a_month), _volume(facts, days, a_month)]


def _slo(facts: Row) -> str:
    parts, seen = [], []
    if facts["known"]:
        parts.append(f"success: {_short(facts['successes'] / facts['known'])}")
        seen.append(f"{facts['successes']:,} successes of {facts['known']:,} known outcomes")
    if facts["timed"]:
        median, p95 = _short(facts["median_s"]), _short(facts["p95_s"])
        parts.append(f"p95_machine_s: {p95}")
        seen.append(f"machine time of {facts['timed']:,} runs: median {median} s, p95 {p95} s")
    suggested = ", ".join(parts) or "success: 0.9, p95_machine_s: 60"
    return f"# TODO slo: {{{suggested}}}  # seen: {'; '.join(seen) or 'no outcome, no time'}"


def _budget(facts: Row, a_month: float) -> str:
    if not facts["costed"]:
        return "# TODO budget: {monthly: US dollars, per_run_cap: US dollars}  # no cost is known"
    monthly = _short(facts["cost_usd"] * a_month) if a_month else "US dollars"
    return (
        f"# TODO budget: {{monthly: {monthly}, per_run_cap: {_short(facts['dearest_usd'])}}}"
        f"  # seen: ${facts['cost_usd']:,.2f} for {facts['costed']:,} of {facts['runs']:,} runs,"
        f" the dearest ${facts['dearest_usd']:,.2f}"
    )


def _volume(facts: Row, days: float, a_month: float) -> str:
    seen = f"{facts['runs']:,} runs {f'in {days:.0f} days' if facts['dated'] else 'without a time'}"
    if not a_month:
        return f"# TODO expected_monthly_volume: RUNS  # {seen} are too little to go by"
    rate = _short(facts["runs"] * a_month)
    return f"expected_monthly_volume: {rate}  # TODO observed, not planned: {seen}"


def _short(number: float) -> str:
    """Two digits that count, without an exponent."""
    return f"{float(f'{number:.2g}'):.9f}".rstrip("0").rstrip(".")


def _more(left: int, words: str) -> list[str]:
    return [words.format(f"{left:,}")] if left > 0 else []
