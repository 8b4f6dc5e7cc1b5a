"""Recorded text, shown as it was recorded and never interpreted."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Literal

import streamlit as st

LONGEST = 20_000


def recorded(text: str | None, missing: str) -> None:
    """Text of a run as inert text: JSON indented, the rest as it is, cut at 20,000 characters."""
    if text is None or text in ("", "{}"):
        st.caption(missing)
        return
    shown, language = text, None
    with suppress(ValueError):
        shown, language = json.dumps(json.loads(text), indent=2, ensure_ascii=False), "json"
    st.code(shown[:LONGEST], language=language, wrap_lines=True, height=_height(shown))
    if len(shown) > LONGEST:
        st.caption(f"The first {LONGEST:,} of {len(shown):,} characters.")


def _height(text: str) -> int | Literal["content"]:
    return 420 if text.count("\n") + len(text) / 60 > 18 else "content"
