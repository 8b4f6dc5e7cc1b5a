"""The list of files that Langfuse writes beside a blob storage export: no record of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ingest.formats import Ignored, Read, Sample, Value

NAME = "langfuse.blob.manifest"
HOLDS: Literal["whole", "part"] = "part"
RECORDS = "run_claims"
BASIS: Literal["files", "documentation"] = "documentation"
OBTAIN = "It lies in the folder `manifests` of a Langfuse blob storage export; nothing is lost."


def accepts(sample: Sample) -> bool:
    """Whether the values are lists of exported files."""
    named = sample.has("exportSource", "window", "files", "projectId")
    return sample.container == "json" and named


def read(values: Iterator[Value]) -> Iterator[Read]:
    """Every list is ignored."""
    for _ in values:
        yield Ignored("the list of files of a blob storage export")
