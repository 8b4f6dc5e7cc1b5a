"""What is wrong with a YAML document, as plain sentences with line numbers."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterable
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ingest.formats import Reject, Value

Place = tuple[int | str, ...]
Fault = tuple[int, str]
LINES = "__lines__"
OF_KEY = "[key]"
MOST_NAMED = 60


def plain(document: Value) -> Any:
    """The document with text keys; YAML 1.1 reads the key `on` as true."""
    return _keyed({key: held for key, held in document.items() if key != LINES})


def _keyed(value: Any) -> Any:
    if isinstance(value, dict):
        return {"on" if k is True else str(k): _keyed(v) for k, v in value.items()}
    return [_keyed(v) for v in value] if isinstance(value, list) else value


def reject(found: Iterable[Fault]) -> Reject:
    """One reject that says everything that is wrong, from the top of the document down.

    It stands at the line of the first fault; the others bring theirs with them.
    """
    by_line: dict[int, list[str]] = {}
    for line, words in sorted(set(found)):
        by_line.setdefault(line, []).append(words)
    (first, opening), *others = ((line, " ".join(words)) for line, words in by_line.items())
    rest = (f"line {line}: {words}" for line, words in others)
    return Reject("bad_declaration", " ".join([opening, *rest]), f"line {first}" if first else "")


def fault(document: Value, place: Place, words: str) -> Fault:
    """The words with the number of the line that holds the place, 0 where it is not known."""
    lines = document.get(LINES)
    for end in range(len(place), 0, -1):
        line = lines.get(".".join(map(str, place[:end]))) if isinstance(lines, dict) else None
        if isinstance(line, int):
            return line, words
    return 0, words


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, else all of them, or the first of very many."""
    names = sorted(known)
    if near := difflib.get_close_matches(word, names, 1):
        return f'Did you mean "{near[0]}"?'
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return f"Known: {', '.join(names[:MOST_NAMED])}{more}."


def of(
    error: ValidationError, document: Value, model: type[BaseModel], place: Place = ()
) -> list[Fault]:
    """A fault for every error of a validation of what stands at the place of the document."""
    return [
        fault(document, (*place, *e["loc"]), _words(e, model))
        for e in error.errors(include_url=False)
    ]


def _words(error: ErrorDetails, model: type[BaseModel]) -> str:
    *parents, last = error["loc"] or ("the document",)
    where = f" in {'.'.join(map(str, parents))}" if parents else ""
    if error["type"] == "extra_forbidden":
        known = _keys(model, tuple(parents))
        return f'unknown key "{last}"{where}. {nearest(str(last), known)}'
    if error["type"] == "missing":
        return f'"{last}" is missing{where}.'
    name = ".".join(str(part) for part in error["loc"] if part != OF_KEY)
    given = str(error["input"])[:60]
    if error["type"] == "literal_error":
        known = [w.strip("'") for w in error["ctx"]["expected"].replace(" or ", ", ").split(", ")]
        return f'{name} cannot be "{given}". {nearest(given, known)}'
    if error["type"] == "value_error":
        words = str(error["ctx"]["error"])
        return f"{name}: {words}{'' if words[-1:] in '.?' else '.'}"
    message = error["msg"].partition(", ")[0].replace("Input should", "it should")
    message = message.partition(" or instance of")[0]
    return f'{name} cannot be "{given}": {message}.'


def _keys(model: type[BaseModel], parents: Place) -> list[str]:
    """The keys that are known at a place of the document."""
    kind: Any = model
    for part in parents:
        kind = _inside(_bare(kind), part)
    kind = _bare(kind)
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return []
    return [field.alias or name for name, field in kind.model_fields.items()]


def _inside(kind: Any, part: int | str) -> Any:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = {f.alias or name: f.annotation for name, f in kind.model_fields.items()}
        return fields.get(str(part))
    return get_args(kind)[-1] if get_args(kind) else None


def _bare(kind: Any) -> Any:
    """The type without its annotations and without None."""
    while get_origin(kind) in (Annotated, Union, types.UnionType):
        kind = get_args(kind)[0]
    return kind
