"""The served app in a real browser: themes, widths, links, history, and no request elsewhere."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from store_builder import build_store
from tables import rows
from test_scorecard_pages import evaluated, the_rows

ROOT = Path(__file__).resolve().parent.parent
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
)
PAGES = (
    "", "scorecard", "programme", "readiness", "cost", "unit_cost", "bill", "production",
    "production?workflow=claims-intake", "segments", "latency", "runs", "data",
)  # fmt: skip
READY = "[data-testid=stApp][data-test-script-state=notRunning]"
ONE_RUN = ROOT / "tests/fixtures/one_run.jsonl"
pytestmark = [pytest.mark.browser, pytest.mark.slow]
expect.set_options(timeout=30_000)


def serve(store: Path) -> tuple[subprocess.Popen[bytes], str]:
    """The app on a free port, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPSDASH_")}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment | {"OPSDASH_STORE": str(store)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=5).close()
        except OSError:
            assert process.poll() is None and time.monotonic() < deadline, "the app did not start"
        else:
            return process, address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, or a skip that says why; OPSDASH_BROWSER=required turns the skip into a failure."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        assert os.environ.get("OPSDASH_BROWSER") != "required", "no Chromium was found"
        pytest.skip("no Chromium was found on this machine")
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=path, args=list(FLAGS))
        yield found
        found.close()


@pytest.fixture(scope="module")
def address(browser: Browser, demo_store: Path) -> Iterator[str]:
    """The app on the demo."""
    process, found = serve(demo_store)
    yield found
    process.terminate()
    process.wait()


@pytest.fixture
def fresh_address(browser: Browser, demo_store: Path) -> Iterator[str]:
    """The app on the demo, which nobody has visited since it started."""
    process, found = serve(demo_store)
    yield found
    process.terminate()
    process.wait()


def visit(page: Page, address: str) -> None:
    page.goto(address)
    settled(page)


def settled(page: Page) -> None:
    """The script has ended, the title is there and every chart is drawn."""
    page.wait_for_selector(READY, timeout=60_000)
    page.wait_for_selector("h1", timeout=60_000)
    expect(page.locator("[data-testid=stPlotlyChart]:not(:has(.main-svg))")).to_have_count(
        0, timeout=60_000
    )


def text(page: Page) -> str:
    return page.locator("[data-testid=stMain]").inner_text()


def whole(page: Page, name: str) -> None:
    """No exception, no card that failed, nothing wider than the screen."""
    assert page.locator("[data-testid=stException]").count() == 0, name
    assert "could not be drawn" not in text(page), name
    wide = page.locator("[data-testid=stMain]").evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert wide[0] == wide[1], name


@pytest.mark.parametrize("kind", ["one_run_store", "empty_store", "missing_store"])
def test_pages_of_each_kind_open_on_the_other_stores(
    browser: Browser, request: pytest.FixtureRequest, kind: str
) -> None:
    process, address = serve(request.getfixturevalue(kind))
    page = browser.new_page(viewport={"width": 390, "height": 1000})
    for name in ("", "scorecard", "cost", "data", "run?run_id=none"):
        visit(page, f"{address}/{name}")
        whole(page, name)
    page.close()
    process.terminate()
    process.wait()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_every_page_is_whole_at_every_width_and_asks_nobody_else(
    browser: Browser, address: str, demo_store: Path, scheme: str, width: int
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 1000}, color_scheme=scheme, base_url=address
    )
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    run_id = rows(demo_store, "select max(run_id) from runs")[0][0]
    for name in (*PAGES, f"run?run_id={run_id}"):
        visit(page, f"{address}/{name}")
        whole(page, name)
    own = (address, address.replace("http", "ws"), "data:", "blob:")
    assert [url for url in asked if not url.startswith(own)] == []
    context.close()


def test_the_first_request_may_be_a_deep_link(browser: Browser, fresh_address: str) -> None:
    page = browser.new_page()
    visit(page, f"{fresh_address}/latency?period=7d&wf=claims-intake")
    expect(page).to_have_title("Latency · Pilot to Production")
    expect(page.locator("[data-testid=stSidebarNavLink]")).to_have_count(12)
    page.locator("[data-testid=stSidebarNavLink]").filter(has_text="Segments").click()
    expect(page).to_have_title("Segments · Pilot to Production")
    settled(page)
    assert "period=7d" in page.url and "wf=claims-intake" in page.url
    page.reload()
    settled(page)
    assert "claims-intake" in page.locator("[data-testid=stMultiSelect]").first.inner_text()
    page.close()


def test_a_cell_leads_to_its_runs_and_a_run_and_back(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    visit(page, f"{address}/segments?period=90d")
    chart = page.locator("[data-testid=stPlotlyChart]").first
    chart.locator(".scatterlayer .point").first.click(force=True)
    link = page.locator("[data-testid=stPageLink-NavLink]").filter(has_text="Open the failed ones")
    expect(link).to_be_visible()
    said = link.inner_text()
    link.click()
    expect(page).to_have_title("Runs · Pilot to Production")
    settled(page)
    workflow = said.split(" · ")[0].strip().split()[-1]
    assert f"runs_workflow={workflow}" in page.url and "period=90d" in page.url
    listed = page.url
    page.locator("[data-testid=stDataFrame] .dvn-scroller").first.click(position={"x": 18, "y": 55})
    opened = page.locator("[data-testid=stPageLink-NavLink]").filter(has_text="Open run")
    expect(opened).to_be_visible()
    opened.click()
    expect(page).to_have_title("Run · Pilot to Production")
    settled(page)
    assert workflow in text(page) and "failure" in text(page)
    page.go_back()
    expect(page).to_have_title("Runs · Pilot to Production")
    settled(page)
    for part in listed.partition("?")[2].split("&"):
        assert part in page.url
    expect(page.get_by_role("radio", name="Failed")).to_be_checked()
    page.close()


def test_a_step_within_a_page_stays_in_the_address(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    visit(page, f"{address}/scorecard?workflow=order-repair&period=7d")
    expect(page.locator("button").filter(has_text="checks measured")).to_have_count(7)
    page.locator(
        "//strong[.='Integration underestimated']/following::button[contains(., 'checks measured')]"
    ).first.click()
    checks = page.get_by_role("button", name="How often does a call fail for good?")
    expect(checks).to_be_visible()
    expect(page).to_have_url(re.compile("period=7d.*pattern=integrations_underestimated"))
    page.reload()
    expect(checks).to_be_visible(timeout=30_000)
    page.go_back()
    expect(page.get_by_text("Multi-agent too early")).to_be_visible()
    page.close()


def test_a_gate_leads_to_its_checks_and_back(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    visit(page, f"{address}/readiness?period=7d")
    page.get_by_role("button", name="order-repair").click()
    expect(page).to_have_url(re.compile("period=7d.*workflow=order-repair"))
    verdict = page.locator("[class*=st-key-verdict-]").first
    expect(verdict).to_contain_text("order-repair, now in stage pilot, at the gate to limited")
    expect(page.get_by_role("radio", name="limited", exact=True).last).to_be_checked()
    page.get_by_role("radio", name="production", exact=True).last.click()
    expect(page).to_have_url(re.compile("gate=production"))
    expect(verdict).to_contain_text("at the gate to production")
    page.locator("[data-testid=stPageLink-NavLink]").filter(has_text="INT-2").first.click()
    expect(page).to_have_title("Scorecard · Pilot to Production")
    settled(page)
    assert "check=INT-2" in page.url and "period=7d" in page.url
    page.go_back()
    expect(page).to_have_title("Readiness · Pilot to Production")
    settled(page)
    assert "gate=production" in page.url and "workflow=order-repair" in page.url
    expect(page.locator("[class*=st-key-verdict-]").first).to_contain_text("to production")
    page.close()


def test_evidence_opens_its_run_at_the_step(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 1000})
    where = "workflow=order-repair&pattern=integrations_underestimated&check=INT-2"
    visit(page, f"{address}/scorecard?{where}")
    page.locator("[data-testid=stPageLink-NavLink]").filter(
        has_text="erp.update_order"
    ).first.click()
    expect(page).to_have_title("Run · Pilot to Production")
    settled(page)
    whole(page, "run")
    assert re.search("run_id=.+&step=.+", page.url)
    page.go_back()
    settled(page)
    assert where in page.url
    page.close()


def test_a_segment_that_moved_opens_its_runs_of_the_week(browser: Browser, tmp_path: Path) -> None:
    process, address = serve(build_store(tmp_path / "scored", evaluated(the_rows())))
    page = browser.new_page(viewport={"width": 390, "height": 1000})
    visit(page, f"{address}/scorecard")
    whole(page, "scorecard")
    link = page.locator("[data-testid=stPageLink-NavLink]").filter(has_text="runs of the week")
    link.click()
    expect(page).to_have_title("Runs · Pilot to Production")
    settled(page)
    expect(page.get_by_role("radio", name="7d")).to_be_checked()
    assert "60 runs" in text(page)
    page.get_by_role("radio", name="30d").click()
    expect(page.get_by_text("75 runs")).to_be_visible()
    page.close()
    process.terminate()
    process.wait()


def test_flipping_the_theme_keeps_the_words_of_figures_legible(
    browser: Browser, address: str
) -> None:
    page = browser.new_page(color_scheme="light", viewport={"width": 1440, "height": 1000})
    visit(page, f"{address}/scorecard")
    label = page.locator(".annotation-text").filter(has_text="clear").first
    app = page.locator("[data-testid=stApp]")
    light = app.evaluate("e => getComputedStyle(e).color")
    expect(label).to_have_css("fill", light)
    page.emulate_media(color_scheme="dark")
    expect(app).to_have_css("color-scheme", "dark")
    dark = app.evaluate("e => getComputedStyle(e).color")
    assert dark != light
    expect(label).to_have_css("fill", dark)
    page.close()


def test_the_first_visit_loads_the_demo(browser: Browser, missing_store: Path) -> None:
    process, address = serve(missing_store)
    page = browser.new_page()
    visit(page, address)
    page.get_by_role("button", name="Load the demo").click()
    matrix = page.get_by_role("heading", name="Success by workflow and segment")
    expect(matrix).to_be_visible(timeout=400_000)
    page.close()
    process.terminate()
    process.wait()


def test_dropped_files_are_loaded_and_their_refusals_shown(
    browser: Browser, tmp_path: Path
) -> None:
    process, address = serve(tmp_path / "store")
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    visit(page, f"{address}/data")
    table = "run_id,rating,created_at\nr1,5,2026-01-01\n,4,2026-01-01\n"
    page.locator("[data-testid=stFileUploaderDropzoneInput]").set_input_files(
        [
            {"name": "one.jsonl", "mimeType": "text/plain", "buffer": ONE_RUN.read_bytes()},
            {"name": "../ratings.csv", "mimeType": "text/csv", "buffer": table.encode()},
        ]
    )
    for name in ("one.jsonl", "ratings.csv"):
        expect(page.get_by_text(name)).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Load", exact=True).click()
    said = page.get_by_text("2 files with").filter(has_text="1 records were refused")
    expect(said).to_be_visible(timeout=120_000)
    page.get_by_role("button", name="Close").click()
    expect(said).to_have_count(0)
    with page.expect_download() as started:
        page.locator("[class*=st-key-csv-data-rejects] button").click()
    rejects = started.value.path().read_text("utf-8")
    page.close()
    process.terminate()
    process.wait()
    assert "ratings.csv,row 3,no_target" in rejects
