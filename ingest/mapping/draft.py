"""A first mapping for a file, from its own keys: what could be placed, and what could not."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from ingest.containers import Values, open_values
from ingest.errors import IngestError
from ingest.feedback.verdicts import score_of
from ingest.files import open_raw
from ingest.formats import Value
from ingest.mapping import guesses, mapped, names
from ingest.mapping.guesses import NUMERIC, Facts, Guess
from ingest.paths import AROUND
from ingest.yaml_words import example, printable, word

TOLD = 30
HEAD = """# A first mapping for {file}, guessed from its keys and values. Read every line, then:
#   python -m ingest {file} --mapping {name}.yaml
# Left beside the data, or loaded once, it is remembered for other files like this one.
# A path is keys and places joined by dots (`messages.0.text`); `/key` stands around the record.
# Say `unit:` of numbers (s, ms, us, ns, epoch_s, epoch_ms, cents, micros, thousands), `format:` of
# odd times, `words:` for other words of a column, `scale: [worst, best]` of scores, `value:` for
# the same in every row.
"""
STEP = frozenset({"kind", "model", "tool", "agent", "parent_step_id"})
OPINION = frozenset({"created_at", "author_hash", "comment"})
DEEPEST = 3
CALL = frozenset({"model", "input_tokens", "output_tokens", "parent_step_id", "duration_ms"})
CONSTANTS: dict[str, dict[str, tuple[str, str]]] = {
    "costs": {
        "provider": ("unknown", "who sends the bill?"),
        "category": ("llm", "or api, infra, observability, human_review, evaluation, other"),
        "currency": ("USD", "is it US dollars?"),
        "measure": ("estimated", "or billed, if this is what was paid"),
        "source": ("manual", "or invoice, usage_api, gateway_log, client_log"),
    },
    "feedback": {
        "source": ("end_user", "or reviewer, evaluator"),
        "name": ("rating", "what the opinion is about"),
    },
}


def draft(path: Path) -> str:
    """The YAML of a first mapping for a file; IngestError where it holds no records."""
    if not path.is_file():
        raise IngestError(f"{path}: no such file. Name the file that a mapping is wanted for.")
    with open_raw(path, path.name) as stream:
        values: Values = open_values(stream, path.name)
        head = tuple(value for _, value in values.head)
    if not head or values.sample.container == "yaml":
        raise IngestError(f"{path}: no records to map. Name a CSV, JSON or Parquet file of them.")
    lists = dict.fromkeys(path for value in head for path in _lists(value, "", DEEPEST))
    readings = [_reading(head, records) for records in (None, *lists)]
    return _text(path, max(readings, key=_Reading.worth))


class _Reading(NamedTuple):
    """One way to read a file: the list of its records, their table, and where columns are."""

    records: str | None
    found: Facts
    table: str
    placed: dict[str, Guess]

    def worth(self) -> int:
        """How many columns the records fill: themselves, or those of the run from around them."""
        return sum(
            bool(g.path) and not g.is_of_list and (not g.path.startswith(AROUND) or "run" in name)
            for name, g in self.placed.items()
        )


def _reading(head: tuple[Value, ...], records: str | None) -> _Reading:
    items = (r for value in head for r in mapped.records(value, records))
    found = guesses.facts(islice((r for r in items if isinstance(r.item, dict)), mapped.ENOUGH))
    table, placed = _table(found, guesses.run_path(found))
    when = guesses.some_time(found, placed) if table in ("runs", "steps") else None
    timed = {"started_at": when} if when and "started_at" not in placed else {}
    return _Reading(records, found, table, placed | timed)


def _lists(value: Any, path: str, depth: int) -> Iterator[str]:
    """The paths of the lists of objects in a value."""
    for key, held in value.items():
        here = f"{path}.{key}" if path else key
        if isinstance(held, dict) and depth:
            yield from _lists(held, here, depth - 1)
        elif isinstance(held, list) and held and all(isinstance(i, dict) for i in held):
            yield here
            if depth:
                yield from _lists(held[0], here, depth - 1)


def _text(path: Path, reading: _Reading) -> str:
    records, found, table, placed = reading
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", path.name.partition(".")[0]).strip("-.") or "ours"
    lines = [
        HEAD.format(file=printable(shlex.quote(str(path))), name=name) + f"mapping: {word(name)}",
        f"table: {table}",
    ]
    lines += [f"records: {word(records)}"] if records else []
    lines += _mark(placed, found)
    lines.append("columns:")
    lines += [_line(column, guess) for column, guess in placed.items()]
    for column, (value, doubt) in CONSTANTS.get(table, {}).items():
        if column == "source" and _is_reviewed(placed):
            value, doubt = "reviewer", "or end_user, evaluator"
        if column not in placed:
            lines.append(f"  {column}: {{value: {word(value)}}}  # {doubt}")
    if table == "feedback" and "label" in placed:
        lines += _score(placed["label"], found)
    lines += _needed(table, placed)
    used = {guess.path for guess in placed.values()}
    left = [p for p in found if p not in used]
    lines += ["# Not placed:"] if left else []
    lines += [f"#   {printable(p)}: {example(found[p][0])}" for p in left[:TOLD]]
    lines += [f"#   … and {len(left) - TOLD} more"] if len(left) > TOLD else []
    return "\n".join(lines) + "\n"


def _is_reviewed(placed: dict[str, Guess]) -> bool:
    """Whether the author is called by a name for people who judge at work."""
    author = placed.get("author_hash")
    return author is not None and names.plain(author.path.rpartition(".")[2]) in names.REVIEWERS


def _mark(placed: dict[str, Guess], found: Facts) -> list[str]:
    """The decimal mark, where the numbers do not show it themselves."""
    numbers = [v for name, g in placed.items() if name in NUMERIC for v in found.get(g.path, ())]
    told = guesses.mark_of(numbers)
    doubt = f"  # {told[1]}" if told and told[1] else ""
    return [f"decimal: {told[0]}{doubt}"] if told else []


def _needed(table: str, placed: dict[str, Guess]) -> list[str]:
    """What has to be said before the mapping can be read."""
    wanted = mapped.needs(table)
    given = placed.keys() | CONSTANTS.get(table, {}).keys()
    lines = [f"#  {n}:  # needed, and not found" for n in sorted(wanted.all_of - given)]
    if wanted.one_of and wanted.one_of.isdisjoint(given):
        lines.append(f"#  {' or '.join(sorted(wanted.one_of))}:  # needed, and not found")
    return lines


def _table(found: Facts, run: str | None) -> tuple[str, dict[str, Guess]]:
    """The table that the file's names speak for, and where its columns are."""
    own = {run} if run else set()
    first = {"run_id": Guess(run)} if run else {}
    steps, costs, feedback, approvals = (
        guesses.place(table, found, set(own))
        for table in ("steps", "costs", "feedback", "approvals")
    )
    is_call = not CALL.isdisjoint(steps)
    if run and not is_call and {"requested_at", "decision", "action"} <= approvals.keys():
        return "approvals", first | approvals
    whole = run or next((p for p in found if names.plain(p) in ("id", "uuid")), None)
    if whole and not is_call and "label" in feedback and OPINION & feedback.keys():
        return "feedback", {"run_id": _run_of(whole, run)} | feedback
    if {"amount", "period_start"} <= costs.keys() and _is_days(found[costs["period_start"].path]):
        return "costs", {"period_end": costs["period_start"]} | costs
    if STEP & {name for name, guess in steps.items() if not guess.is_of_list}:
        return "steps", _steps(steps, run)
    if run and "run.outcome" in steps and "started_at" not in steps:
        return "outcomes", first | {"outcome": steps["run.outcome"]}
    runs = guesses.place("runs", found, {whole} if whole else set())
    return "runs", ({"run_id": Guess(whole)} if whole else {}) | runs


def _run_of(path: str, run: str | None) -> Guess:
    return Guess(path, doubt="" if run else "is this the id of the run?")


def _is_days(values: list[Any]) -> bool:
    """Whether the times are days without a time of day."""
    return all(len(str(v)) <= len("2026-11-02") and not isinstance(v, int | float) for v in values)


def _steps(steps: dict[str, Guess], run: str | None) -> dict[str, Guess]:
    """Steps have a run and a kind; a call without a run of its own is one."""
    if run is None and "step_id" in steps:
        run = steps["step_id"].path
    first = {"run_id": Guess(run)} if run else {}
    if "status" not in steps and (message := steps.get("error_message")):
        words = {"words": {"*": "error"}}
        steps["status"] = Guess(message.path, words, "is there a message only where it failed?")
    if "kind" not in steps:
        kind = "tool" if "tool" in steps and "model" not in steps else "llm"
        first["kind"] = Guess("", {"value": kind}, "the same for every record?")
    return first | steps


def _score(label: Guess, found: Facts) -> list[str]:
    """The score that the ratings stand for, where their words or their scale tell it."""
    seen = list(dict.fromkeys(str(v).strip() for v in found[label.path]))
    scores = {w: score_of(w) for w in seen}
    if seen and all(s is not None for s in scores.values()):
        words = ", ".join(f"{json.dumps(w)}: {s:g}" for w, s in scores.items())
        return [f"  score: {{path: {word(label.path)}, words: {{{words}}}}}"]
    listed = ", ".join(seen[:8])
    return [
        f"# score: {{path: {word(label.path)}, scale: [0, 1]}}"
        f"  # worst and best of the ratings (here {example(listed)})"
    ]


def _line(column: str, guess: Guess) -> str:
    doubt = f"  # {printable(guess.doubt)}" if guess.doubt else ""
    if not guess.more:
        return f"  {column}: {word(guess.path)}{doubt}"
    parts = [f"path: {word(guess.path)}"] if guess.path else []
    for key, value in guess.more.items():
        if isinstance(value, dict):
            inner = ", ".join(f"{word(k)}: {word(v)}" for k, v in value.items())
            parts.append(f"{key}: {{{inner}}}")
        else:
            parts.append(f"{key}: {word(value)}")
    return f"  {column}: {{{', '.join(parts)}}}{doubt}"
