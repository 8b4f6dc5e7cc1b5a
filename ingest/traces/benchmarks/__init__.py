"""Runs told as a list of messages: what their formats share."""
