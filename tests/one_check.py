"""One check on rows: its result and the reasons it shows, without asking the others."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from store_builder import AS_OF, Rows, build

import queries


def judged(
    rows: Rows, check_id: str, as_of: datetime = AS_OF, workflow: str = "refunds"
) -> tuple[dict[str, Any], list[str]]:
    """The row of check_results of a workflow, and the whys of its evidence, worst first."""
    results, evidence = queries.evaluate(build(rows, as_of), as_of, [check_id])
    found = results.filter(workflow=workflow).row(0, named=True)
    return found, evidence.filter(workflow=workflow)["why"].to_list()
