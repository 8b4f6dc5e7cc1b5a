"""Samples of Inspect AI logs as rows; `ingest/traces/inspect_ai.py` is the format."""
