"""Feedback files: the shapes of one export agree, and ratings of any scale become scores."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.conform import BadRecordError, Conformer, Origin
from ingest.containers import open_values
from ingest.feedback import FORMATS, langfuse_scores, table
from ingest.feedback.verdicts import score_of, verdict_of
from ingest.files import open_raw
from ingest.formats import Format, Ignored, Read, Reject, sample
from ingest.load import load

CONFORMER = Conformer(Origin("source", "file"), "part")
FIXTURES = Path(__file__).parent / "fixtures" / "feedback"
LANGFUSE = FIXTURES / "langfuse"
ONLY_API = {"author_hash", "record_at", "source", "channel"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
TABLE = table.FORMATS[0]
SCORE_KEYS = sorted({key for shape in langfuse_scores.SHAPES for key in shape})
TABLE_KEYS = (*table.STEP, *table.RUN, *table.SESSION, *table.RATING, *table.COMMENT)


def read(form: Format, path: Path) -> list[Read]:
    with open_raw(path, path.name) as stream:
        values = open_values(io.BufferedReader(io.BytesIO(stream.read())), path.name)
        (chosen,) = (f for f in FORMATS if f.NAME == form.NAME and f.accepts(values.sample))
        return list(chosen.read(iter(values)))


def conformed(records: Iterable[Read]) -> dict[str, dict[str, Any]]:
    conformer = Conformer(Origin("source", "file"), "part")
    for record in records:
        assert isinstance(record, dict), record
        conformer.take(record)
    return {row["feedback_id"]: row for row in conformer.drain()["feedback"]}


def rated(*ratings: object) -> list[tuple[float | None, str | None]]:
    rows = [{"run_id": f"r-{n}", "rating": r} for n, r in enumerate(ratings)]
    found = [record["feedback"][0] for record in from_table(rows)]
    return [(row["score"], row["verdict"]) for row in found]


def from_table(rows: list[dict[str, Any]]) -> list[Read]:
    """What the one format that accepts the rows reads of them."""
    (form,) = (f for f in table.FORMATS if f.accepts(sample("csv", rows)))
    return list(form.read(iter(rows)))


@pytest.mark.parametrize(
    ("form", "file"),
    [
        (langfuse_scores, "langfuse/api_v2.json"),
        (TABLE, "table/stars.csv"),
        (TABLE, "table/thumbs.csv"),
        (TABLE, "table/verdicts.jsonl"),
    ],
)
def test_rows_are_the_expected_ones(form: Format, file: str) -> None:
    path = FIXTURES / file
    expected = path.with_suffix(".expected.jsonl").read_text("utf-8").splitlines()
    found = [r._asdict() if isinstance(r, Reject) else r for r in read(form, path)]
    assert json.loads(json.dumps(found)) == [json.loads(line) for line in expected]


def test_api_versions_agree_entirely() -> None:
    two, three = (read(langfuse_scores, LANGFUSE / f"api_v{n}.json") for n in (2, 3))
    assert two == three


@pytest.mark.parametrize("file", ["blob.csv", "blob.jsonl", "ui.csv", "ui.json"])
def test_exports_agree_with_the_api_on_all_they_hold(file: str) -> None:
    api = conformed(read(langfuse_scores, LANGFUSE / "api_v2.json"))
    export = conformed(read(langfuse_scores, LANGFUSE / file))
    assert export.keys() == api.keys()
    for key, row in export.items():
        assert {k: v for k, v in row.items() if k not in ONLY_API} == {
            k: v for k, v in api[key].items() if k not in ONLY_API
        }


def test_only_a_review_queue_makes_a_sampled_review() -> None:
    by_id = conformed(read(langfuse_scores, LANGFUSE / "api_v2.json"))
    assert by_id["sc-1"]["source"] == "sampled_review"
    assert by_id["sc-5"]["source"] == "reviewer"
    assert {
        r["source"] for r in conformed(read(langfuse_scores, LANGFUSE / "blob.csv")).values()
    } == {
        "reviewer",
        "evaluator",
        "unknown",
        "end_user",
    }


def test_a_score_without_target_or_with_a_wrong_value_is_a_reject() -> None:
    nowhere = {"id": "a", "name": "n", "dataType": "NUMERIC", "value": 1}
    wordy = nowhere | {"traceId": "t", "value": "much"}
    no_target, bad_value = langfuse_scores.read(iter([nowhere, wordy]))
    assert isinstance(no_target, Reject)
    assert isinstance(bad_value, Reject)
    assert (no_target.code, bad_value.code) == ("no_target", "bad_value")
    assert bad_value.reason == "the value of a NUMERIC score is not a number."


@pytest.mark.parametrize(
    ("ratings", "scores"),
    [
        ((5, 4, 3, 2, 1), [1.0, 0.75, 0.5, 0.25, 0.0]),
        ((1, 0, 0.5), [1.0, 0.0, 0.5]),
        ((0, 10, 5), [0.0, 1.0, 0.5]),
        ((80, 100), [0.8, 1.0]),
        ((-1, 1, 0), [0.0, 1.0, 0.5]),
        (("0,8", "0,3"), [0.8, 0.3]),
        (
            ("👍", "👎🏿", "yes", "no", "thumbs up", True, False),
            [1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0],
        ),
    ],
)
def test_ratings_become_scores(ratings: tuple[object, ...], scores: list[float]) -> None:
    found = rated(*ratings)
    assert [score for score, _ in found] == pytest.approx(scores)
    assert [verdict for _, verdict in found] == [verdict_of(s) for s in scores]


def test_a_lone_one_is_neither_best_nor_worst_and_no_guess_is_made() -> None:
    found = sample("csv", [{"run_id": "r", "rating": 1}])
    assert not any(form.accepts(found) for form in table.FORMATS)
    assert table.doubt(found).startswith("its ratings (1) do not tell")


def test_a_rating_off_the_scale_is_a_reject() -> None:
    rows = [{"run_id": "r", "rating": n % 5 + 1} for n in range(200)]
    last = from_table([*rows, {"run_id": "r", "rating": 7}])[-1]
    assert isinstance(last, Reject)
    assert last.reason == "7 is outside the scale 1 to 5 of the first 200 rows."


def test_a_reject_of_the_first_rows_knows_its_own_row(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    lines = ["run_id,rating,created_at", *["r,5,2026-11-03"] * 10, ",4,", *["r,3,2026-11-03"] * 300]
    path.write_text("\n".join(lines), "utf-8")
    loaded = load(path, Origin("source", path.name), tmp_path / "out")
    assert [(r["locator"], r["reason_code"]) for r in loaded.rejects] == [("row 12", "no_target")]
    assert loaded.format == "feedback.table"


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([-1, 0, 0.5, 1, 2, 5, 7, 10, 50, 100, 500, "good", ""]), min_size=1)
)
def test_one_scale_fits_any_ratings(ratings: list[object]) -> None:
    found = sample("csv", [{"run_id": "r", "rating": rating} for rating in ratings])
    expected = 0 if table.doubt(found) else 1
    assert sum(form.accepts(found) for form in table.FORMATS) == expected


def test_words_beside_a_rating_do_not_overrule_it() -> None:
    rows = [{"run_id": "r", "rating": 2, "comment": "good"}, {"run_id": "r", "comment": "good"}]
    first, second = (record["feedback"][0] for record in from_table(rows))
    assert (first["verdict"], second["verdict"]) == ("incorrect", "correct")


@pytest.mark.parametrize(
    "columns",
    [
        ("run_id", "score", "status", "started_at"),
        ("session_id", "text"),
        ("rating", "comment"),
        ("trace_id", "start_time", "value"),
    ],
)
def test_tables_of_something_else_are_left_alone(columns: tuple[str, ...]) -> None:
    found = sample("csv", [dict.fromkeys(columns, "1")])
    assert not any(form.accepts(found) for form in table.FORMATS)


@settings(deadline=None)
@given(st.floats(0, 1), st.text())
def test_verdicts_are_total(score: float, word: str) -> None:
    assert verdict_of(score) in {"correct", "partial", "incorrect"}
    assert score_of(word) in {None, 0.0, 0.5, 1.0}


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(SCORE_KEYS) | st.text(), JSON),
    st.lists(st.dictionaries(st.sampled_from(TABLE_KEYS) | st.text(), JSON), max_size=4),
)
def test_garbage_becomes_rejects(score: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    records = list(langfuse_scores.read(iter([score, {"data": [score]}])))
    for form in table.FORMATS:
        records += form.read(iter(rows))
    for record in records:
        assert isinstance(record, dict | Reject | Ignored)
        if isinstance(record, dict):
            with contextlib.suppress(BadRecordError):
                CONFORMER.take(record)


def test_real_langfuse_exports_agree(examples: Path) -> None:
    folder = examples / "formats/langfuse"
    blobs = [
        conformed(read(langfuse_scores, folder / f"blob_scores.{ending}"))
        for ending in ("csv", "jsonl", "jsonl.gz", "parquet")
    ]
    assert all(blob == blobs[0] for blob in blobs)
    assert len(blobs[0]) == 5
    exports = [
        conformed(read(langfuse_scores, folder / f"ui_export_scores.{ending}"))
        for ending in ("csv", "json", "jsonl")
    ]
    assert exports[0] == exports[1] == exports[2]
    pages = [
        conformed(read(langfuse_scores, folder / name))
        for name in ("api_v2_scores_page.json", "api_v3_scores.json")
    ]
    assert pages[0]["s1"] == pages[1]["s1"]
    judged = {
        (found["s1"]["score"], found["s1"]["verdict"]) for found in (*blobs, *exports, *pages)
    }
    assert judged == {(1.0, "correct")}


def test_an_export_of_traces_is_no_feedback(examples: Path) -> None:
    path = examples / "formats/langfuse/ui_export_traces.csv"
    with open_raw(path, path.name) as stream:
        found = open_values(io.BufferedReader(io.BytesIO(stream.read())), path.name).sample
    assert not any(form.accepts(found) for form in table.FORMATS)
