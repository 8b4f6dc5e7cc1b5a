"""Runs of LangSmith as rows; `ingest/traces/langsmith.py` is the format."""
