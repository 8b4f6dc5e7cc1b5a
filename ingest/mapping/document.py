"""The keys a mapping may hold, with their types; the names are those people write in YAML."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from ingest.workflows.document import Part
from ingest.workflows.kinds import Name

Unit = Literal[
    "s",
    "ms",
    "us",
    "ns",
    "min",
    "h",
    "epoch_s",
    "epoch_ms",
    "epoch_us",
    "epoch_ns",
    "cents",
    "micros",
    "thousands",
    "percent",
]
Scalar = str | int | float | bool | None


def _cell(value: Any) -> Any:
    return {"path": value} if isinstance(value, str) else value


def _wanted(value: Any) -> Any:
    if any(isinstance(v, dict | list) for v in (value if isinstance(value, list) else [value])):
        raise ValueError("write a word, or a list of words")
    return value


Wanted = Annotated[Scalar | list[Scalar], BeforeValidator(_wanted)]


class Cell(Part):
    """How one column is filled: from a path, or with the same value in every row.

    `unit` is that of the number found, `scale` its worst and best, `format` how a time is written
    (as in strptime), and `words` what the column calls the words found; `*` is any other word.
    """

    path: Name | None = None
    value: Scalar = None
    unit: Unit | None = None
    scale: tuple[float, float] | None = None
    format: Name | None = None
    words: dict[str, Scalar] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_source(self) -> Cell:
        if (self.path is None) == (self.value is None):
            raise ValueError("write either a path, or the value of every row")
        if self.scale and self.scale[0] == self.scale[1]:
            raise ValueError("the two ends of a scale differ")
        return self


class Mapping(Part):
    """One home-made format: the table its records fill, and the path of every column.

    `decimal` is the mark in numbers written as text, where they do not show it themselves.
    """

    mapping: Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w.-]*$")]
    table: Name
    records: Name | None = None
    when: dict[str, Wanted] = Field(default_factory=dict)
    decimal: Literal["point", "comma"] | None = None
    columns: Annotated[dict[Name, Annotated[Cell, BeforeValidator(_cell)]], Field(min_length=1)]
