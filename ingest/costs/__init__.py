"""Cost files: gateway logs and invoices."""

from __future__ import annotations

from ingest.costs import focus, litellm
from ingest.formats import Format

FORMATS: tuple[Format, ...] = (litellm, focus)
