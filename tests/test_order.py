"""Fixtures of every format, loaded together in any order and any number of loads: one content."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ingest
from tables import content, rows, unbalanced
from test_formats import FILES

JUDGED = {"check_results", "check_evidence"}


def loaded(files: list[Path], parts: int, store: Path) -> dict[str, list[str]]:
    """The content of a store after loading the files in that order, in so many loads."""
    for part in range(parts):
        ingest(*files[part::parts], "--store", store, "--no-keep-raw", expect=None)
    assert not unbalanced(store)
    return {k: sorted(_without(stamps(store), v)) for k, v in content(store).items()}


def stamps(store: Path) -> list[str]:
    """The times of the loads, which stand in for the time of runs that have none."""
    return [repr(found) for (found,) in rows(store, "select distinct loaded_at from sources")]


def _without(times: list[str], lines: list[str]) -> Iterator[str]:
    for line in lines:
        for time in times:
            line = line.replace(time, "loaded")
        yield line


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The content after one load of everything."""
    return loaded(FILES, 1, tmp_path_factory.mktemp("order") / "store")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_no_order_of_loading_shows_in_any_table(
    seed: int, at_once: dict[str, list[str]], tmp_path: Path
) -> None:
    files = random.Random(seed).sample(FILES, len(FILES))
    found = loaded(files, 2 + seed, tmp_path / "store")
    different = {
        table: next((n, o) for n, o in zip(found[table], at_once[table], strict=False) if n != o)
        for table in at_once.keys() - JUDGED
        if found[table] != at_once[table]
    }
    assert not different


@pytest.mark.slow
def test_a_second_load_of_everything_changes_nothing(
    at_once: dict[str, list[str]], tmp_path: Path
) -> None:
    assert loaded([*FILES, *FILES], 2, tmp_path / "store") == at_once
