"""What OpenAI bills and what it counts: the pages of its API, the tables of its dashboard."""
