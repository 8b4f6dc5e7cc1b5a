"""Links between pages that keep the filters, and steps within a page that stay in the address."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException

PAGE = "_page"
OWN = {
    "scorecard": ("workflow", "pattern", "check"),
    "readiness": ("workflow", "gate"),
    "production": ("workflow", "production_"),
    "run": ("run_id", "step", "runs_"),
}


def param(name: str) -> str | None:
    """A parameter of the address, None where absent."""
    return st.query_params.get(name) or None


def params(prefix: str) -> dict[str, list[str]]:
    """The parameters of the address that start with the prefix."""
    return {k: st.query_params.get_all(k) for k in st.query_params if k.startswith(prefix)}


def link(target: str, label: str, *, icon: str | None = None, **wanted: Any) -> None:
    """A link to a page (by its name) with parameters for it; `label` may hold Markdown.

    Within the present page it is a button that changes the address, because Streamlit leaves the
    address alone when a page links to itself. Parameters of the present page travel along, so that
    Back finds them. A page run alone has nowhere to go: the label stays plain text.
    """
    here = st.session_state.get(PAGE)
    if target == here:
        key = f"go-{label}-{sorted(wanted.items(), key=str)}"
        st.button(label, icon=icon, type="tertiary", key=key, on_click=_go, args=(wanted,))
        return
    own = OWN.get(str(here), (f"{here}_",))
    carried = {k: v for p in own for k, v in params(p).items()}
    query = carried | {k: v for k, v in wanted.items() if v is not None}
    try:
        st.page_link(f"pages/{target}.py", label=label, icon=icon, query_params=query)
    except StreamlitAPIException:
        st.text(label)


def _go(wanted: dict[str, Any]) -> None:
    for name, value in wanted.items():
        if value is None:
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = value
