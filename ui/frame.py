"""The frame around every page: page settings, title, freshness, filters, and the first visit."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.pages_manager import PagesManager

from settings import Settings
from ui import filters, links, loading, store
from ui.filters import Filters

MARK = "_framed"
PRODUCT = "Pilot to Production"
STATIC = Path(__file__).parent.parent / "static"
ICON = str(STATIC / "favicon.png")
# Pages that show the whole store or one run; their filters are kept for the next page.
UNFILTERED = frozenset({"Run", "Data", "Programme"})
STALE = timedelta(hours=48)
# Words of figures keep the ink of the theme; long links wrap instead of being cut; a gate that is
# not provable is hatched, one that is not met is red.
INK = (
    "<style>.js-plotly-plot .xtick text,.js-plotly-plot .ytick text,"
    ".js-plotly-plot .annotation-text,.js-plotly-plot .legendtext"
    "{fill:currentColor!important}"
    "[data-testid=stPageLink-NavLink]{padding-left:0;padding-right:0}"
    "[data-testid=stPageLink-NavLink] :not([data-testid=stIconMaterial]){white-space:normal}"
    "[data-testid=stBaseButton-tertiary],[data-testid=stBaseButton-tertiary] *"
    "{text-align:left;justify-content:flex-start}"
    "[class*=st-key-verdict-]{padding:12px 16px;border-radius:8px;border:1.5px solid #17a07e;"
    "background:rgba(23,160,126,.1)}"
    "[class*=st-key-verdict-ready_with]{border-color:#d9822b;background:rgba(217,130,43,.1)}"
    ".st-key-verdict-not_ready,.st-key-verdict-step-back"
    "{border-color:#d65a3c;background:rgba(214,90,60,.12)}"
    ".st-key-verdict-not_provable_yet{border:1.5px dashed #8794a8;background:"
    "repeating-linear-gradient(135deg,transparent 0 7px,rgba(135,148,168,.2) 7px 9px)}</style>"
)


class Drawn(NamedTuple):
    """What the frame of this page run holds: the place of the title, and the filters if any."""

    head: DeltaGenerator
    summary: dict[str, Any] | None
    filters: Filters | None


def frame(title: str) -> None:
    """Draw what surrounds the page; called by app.py before the page runs."""
    st.set_page_config(page_title=f"{title} · {PRODUCT}")
    st.logo(str(STATIC / "logo.svg"), size="large", icon_image=ICON)
    st.session_state[MARK] = _draw(title in UNFILTERED)


def page(title: str, about: str = "", needs_data: bool = True) -> Filters:
    """Title, freshness and filters of a page; complete without app.py too.

    A first request to a deep link may run the page file alone; that is undone once by turning
    Streamlit's pages-directory mode off. Without data the first-visit text replaces the page,
    unless the page works without data; then the filters are those of today.
    """
    drawn = st.session_state.pop(MARK, None)
    if drawn is None:
        if PagesManager.uses_pages_directory:
            PagesManager.uses_pages_directory = False
            st.rerun()
        drawn = _draw(title in UNFILTERED)
    st.session_state[links.PAGE] = title.lower().replace(" ", "_")
    with drawn.head.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.title(title, anchor=False, help=about or None, width="content")
        if drawn.summary:
            _freshness(drawn.summary)
    if drawn.filters is None and needs_data:
        welcome()
        st.stop()
    return drawn.filters or _nothing()


def _draw(unfiltered: bool) -> Drawn:
    st.html(INK)
    head = st.container()
    if store.take_generation() is None:
        return Drawn(head, None, None)
    summary = store.fetch("store_summary").first()
    if summary["as_of"] is None:
        return Drawn(head, None, None)
    names = store.fetch("workflow_list").frame["workflow"].to_list()
    return Drawn(head, summary, filters.bar(_last_moment(summary), names, unfiltered))


def _last_moment(summary: dict[str, Any]) -> datetime:
    """The newest moment with data: a bill that ends at midnight belongs to the day before."""
    as_of: datetime = summary["as_of"]
    return as_of if summary["last_run_at"] == as_of else as_of - timedelta(microseconds=1)


def _nothing() -> Filters:
    since, until = filters.window("30d", datetime.now(UTC).replace(tzinfo=None))
    return Filters("30d", since, until, None, None, False)


def _freshness(summary: dict[str, Any]) -> None:
    as_of, rejected = summary["as_of"], summary["rejected"]
    stale = datetime.now(UTC).replace(tzinfo=None) - as_of > STALE
    colour, icon = ("orange", "schedule") if stale else ("green", "check_circle")
    words = f"Data to {as_of:%H:%M} UTC, {as_of.day} {as_of:%b}" + (" · stale" if stale else "")
    refused = f" · {rejected:,} rejected" if rejected else ""
    links.link("data", f":{colour}-badge[:material/{icon}: {words}{refused}]")


def welcome() -> None:
    """What the product is, the demo, and how to load one's own files."""
    with st.container(border=True):
        st.header("See which pilots are ready for production", anchor=False)
        st.markdown(
            "Load the traces, costs and feedback of your agents. You get success by workflow and "
            "segment, latency by step, spend against budget, and a scorecard of the seven patterns "
            "that keep pilots from production. Everything stays on this machine."
        )
        if st.button("Load the demo", type="primary", icon=":material/play_arrow:"):
            loading.load_demo()
        st.markdown("**Your own files:** drop them on the Data page, or run")
        store_path, usual = Settings().store, Settings.model_fields["store"].default
        target = "" if store_path == usual else f" --store {shlex.quote(str(store_path))}"
        st.code(f"python -m ingest FOLDER{target}", language=None)
        links.link("data", "Open the Data page", icon=":material/upload_file:")
