"""Every cost format: exact money, lines a later export replaces, garbage that never raises."""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.casts import EPOCH, MICROSECOND
from ingest.conform import BadRecordError, Conformer, Origin
from ingest.containers import open_values
from ingest.costs import FORMATS, aws, azure, cursor, gcp, lines, meters
from ingest.costs.anthropic import console_cost, cost_report
from ingest.costs.openai import costs as openai_costs
from ingest.files import open_raw
from ingest.formats import Format, Ignored, Read, Reject
from ingest.registry import named

FIXTURES = Path(__file__).parent / "fixtures" / "formats"
NAMES = {form.NAME for form in FORMATS}
FILES = sorted(p for p in FIXTURES.glob("*/*") if p.is_file() and p.parent.name in NAMES)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
AMOUNTS = st.decimals("-1e9", "1e9", allow_nan=False, places=25).map(lambda d: f"{d:f}")
DAY = {"starting_at": "2026-11-02T00:00:00Z", "ending_at": "2026-11-03T00:00:00Z"}


def values(path: Path) -> list[dict[str, Any]]:
    with open_raw(path, path.name) as stream:
        return list(open_values(stream, path.name))


def read(path: Path) -> list[Read]:
    """The records of a file by the one format that accepts it."""
    with open_raw(path, path.name) as stream:
        found = open_values(stream, path.name)
        (form,) = (f for f in FORMATS if f.accepts(found.sample))
        return list(form.read(iter(found)))


def conformed(records: Iterable[Read]) -> list[dict[str, Any]]:
    conformer = Conformer(Origin("source", "file"), "part")
    for record in records:
        if isinstance(record, dict):
            conformer.take(record)
    return conformer.drain()["costs"]


def loaded(name: str) -> list[dict[str, Any]]:
    return conformed(read(FIXTURES / name))


def total(rows: Iterable[dict[str, Any]]) -> Decimal:
    return sum((row["amount"] for row in rows), Decimal(0))


def ids(rows: Iterable[dict[str, Any]]) -> list[str]:
    return [row["cost_id"] for row in rows]


def page(*results: dict[str, Any]) -> dict[str, Any]:
    return {"data": [DAY | {"results": list(results)}]}


@pytest.mark.parametrize(
    ("file", "usd"),
    [
        ("openai.costs/page.json", "1.585000000000000000"),
        ("openai.costs/dashboard.csv", "0.0125"),
        ("anthropic.cost_report/page.json", "4.067500000000000000"),
        ("anthropic.console.cost/console.csv", "3.64"),
        ("anthropic.analytics/cost.json", "3.6775"),
        ("anthropic.claude_code_report/page.json", "3.695"),
        ("aws.cur/cur2.csv.gz", "2.6355"),
        ("azure.cost/actual.csv", "6.15405"),
        ("gcp.billing/rows.jsonl", "2.24"),
        ("openrouter.activity/activity.json", "0.0151"),
        ("openrouter.generations/activity.csv", "0.00123"),
        ("cursor.usage_events/events.csv", "1.92"),
        ("cursor.usage_events/team.json", "0.2836"),
        ("aider.analytics/events.jsonl", "0.0032"),
        ("litellm.slp/payloads.jsonl", "0.00042"),
        ("litellm.spend_summary/days.json", "0.875"),
    ],
)
def test_money_adds_up_to_the_last_digit(file: str, usd: str) -> None:
    assert total(loaded(file)) == Decimal(usd)


def test_more_than_eighteen_decimals_stay_as_text() -> None:
    (tiny,) = (r for r in loaded("openai.costs/dashboard.csv") if r["amount"] == 0)
    assert json.loads(tiny["attributes"])["amount_text"] == "0.000000000000000000000000000001"


def test_usage_without_money_is_not_free() -> None:
    files = [p for p in FILES if "usage" in p.parent.name and p.parent.name != cursor.NAME]
    for row in (row for path in files for row in conformed(read(path))):
        assert (row["amount"], row.get("cost_usd")) == (0, None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("openai.costs/page.json", "openai.costs/dashboard.csv"),
        ("openai.usage/page.json", "openai.usage/dashboard.csv"),
        ("openrouter.generations/activity.csv", "openrouter.generations/generation.json"),
        ("cursor.usage_events/events.csv", "cursor.usage_events/team.json"),
        ("cursor.usage_events/events.csv", "cursor.usage_events/dashboard.json"),
        ("gcp.billing/rows.jsonl", "gcp.billing/flat.csv"),
    ],
)
def test_two_exports_of_one_line_meet(one: str, other: str) -> None:
    assert ids(loaded(one))[0] == ids(loaded(other))[0]


@pytest.mark.parametrize(
    ("file", "column"),
    [
        ("aws.cur/cur2.csv.gz", "line_item_unblended_cost"),
        ("azure.cost/actual.csv", "Cost"),
        ("focus/tokens.csv", "BilledCost"),
        ("openai.costs/dashboard.csv", "amount_value"),
        ("anthropic.console.cost/console.csv", "cost_usd"),
        ("cursor.usage_events/events.csv", "Cost"),
    ],
)
def test_a_revised_amount_replaces_its_line(file: str, column: str) -> None:
    form = named(file.partition("/")[0])
    first = values(FIXTURES / file)
    later = [row | ({column: "9.5"} if row[column] else {}) for row in first]
    before, after = (conformed(form.read(iter(rows))) for rows in (first, later))
    assert ids(before) == ids(after)
    assert len(set(ids(before))) == len(before)


def test_a_line_item_id_of_a_delivery_is_no_identity() -> None:
    rows = values(FIXTURES / "aws.cur/cur2.csv.gz")
    later = [row | {"identity_line_item_id": f"new{n}"} for n, row in enumerate(rows)]
    assert ids(conformed(aws.read(iter(rows)))) == ids(conformed(aws.read(iter(later))))


def test_a_parquet_delivery_gives_the_lines_of_the_csv(tmp_path: Path) -> None:
    rows = values(FIXTURES / "aws.cur/cur2.csv.gz")
    for row in rows:
        for name in ("product", "resource_tags", "cost_category"):
            row[name] = list(json.loads(row[name]).items())
        row |= {k: v or None for k, v in row.items() if not isinstance(v, list)}
    kinds = {
        name: pa.map_(pa.string(), pa.string()) if isinstance(kind, list) else pa.string()
        for name, kind in rows[0].items()
    }
    file = tmp_path / "cur.parquet"
    pq.write_table(pa.Table.from_pylist(rows, pa.schema(list(kinds.items()))), file)
    assert conformed(read(file)) == loaded("aws.cur/cur2.csv.gz")


def test_the_older_report_spells_the_same_columns() -> None:
    (line,) = loaded("aws.cur/cur1.csv")
    assert (line["output_tokens"], line["team"], line["is_final"]) == (3_000, "claims", True)
    assert line["model"] == "anthropic.claude-3-5-sonnet-20240620-v1:0"


def test_quantities_count_in_blocks() -> None:
    tokens = [
        (row.get("input_tokens"), row.get("output_tokens")) for row in loaded("aws.cur/cur2.csv.gz")
    ]
    assert tokens[:3] == [(50_500, None), (4_000, None), (None, 2_000)]
    (cached, made, *_) = loaded("azure.cost/actual.csv")
    assert (cached["cache_read_tokens"], made["output_tokens"]) == (40_500, 500_000)
    (cached, made, _) = loaded("focus/tokens.csv")
    assert (cached["input_tokens"], cached["cache_read_tokens"]) == (50_000, 50_000)
    assert made["output_tokens"] == 1_200


@pytest.mark.parametrize(
    ("unit", "size"),
    [
        ("1K tokens", 1_000),
        ("1000_tokens", 1_000),
        ("1,000 Tokens", 1_000),
        ("1M", 1_000_000),
        ("Tokens", 1),
        ("kWh", 1),
        ("", 1),
        (None, 1),
    ],
)
def test_units_say_how_many_they_count(unit: str | None, size: int) -> None:
    assert meters.block(unit) == size


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("uncached_input_tokens", "input"),
        ("input_no_cache", "input"),
        ("cache_creation.ephemeral_1h_input_tokens", "cache_write"),
        ("cache-read-input-token-count", "cache_read"),
        ("gpt 5 mini cchd Inp glbl Tokens", "cache_read"),
        ("Flash GA / Lite input caching", "cache_read"),
        ("5.5 ShortCo opt Gl 1M Tokens", "output"),
        ("optional", None),
    ],
)
def test_meters_speak_of_a_class_of_token(words: str, found: str | None) -> None:
    assert meters.token_class(words) == found


def test_a_credit_is_netted_once_and_a_correction_is_a_line() -> None:
    first, correction, *_ = loaded("gcp.billing/rows.jsonl")
    assert (first["amount"], first["output_tokens"]) == (Decimal("0.15"), 3_000)
    assert (correction["amount"], correction["cost_id"]) != (first["amount"], first["cost_id"])
    assert len({r["cost_id"] for r in loaded("gcp.billing/rows.jsonl")}) == 5


def test_characters_of_older_models_are_no_tokens() -> None:
    old = next(r for r in loaded("gcp.billing/rows.jsonl") if r.get("model") == "gemini-1.5-pro")
    assert "input_tokens" not in old
    assert (old["currency"], old["cost_usd"]) == ("EUR", 0.5)


def test_equal_results_of_one_bucket_stay_apart_and_a_second_page_does_not_double() -> None:
    result = {"amount": "5", "currency": "USD", "description": "x", "token_type": "output_tokens"}
    rows = conformed(cost_report.read(iter([page(result, result), page(result, result)])))
    assert len(rows) == 4
    assert len(set(ids(rows))) == 2


def test_totals_beside_their_parts_are_told_apart() -> None:
    part = {"amount": "5", "currency": "USD", "description": "x", "workspace_id": "w"}
    default = part | {"workspace_id": None}
    whole = {"amount": "10", "currency": "USD", "description": None, "workspace_id": None}
    records = [
        *cost_report.read(iter([page(part, default)])),
        *cost_report.read(iter([page(whole)])),
    ]
    tellings = [r["costs"][0]["attributes"].get("telling", 0) for r in records if "costs" in r]
    assert tellings == [0, 0, 3]


def test_nobody_is_named() -> None:
    for path in FILES:
        rows = [r for r in read(path) if isinstance(r, dict)]
        assert "someone@example.org" not in repr(rows), path


def test_display_names_become_those_of_the_api() -> None:
    assert {r.get("model") for r in loaded("anthropic.console.cost/console.csv")} == {
        "claude-haiku-4-5",
        None,
    }


def test_a_word_for_a_cost_states_no_money() -> None:
    usd = [row.get("cost_usd") for row in loaded("cursor.usage_events/events.csv")]
    assert usd == [0.07, 1.78, None, 0.0, 0.07]


@settings(deadline=None)
@given(AMOUNTS)
def test_money_text_survives_exactly(text: str) -> None:
    read_by: list[tuple[Format, dict[str, Any], int]] = [
        (openai_costs, {"start_time": 1, "amount_value": text, "amount_currency": "usd"}, 0),
        (console_cost, {"usage_date_utc": "2026-11-02", "cost_usd": text}, 0),
        (cost_report, page({"amount": text, "currency": "USD"}), -2),
        (azure, {"Date": "11/02/2026", "Cost": text}, 0),
        (aws, {"line_item_unblended_cost": text}, 0),
        (gcp, {"cost": text}, 0),
    ]
    for form, value, scale in read_by:
        (record,) = form.read(iter([value]))
        assert isinstance(record, dict)
        stated = Decimal(record["costs"][0]["amount"])
        assert stated == lines.WIDE.scaleb(Decimal(text), Decimal(scale))


@pytest.mark.parametrize("form", FORMATS, ids=lambda f: f.NAME)
@settings(deadline=None, max_examples=60)
@given(st.data())
def test_garbage_becomes_rejects(form: Format, data: st.DataObject) -> None:
    files = [p for p in FILES if p.parent.name == form.NAME]
    base = values(data.draw(st.sampled_from(files)))[0] if files else {}
    value = _broken(base, data)
    for record in form.read(iter([value])):
        assert isinstance(record, dict | Reject | Ignored)
        if isinstance(record, dict):
            with contextlib.suppress(BadRecordError):
                Conformer(Origin("source", "file"), "part").take(record)


def _broken(value: Any, data: st.DataObject) -> Any:
    """The value with some of its parts, at any depth, replaced by anything; a dict stays one."""
    if isinstance(value, dict):
        return {k: _maybe(v, data) for k, v in value.items()} | data.draw(
            st.dictionaries(st.text(), JSON, max_size=1)
        )
    return [_maybe(item, data) for item in value] if isinstance(value, list) else value


def _maybe(value: Any, data: st.DataObject) -> Any:
    return data.draw(JSON) if data.draw(st.integers(0, 7)) == 0 else _broken(value, data)


def test_a_real_usage_log_adds_up(examples: Path) -> None:
    records = read(examples / "aider-usage/sample-analytics.jsonl")
    rows = conformed(records)
    assert (len(records), len(rows), round(total(rows), 6)) == (1_000, 107, Decimal("5.305332"))
    assert sum(r["input_tokens"] + r["output_tokens"] for r in rows) == 2_530_121
    assert sum(isinstance(r, Ignored) for r in records) == 893
    months: dict[str, Decimal] = defaultdict(Decimal)
    for record in records:
        if isinstance(record, dict):
            row = record["costs"][0]
            months[_month(row["period_start"])] += Decimal(row["amount"])
    assert {month: f"{usd:.6f}" for month, usd in sorted(months.items())} == {
        "2025-08": "0.082115",
        "2025-11": "0.172242",
        "2025-12": "0.175394",
        "2026-02": "2.105225",
        "2026-03": "0.573155",
        "2026-04": "2.197201",
    }
    assert {r["provider"] for r in rows if r["model"] == "gpt-5.2"} == {"openai"}


def _month(micros: int) -> str:
    return (EPOCH + micros * MICROSECOND).strftime("%Y-%m")


@pytest.mark.parametrize(
    ("file", "name", "usd"),
    [
        ("litellm/standard_logging_payload.jsonl", "litellm.slp", "0.0000612"),
        ("litellm/spend_logs_summarized.json", "litellm.spend_summary", "0.0001026"),
        ("openai_cost/api_costs.json", "openai.costs", "0.0000342"),
        ("openai_cost/dashboard_cost.csv", "openai.costs", "0.0000342"),
        ("openai_cost/api_usage_completions.json", "openai.usage", "0"),
        ("openai_cost/dashboard_completions_usage.csv", "openai.usage", "0"),
        ("anthropic_cost/api_cost_report.json", "anthropic.cost_report", "1.23456"),
        ("anthropic_cost/api_usage_report_messages.json", "anthropic.usage_report", "0"),
        (
            "anthropic_cost/api_usage_report_claude_code.json",
            "anthropic.claude_code_report",
            "1.02",
        ),
        ("anthropic_cost/api_analytics_cost.json", "anthropic.analytics", "1.23456"),
        ("anthropic_cost/api_analytics_usage.json", "anthropic.analytics", "0"),
        ("anthropic_cost/console_cost.csv", "anthropic.console.cost", "1.25"),
        ("anthropic_cost/console_usage.csv", "anthropic.usage_report", "0"),
        ("aws/cur2_bedrock.CONSTRUCTED.csv.gz", "aws.cur", "0.31300049999999998"),
        ("azure/actual_cost.CONSTRUCTED.csv", "azure.cost", "0.018"),
        ("gcp/billing_export_bq.CONSTRUCTED.jsonl", "gcp.billing", "0.017"),
    ],
)
def test_made_examples_are_read_to_the_last_digit(
    examples: Path, file: str, name: str, usd: str
) -> None:
    path = examples / "formats" / file
    with open_raw(path, path.name) as stream:
        sample = open_values(stream, path.name).sample
    assert [form.NAME for form in FORMATS if form.accepts(sample)] == [name]
    assert total(conformed(read(path))) == Decimal(usd)


def test_two_versions_of_one_charge_are_one(examples: Path) -> None:
    files = ("focus_1.2_ai_tokens.CONSTRUCTED.csv", "focus_1.4_like_ai_tokens.CONSTRUCTED.csv")
    (one,), (other,) = (conformed(read(examples / "formats/focus" / file)) for file in files)
    assert one["cost_id"] == other["cost_id"]
    assert (one["input_tokens"], one["amount"]) == (120_000, Decimal("0.018"))
