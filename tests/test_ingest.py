"""Loading as a user does it: whole commands, real files, the tables they leave behind."""

from __future__ import annotations

import gzip
import json
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, environment, ingest
from tables import content, rows, unbalanced

from ingest import raw
from ingest.files import Found, walk
from ingest.pipeline import ingest as load
from ingest.reading import Options
from ingest.store.generations import Store
from queries import scorecard

ONE_RUN = ROOT / "tests/fixtures/one_run.jsonl"


def span(trace: int, number: int, **more: object) -> dict[str, object]:
    """A span of a numbered trace; the first of a trace is its root."""
    start = 1_760_000_000_000_000_000 + trace * 10**9 + number * 10**8
    return {
        "traceId": f"{trace:032x}",
        "spanId": f"{trace * 100 + number:016x}",
        "parentSpanId": "" if number == 0 else f"{trace * 100:016x}",
        "name": "root" if number == 0 else "work",
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + 5 * 10**7),
        "attributes": [],
        "status": {},
    } | more


def request(*spans: dict[str, object]) -> str:
    """One line of OTLP JSON."""
    service = {"key": "service.name", "value": {"stringValue": "bot"}}
    resource = {"resource": {"attributes": [service]}, "scopeSpans": [{"spans": list(spans)}]}
    return json.dumps({"resourceSpans": [resource]})


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """A folder of files that overlap: a run over two files, a newer span, a vote, a score."""
    folder = tmp_path / "exports"
    folder.mkdir()
    one = [request(span(t, 0), span(t, 1)) for t in range(1, 6)]
    newer = span(2, 1, endTimeUnixNano=str(1_760_000_009_000_000_000), name="work, later")
    two = [request(span(1, 2), span(1, 1)), request(newer), request(span(6, 0))]
    (folder / "a.jsonl").write_text("\n".join(one))
    (folder / "b.jsonl").write_text("\n".join(two))
    votes = [f"{t:032x},{'success' if t % 2 else 'failure'}" for t in range(1, 7)]
    (folder / "outcomes.csv").write_text("run_id,outcome\n" + "\n".join(votes))
    return folder


def test_a_folder_becomes_runs_and_steps(exports: Path, tmp_path: Path) -> None:
    ingest(exports, "--store", tmp_path / "store")
    found = rows(tmp_path / "store", "select workflow, n_steps, outcome from runs order by run_id")
    assert found == [
        ("bot", 3, "success"),
        ("bot", 2, "failure"),
        ("bot", 2, "success"),
        ("bot", 2, "failure"),
        ("bot", 2, "success"),
        ("bot", 1, "failure"),
    ]
    assert rows(tmp_path / "store", "select name from steps where name like '%later'")
    assert not unbalanced(tmp_path / "store")


def test_records_told_twice_are_duplicates(exports: Path, tmp_path: Path) -> None:
    ingest(exports, "--store", tmp_path / "store")
    found = rows(
        tmp_path / "store", "select path, records, loaded, duplicates from sources order by path"
    )
    assert sum(r[1] for r in found) == 10 + 4 + 6
    assert sum(r[2] for r in found) == 12 + 6
    assert sum(r[3] for r in found) == 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_loading_changes_nothing(exports: Path, tmp_path: Path, seed: int) -> None:
    ingest(exports, "--store", tmp_path / "together")
    files = sorted(exports.iterdir())
    random.Random(seed).shuffle(files)
    for file in files:
        shutil.copytree(exports, tmp_path / "one", dirs_exist_ok=True)
        for other in (tmp_path / "one").iterdir():
            if other.name != file.name:
                other.unlink()
        shutil.rmtree(tmp_path / "exports-now", ignore_errors=True)
        (tmp_path / "one").rename(tmp_path / "exports-now")
        (tmp_path / "round").mkdir(exist_ok=True)
        shutil.rmtree(tmp_path / "round")
        (tmp_path / "round").mkdir()
        (tmp_path / "exports-now").rename(tmp_path / "round" / "exports")
        ingest(tmp_path / "round" / "exports", "--store", tmp_path / "apart")
    together, apart = content(tmp_path / "together"), content(tmp_path / "apart")
    for history in ("check_results", "check_evidence"):
        together.pop(history), apart.pop(history)
    assert apart == together


def test_loading_again_changes_nothing(exports: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    ingest(exports, "--store", store)
    before, named = content(store), (store / "CURRENT").read_text()
    done = ingest(exports, "--store", store)
    assert "were loaded before and change nothing" in done.stdout
    assert content(store) == before
    assert (store / "CURRENT").read_text() == named


def test_bad_files_are_named_and_the_rest_loads(exports: Path, tmp_path: Path) -> None:
    (exports / "unknown.json").write_text('{"colour": "blue", "size": 3}')
    (exports / "empty.jsonl").write_text("")
    (exports / "nothing.json").write_text("[]")
    packed = gzip.compress((exports / "a.jsonl").read_bytes() * 50)
    (exports / "short.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    whole = [request(span(t, 0)) for t in (7, 8, 9)]
    (exports / "cut.jsonl").write_text(f"{whole[0]}\n{whole[1][:90]}\n{whole[2]}\n")
    done = ingest(exports, "--store", tmp_path / "store", expect=1)
    words = " ".join(done.stdout.split())
    assert "exports/unknown.json: no known format has these fields (colour, size)." in words
    assert "exports/empty.jsonl: the file is empty. Export it again, or leave it out." in words
    assert "exports/nothing.json: the file holds no records." in words
    assert "exports/short.jsonl.gz: the compressed data breaks off or is damaged after" in words
    assert "exports/cut.jsonl, line 2: not valid JSON" in words
    assert rows(tmp_path / "store", "select count(*) from runs") == [(8,)]
    refused = rows(tmp_path / "store", "select path from sources where format = 'refused'")
    assert len(refused) == 4
    assert not unbalanced(tmp_path / "store")
    again = ingest(exports, "--store", tmp_path / "store", expect=1)
    assert "empty.jsonl" in again.stdout


def test_a_file_that_is_gone_before_it_is_read_takes_no_other_with_it(
    exports: Path, tmp_path: Path
) -> None:
    found, _ = walk([exports])
    gone = Found(tmp_path / "gone.json", "gone.json", "", "")
    report = load(
        [gone, *found],
        Store(tmp_path / "store"),
        Options(),
        scorecard.evaluate,
        lambda *_: None,
        print,
    )
    (words,) = [w for w in report.refused if w.startswith("gone.json")]
    assert words == (
        "gone.json: it cannot be read (No such file or directory)."
        " Check that it is there, and open to you."
    )
    assert report.generation == 1
    assert len(report.loaded) + len(report.refused) == len(found) + 1


def test_strict_loads_nothing_at_the_first_refusal(exports: Path, tmp_path: Path) -> None:
    (exports / "z.jsonl").write_text("{broken\n")
    done = ingest(exports, "--store", tmp_path / "store", "--strict", expect=2)
    assert "z.jsonl" in done.stderr
    assert not (tmp_path / "store" / "CURRENT").exists()


def test_a_dry_run_changes_nothing(exports: Path, tmp_path: Path) -> None:
    done = ingest(exports, "--store", tmp_path / "store", "--dry-run")
    assert "otlp.traces" in done.stdout
    assert "Nothing was changed" in done.stdout
    assert not (tmp_path / "store").exists()


def test_a_missing_path_is_exit_2(tmp_path: Path) -> None:
    done = ingest(tmp_path / "nowhere", "--store", tmp_path / "store", expect=2)
    assert "no such file or folder. Check the path and try again." in done.stderr


def test_an_empty_folder_is_exit_0_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = ingest(tmp_path / "empty", "--store", tmp_path / "store")
    assert "Nothing to load: no data files there." in done.stdout


def test_a_folder_walk_lists_what_it_skips(exports: Path, tmp_path: Path) -> None:
    (exports / "LICENSE").write_text("words")
    (exports / ".hidden.json").write_text("{}")
    done = ingest(exports, "--store", tmp_path / "store")
    assert "skipped: exports/LICENSE (not a data file by its name)" in done.stdout
    assert "skipped: exports/.hidden.json (hidden)" in done.stdout


@pytest.mark.slow
def test_kill_9_leaves_the_old_generation_and_the_same_command_completes(
    exports: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    ingest(ONE_RUN, "--store", store)
    before, named = content(store), (store / "CURRENT").read_text()
    for n in range(30):
        (exports / f"more{n}.jsonl").write_text(request(span(100 + n, 0)))
    for events in (1, 7, 20, 33):
        killed_after(events, exports, store)
        assert (store / "CURRENT").read_text() == named
        assert content(store) == before
    ingest(exports, "--store", store)
    assert rows(store, "select count(*) from runs") == [(1 + 6 + 30,)]
    assert not list(store.glob("*.wal"))
    assert not (store / "incoming").exists()


def killed_after(events: int, path: Path, store: Path) -> None:
    """Start a load, and kill it hard after that many lines of progress."""
    command = [sys.executable, "-m", "ingest", str(path), "--store", str(store)]
    process = subprocess.Popen(
        [*command, "--progress", "json"], cwd=ROOT, stdout=subprocess.PIPE, env=environment()
    )
    assert process.stdout is not None
    with process.stdout as lines:
        for _ in range(events):
            assert lines.readline(), "the load ended before it could be killed"
        process.send_signal(signal.SIGKILL)
    process.wait()


def test_three_generations_stay_and_no_number_is_used_twice(tmp_path: Path) -> None:
    store = tmp_path / "store"
    for n in range(5):
        file = tmp_path / f"{n}.jsonl"
        file.write_text(request(span(n + 1, 0)))
        ingest(file, "--store", store)
    names = sorted(p.name for p in store.glob("ops.*.duckdb"))
    assert names == ["ops.3.duckdb", "ops.4.duckdb", "ops.5.duckdb"]
    (store / "ops.6.duckdb").write_text("half made by a load that died")
    (tmp_path / "last.jsonl").write_text(request(span(9, 0)))
    ingest(tmp_path / "last.jsonl", "--store", store)
    assert (store / "CURRENT").read_text().strip() == "ops.7.duckdb"
    assert not (store / "ops.6.duckdb").exists()


def test_a_note_that_was_cut_short_is_written_anew(tmp_path: Path) -> None:
    raw.note(tmp_path, "s", "a.jsonl", "2026-01-01T00:00:00Z", 1)
    (tmp_path / "s.json").write_bytes(b"")
    raw.note(tmp_path, "s", "b.jsonl", "2026-01-02T00:00:00Z", 2)
    assert json.loads((tmp_path / "s.json").read_bytes())["names"] == ["b.jsonl"]


def test_the_raw_bytes_are_kept_under_their_hash(tmp_path: Path) -> None:
    ingest(ONE_RUN, "--store", tmp_path / "store")
    source = rows(tmp_path / "store", "select source_id, bytes from sources")[0]
    note = json.loads((tmp_path / "store" / "raw" / f"{source[0]}.json").read_text())
    assert note["names"] == ["one_run.jsonl"]
    assert (tmp_path / "store" / "raw" / f"{source[0]}.zst").exists()
    assert source[1] == ONE_RUN.stat().st_size


def test_tau2_retail_gives_the_published_counts(examples: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    done = ingest(examples / "tau2-retail", "--store", store)
    assert "skipped: tau2-retail/LICENSE" in done.stdout
    found = rows(
        store,
        """
        select workflow, version, count(*), count(*) filter (where outcome = 'success'),
            sum(input_tokens)::bigint, sum(output_tokens)::bigint, round(sum(cost_usd), 6),
            round(sum(duration_ms) / 1000, 2)
        from runs group by all order by version
        """,
    )
    mini = ("retail", "_gpt-5-mini__base__all_", 114, 65, 8160310, 352652, 1.322114, 8610.38)
    nano = ("retail", "_gpt-5-nano__base__all_", 114, 38, 9337792, 551925, 0.378572, 7416.42)
    assert found == [mini, nano]
    summaries = rows(store, "select records, loaded from sources where path like '%index.json'")
    assert summaries == [(0, 0), (0, 0)]
    assert not unbalanced(store)


def test_openinference_gives_the_counted_tokens(examples: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    ingest(examples / "otlp-openinference", "--store", store)
    found = rows(
        store, "select n_steps, input_tokens, output_tokens, duration_ms from runs order by 1"
    )
    assert found == [(8, 17952, 7122, 94682.711), (18, 629, 19, 50588.775)]


def test_status_as_json_has_every_source_and_times_with_a_zone(tmp_path: Path) -> None:
    ingest(ONE_RUN, "--store", tmp_path / "store")
    told = json.loads(ingest("--status", "--json", "--store", tmp_path / "store").stdout)
    assert told["as_of"].endswith("Z")
    assert [s["path"] for s in told["sources"]] == ["one_run.jsonl"]
    assert told["sources"][0]["loaded"] == 2


def test_a_load_closes_with_what_it_is_worth(exports: Path, tmp_path: Path) -> None:
    (exports / "broken.jsonl").write_text(f"{request(span(9, 0))}\n{{not json\n")
    calls = {"run_id": f"{9:032x}", "kind": "llm", "name": "chat", "input_tokens": 1}
    steps = [
        calls | {"step_id": "a", "model": "gpt-4o", "output_tokens": 1},
        calls | {"step_id": "b", "model": "house-model", "output_tokens": 1},
        calls | {"step_id": "c", "model": "house-model", "cost_usd": 0.5},
    ]
    (exports / "steps.jsonl").write_text("\n".join(map(json.dumps, steps)))
    said = ingest(exports, "--store", tmp_path / "store", expect=1).stdout
    assert "✕ rejected: bad_json 1\n" in said
    assert "7 runs, outcome known of 6 (86%): labelled 6; unknown 1.\n" in said
    assert "3 model calls, cost known of 2 (67%): " in said
    useful = said.split("Most useful to add:\n")[1].splitlines()
    assert len([line for line in useful if "cannot be measured without it" in line]) == 3


def test_the_closing_figures_are_given_to_programs_too(exports: Path, tmp_path: Path) -> None:
    done = ingest(exports, "--store", tmp_path / "store", "--progress", "json")
    event = json.loads(done.stdout.splitlines()[-1])
    assert event["summary"]["runs"] == 6
    assert event["summary"]["outcomes"] == {"label": 6}
    assert {"field", "checks", "hint"} == set(event["summary"]["gaps"][0])


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_one_content_under_two_names_is_one_source(tmp_path: Path, names: tuple[str, str]) -> None:
    """Packed and plain, both orders: two readers may have read it before either is known."""
    folder = tmp_path / "in"
    folder.mkdir()
    body = f"{request(span(1, 0))}\n{{broken\n".encode()
    (folder / f"{names[0]}.jsonl").write_bytes(body)
    (folder / f"{names[1]}.jsonl.gz").write_bytes(gzip.compress(body))
    ingest(folder, "--store", tmp_path / "store", expect=1)
    found = rows(tmp_path / "store", "select path, records, loaded, rejected from sources")
    assert found == [(min(f"in/{names[0]}.jsonl", f"in/{names[1]}.jsonl.gz"), 2, 1, 1)]
    assert rows(tmp_path / "store", "select count(*) from rejects") == [(1,)]


@pytest.mark.parametrize(
    ("name", "workflow"),
    [
        ("invoke_agent 171105b7-59dd-49c0-9677-0b95395aa46a", "invoke_agent"),
        ("agent.f9f77d1a-437f-4ba6-890e-b592a50cbd21", "agent"),
        ("triage/0af7651916cd43dd8448eb211c80319c", "triage"),
        ("171105b7-59dd-49c0-9677-0b95395aa46a", "default"),
        ("...", "..."),
        ("facade-deadbeef", "facade-deadbeef"),
    ],
)
def test_an_id_in_a_name_makes_no_workflow_of_its_own(
    tmp_path: Path, name: str, workflow: str
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    line = request(span(1, 0, name=name)).replace("bot", "unknown_service")
    (folder / "a.jsonl").write_text(line)
    ingest(folder, "--store", tmp_path / "store")
    assert rows(tmp_path / "store", "select workflow from runs") == [(workflow,)]


def test_a_replay_is_one_whatever_stage_its_workflow_is_in(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    runs = [f"r{n},bot,2026-10-01T08:00:00Z,{s}" for n, s in enumerate(("", "test", "replay"))]
    (folder / "runs.csv").write_text("\n".join(["run_id,workflow,started_at,stage", *runs]))
    (folder / "bot.yaml").write_text("id: bot\nstage: limited\n")
    ingest(folder, "--store", tmp_path / "store")
    found = rows(tmp_path / "store", "select stage from runs order by run_id")
    assert found == [("limited",), ("limited",), ("replay",)]
