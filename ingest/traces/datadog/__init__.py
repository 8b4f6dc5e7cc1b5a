"""Spans of Datadog LLM Observability, on their way in or out.

`envelopes.py` finds the spans in whatever they were sent in, `spans.py` makes steps of them.
"""
