"""Every format; each accepts its own files only, so the order decides nothing."""

from __future__ import annotations

from ingest import canonical, costs, feedback, mapping, traces, workflows
from ingest.errors import IngestError
from ingest.formats import Format

FORMATS: tuple[Format, ...] = (
    *traces.FORMATS,
    *costs.FORMATS,
    *workflows.FORMATS,
    *mapping.FORMATS,
    *canonical.FORMATS,
    *feedback.FORMATS,
)


def by_name() -> dict[str, Format]:
    """The formats by name; one that has several scales stands once."""
    return {form.NAME: form for form in FORMATS}


def named(name: str) -> Format:
    """The format of that name; IngestError lists the known ones."""
    for form in FORMATS:
        if name == form.NAME:
            return form
    known = ", ".join(by_name())
    raise IngestError(f"{name}: no such format. Known formats: {known}.")
