"""Choices of one page. The address is their only memory, so Back, reload and links agree.

Widgets bound by Streamlit itself lose their part of the address when the page is left, also in
the entry that Back returns to; these write it themselves and read it before they are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st


def choose(
    label: str, options: Sequence[str], key: str, most: int | None = None
) -> tuple[str, ...] | None:
    """A choice of several; None when nothing is chosen."""
    named = [v for v in st.query_params.get_all(key) if v in options]
    st.session_state[key] = list(dict.fromkeys(named))[:most]
    chosen: list[str] = st.multiselect(
        label, options, key=key, placeholder=label, label_visibility="collapsed", width=162,
        max_selections=most, on_change=_remember, args=(key, []),
    )  # fmt: skip
    return tuple(chosen) or None


def choose_one(label: str, options: Sequence[str], key: str, usual: str | None = None) -> str:
    """A choice of one: `usual`, else the first, unless another is named."""
    named, usual = st.query_params.get(key), usual or options[0]
    st.session_state[key] = named if named in options else usual
    chosen = st.segmented_control(
        label, options, key=key, required=True, label_visibility="collapsed",
        on_change=_remember, args=(key, usual),
    )  # fmt: skip
    return chosen or usual


def search(label: str, key: str) -> str | None:
    """A search text; None when empty."""
    st.session_state[key] = st.query_params.get(key, "")
    found = st.text_input(
        label, key=key, placeholder=label, label_visibility="collapsed", width=240,
        icon=":material/search:", on_change=_remember, args=(key, ""),
    )  # fmt: skip
    return found.strip() or None if found else None


def paged(total: int, size: int, key: str) -> int:
    """Draw the pages of a list that has more than one; the offset of the chosen page."""
    pages = max(1, -(-total // size))
    if pages == 1:
        return 0
    named = st.query_params.get(key, "")
    wanted = int(named) if named.isascii() and named.isdigit() else 1
    st.session_state[key] = min(max(wanted, 1), pages)
    chosen = st.pagination(
        pages, key=key, max_visible_pages=7, on_change=_remember, args=(key, 1)
    )  # fmt: skip
    return (chosen - 1) * size


def _remember(key: str, default: Any) -> None:
    """Write a choice into the address; another choice starts at the first page again."""
    value = st.session_state[key]
    page = f"{key.partition('_')[0]}_page"
    if key != page:
        st.query_params.pop(page, None)
    if value is None or value == default:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = value if isinstance(value, list) else str(value)


def choose_number(
    label: str, key: str, usual: float, ends: tuple[float, float], step: float, about: str = ""
) -> float | None:
    """A number on a slider; None while it stands where it usually does."""
    named = st.query_params.get(key, "")
    wanted = float(named) if named.replace(".", "", 1).isdigit() else usual
    st.session_state[key] = min(max(wanted, ends[0]), ends[1])
    chosen = st.slider(
        label, ends[0], ends[1], key=key, step=step, help=about or None, on_change=_remember,
        format="%.0f" if step >= 1 else "%.1f",
        args=(key, usual),
    )  # fmt: skip
    return None if chosen == usual else chosen


def choose_named(label: str, options: Sequence[str], key: str, about: str = "") -> str | None:
    """One of many names, searched by typing; None where nothing is chosen."""
    named = st.query_params.get(key)
    st.session_state[key] = named if named in options else None
    chosen: str | None = st.selectbox(
        label, options, index=None, key=key, placeholder="as now", help=about or None,
        on_change=_remember, args=(key, None),
    )  # fmt: skip
    return chosen
