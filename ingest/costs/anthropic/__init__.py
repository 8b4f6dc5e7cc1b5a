"""What Anthropic bills and counts: the pages of its Admin API, the tables of its Console."""
