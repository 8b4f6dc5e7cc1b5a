"""Answers from the store, cached by question, parameters and generation.

A page run takes the generation once; all its questions see the same data. Frames are never
arguments of a cached function: Streamlit would confuse frames that share their first rows.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl
import streamlit as st

import queries
from settings import Settings

if TYPE_CHECKING:
    from ui.filters import Filters

GENERATION = "_generation"
Key = tuple[Any, ...]


class Answer(NamedTuple):
    """A frame and the key under which figures of it are cached."""

    frame: pl.DataFrame
    key: Key

    def first(self) -> dict[str, Any]:
        """The first row by name; all null when there is none."""
        if self.frame.height:
            return self.frame.row(0, named=True)
        return dict.fromkeys(self.frame.columns)

    def keep(self, **wanted: Any) -> Answer:
        """The rows whose columns have the wanted values."""
        return Answer(self.frame.filter(**wanted), (*self.key, tuple(sorted(wanted.items()))))

    def filled(self, **words: str) -> Answer:
        """The same rows with a word where a column is null."""
        filled = [self.frame[name].fill_null(word) for name, word in words.items()]
        return Answer(self.frame.with_columns(filled), (*self.key, tuple(sorted(words.items()))))


def take_generation() -> Path | None:
    """Note which generation this page run reads; None before the first load.

    The file is looked for again when a load replaced it between reading its name and now.
    """
    found = None
    for _ in range(3):
        found = queries.current(Settings().store)
        if found is None or found.exists():
            break
    st.session_state[GENERATION] = str(found) if found else None
    return found


def generation() -> str:
    """The database file this page run reads."""
    return str(st.session_state[GENERATION])


def has_store() -> bool:
    """Whether anything was loaded yet."""
    return st.session_state.get(GENERATION) is not None


def fetch(name: str, filters: Filters | None = None, **params: Any) -> Answer:
    """The answer to a named question for the filters and parameters.

    Filters that the question does not know are left out; an unknown parameter raises QueryError.
    """
    known = queries.catalog().get(name)
    asked = known.params if known else frozenset()
    given = {k: v for k, v in (filters.params() if filters else {}).items() if k in asked}
    pairs = tuple(sorted((given | params).items()))
    return Answer(_ask(name, pairs, generation()), (name, pairs, generation()))


def computed(name: str, *arguments: Any) -> Any:
    """What a function of queries, such as `outlook`, finds in the store for plain arguments."""
    return _computed(name, arguments, generation())


def answer(frame: pl.DataFrame, name: str, *arguments: Any) -> Answer:
    """A frame that was computed, with the key under which figures of it are cached."""
    return Answer(frame, (name, arguments, generation()))


def patterns() -> pl.DataFrame:
    """One row a workflow and pattern as last evaluated; columns of queries.roll_up."""
    frame: pl.DataFrame = _scored("matrix", generation())
    return frame


def gates() -> dict[str, dict[str, queries.Gate]]:
    """Both gates of every workflow, by workflow and gate."""
    found: dict[str, dict[str, queries.Gate]] = _scored("gates", generation())
    return found


def demotions() -> dict[str, list[str]]:
    """Why workflows in production should step back, by workflow."""
    found: dict[str, list[str]] = _scored("demotions", generation())
    return found


def movement() -> queries.Movement:
    """What moved in the last week, and what was looked at."""
    found: queries.Movement = _scored("movement", generation())
    return found


def programme() -> queries.Programme:
    """The programme as last evaluated."""
    found: queries.Programme = _scored("programme", generation())
    return found


def moved_checks() -> Answer:
    """The checks whose state changed in a week; columns of queries.moved_checks."""
    return Answer(_scored("moved_checks", generation()), ("moved_checks", generation()))


def instrumentation(workflows: tuple[str, ...]) -> Answer:
    """What is most worth recording next in some workflows; columns of queries.instrumentation."""
    key = ("instrumentation", workflows, generation())
    return Answer(_instrumentation(workflows, generation()), key)


def figure(builder: Callable[..., Any], answer: Answer, **options: Any) -> Any:
    """The figure of an answer, built once per builder, answer and options."""
    name = f"{builder.__module__}.{builder.__qualname__}"
    return _figure(builder, answer.frame, name, answer.key, tuple(sorted(options.items())))


@st.cache_resource(max_entries=2, show_spinner=False)
def _database(path: str) -> Any:
    """One locked-down connection a generation; dropped, never closed: its last cursor closes it."""
    return queries.connect(Path(path))


@st.cache_data(max_entries=512, show_spinner=False)
def _ask(name: str, pairs: Key, path: str) -> pl.DataFrame:
    return queries.run(_database(path), name, **dict(pairs))


@st.cache_data(max_entries=256, show_spinner=False)
def _computed(name: str, arguments: Key, path: str) -> Any:
    return getattr(queries, name)(_database(path), *arguments)


@st.cache_data(max_entries=16, show_spinner=False)
def _scored(name: str, path: str) -> Any:
    return getattr(queries, name)(_database(path))


@st.cache_data(max_entries=32, show_spinner=False)
def _instrumentation(workflows: tuple[str, ...], path: str) -> pl.DataFrame:
    results = _ask("check_matrix", (), path).filter(pl.col("workflow").is_in(workflows))
    return queries.instrumentation(results)


@st.cache_resource(max_entries=256, show_spinner=False)
def _figure(
    _builder: Callable[..., Any], _frame: pl.DataFrame, name: str, key: Key, options: Key
) -> Any:
    return _builder(_frame, **dict(options))
