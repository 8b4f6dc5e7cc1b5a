"""The README tells the truth: its tables come from the headers, its commands exist."""

from __future__ import annotations

import re
import subprocess
import sys

from conftest import ROOT, environment
from readme import rendered

README = (ROOT / "README.md").read_text("utf-8")


def test_the_generated_tables_are_up_to_date() -> None:
    assert rendered(README) == README, "run `make docs`"


def test_every_make_target_the_readme_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"`?make (\w+)", README)) - {"run"}:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_local_link_leads_somewhere() -> None:
    for text in (README, (ROOT / "CONTRIBUTING.md").read_text("utf-8")):
        for link in re.findall(r"\]\((?!http)([^)#]+)", text):
            assert (ROOT / link).exists(), link


def test_the_options_the_readme_names_exist() -> None:
    command = [sys.executable, "-m", "ingest", "--help"]
    done = subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, text=True, env=environment()
    )
    for option in re.findall(r"python -m ingest (--[a-z-]+)", README):
        assert option in done.stdout


def test_every_decision_is_listed() -> None:
    index = (ROOT / "docs/adr/README.md").read_text("utf-8")
    for path in sorted((ROOT / "docs/adr").glob("0*.md")):
        assert path.name in index
