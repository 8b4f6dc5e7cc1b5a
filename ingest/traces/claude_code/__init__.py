"""Sessions of Claude Code as rows; `ingest/traces/claude_code_*.py` are the formats."""
