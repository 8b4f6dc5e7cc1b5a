"""Casts and spellings: what a column takes, and that a wrong value is a sentence, not a crash."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import normal
from ingest.casts import Clock, casters, day
from ingest.conform import BadRecordError, Conformer, Origin
from ingest.schema import TABLES

CASTS = [(table, name, cast) for table in TABLES for name, cast in casters(table, Clock()).items()]
COST = {
    "period_start": "2026-11-03",
    "period_end": "2026-11-04",
    "provider": "openai",
    "category": "llm",
    "amount": "1",
    "currency": "USD",
    "measure": "billed",
    "source": "invoice",
}


def conformed(table: str, row: dict[str, Any]) -> dict[str, Any]:
    conformer = Conformer(Origin("source", "file"), "part")
    conformer.take({table: [row]})
    (found,) = conformer.drain()[table]
    return found


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-03", date(2026, 11, 3)),
        (" 2026-11-03T10:00:00Z ", date(2026, 11, 3)),
        (datetime(2026, 11, 3, 23, 59), date(2026, 11, 3)),  # noqa: DTZ001
        (date(2026, 11, 3), date(2026, 11, 3)),
        (" ", None),
    ],
)
def test_a_day(value: object, expected: date | None) -> None:
    assert day(value) == expected


@pytest.mark.parametrize("value", [20261103, 3.5, True, ["2026-11-03"], {}, "3 Nov 2026"])
def test_what_is_no_day_is_said(value: object) -> None:
    with pytest.raises(ValueError, match="is not a date"):
        day(value)


def test_a_day_of_another_kind_is_a_bad_value() -> None:
    rate = {"currency": "EUR", "usd_per_unit": 1.1, "valid_from": 20261103}
    with pytest.raises(BadRecordError, match="valid_from: '20261103' is not a date") as error:
        conformed("fx_rates", rate)
    assert error.value.code == "bad_value"


@pytest.mark.parametrize("attributes", ["[1]", '"words"', "words", [1], 3])
def test_attributes_that_are_no_object_are_a_bad_value(attributes: object) -> None:
    with pytest.raises(BadRecordError, match="attributes: not a JSON object") as error:
        conformed("costs", COST | {"attributes": attributes})
    assert error.value.code == "bad_value"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("azure_ai", "azure.ai.inference"),
        ("vertex_ai", "gcp.vertex_ai"),
        ("vertex_ai_beta", "gcp.vertex_ai"),
        ("watsonx", "ibm.watsonx.ai"),
        ("Azure", "azure.ai.openai"),
        ("Microsoft", "azure.ai.openai"),
        ("google", "gcp.gemini"),
        (" OpenAI ", "openai"),
    ],
)
def test_the_provider_of_a_model_call(name: str, expected: str) -> None:
    assert normal.provider(name) == expected


@pytest.mark.parametrize(
    ("name", "category", "expected"),
    [
        ("Azure", "infra", "azure"),
        ("Microsoft", "observability", "azure"),
        ("Microsoft", "tax", "azure"),
        ("Google", "infra", "gcp"),
        ("Amazon Web Services", "infra", "aws"),
        ("vertex_ai", "api", "gcp.vertex_ai"),
        ("Azure", "llm", "azure.ai.openai"),
        ("Microsoft", "llm_input", "azure.ai.openai"),
        ("Google", "llm_cache", "gcp.gemini"),
    ],
)
def test_who_bills_is_a_model_provider_only_for_model_calls(
    name: str, category: str, expected: str
) -> None:
    line = conformed("costs", COST | {"provider": name, "category": category})
    assert line["provider"] == expected


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)


@settings(deadline=None)
@given(st.sampled_from(CASTS), ANYTHING)
def test_no_value_breaks_a_cast(chosen: tuple[str, str, Any], value: object) -> None:
    _, _, cast = chosen
    try:
        found = cast(value)
    except (ValueError, TypeError, OverflowError) as error:
        assert str(error)
    else:
        assert found is None or not isinstance(found, list | dict)
