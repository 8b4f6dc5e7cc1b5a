"""Containers: every value with its place, and a file that is odd or hostile costs only itself."""

from __future__ import annotations

import csv
import gc
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.containers import LINE_LIMIT, Values, open_values
from ingest.errors import IngestError
from ingest.formats import Reject


def opened(text: str) -> Values:
    return open_values(io.BufferedReader(io.BytesIO(text.encode())), "file")


def placed(text: str) -> list[tuple[str, dict[str, Any]]]:
    values = opened(text)
    return [(values.place, value) for value in values]


def broken(text: str) -> list[Reject]:
    values = opened(text)
    list(values)
    return values.broken


def test_a_csv_leaves_the_stream_to_who_opened_it(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("a,b\n" + "1,2\n" * 300, "utf-8")
    with path.open("rb") as stream:
        assert len(list(open_values(stream, path.name))) == 300
        assert not stream.closed
    with path.open("rb") as stream:
        values = open_values(stream, path.name)
        del values
        gc.collect()
        assert not stream.closed


def test_a_csv_can_be_left_unread(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("a,b\n" + "1,2\n" * 300, "utf-8")
    with path.open("rb") as stream:
        values = open_values(stream, path.name)
    del values
    gc.collect()


def test_a_csv_cell_may_hold_a_long_text() -> None:
    text = "x" * 1_000_000
    assert csv.field_size_limit() == LINE_LIMIT
    assert placed(f"a,b\n1,{text}\n") == [("row 2", {"a": "1", "b": text})]


def test_a_csv_row_that_cannot_be_read_is_a_reject_and_the_rest_loads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = csv.field_size_limit(1_000)
    try:
        found = opened(f"a,b\n1,2\n3,{'x' * 2_000}\n5,6\n")
        assert [value["a"] for value in found] == ["1", "5"]
    finally:
        csv.field_size_limit(before)
    (reject,) = found.broken
    assert (reject.code, reject.place) == ("bad_csv", "row 3")
    assert reject.reason == "not a CSV row (field larger than field limit (1000))."


def test_a_csv_place_is_where_a_row_begins() -> None:
    found = placed('a,"b\nc"\n1,"two\nlines"\n3,4\n')
    assert found == [
        ("row 3", {"a": "1", "b\nc": "two\nlines"}),
        ("row 5", {"a": "3", "b\nc": "4"}),
    ]


def test_a_yaml_key_and_a_yaml_item_know_their_lines() -> None:
    ((place, value),) = placed("id: w\nsteps:\n  - a\n  - step: b\n    system: crm\n")
    assert place == "line 1"
    assert value["__lines__"] == {
        "id": 1,
        "steps": 2,
        "steps.0": 3,
        "steps.1": 4,
        "steps.1.step": 4,
        "steps.1.system": 5,
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id: w\nsteps: &s\n  - *s\n", "an alias contains itself"),
        ("id: &w\n  inner: *w\n", "an alias contains itself"),
        ("id: w\nsteps: " + "[" * 5_000 + "]" * 5_000, "nested too deeply"),
        ("id: w\nday: 2026-13-45\n", "not valid YAML"),
        ("id: !!timestamp x\n", "not valid YAML"),
        ("id: w\n\t- x\n", "not valid YAML"),
    ],
)
def test_yaml_that_cannot_be_read_is_a_reject(text: str, words: str) -> None:
    (reject,) = broken(text)
    assert reject.code == "bad_yaml"
    assert words in reject.reason


def test_yaml_aliases_of_aliases_do_not_fill_the_memory() -> None:
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    (reject,) = broken("\n".join(["a0: &a0 [x]", *levels]))
    assert "aliases" in reject.reason


def test_json_nested_without_end_is_a_reject() -> None:
    (reject,) = broken('{"a": 1}{"b": ' + "[" * 100_000)
    assert reject.code == "bad_json"


@settings(deadline=None)
@given(st.text(), st.sampled_from(["a,b\n", "a: 1\n", "{", "[", '{"a": 1}\n']))
def test_no_text_is_a_crash(text: str, head: str) -> None:
    try:
        found = opened(head + text)
    except IngestError:
        return
    assert all(isinstance(value, dict) for value in found)
    assert all(r.reason.endswith(".") for r in found.broken)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le"])
def test_text_in_utf_16_is_read_as_any_other(encoding: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"
    table = (mark + "run_id;note\nr1;naïve 👍\n").encode(encoding)
    rows = list(open_values(io.BufferedReader(io.BytesIO(table)), "file"))
    assert rows == [{"run_id": "r1", "note": "naïve 👍"}]
    lines = (mark + '{"a": "é"}\n' * 40_000).encode(encoding)
    assert len(list(open_values(io.BufferedReader(io.BytesIO(lines)), "file"))) == 40_000


def test_a_torn_pair_of_utf_16_costs_one_character() -> None:
    data = "run_id,note\nr1,x".encode("utf-16") + b"\x3d"
    rows = list(open_values(io.BufferedReader(io.BytesIO(data)), "file"))
    assert rows == [{"run_id": "r1", "note": "x\ufffd"}]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ('[[{"a": 1}, {"a": 2}], [{"a": 3}]]', ["[0][0]", "[0][1]", "[1][0]"]),
        ('[{"a": 1}]\n[{"a": 2}, {"a": 3}]\n', ["line 1[0]", "line 2[0]", "line 2[1]"]),
        ('{"a": 1}\n[{"a": 2}]\n', ["line 1", "line 2[0]"]),
    ],
)
def test_lists_inside_lists_and_lines_give_their_objects(text: str, places: list[str]) -> None:
    values = opened(text)
    assert [(values.place, v) for v in values] == [
        (place, {"a": n}) for n, place in enumerate(places, 1)
    ]


def test_lists_without_end_are_a_reject() -> None:
    (reject,) = broken("[" * 900 + "]" * 900)
    assert reject.code == "not_an_object"


@pytest.mark.parametrize("text", ['{"a": NaN, "b": [-Infinity]}', '{"a": NaN}\n{"a": Infinity}\n'])
def test_numbers_that_are_none_are_null(text: str) -> None:
    assert [v["a"] for v in opened(text)] == [None] * len(text.splitlines())


def test_a_word_that_only_looks_like_a_number_is_still_a_mistake() -> None:
    (reject,) = broken('{"a": 1}\n{"a": NaN, b}\n')
    assert reject.code == "bad_json"
