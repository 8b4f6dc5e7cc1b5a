"""The kinds of value in a declaration: names, amounts, days, conditions, and their short forms."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from ingest.workflows import conditions, faults

ARGUMENT = r"\s*[^(),\s][^(),]*"
CONSTRAINT = re.compile(
    rf"(before|never_after|responds)\({ARGUMENT},{ARGUMENT}\)|at_most\({ARGUMENT},\s*\d+\s*\)"
)
CONSTRAINTS = "before(a, b), never_after(a, b), responds(error:a, b), at_most(a, 8)"


def listed(value: Any) -> Any:
    """One text as a list of it."""
    return [value] if isinstance(value, str) else value


def keyed(value: Any) -> Any:
    """A list of names as a mapping of names; nothing as a mapping without keys."""
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        value = dict.fromkeys(value)
    if isinstance(value, dict):
        return {k: {} if v is None else v for k, v in value.items()}
    return value


def step(value: Any) -> Any:
    """A name, or a mapping that says more."""
    return {"step": value} if isinstance(value, str) else value


def edge(value: Any) -> Any:
    """`[from, to]`, or a mapping that says more."""
    if isinstance(value, list) and len(value) == 2:
        return {"from": value[0], "to": value[1]}
    return value


def under(key: str) -> BeforeValidator:
    """A text as a mapping with that key."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, str) else value)


def _dated(value: Any) -> Any:
    if isinstance(value, int | float):
        raise ValueError("a date such as 2026-11-02 was expected")
    return value


def _money(value: Any) -> Any:
    return "" if isinstance(value, bool) else str(value)


def _condition(text: str) -> str:
    conditions.parse(text)
    return text


def _constraint(text: str) -> str:
    if not CONSTRAINT.fullmatch(text.strip()):
        raise ValueError(f'"{text}" is not a constraint. Known: {CONSTRAINTS}')
    return text


def _check(name: str, info: ValidationInfo) -> str:
    """The id of a check; which there are is the context of the validation, if that is known."""
    if info.context and name not in info.context:
        raise ValueError(f'"{name}" is no check. {faults.nearest(name, info.context)}')
    return name


def _named(text: str) -> str:
    if not text.strip():
        raise ValueError("it is empty")
    return text


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f'"{text}" is not a pattern ({error})') from error
    return text


Name = Annotated[str, AfterValidator(_named)]
CheckId = Annotated[str, AfterValidator(_check)]
Names = Annotated[list[Name], BeforeValidator(listed)]
Number = Annotated[float, Field(strict=True, ge=0)]
Positive = Annotated[float, Field(strict=True, gt=0)]
Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Money = Annotated[Decimal, BeforeValidator(_money), Field(ge=0)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Day = Annotated[date, BeforeValidator(_dated)]
Time = Annotated[datetime, BeforeValidator(_dated)]
Condition = Annotated[str, AfterValidator(_condition)]
Constraint = Annotated[str, AfterValidator(_constraint)]
Pattern = Annotated[str, AfterValidator(_pattern)]
