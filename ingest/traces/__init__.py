"""Formats of traces, most specific first."""

from __future__ import annotations

from ingest.formats import Format
from ingest.traces import otlp, tau2, tau2_index

FORMATS: tuple[Format, ...] = (tau2_index, tau2, otlp)
