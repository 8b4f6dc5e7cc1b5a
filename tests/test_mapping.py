"""Mappings: home-made formats are read as YAML says, drafted from their keys, and remembered."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ingest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tables import content, rows, unbalanced

from ingest import nearest
from ingest.conform import Conformer, Origin
from ingest.containers import open_values
from ingest.formats import Ignored, Read, Reject, Sample, sample
from ingest.mapping import declaration
from ingest.mapping.document import Mapping
from ingest.mapping.draft import draft
from ingest.mapping.known import Book, Known, Stored
from ingest.mapping.mapped import Mapped
from ingest.paths import at, under
from ingest.registry import by_name
from ingest.yaml_documents import documents


def mapped(text: str) -> Mapped:
    """The format that a mapping declares; it has to be a good one."""
    (read,) = declared(text)
    assert isinstance(read, dict), read
    return Mapped(Mapping.model_validate(json.loads(read["mappings"][0]["declaration"])))


def declared(text: str) -> list[Read]:
    """What reading a mapping file yields."""
    values = [v for _, v in documents(text.encode()) if not isinstance(v, Reject)]
    assert declaration.accepts(sample("yaml", values))
    return list(declaration.read(iter(values)))


def only(reads: list[Read], table: str) -> dict[str, Any]:
    (read,) = reads
    assert isinstance(read, dict), read
    return read[table][0]


BOT = """
mapping: bot
table: steps
when: {event: call}
columns:
  run_id: trace.id
  started_at: {path: ts, unit: epoch_ms}
  duration_ms: {path: secs, unit: s}
  kind: {path: type, words: {gen: llm}}
  cost_usd: {path: c, unit: cents}
  status: {path: ok, words: {true: ok, false: error}}
  run.outcome: {path: ok, words: {yes: success, no: failure}}
"""
CALL = {
    "event": "call",
    "trace": {"id": "t1"},
    "ts": 1_763_000_000_123,
    "secs": 1.5,
    "type": "gen",
    "c": 12.3,
    "ok": True,
}


def test_a_record_becomes_a_step_with_its_run() -> None:
    reads = list(mapped(BOT).read(iter([CALL])))
    step = only(reads, "steps")
    assert step["run_id"] == "t1"
    assert step["started_at"] == 1_763_000_000_123_000
    assert step["duration_ms"] == 1500
    assert (step["kind"], step["name"], step["status"]) == ("llm", "llm", "ok")
    assert step["cost_usd"] == Decimal("0.123")
    assert only(reads, "run_claims")["run_id"] == "t1"
    assert only(reads, "outcome_votes")["outcome"] == "success"


def test_records_that_are_not_meant_are_ignored_and_wrong_ones_rejected() -> None:
    odd = [{"event": "ping"}, CALL | {"c": "twelve"}, CALL | {"ts": "soon"}]
    first, second, third = mapped(BOT).read(iter(odd))
    assert first == Ignored("left out by the mapping's `when`")
    assert isinstance(second, Reject) and isinstance(third, Reject)
    (huge,) = mapped(BOT).read(iter([CALL | {"ts": "1e999999999"}]))
    assert isinstance(huge, Reject)
    assert second.reason == "cost_usd (from c): 'twelve' is not a number."
    assert third.reason == "started_at (from ts): 'soon' is not a number."


def test_records_below_a_list_know_what_stands_around_them() -> None:
    text = """
        mapping: chats
        table: steps
        records: chat.turns
        columns: {run_id: /id, step_id: n, kind: {value: llm}, run.session_id: /chat.room}
    """
    value = {"id": "r1", "chat": {"room": "s", "turns": [{"n": 1}, {"n": 2}, 3]}}
    reads = list(mapped(text).read(iter([value, {"id": "r2"}])))
    assert [getattr(r, "place", None) for r in reads[:3]] == [f"chat.turns[{n}]" for n in range(3)]
    assert isinstance(reads[2], Reject)
    assert reads[3] == Ignored("nothing at chat.turns")
    assert isinstance(reads[0], dict)
    assert (
        reads[0]["run_claims"][0] | {"run_id": "r1", "session_id": "s"}
        == (reads[0]["run_claims"][0])
    )


def test_paths_go_through_dots_lists_and_text_that_holds_json() -> None:
    value = {"a.b": {"c": 1}, "l": [{"x": 2}], "t": '{"deep": [3, 4]}'}
    assert [at(value, p) for p in ("a.b.c", "l.0.x", "t.deep.1", "l.x", "t.no")] == [
        *(1, 2, 4),
        *(None, None),
    ]
    turns = {"runs": [{"calls": [1, 2]}, {"calls": [3]}]}
    assert [(r.place, r.item) for r in under(turns, "runs.calls")] == [
        ("runs[0].calls[0]", 1),
        ("runs[0].calls[1]", 2),
        ("runs[1].calls[0]", 3),
    ]


def test_what_stands_around_a_record_is_looked_for_from_the_nearest_outwards() -> None:
    export = {"id": "file", "by": "x", "chats": [{"id": "a", "turns": [{"n": 1}]}, {"turns": [2]}]}
    first, second = under(export, "chats.turns")
    assert (first.at("n"), first.at("/id"), first.at("/by")) == (1, "a", "x")
    assert (second.item, second.at("/id"), second.at("/no")) == (2, "file", None)


def test_turns_that_say_the_same_are_told_apart_by_their_place() -> None:
    text = """
        mapping: chats
        table: steps
        records: turns
        columns: {run_id: /id, kind: {value: llm}}
    """
    reads = list(mapped(text).read(iter([{"id": "r", "turns": [{"say": "yes"}] * 2}])))
    assert len({only([r], "steps")["step_id"] for r in reads}) == 2


@pytest.mark.parametrize(
    ("cell", "found", "expected"),
    [
        ("duration_ms: {path: x, unit: s}", 0.1, 100),
        ("duration_ms: {path: x, unit: us}", "1500", 1.5),
        ("duration_ms: {path: x, unit: ns}", 2_000_000, 2),
        ("duration_ms: {path: x, unit: min}", 2, 120_000),
        ("started_at: {path: x, unit: epoch_s}", 1_763_000_000.25, 1_763_000_000_250_000),
        ("started_at: {path: x, unit: epoch_us}", 1_763_000_000_250_000, 1_763_000_000_250_000),
        ("started_at: {path: x, unit: ns}", "1763000000250000999", 1_763_000_000_250_000),
        ("cost_usd: {path: x, unit: cents}", "12.5", 0.125),
        ("cost_usd: {path: x, unit: micros}", 250, 0.00025),
        ("cost_usd: x", "$1.20", 1.2),
        ("cost_usd: x", "1.234,50", 1234.5),
        ("cost_usd: x", "1,234.50", 1234.5),
        ("input_tokens: {path: x, unit: thousands}", 1.5, 1500),
        ("input_tokens: x", "12,345", 12345),
        ("cost_usd: x", "1,234,567", 1234567),
        ("cost_usd: x", "0,015", 0.015),
        ("cost_usd: x", "12,5 €", 12.5),
        ("cost_usd: x", "1 234,50", 1234.5),
    ],
)
def test_units_are_read_exactly(cell: str, found: object, expected: float) -> None:
    text = f"{{mapping: m, table: steps, columns: {{run_id: id, kind: {{value: llm}}, {cell}}}}}"
    text = text.replace("{mapping", "mapping").removesuffix("}").replace(", table", "\ntable")
    text = text.replace(", columns", "\ncolumns")
    step = only(list(mapped(text).read(iter([{"id": "r", "x": found}]))), "steps")
    assert float(step[cell.partition(":")[0]]) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("mark", "found", "cost", "tokens"),
    [
        ("comma", "1.234", 1234, 1234),
        ("point", "1,234", 1234, 1234),
        ("comma", "1,5", 1.5, None),
        ("point", "1.5", 1.5, None),
    ],
)
def test_the_decimal_mark_can_be_said(
    mark: str, found: str, cost: float, tokens: int | None
) -> None:
    form = mapped(
        f"""
        mapping: m
        table: steps
        decimal: {mark}
        columns: {{run_id: id, kind: {{value: llm}}, cost_usd: x, input_tokens: x}}
    """
    )
    step = only(list(form.read(iter([{"id": "r", "x": found}]))), "steps")
    assert float(step["cost_usd"]) == cost
    assert tokens is None or step["input_tokens"] == tokens


@pytest.mark.parametrize("found", ["1,234", "€1,234", "01.11.2026", "1,23,4", "0.015,2", "1.2.3"])
def test_a_number_that_can_be_read_in_two_ways_is_refused(found: str) -> None:
    form = mapped(
        "mapping: m\ntable: steps\ncolumns: {run_id: id, kind: {value: llm}, cost_usd: x}"
    )
    (read,) = form.read(iter([{"id": "r", "x": found}]))
    assert isinstance(read, Reject) and read.code == "bad_value"


def test_feedback_has_a_scale_words_and_hashed_names() -> None:
    text = """
        mapping: stars
        table: feedback
        columns:
          run_id: ticket
          created_at: {path: day, format: "%d.%m.%Y %H:%M"}
          author_hash: mail
          score: {path: stars, scale: [1, 5]}
    """
    form = mapped(text)
    row = {"ticket": "t", "day": "02.11.2026 10:30", "mail": "ana@example.com", "stars": "4"}
    found = only(list(form.read(iter([row]))), "feedback")
    assert (found["score"], found["verdict"], found["target_kind"]) == (0.75, "correct", "run")
    assert len(found["author_hash"]) == 64
    (bad,) = form.read(iter([row | {"stars": 6}]))
    assert isinstance(bad, Reject) and bad.reason == (
        "score (from stars): 6 is outside the scale 1 to 5."
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("table: stepps\ncolumns: {run_id: a}", 'line 2: no table "stepps". Did you mean "steps"?'),
        ("table: steps\ncolums: {run_id: a}", 'line 3: unknown key "colums". Did you mean "colu'),
        (
            "table: steps\ncolumns:\n  run_id: a\n  kind: b\n  started: c",
            'line 6: "started" is no column of steps. Did you mean "started_at"?',
        ),
        (
            "table: steps\ncolumns: {run_id: a, kind: b, started_at: {path: c, unit: sec}}",
            'line 3: columns.started_at.unit cannot be "sec".',
        ),
        (
            "table: steps\ncolumns: {run_id: a, kind: b, duration_ms: {path: c, unit: cents}}",
            'line 3: duration_ms cannot be given in "cents".',
        ),
        (
            "table: steps\ncolumns: {run_id: a, kind: {path: b, words: {x: lllm}}}",
            'line 3: kind cannot be "lllm". Did you mean "llm"?',
        ),
        ("table: steps\ncolumns: {run_id: a}", '"kind" is missing, which steps need;'),
        (
            "table: steps\ncolumns: {run_id: {path: a, value: b}, kind: c}",
            "write either a path, or the value of every row",
        ),
        (
            "table: steps\ndecimal: comm\ncolumns: {run_id: a, kind: b}",
            'line 3: decimal cannot be "comm". Did you mean "comma"?',
        ),
        (
            "table: steps\nwhen: {a: {b: c}}\ncolumns: {run_id: a, kind: b}",
            "line 3: when.a: write a word, or a list of words.",
        ),
        ("table: outcomes\ncolumns: {outcome: a}", "one of run_id, task_key is missing"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, words: str) -> None:
    (read,) = declared(f"mapping: m\n{text}\n")
    assert isinstance(read, Reject)
    assert words in f"{read.place}: {read.reason}"


def test_a_mapping_takes_a_file_that_has_its_required_paths() -> None:
    form = mapped(BOT)
    assert form.accepts(sample("json", [{"event": "ping"}, CALL]))
    assert not form.accepts(sample("json", [CALL | {"trace": {}}]))
    assert not form.accepts(sample("json", [CALL | {"event": "ping"}]))
    assert not form.accepts(sample("yaml", [CALL]))


def test_of_several_mappings_the_one_that_finds_most_is_asked_first() -> None:
    def text(name: str, column: str) -> str:
        columns = {"run_id": "id", "kind": {"value": "llm"}, "model": column}
        return json.dumps({"mapping": name, "table": "steps", "columns": columns})

    known = Known((("a", text("a", "nowhere")), ("b", text("b", "m"))))
    found = sample("json", [{"id": 1, "m": "gpt"}])
    assert [f.NAME for f in known.rest(found)] == ["mapped.b", "mapped.a"]
    assert known.first() == []
    named = known._replace(named=frozenset({"a"}))
    assert [f.NAME for f in named.first()] == ["mapped.a"]
    assert known.find("a") is known.find("mapped.a")


def test_sources_of_a_mapping_that_changed_are_read_again() -> None:
    stored = Stored({"m": "{}"}, {"m": ("s", 1)}, {"x": "m", "y": "n"}, frozenset({"z"}))
    book = Book(stored)
    book.learn({"m": "{}"}, named=False, new=False)
    assert book.outdated == {"z"}
    book.learn({"m": '{"a": 1}'}, named=True, new=True)
    assert book.outdated == {"x", "z"}
    assert book.known() == Known((("m", '{"a": 1}'),), frozenset({"m"}))


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["trace", "id", "ts", "secs", "type", "c", "ok"]), inner)
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from(["trace", "ts", "secs", "type", "c", "ok"]), JSON_VALUES))
def test_no_record_raises(record: dict[str, Any]) -> None:
    form = mapped(BOT)
    (read,) = form.read(iter([record | {"event": "call"}]))
    assert isinstance(read, dict | Reject | Ignored)
    if isinstance(read, dict):
        assert sum(len(read.get(t, ())) for t in form.RECORDS.split()) == 1


def test_a_call_with_a_duration_has_an_end_and_its_run_is_not_running() -> None:
    taker = Conformer(Origin("s", "calls"), "part")
    (read,) = mapped(BOT).read(iter([CALL]))
    assert isinstance(read, dict)
    taker.take(read)
    assert taker.drain()["steps"][0]["ended_at"] == 1_763_000_001_623_000
    (read,) = mapped("mapping: m\ntable: steps\ncolumns: {run_id: id, kind: {value: llm}}").read(
        iter([{"id": "r"}])
    )
    assert only([read], "run_claims")["status"] == "unknown"


# Drafts


HOME_MADE = {
    "calls.jsonl": [
        {
            "traceId": f"t{n // 2}",
            "id": f"s{n}",
            "ts": 1_763_000_000_000 + n,
            "took_s": 0.25,
            "type": "chat" if n % 2 else "function",
            "modelName": "gpt-5",
            "usage": {"promptTokens": 10, "completionTokens": n},
            "cost_cents": 1.5,
            "success": n != 3,
        }
        for n in range(4)
    ],
    "export.json": {
        "exported": "2026-11-02",
        "data": {
            "sessions": [
                {"id": "r1", "begin": "2026-11-01T10:00:00Z", "resolved": True, "spend": 0.2},
                {"id": "r2", "begin": "2026-11-01T11:00:00Z", "resolved": False, "spend": 0.1},
            ]
        },
    },
    "chats.jsonl": [
        {
            "conversation": name,
            "outcome": outcome,
            "messages": [
                {"role": "user", "time": "2026-11-01 10:00:00", "content": "hello"},
                {"role": "assistant", "time": "2026-11-01 10:00:01", "llm": "m", "tokens_in": 5},
            ],
        }
        for name, outcome in (("a", "solved"), ("b", "escalated"))
    ],
    "bill.csv": "Date;Vendor;Total;Team\n01.11.2026;OpenAI;12,50;claims\n",
    "approvals.csv": "case id,action,asked at,approved\n1,refund,2026-11-01T10:00:00Z,yes\n",
    "solved.csv": "ticket_id,resolved\n1,yes\n2,no\n",
    "german.csv": "Session_ID;Zeit;Modell;Prompt_Tokens;Latency_s;Cost\n"
    "s1;01.11.2026 14:00;gpt-4o;1.100;1,5;0,015\ns2;02.11.2026 14:00;gpt-4o;900;0,5;1.200,5\n",
    "turns.json": {
        "exported": "2026-11-02",
        "chats": [
            {
                "id": name,
                "solved": name == "n1",
                "turns": [
                    {"role": "user", "text": "hi", "at": "2026-11-01T10:00:00Z"},
                    {"role": "assistant", "at": "2026-11-01T10:00:05Z", "model": "m"},
                ],
            }
            for name in ("n1", "n2")
        ],
    },
    "tasks.json": [
        {
            "id": 1,
            "data": {"trace_id": "l1"},
            "annotations": [
                {
                    "completed_by": by,
                    "created_at": "2026-11-01T10:00:00Z",
                    "result": [{"value": {"choices": [choice]}}],
                }
                for by, choice in ((7, "Good"), (8, "Bad"))
            ],
        }
    ],
    "labelled.csv": "id,answer,label,annotator\nq1,a,correct,eva\nq2,b,incorrect,eva\n",
    "thumbs.csv": "conversation,thumb,when\nc1,1,2026-11-01 10:00\n",
}
EXPECTED = {
    "calls.jsonl": """
        select count(*), sum(input_tokens), count(distinct kind), round(sum(cost_usd), 3),
            sum(duration_ms), count(*) filter (where status = 'error')
        from steps where run_id like 't%'""",
    "export.json": "select run_id, outcome, cost_usd from runs where run_id like 'r%' order by all",
    "chats.jsonl": "select run_id, outcome, n_steps from runs where n_steps = 2 order by 1 limit 2",
    "bill.csv": "select period_start::varchar, provider, cost_usd, team from costs",
    "approvals.csv": "select run_id, action, decision from approvals",
    "solved.csv": "select run_id, outcome from outcome_votes where run_id in ('1', '2') order by 1",
    "german.csv": """
        select run_id, started_at::varchar, input_tokens, duration_ms, cost_usd
        from runs where run_id in ('s1', 's2') order by 1""",
    "turns.json": "select run_id, outcome, n_steps, status from runs where run_id like 'n_' order by 1",  # noqa: E501
    "tasks.json": "select run_id, label, score, source from feedback where run_id = 'l1' order by 2",  # noqa: E501
    "labelled.csv": """
        select run_id, score, source, time_source from feedback where run_id like 'q_' order by 1""",  # noqa: E501
    "thumbs.csv": "select run_id, label, score from feedback where run_id = 'c1'",
}
FOUND = {
    "calls.jsonl": [(4, 40, 2, 0.06, 1000.0, 1)],
    "export.json": [("r1", "success", 0.2), ("r2", "failure", 0.1)],
    "chats.jsonl": [("a", "success", 2), ("b", "failure", 2)],
    "bill.csv": [("2026-11-01 00:00:00", "openai", 12.5, "claims")],
    "approvals.csv": [("1", "refund", "approved")],
    "solved.csv": [("1", "success"), ("2", "failure")],
    "german.csv": [
        ("s1", "2026-11-01 14:00:00", 1100, 1500.0, 0.015),
        ("s2", "2026-11-02 14:00:00", 900, 500.0, 1200.5),
    ],
    "turns.json": [("n1", "success", 2, "unknown"), ("n2", "failure", 2, "unknown")],
    "tasks.json": [("l1", "Bad", 0.0, "reviewer"), ("l1", "Good", 1.0, "reviewer")],
    "labelled.csv": [("q1", 1.0, "reviewer", "file"), ("q2", 0.0, "reviewer", "file")],
    "thumbs.csv": [("c1", "1", None)],
}


def write(folder: Path, name: str) -> Path:
    """One of the home-made files."""
    path, held = folder / name, HOME_MADE[name]
    if isinstance(held, list):
        path.write_text("".join(json.dumps(r) + "\n" for r in held), "utf-8")
    else:
        path.write_text(held if isinstance(held, str) else json.dumps(held), "utf-8")
    return path


@pytest.mark.parametrize("name", HOME_MADE)
def test_a_draft_is_a_mapping_that_reads_its_file(name: str, tmp_path: Path) -> None:
    path = write(tmp_path, name)
    form = mapped(draft(path))
    loaded = Conformer(Origin("s", name), form.HOLDS)
    with path.open("rb") as stream:
        values = open_values(stream, name)
        assert form.accepts(values.sample)
        for read in form.read(iter(values)):
            assert isinstance(read, dict), read
            loaded.take(read)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["id", "trace id", "ts", "model", "cost", "ok", "rating", "a:b", "#"])
            | st.text(min_size=1, max_size=5).filter(lambda k: k.isprintable()),
            st.none() | st.booleans() | st.integers(0, 2**60) | st.text(max_size=6),
            min_size=1,
        ),
        min_size=1,
        max_size=3,
    )
)
@example([{"ok": False}, {"ok": "\x1f"}])
@example([{"ok": False}, {"ok": "x\ntable: costs"}])
def test_any_draft_is_yaml(tmp_path_factory: Any, records: list[dict[str, Any]]) -> None:
    path = tmp_path_factory.mktemp("draft") / "x.json"
    path.write_bytes(json.dumps(records).encode())
    found = yaml.safe_load(draft(path))
    assert found["mapping"] == "x"


# Whole commands


@pytest.mark.slow
def test_drafts_beside_the_data_load_it_and_are_remembered(tmp_path: Path) -> None:
    folder, store = tmp_path / "in", tmp_path / "store"
    folder.mkdir()
    for name in HOME_MADE:
        done = ingest("--draft-mapping", write(folder, name))
        (folder / f"z-{name}.yaml").write_text(done.stdout, "utf-8")
    ingest(folder, "--store", store)
    assert {name: rows(store, sql) for name, sql in EXPECTED.items()} == FOUND
    assert not unbalanced(store)
    before = content(store)
    assert "change nothing" in ingest(folder, "--store", store).stdout
    assert content(store) == before
    later = tmp_path / "later.jsonl"
    later.write_text(json.dumps(HOME_MADE["calls.jsonl"][0] | {"traceId": "t9"}), "utf-8")
    ingest(later, "--store", store)
    assert rows(store, "select format from sources where path = 'later.jsonl'") == [
        ("mapped.calls",)
    ]


@pytest.mark.slow
def test_a_mapping_that_was_mended_reads_its_files_anew(tmp_path: Path) -> None:
    store, data, ours = tmp_path / "store", tmp_path / "a.jsonl", tmp_path / "bot.yaml"
    data.write_text(json.dumps(CALL) + "\n" + json.dumps(CALL | {"trace": {"id": "t2"}}), "utf-8")
    ours.write_text(BOT, "utf-8")
    ingest(data, "--mapping", ours, "--store", store)
    assert rows(store, "select run_id, duration_ms from steps order by 1") == [
        ("t1", 1500.0),
        ("t2", 1500.0),
    ]
    ours.write_text(BOT.replace("unit: s}", "unit: ms}").replace("trace.id", "type"), "utf-8")
    os.utime(ours, (2_000_000_000, 2_000_000_000))
    ingest(ours, "--store", store)
    ingest(data, "--store", store)
    assert rows(store, "select run_id, duration_ms from steps") == [("gen", 1.5)] * 2
    assert rows(store, "select run_id from runs") == [("gen",)]
    assert rows(store, "select sum(runs) from rollup_runs where grain = 'day'") == [(1,)]
    assert not unbalanced(store)
    assert "change nothing" in ingest(data, ours, "--store", store).stdout


@pytest.mark.slow
def test_a_named_mapping_that_is_wrong_stops_the_load(tmp_path: Path) -> None:
    ours, data = tmp_path / "bot.yaml", tmp_path / "a.jsonl"
    ours.write_text("mapping: bot\ntable: stepps\ncolumns: {run_id: a}\n", "utf-8")
    data.write_text(json.dumps(CALL), "utf-8")
    done = ingest(data, "--mapping", ours, "--store", tmp_path / "store", expect=2)
    assert 'bot.yaml, line 2: no table "stepps". Did you mean "steps"?' in done.stderr
    ours.write_text(BOT.replace("trace.id", "span.id"), "utf-8")
    done = ingest(data, "--mapping", ours, "--store", tmp_path / "store", "--dry-run", expect=1)
    assert "a.jsonl: the mapping bot looks in vain for span.id, and no known format" in " ".join(
        done.stdout.split()
    )


# The nearest formats


@pytest.mark.parametrize(
    ("record", "name", "shared"),
    [
        ({"ChargeCategory": 1, "BilledCost": 2, "mood": 3}, "focus", "BilledCost"),
        ({"run_id": 1, "step_id": 2, "kind": 3, "mood": 4}, "canonical.steps", "step_id"),
        ({"stuff": {"traceId": 1, "stringValue": "x"}}, "langfuse.scores", "stringValue"),
    ],
)
def test_the_nearest_formats_are_named(record: dict[str, Any], name: str, shared: str) -> None:
    near = dict(nearest.nearest(sample("json", [record])))
    assert shared in near[name]


def test_a_file_like_nothing_is_offered_a_draft() -> None:
    words = nearest.sentence(sample("json", [{"colour": "blue", "size": 3}]))
    assert words.startswith("no known format has these fields (colour, size).")
    assert "Nearest" not in words
    assert "--draft-mapping FILE" in words


def test_every_format_is_known_by_some_name() -> None:
    assert [name for name, form in by_name().items() if not nearest.names_of(form)] == []


def test_ratings_on_an_untold_scale_are_not_guessed_at(examples: Path) -> None:
    path = examples / "formats/generic/feedback.csv"
    done = ingest(path, "--dry-run", expect=1)
    words = " ".join(done.stdout.split())
    assert "ratings (1) do not tell which numbers are the worst and the best." in words
    form = mapped(draft(path))
    header, row = (line.split(",") for line in path.read_text().splitlines()[:2])
    found = only(list(form.read(iter([dict(zip(header, row, strict=True))]))), "feedback")
    assert (found["label"], found["comment"], found["source"]) == ("1", "nice", "end_user")


def test_the_sample_of_yaml_is_compared_with_declarations_only() -> None:
    found = Sample("yaml", frozenset({"steps", "owner"}), ({"steps": [], "owner": "x"},))
    assert {name for name, _ in nearest.nearest(found)} == {"workflow.yaml", "mapping.yaml"}
