"""Trajectories of OpenHands as rows; `ingest/traces/openhands.py` is the format."""
