"""Threads of Codex as rows; `ingest/traces/codex_*.py` are the formats."""
