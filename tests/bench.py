"""Sizes and ratios on the demo: `make bench`. Figures to read, not to assert."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import orjson
from backports import zstd

import queries
from tests.bench_coverage import coverage
from tests.bench_movement import false_alarms_and_power
from tests.bench_projection import back_test

ROOT = Path(__file__).resolve().parent.parent
PAGE = ("kpi", "kpi_daily", "success_by_segment", "latency_by_step", "spend_daily", "check_matrix")


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def command(*words: object) -> None:
    """Run a module of the product."""
    subprocess.run([sys.executable, "-m", *map(str, words)], cwd=ROOT, check=True, stdout=-3)


def parse(folder: Path) -> None:
    """The floor: every trace line through orjson, in one thread."""
    for path in folder.rglob("*.jsonl.zst"):
        for line in zstd.open(path, "rb"):
            orjson.loads(line)


def page(store: Path) -> None:
    """The questions of the overview page."""
    path = queries.current(store)
    assert path is not None
    connection = queries.connect(path)
    until = datetime(2026, 10, 21)  # noqa: DTZ001
    for name in PAGE:
        asked = queries.catalog()[name].params
        known = {"since": until - timedelta(days=30), "until": until, "dimension": "auto"}
        extra = {"by": "step"} | known
        queries.run(connection, name, **{k: v for k, v in extra.items() if k in asked})


def worlds() -> None:
    """Planted, found and false of every check on all generated worlds."""
    path = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
    environment = os.environ | {"PYTHONPATH": path}
    subprocess.run([sys.executable, "-m", "worlds"], cwd=ROOT, check=True, env=environment)


def main() -> None:
    """Print one line a figure."""
    with tempfile.TemporaryDirectory() as base:
        files, store = Path(base) / "demo", Path(base) / "store"
        generate = seconds(lambda: command("ingest.demo", files, "--end", "2026-10-20"))
        floor = seconds(lambda: parse(files))
        load = seconds(lambda: command("ingest", files, "--store", store))
        again = seconds(lambda: command("ingest", files, "--store", store))
        packed = sum(f.stat().st_size for f in files.rglob("*") if f.is_file())
        current = queries.current(store)
        assert current is not None
        shown = {
            "generate the demo, s": generate,
            "load the demo, s": load,
            "load ÷ orjson floor on the traces": load / floor,
            "load again ÷ load": again / load,
            "store ÷ compressed files, bytes": current.stat().st_size / packed,
            "overview's questions, ms": 1_000 * seconds(lambda: page(store)),
            **false_alarms_and_power(),
        }
        for name, value in shown.items():
            sys.stdout.write(f"{name:40} {value:10.2f}\n")
    coverage()
    sys.stdout.write("\n" + "\n".join(back_test()) + "\n\n")
    sys.stdout.flush()
    worlds()


if __name__ == "__main__":
    main()
