"""OpenTelemetry spans as rows, dialect by dialect; `ingest/traces/otlp.py` is the format."""
