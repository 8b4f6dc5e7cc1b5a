"""Phoenix's spans and annotations, whichever of its exports they come from.

A dataframe writes the columns `context.…` and `attributes.…`, the REST API and the CLI objects with
flat attributes, `/spans/otlpv1` something like OTLP; `spans.py` makes one span of any of them.
"""
