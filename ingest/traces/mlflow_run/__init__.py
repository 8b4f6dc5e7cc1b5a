"""Traces of MLflow 2 and 3 as whole runs, whichever export they come from.

`run.py` makes the run, `spans.py` its steps, `assessments.py` the judgements on it.
"""
