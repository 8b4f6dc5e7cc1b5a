"""Cost files: every shape of one export gives the same lines, and money keeps its exact text."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.conform import BadRecordError, Conformer, Origin
from ingest.containers import open_values
from ingest.costs import FORMATS, focus, litellm, litellm_summary
from ingest.files import open_raw
from ingest.formats import Format, Ignored, Read, Reject, sample

CONFORMER = Conformer(Origin("source", "file"), "part")
FIXTURES = Path(__file__).parent / "fixtures" / "costs"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
LITELLM_KEYS = (
    *(*litellm.ROW, *litellm.KEPT, "metadata", "request_tags", "team_id", "data"),
    *("custom_llm_provider", "prompt_tokens", "completion_tokens", "total_tokens", "model"),
)
FOCUS_KEYS = (
    *(*focus.ROW, *focus.KEPT, "Tags", "AllocatedTags", "SkuPriceDetails", "ConsumedUnit"),
    *("ProviderName", "ServiceName", "ConsumedQuantity", "x_Model"),
)


def read(form: Format, path: Path) -> list[Read]:
    with open_raw(path, path.name) as stream:
        values = open_values(io.BufferedReader(io.BytesIO(stream.read())), path.name)
        assert form.accepts(values.sample)
        return list(form.read(iter(values)))


def conformed(records: Iterable[Read]) -> list[dict[str, Any]]:
    conformer = Conformer(Origin("source", "file"), "part")
    for record in records:
        assert isinstance(record, dict), record
        conformer.take(record)
    return conformer.drain()["costs"]


def plain(records: Iterable[Read]) -> list[Any]:
    return [
        {"reject": r.code, "reason": r.reason}
        if isinstance(r, Reject)
        else json.loads(json.dumps(r))
        for r in records
    ]


def golden(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize(
    ("form", "file"), [(litellm, "litellm/rows.json"), (focus, "focus/export.csv")]
)
def test_rows_are_the_expected_ones(form: Format, file: str) -> None:
    path = FIXTURES / file
    assert plain(read(form, path)) == golden(path.parent / "expected.jsonl")


@pytest.mark.parametrize("file", ["page.json", "rows.jsonl", "table.csv"])
def test_every_litellm_shape_gives_the_same_lines(file: str) -> None:
    lines = conformed(read(litellm, FIXTURES / "litellm" / file))
    assert lines == conformed(read(litellm, FIXTURES / "litellm" / "rows.json"))


def test_an_answer_the_gateway_could_not_price_has_no_cost() -> None:
    lines = conformed(read(litellm, FIXTURES / "litellm" / "rows.json"))
    assert [line.get("cost_usd") for line in lines] == [0.0125, 0.0, None, 0.0, 0.002]


def test_a_plain_key_is_never_kept() -> None:
    assert "sk-plain-key" not in repr(read(litellm, FIXTURES / "litellm" / "rows.json"))


def test_spend_summed_per_day_gives_way_to_rows() -> None:
    for line in conformed(read(litellm_summary, FIXTURES / "litellm" / "summed.json")):
        assert json.loads(line["attributes"])["telling"] == 1


def test_an_empty_page_is_counted_and_not_guessed() -> None:
    assert list(litellm.read(iter([{"data": [], "total": 0}]))) == [Ignored("empty page")]
    assert not litellm.accepts(sample("json", [{"data": [], "total": 0}]))


def test_focus_dates_of_spreadsheets_are_month_first() -> None:
    lines = [r["costs"][0] for r in read(focus, FIXTURES / "focus/export.csv") if "costs" in r]
    assert ("2026-11-03", "2026-11-04 00:00") in [
        (line["period_start"], line["period_end"]) for line in lines
    ]


def test_equal_focus_lines_stay_apart() -> None:
    charge = dict.fromkeys(focus.ROW, "1") | {
        "ChargePeriodStart": "2026-11-03",
        "ChargePeriodEnd": "2026-11-04",
        "ChargeCategory": "Usage",
        "BillingCurrency": "USD",
        "ProviderName": "OpenAI",
    }
    lines = conformed(focus.read(iter([charge, charge])))
    assert len({line["cost_id"] for line in lines}) == 2


@settings(deadline=None)
@given(st.decimals("-1e9", "1e9", allow_nan=False, places=25).map(lambda d: f"{d:f}"))
def test_money_text_survives_exactly(text: str) -> None:
    logged = {"request_id": "r", "spend": text}
    billed = {"BilledCost": text}
    for form, value in ((litellm, logged), (focus, billed)):
        (record,) = form.read(iter([value]))
        assert record["costs"][0]["amount"] == text


@settings(deadline=None)
@given(st.floats(0, 1e6))
def test_spend_as_a_json_number_keeps_its_value(spend: float) -> None:
    (record,) = litellm.read(iter([{"request_id": "r", "spend": spend}]))
    assert float(record["costs"][0]["amount"]) == spend


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(LITELLM_KEYS) | st.text(), JSON),
    st.dictionaries(st.sampled_from(FOCUS_KEYS) | st.text(), JSON),
)
def test_garbage_becomes_rejects(logged: dict[str, Any], billed: dict[str, Any]) -> None:
    for form, value in ((litellm, logged), (focus, billed)):
        for record in form.read(iter([value])):
            assert isinstance(record, dict | Reject | Ignored)
            if isinstance(record, dict):
                with contextlib.suppress(BadRecordError):
                    CONFORMER.take(record)


def test_real_litellm_exports_agree(examples: Path) -> None:
    folder = examples / "formats/litellm"
    shapes = [
        conformed(read(litellm, folder / name))
        for name in ("spend_logs.json", "spend_logs_v2.json", "spend_logs_table.csv")
    ]
    assert shapes[0] == shapes[1] == shapes[2]
    assert len(shapes[0]) == 3
    assert sum(line["amount"] for line in shapes[0]) == Decimal("0.0001026")
    (summed,) = conformed(read(litellm_summary, folder / "spend_logs_summarized.json"))
    assert (summed["amount"], summed["model"]) == (Decimal("0.0001026"), "gpt-4o-mini")


@pytest.mark.parametrize(
    ("file", "lines", "usd"),
    [
        ("official_focus_1.0_sample.head.csv", 5, "0.00001727360"),
        ("official_focus_1.2_token_virtual_currency.csv", 2, "53000.00"),
        ("focus_1.2_ai_tokens.CONSTRUCTED.csv", 1, "0.018"),
        ("focus_1.4_like_ai_tokens.CONSTRUCTED.csv", 1, "0.018"),
    ],
)
def test_real_focus_exports(examples: Path, file: str, lines: int, usd: str) -> None:
    found = conformed(read(focus, examples / "formats/focus" / file))
    assert (len(found), sum(line["amount"] for line in found)) == (lines, Decimal(usd))


def test_one_format_claims_each_file() -> None:
    for path in [*FIXTURES.glob("litellm/*.json*"), *FIXTURES.glob("*/*.csv")]:
        if path.name == "expected.jsonl":
            continue
        with open_raw(path, path.name) as stream:
            values = open_values(io.BufferedReader(io.BytesIO(stream.read())), path.name)
        logged = "spend_summary" if path.stem == "summed" else "spend_logs"
        assert [f.NAME for f in FORMATS if f.accepts(values.sample)] == [
            "focus" if path.parent.name == "focus" else f"litellm.{logged}"
        ]
