"""Who may import whom, and how long a file may grow (the map in the README)."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT, environment

OURS = {"app", "settings", "ui", "charts", "pages", "queries", "ingest"}
HEAVY = {"streamlit", "duckdb", "polars", "plotly", "pyarrow"}
MAY = {
    "app.py": {"streamlit", "ui"},
    "pages": {"ui", "charts", "streamlit"},
    "ui": {"ui", "queries", "settings", "streamlit", "polars"},
    "charts": {"charts", "plotly", "polars"},
    "queries": {"queries", "polars"},
    "queries/engine.py": {"queries", "polars", "duckdb"},
    "queries/__main__.py": {"queries", "polars", "settings"},
    "ingest": {"ingest", "polars", "pyarrow"},
    "ingest/store": {"ingest", "polars", "pyarrow", "duckdb"},
    "ingest/command.py": {"ingest", "settings", "queries"},
    "settings.py": set(),
}
LONGEST = {"pages": 80, "app.py": 40}
MODULE, FUNCTION = 250, 30
BANNED_NAMES = {"utils", "helpers", "manager", "common", "misc"}


def sources() -> list[Path]:
    """Every module of the product."""
    files = [ROOT / "app.py", ROOT / "settings.py"]
    for folder in ("ui", "charts", "pages", "queries", "ingest"):
        files += sorted((ROOT / folder).rglob("*.py"))
    return files


def layer(path: Path) -> str:
    """The most specific line of the table above that a module falls under."""
    name = path.relative_to(ROOT).as_posix()
    return max((k for k in MAY if name == k or name.startswith(f"{k}/")), key=len)


def imports(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """Top-level names a module imports, wherever the import stands."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0], node


@pytest.mark.parametrize("path", sources(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_module_imports_only_what_its_layer_may(path: Path) -> None:
    typing_only = {
        id(child)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for child in ast.walk(node)
    }
    seen = {name for name, node in imports(path) if id(node) not in typing_only}
    assert seen & (OURS | HEAVY) <= MAY[layer(path)]


def test_ingest_reaches_queries_only_for_the_scorecard() -> None:
    tree = ast.parse((ROOT / "ingest/command.py").read_text("utf-8"))
    found = [
        (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("queries")
        for alias in node.names
    ]
    assert found == [("queries", "scorecard")]


def test_queries_ingest_and_charts_load_without_streamlit() -> None:
    code = "import sys, queries, ingest.pipeline, charts; sys.exit('streamlit' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, env=environment())


def test_no_file_is_longer_than_the_house_allows() -> None:
    long = {}
    for path in sources():
        name = path.relative_to(ROOT).as_posix()
        limit = LONGEST.get(name.split("/")[0], MODULE)
        count = len(path.read_text("utf-8").splitlines())
        if count > limit:
            long[name] = count
    assert not long


def test_no_function_is_longer_than_the_house_allows() -> None:
    long = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > FUNCTION:
                    long[f"{path.relative_to(ROOT).as_posix()}:{node.name}"] = lines
    assert not long


def test_no_room_has_a_name_that_says_nothing() -> None:
    assert not [p for p in sources() if p.stem in BANNED_NAMES]


def test_times_are_written_in_a_way_every_system_knows() -> None:
    assert not [p for p in sources() if ":%-" in p.read_text("utf-8")]


def test_only_one_place_writes_html() -> None:
    found = [
        p.relative_to(ROOT).as_posix()
        for p in sources()
        if "unsafe_allow_html" in p.read_text("utf-8") or "st.html(" in p.read_text("utf-8")
    ]
    assert found == ["ui/frame.py"]
