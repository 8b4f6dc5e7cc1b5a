"""`python -m worlds [N]` with this folder on the path: the table of N worlds, 200 unless told."""

from __future__ import annotations

import sys

from worlds import score

ROW = "{:10}{:>9}{:>9}{:>9}\n"


def main() -> None:
    """Print one line a check, and the sums."""
    found = score(range(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
    sys.stdout.write(ROW.format("check", "planted", "found", "false"))
    for row in found.iter_rows():
        sys.stdout.write(ROW.format(*row))
    sums = found.select("planted", "found", "false").sum().row(0)
    sys.stdout.write(ROW.format("all", *sums))


if __name__ == "__main__":
    main()
