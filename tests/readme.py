"""Writes the README's tables from the headers they come from: `python -m tests.readme`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from ingest import registry
from ingest.canonical import headers
from ingest.formats import Format
from queries import catalog, checks, patterns

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
GATE = {"pilot": "pilot and production", "production": "production", "no": "advisory"}


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(list(head))]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def formats() -> str:
    """Every format that is not a canonical file, and how to get one."""
    shown = [f for f in registry.by_name().values() if not f.NAME.startswith("canonical.")]
    return _table(("format", "how to get it"), ((_marked(f), f.OBTAIN) for f in shown))


def _marked(form: Format) -> str:
    return f"`{form.NAME}`" + (" (from documentation)" if form.BASIS == "documentation" else "")


def canonical() -> str:
    """Every canonical file and the columns it must have."""
    rows = ((f"`{stem}.csv`", ", ".join(need)) for stem, (need, _) in headers().items())
    return _table(("file", "columns it must have"), rows)


def questions() -> str:
    """Every named question."""
    found = sorted(catalog().values())
    return _table(("question", "what it answers"), ((f"`{q.name}`", q.title) for q in found))


def scorecard() -> str:
    """Every check, by pattern."""
    titles = {name: p.title for name, p in patterns().items()}
    rows = ((c.id, titles[c.pattern], c.title, GATE[c.gate]) for c in checks().values())
    return _table(("check", "pattern", "question", "gate"), rows)


TABLES: dict[str, Callable[[], str]] = {
    "formats": formats,
    "canonical": canonical,
    "questions": questions,
    "scorecard": scorecard,
}


def rendered(text: str) -> str:
    """The README with every generated table made anew."""
    for name, make in TABLES.items():
        begin, end = f"<!-- {name}: generated -->", f"<!-- {name}: end -->"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        assert pattern.search(text), f"README.md has no place for the table {name}"
        text = pattern.sub(lambda _, b=begin, e=end, m=make: f"{b}\n{m()}\n{e}", text)
    return text


if __name__ == "__main__":
    README.write_text(rendered(README.read_text("utf-8")), "utf-8")
