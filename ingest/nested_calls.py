"""Model calls around model calls, told by different files: the outer one repeats the usage.

A framework's span and the provider's inside it state the same tokens. Within one file an adapter
sees that; over files it shows only when all steps of a run are together.
"""

from __future__ import annotations

from typing import Any

from ingest.fields.usage import COST, TOKENS

Row = dict[str, Any]

USAGE = (*TOKENS, *COST)


def take_off_repeats(steps: list[Row]) -> list[Row]:
    """Clear the usage of model calls that state exactly the tokens of the calls inside of them.

    The steps are those of one run; the ones changed are returned.
    """
    using = {s["step_id"]: s for s in steps if s["kind"] == "llm" and s["input_tokens"]}
    parents = {s["step_id"]: s["parent_step_id"] for s in steps}
    inside: dict[str, list[int]] = {}
    for step_id, step in using.items():
        around = _nearest(parents, step_id, using)
        if around is not None:
            sums = inside.setdefault(around, [0, 0])
            sums[0] += step["input_tokens"]
            sums[1] += step["output_tokens"] or 0
    repeats = [
        step
        for step_id, step in using.items()
        if inside.get(step_id) == [step["input_tokens"], step["output_tokens"] or 0]
    ]
    for step in repeats:
        stated = step["cost_source"] == "reported"
        step.update(dict.fromkeys(USAGE))
        step["repeats_usage"] = "tokens_and_cost" if stated else "tokens"
    return repeats


def _nearest(parents: dict[str, str | None], step_id: str, using: dict[str, Row]) -> str | None:
    """The closest step above that states usage; rings of parents end the search."""
    seen = {step_id}
    above = parents[step_id]
    while above is not None and above not in seen:
        if above in using:
            return above
        seen.add(above)
        above = parents.get(above)
    return None
