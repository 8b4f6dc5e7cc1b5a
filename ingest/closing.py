"""How a load ends at the terminal: what went where, what was refused, and what it is worth."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.table import Table
from rich.text import Text

from ingest.pipeline import Report
from ingest.store.summary import Summary
from ingest.terminal import emit, out, say

SHOWN = 20
SOURCES = {
    "label": "labelled",
    "downstream": "from downstream records",
    "reviewer": "reviewed",
    "evaluator": "evaluated",
    "feedback": "from end users",
    "status": "by error status",
}


def print_report(report: Report, as_json: bool, dry: bool) -> None:
    """The closing table of what went where, then every refusal in a sentence of its own."""
    if as_json:
        emit(_summary(report))
        return
    if report.loaded:
        out.print(_table(report))
    _print_refusals(report)
    for reason, n in sorted(report.ignored().items()):
        say(f"– left out: {n:,} records ({reason})")
    for skipped in report.skipped[:SHOWN]:
        say(f"– skipped: {skipped.name} ({skipped.reason})")
    if len(report.skipped) > SHOWN:
        say(f"  … and {len(report.skipped) - SHOWN:,} more")
    if report.summary and report.summary.runs:
        _print_summary(report.summary)
    say(_closing(report, dry))


def _print_refusals(report: Report) -> None:
    for words in report.refused[:SHOWN]:
        out.print(Text(f"✕ {words}", style="red"))
    if len(report.refused) > SHOWN:
        say(f"  … and {len(report.refused) - SHOWN:,} more files; the Data page lists them all")
    for loaded in report.loaded:
        for reject in loaded.rejects[:SHOWN]:
            place = f"{loaded.origin.name}, {reject['locator']}"
            out.print(Text(f"✕ {place}: {reject['reason']}", style="red"))
        if loaded.rejected > SHOWN:
            say(f"  … and {loaded.rejected - SHOWN:,} more in {loaded.origin.name}")
    if reasons := report.rejected_by():
        say(f"✕ rejected: {_listed(reasons)}")


def _print_summary(summary: Summary) -> None:
    say(_known(summary.outcomes, "unknown", "{:,} runs, outcome known of {}"))
    if summary.calls:
        say(_known(summary.calls, "unpriced", "{:,} model calls, cost known of {}"))
    if summary.gaps:
        say("Most useful to add:")
    for gap in summary.gaps:
        checks = "1 check" if gap.checks == 1 else f"{gap.checks} checks"
        say(f"  {gap.field} ({checks} cannot be measured without it). {gap.hint}".rstrip())


def _known(counts: dict[str, int], lacking: str, words: str) -> str:
    """How many of all are known and from where, then how many are not."""
    found = {SOURCES.get(name, name): n for name, n in counts.items() if name != lacking}
    known, total = sum(found.values()), sum(counts.values())
    share = f"{known:,} ({known / total:.0%})"
    rest = f"{lacking} {total - known:,}"
    return f"{words.format(total, share)}: {'; '.join(filter(None, (_listed(found), rest)))}."


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {n:,}" for name, n in counts.items())


def _closing(report: Report, dry: bool) -> str:
    if dry:
        return "Nothing was changed: this was a dry run."
    if not (report.loaded or report.again or report.refused):
        return "Nothing to load: no data files there. `--formats` lists what can be read."
    words = []
    if report.again:
        words.append(f"{len(report.again):,} files were loaded before and change nothing.")
    if report.generation:
        at = report.as_of
        day = f"{at.day} {at:%b %Y, %H:%M} UTC" if at else "no time"
        words.append(f"Published generation {report.generation}, data to {day}.")
    return " ".join(words)


def _table(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("format")
    for name in ("files", "records", "ignored", "rejected"):
        table.add_column(name, justify="right")
    table.add_column("rows by table")
    for form in sorted({x.format for x in report.loaded}):
        group = [x for x in report.loaded if x.format == form]
        rows = sum((Counter(x.rows_by_table) for x in group), Counter[str]())
        counts = (
            len(group),
            sum(x.records for x in group),
            sum(sum(x.ignored.values()) for x in group),
            sum(x.rejected for x in group),
        )
        held = ", ".join(f"{name} {n:,}" for name, n in sorted(rows.items()))
        table.add_row(form, *(f"{n:,}" for n in counts), held)
    return table


def _summary(report: Report) -> dict[str, Any]:
    return {
        "event": "done",
        "files": len(report.loaded),
        "again": len(report.again),
        "records": sum(x.records for x in report.loaded),
        "rejected": report.rejected,
        "refused": report.refused,
        "skipped": [f"{s.name} ({s.reason})" for s in report.skipped],
        "rejected_by": report.rejected_by(),
        "summary": report.summary and _plain(report.summary),
        "generation": report.generation,
        "as_of": report.as_of,
    }


def _plain(summary: Summary) -> dict[str, Any]:
    return summary._asdict() | {"gaps": [gap._asdict() for gap in summary.gaps]}
