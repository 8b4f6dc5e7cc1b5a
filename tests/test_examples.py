"""The real example files: each is of exactly one format, and gives the counts its README states."""

from __future__ import annotations

import tomllib
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from conftest import EXAMPLES, ROOT, ingest
from tables import rows, unbalanced

from ingest.containers import open_values
from ingest.errors import IngestError
from ingest.files import open_raw
from ingest.registry import FORMATS

RULES = tomllib.loads((ROOT / "tests/examples.toml").read_text("utf-8"))["formats"]
FILES = sorted(p for p in EXAMPLES.rglob("*") if p.is_file()) if EXAMPLES.is_dir() else []


def expected(path: Path) -> str:
    """The format a file is of; KeyError-like failure where nobody has said."""
    name = path.relative_to(EXAMPLES).as_posix()
    return next(form for pattern, form in RULES.items() if fnmatch(name, pattern))


def accepting(path: Path) -> str:
    """The formats that accept a file, in one word where it is one."""
    try:
        with open_raw(path, path.name) as stream:
            values = open_values(stream, path.name)
            return " and ".join(sorted({f.NAME for f in FORMATS if f.accepts(values.sample)}))
    except IngestError:
        return ""


def test_every_example_is_of_exactly_one_format(examples: Path) -> None:
    confusion = Counter((expected(path), accepting(path)) for path in FILES)
    assert confusion
    assert not {pair: n for pair, n in confusion.items() if pair[0] != pair[1]}


@pytest.fixture(scope="session")
def loaded(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Stores of example folders, each loaded once."""
    stores: dict[str, Path] = {}

    def load(folder: str, expect: int = 0) -> Path:
        if folder not in stores:
            stores[folder] = tmp_path_factory.mktemp("examples") / "store"
            ingest(examples / folder, "--store", stores[folder], expect=expect)
        assert not unbalanced(stores[folder])
        return stores[folder]

    return load


def test_agentdojo(loaded: Any) -> None:
    store = loaded("agentdojo/command-r-plus")
    assert rows(
        store, "select count(*), count(*) filter (where outcome = 'success') from runs"
    ) == [(753, 193)]


def test_langfuse_traces(loaded: Any) -> None:
    """Two of the twenty files are one trace, downloaded twice."""
    store = loaded("langfuse-ui")
    found = rows(store, "select count(*), round(sum(cost_usd), 12) from steps")
    assert found == [(138 - 3, round(0.023656749995 - 0.0010375, 12))]
    assert rows(store, "select count(*), sum(orphans) from sources") == [(20, 1)]


def test_aider(loaded: Any) -> None:
    store = loaded("aider-usage")
    found = rows(
        store,
        """
        select strftime(period_start, '%Y-%m') as month, count(*), round(sum(cost_usd), 6)
        from costs group by month order by month
        """,
    )
    assert [(month, usd) for month, _, usd in found] == [
        ("2025-08", 0.082115),
        ("2025-11", 0.172242),
        ("2025-12", 0.175394),
        ("2026-02", 2.105225),
        ("2026-03", 0.573155),
        ("2026-04", 2.197201),
    ]
    assert sum(n for _, n, _ in found) == 107
    total = rows(
        store, "select round(sum(cost_usd), 6), sum(input_tokens + output_tokens) from costs"
    )
    assert total == [(5.305332, 2_530_121)]
    assert rows(store, "select count(distinct model) from costs where model like '%gpt-5.2'") == [
        (1,)
    ]


def test_litellm_prices(loaded: Any) -> None:
    """Every price of a token of text, once; what documents the map is no model."""
    store = loaded("litellm-prices")
    found = rows(
        store,
        """
        select token_class, usd_per_token from prices
        where model = 'gpt-5' and provider = 'openai' order by all
        """,
    )
    assert found == [("cache_read", 1.25e-7), ("input", 1.25e-6), ("output", 1e-5)]
    assert rows(store, "select count(*) from prices where model = 'sample_spec'") == [(0,)]
    assert rows(store, "select sum(duplicates), sum(rejected) from sources") == [(0, 0)]
    versions = rows(
        store, "select distinct regexp_replace(price_version, '[0-9a-f]{8}$', '') from prices"
    )
    assert versions == [("litellm ",)]


def test_agentrx(loaded: Any) -> None:
    store = loaded("agentrx-labels")
    assert rows(store, "select count(*) from runs") == [(29,)]
    found = rows(store, "select category, count(*) from feedback group by all order by all")
    assert [(category.removesuffix(" Failure"), n) for category, n in found if category] == [
        ("Instruction Adherence", 6),
        ("Intent Not Supported", 2),
        ("Intent Plan Misalignment", 8),
        ("Invalid Invocation", 4),
        ("Misinterpretation of Tool Output", 8),
        ("System", 1),
        ("Underspecified User Intent", 10),
    ]


def test_labels_never_land_on_runs_of_the_same_task(examples: Path, tmp_path: Path) -> None:
    """AgentRx and tau2 number their tasks alike; only what is the same run is joined."""
    ingest(
        examples / "agentrx-labels",
        examples / "tau2-retail",
        "--store",
        tmp_path / "store",
    )
    assert rows(
        tmp_path / "store",
        """
        select count(*), count(*) filter (where f.run_id is null),
            count(*) filter (where c.source_id <> f.source_id and s.format <> 'agentrx.benchmark')
        from feedback f left join run_claims c using (run_id)
        left join sources s on s.source_id = c.source_id
        where f.category is not null
        """,
    ) == [(39, 0, 0)]
    assert rows(
        tmp_path / "store",
        "select workflow, count(*) filter (where outcome = 'success') from runs"
        " where workflow = 'retail' group by all",
    ) == [("retail", 65 + 38)]


def test_inspect(loaded: Any) -> None:
    store = loaded("inspect")
    found = rows(
        store,
        """
        select s.path, count(*), sum(r.input_tokens + r.output_tokens) from runs r
        join sources s using (source_id) group by all order by all
        """,
    )
    assert [(n, tokens) for _, n, tokens in found] == [(10, 640), (3, 198), (1, 1)]


def test_every_example_loads_and_the_ledger_adds_up(loaded: Any) -> None:
    store = loaded(".", expect=1)
    refused = rows(store, "select path from sources where format = 'refused' order by path")
    assert [Path(path).name for (path,) in refused] == ["feedback.csv"]
