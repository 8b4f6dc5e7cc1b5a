"""What OpenTelemetry said of an observation, where Langfuse kept it in the metadata."""

from __future__ import annotations

from typing import Any

from ingest.fields.content import is_moved, without_content
from ingest.fields.names import snake
from ingest.fields.objects import decoded, flat, mapping
from ingest.fields.scalars import Attributes, text
from ingest.traces.opentelemetry import genai, openinference, traceloop

Row = dict[str, Any]

KEPT = ("attributes", "resourceAttributes", "scope")
LISTS = ("gen_ai.response.finish_reasons",)
PERSONAL = frozenset(
    {"email", "user_email", "user", "user_id", "username", "user_name", "full_name", "phone"}
)
TAKEN = (
    "kind",
    "agent",
    "tool",
    "call_id",
    "provider",
    "response_model",
    "response_id",
    "finish_reason",
    "tools_offered",
)


class Metadata:
    """The metadata of a trace or observation, told apart by who wrote it; without who is named."""

    def __init__(self, metadata: Row) -> None:
        span, resource, scope = (_part(metadata, name) for name in KEPT)
        self.span: Attributes = span
        self.resource: Attributes = resource
        self.scope = text(scope.get("name"))
        own = {k: v for k, v in metadata.items() if k.partition(".")[0] not in KEPT}
        self.own: Attributes = {
            k: v
            for k, v in flat(own, "metadata.").items()
            if snake(k.rsplit(".", 1)[-1]) not in PERSONAL
        }

    def attributes(self) -> Attributes:
        """What is kept beside the step."""
        kept = {k: v for k, v in self.span.items() if not is_moved(k)} | self.own
        return kept if self.scope is None else {**kept, "otel.scope.name": self.scope}

    def facts(self) -> Attributes:
        """What says what the run was, without what was written in it."""
        return without_content({**self.resource, **self.span, **self.own})

    def service(self) -> Row:
        """The service the resource names, and its version."""
        return {
            "service_name": text(self.resource.get("service.name")),
            "version": text(self.resource.get("service.version")),
        }


def _part(metadata: Row, name: str) -> Attributes:
    """The attributes under a name, as an object, as JSON text, or with dotted names."""
    dotted = {
        k.removeprefix(f"{name}."): v for k, v in metadata.items() if k.startswith(f"{name}.")
    }
    found = flat(dotted) | flat(mapping(metadata.get(name)))
    return found | {k: decoded(found[k]) for k in LISTS if k in found}


def described(found: Attributes, name: str) -> tuple[Row, Any, Any]:
    """The columns of a step its span attributes give, and its input and output."""
    step: Row = {"name": name}
    if "openinference.span.kind" in found:
        given, answer = openinference.describe(found, step)
    elif "traceloop.span.kind" in found and "gen_ai.operation.name" not in found:
        given, answer = traceloop.describe(found, step)
    elif not genai.MARKERS.isdisjoint(found):
        given, answer = genai.describe(found, step)
    else:
        return {}, None, None
    return {c: step[c] for c in TAKEN if step.get(c) is not None}, given, answer
