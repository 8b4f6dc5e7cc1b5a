"""Langfuse's traces and observations, whichever of its exports they come from.

The interface, the public API and the SDKs write camelCase, the blob storage export snake_case; CSV
holds objects as JSON text, Parquet as lists of pairs. `records.py` evens that out.
"""
