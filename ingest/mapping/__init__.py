"""Home-made formats: a short YAML file says which path of a record fills which column."""

from __future__ import annotations

from ingest.formats import Format
from ingest.mapping import declaration

FORMATS: tuple[Format, ...] = (declaration,)
