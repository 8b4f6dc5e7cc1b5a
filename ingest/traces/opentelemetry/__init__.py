"""OpenTelemetry spans and events as rows, dialect by dialect.

`requests.py` finds them in OTLP requests, `apart.py` where each stands alone.
"""
