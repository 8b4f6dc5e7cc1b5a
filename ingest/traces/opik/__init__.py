"""Traces, spans and scores of Opik (Comet), whichever of its exports they come from.

Their fields have the same names everywhere: `spans.py` makes steps, `runs.py` what a trace claims
of its run, `scores.py` the feedback that stands inside both; `records.py` puts them together.
"""
