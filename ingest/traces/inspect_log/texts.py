"""What was said in a sample: attachments put back, pictures left out, messages told once."""

from __future__ import annotations

import re
from typing import Any

from ingest.fields.objects import member, objects
from ingest.fields.scalars import text
from ingest.formats import Value

ATTACHED = re.compile(r"(?:attachment|tc)://([0-9a-f]{32})")
PICTURE, LONGEST_PICTURE = "data:", 1_000


class Texts:
    """The texts of one sample.

    Long texts stand beside the sample (`attachments`) and messages of model calls in a list of
    their own (`events_data`), to which the events refer. A call is given all that was said before
    it; only what is new since the call before, in the same span, is kept of that, or texts would
    grow with their square.
    """

    def __init__(self, sample: Value) -> None:
        old = member(sample, "transcript").get("content")
        self._attached = member(sample, "attachments") or (old if isinstance(old, dict) else {})
        self._pool = objects(member(sample, "events_data").get("messages"))
        self._before: dict[str | None, list[Value]] = {}

    def whole(self, value: Any) -> Any:
        """The value with its attachments, and without the bytes of pictures and files."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self.whole(item) for item in value]
        if isinstance(value, dict):
            return {name: self.whole(item) for name, item in value.items()}
        return value

    def _text(self, value: str) -> str:
        if "://" in value:
            value = ATTACHED.sub(self._attachment, value)
        if value.startswith(PICTURE) and len(value) > LONGEST_PICTURE:
            return f"{len(value)} characters"
        return value

    def _attachment(self, found: re.Match[str]) -> str:
        return text(self._attached.get(found[1])) or found[0]

    def new_input(self, event: Value) -> list[Any] | None:
        """The messages a model call was given that the call before it was not."""
        given = objects(event.get("input")) or self._referred(event.get("input_refs"))
        same, span = 0, text(event.get("span_id"))
        for one, other in zip(given, self._before.get(span, []), strict=False):
            if one is not other and one != other:
                break
            same += 1
        self._before[span] = given
        return self.whole(given[same:]) or None

    def _referred(self, refs: object) -> list[Value]:
        found: list[Value] = []
        for ref in refs if isinstance(refs, list) else []:
            if isinstance(ref, list) and len(ref) == 2 and all(type(n) is int for n in ref):
                found += self._pool[slice(*ref)]
        return found

    def answer(self, message: Value) -> tuple[Any, str | None]:
        """What a model said and called, and what it thought."""
        content, calls = message.get("content"), objects(message.get("tool_calls"))
        blocks = objects(content)
        thoughts = [text(b.get("reasoning")) for b in blocks if b.get("type") == "reasoning"]
        if thoughts:
            content = [b for b in blocks if b.get("type") != "reasoning"]
        said = self.whole({"content": content, "tool_calls": calls} if calls else content)
        return said, self.whole("\n".join(t for t in thoughts if t)) or None
