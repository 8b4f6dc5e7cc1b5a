"""People are kept as hashes of what a source calls them."""

from __future__ import annotations

from ingest.fields.scalars import text
from ingest.hashes import sha256


def person_hash(name: object) -> str | None:
    """The hash of who is named, null where nobody is."""
    found = text(name)
    return None if found is None else sha256(found.encode("utf-8", "surrogatepass"))
