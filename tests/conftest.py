"""Stores to test against, each built once a session by the product's own commands."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT.parent / "shared" / "examples"
DEMO_END = date(2026, 10, 20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Building the demo takes half a minute: what needs it is slow."""
    for item in items:
        if {"demo_files", "demo_store"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def examples() -> Path:
    """The folder of real example files, where it exists."""
    if not EXAMPLES.is_dir():
        pytest.skip("the example files are not beside this checkout")
    return EXAMPLES


def ingest(*arguments: object, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
    """Run `python -m ingest` as a user would and demand its exit code; None takes 0 and 1."""
    command = [sys.executable, "-m", "ingest", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment())
    allowed = (0, 1) if expect is None else (expect,)
    assert done.returncode in allowed, done.stdout + done.stderr
    return done


def environment(**extra: str) -> dict[str, str]:
    """The environment without this product's settings, wide enough for tables."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith("OPSDASH_")}
    return plain | {"COLUMNS": "200"} | extra


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all workers of a test run."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def demo_files(shared: Path) -> Path:
    """The demo's files, ending on a fixed day."""
    folder = shared / "demo"
    with FileLock(shared / "demo.lock"):
        if not folder.exists():
            command = [sys.executable, "-m", "ingest.demo", str(folder), "--end", str(DEMO_END)]
            subprocess.run(command, cwd=ROOT, check=True, env=environment())
    return folder


@pytest.fixture(scope="session")
def demo_store(shared: Path, demo_files: Path) -> Path:
    """The demo, loaded."""
    store = shared / "demo-store"
    with FileLock(shared / "demo-store.lock"):
        if not (store / "CURRENT").exists():
            ingest(demo_files, "--store", store)
    return store


@pytest.fixture(scope="session")
def one_run_store(shared: Path) -> Path:
    """A store with a single run."""
    store = shared / "one-run-store"
    with FileLock(shared / "one-run.lock"):
        if not (store / "CURRENT").exists():
            ingest(ROOT / "tests/fixtures/one_run.jsonl", "--store", store)
    return store


@pytest.fixture(scope="session")
def empty_store(shared: Path) -> Path:
    """A store that holds a budget and no run."""
    store = shared / "empty-store"
    with FileLock(shared / "empty.lock"):
        if not (store / "CURRENT").exists():
            ingest(ROOT / "tests/fixtures/only_budgets.yaml", "--store", store)
    return store


@pytest.fixture
def missing_store(tmp_path: Path) -> Path:
    """A store that was never made."""
    return tmp_path / "nowhere"
