"""`python -m ingest`; the command is imported only when run, for readers import this file too."""

import sys

if __name__ == "__main__":
    from ingest.command import app

    sys.exit(app(prog_name="python -m ingest"))
