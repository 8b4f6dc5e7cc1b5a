"""Cards: a heading, how to read it, a chart with its rows, a number with its change."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import streamlit as st

from ui import store, tables
from ui.store import Answer
from ui.text import dollars

LOG = logging.getLogger("ui")
CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False}
Write = Callable[[float | None], str]
COLOUR: dict[str, Any] = {"up": "normal", "down": "inverse", "none": "off"}


@contextmanager
def card(title: str, caption: str = "", about: str | None = None) -> Iterator[None]:
    """A bordered block; an error inside is told with an id and the rest of the page lives on."""
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.header(title, anchor=False, help=about)
        if caption:
            st.caption(caption)
        try:
            yield
        except Exception as error:
            tell(error)


def tell(error: Exception) -> None:
    """Say that a card could not be drawn; the log has the reason under the same id."""
    ident = uuid4().hex[:8]
    LOG.exception("card %s", ident, exc_info=error)
    if type(error).__name__ == "InterruptException":
        st.warning("This took longer than 10 s. Choose a shorter period.", icon=":material/timer:")
    else:
        st.error(f"This card could not be drawn ({ident}).", icon=":material/error:")


def show(
    builder: Callable[..., Any],
    answer: Answer,
    *,
    empty: str = "Nothing in this window. Choose a longer period or fewer filters.",
    wide: bool = False,
    pick: bool = False,
    rows: bool = True,
    **options: Any,
) -> tuple[Any, ...] | None:
    """Draw the figure of an answer and return the ids of the mark that was clicked, if `pick`.

    `wide` figures scroll sideways on a phone. `rows` adds the numbers behind the figure.
    """
    name = builder.__name__
    if answer.frame.is_empty():
        st.info(empty, icon=":material/inbox:")
        return None
    drawn = store.figure(builder, answer, **options)
    settings: dict[str, Any] = {"config": CONFIG, "alt": drawn.layout.meta["alt"]}
    if pick:
        settings |= {"on_select": "rerun", "selection_mode": "points"}
    key = f"{name}-{abs(hash((answer.key, str(sorted(options.items())))))}"
    with st.grid(1, min_column_width=540 if wide else 240, wrap=not wide):
        event = st.plotly_chart(drawn, key=key, **settings)
    if rows:
        tables.behind(name, answer)
    points = event["selection"]["points"] if pick and isinstance(event, dict) else []
    return _ids(points[0].get("customdata")) if points else None


def _ids(customdata: Any) -> tuple[Any, ...] | None:
    if isinstance(customdata, dict):
        return tuple(customdata[k] for k in sorted(customdata, key=int))
    if isinstance(customdata, list | tuple):
        return tuple(customdata)
    return None if customdata is None else (customdata,)


def kpi(
    label: str,
    value: float | None,
    before: float | None,
    write: Write,
    change: Write,
    *,
    good: str,
    about: str,
    series: Sequence[float | None] = (),
    note: str | None = None,
) -> None:
    """One number, its change against the window before, and its days.

    `good` is up, down or none: which direction is better. `note` replaces the value before.
    """
    known = value is not None and before is not None
    delta = dollars(change((value or 0) - (before or 0))) if known else None
    moved = delta is not None and any(c in "123456789" for c in delta)
    said = note or (f"vs {write(before)}" if before is not None else None)
    shown = [v for v in series if v is not None]
    st.metric(
        label, dollars(write(value)), delta,
        delta_color=COLOUR[good] if moved else "off", delta_arrow="auto" if moved else "off",
        delta_description=dollars(said) if said else None,
        chart_data=shown if len(shown) > 1 else None, chart_type="area",
        border=True, height="stretch", help=about,
    )  # fmt: skip


def fact(label: str, value: str, note: str, about: str | None = None) -> None:
    """One number with a note and no change."""
    st.metric(
        label, dollars(value), delta_description=dollars(note), border=True, height="stretch",
        help=dollars(about) if about else None,
    )  # fmt: skip


def amount(
    label: str,
    usd: float | None,
    ends: tuple[float | None, float | None],
    write: Write,
    *,
    note: str,
    level: str = "95%",
    change: str | None = None,
    about: str | None = None,
) -> None:
    """US dollars with the ends of their interval, else the note; `change` up is worse."""
    is_told = None not in ends
    st.metric(
        label, dollars(write(usd)), change, delta_color="inverse",
        delta_description=dollars(f"{level}: {write(ends[0])}–{write(ends[1])}, {note}"
                                  if is_told else note),
        border=True, height="stretch", help=dollars(about) if about else None,
    )  # fmt: skip
