"""Runs told message by message: what their formats share."""
