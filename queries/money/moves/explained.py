"""What moved beside the money: the numbers before and after of every part of a cost move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from queries.money.amounts import count
from queries.money.moves.cells import Cell, Floats, Use


def explained(
    cells: list[Cell], runs: tuple[int, int], before: Floats, after: Floats
) -> dict[str, str]:
    """Plain words by factor; `before` and `after` as `chains` of cells returns them."""
    sides = tuple(Use.total(uses) for uses in _sides(cells))
    lasting = (before > 0).all(axis=1) & (after > 0).all(axis=1)
    steps = zip(sides, runs, strict=True)
    known = (side[lasting].sum(axis=0) for side in (before, after))
    calls_a_run = (_over(use.first_attempts, n) for use, n in steps)
    attempts = (_over(use.calls, use.first_attempts) for use in sides)
    unpriced = (_over(use.calls - use.priced, use.calls) for use in sides)
    tokens = (_over(use.input_tokens + use.output_tokens, use.told) for use in sides)
    cached = (_over(use.cache_read_tokens, use.input_tokens) for use in sides)
    prices = (_over(chain[-1], chain[-2]) for chain in known)
    return {
        "volume": between(map(count, runs), "runs"),
        "steps per run": _numbers(calls_a_run, "charged calls a run"),
        "retries": _numbers(attempts, "attempts a charged call"),
        "model mix": _mix(cells),
        "calls without a price": _percents(unpriced, "of charged calls have no price"),
        "tokens per step": _numbers(tokens, "tokens a model call"),
        "cache": _percents(cached, "of input tokens read from the cache"),
        "price": _numbers(prices, "times the earlier prices"),
    }


def unsure(cells: list[Cell], priced_on: date) -> Iterator[str]:
    """What the parts cannot tell, one sentence each."""
    sides = [Use.total(uses) for uses in _sides(cells)]
    shares = [_over(use.calls - use.priced, use.calls) for use in sides]
    if any(shares):
        before, after = map(_percent, shares)
        yield (
            f"{before} of the charged calls before and {after} after have no price: what they "
            "cost is in no part."
        )
    if names := _named(cells, "tokens"):
        yield (
            f"No list price of {priced_on}: {names}. There, price and token mix cannot be told "
            "apart."
        )
    if names := _named([cell for cell in cells if cell.kind == "llm"], "calls"):
        yield f"No tokens on both sides: {names}. There, price holds tokens and cache, too."


def _sides(cells: list[Cell]) -> tuple[list[Use], list[Use]]:
    return [cell.before for cell in cells], [cell.after for cell in cells]


def _named(cells: list[Cell], basis: str) -> str:
    lasting = [c for c in cells if c.before.priced and c.after.priced and c.basis == basis]
    names = sorted({cell.subject for cell in lasting})
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _mix(cells: list[Cell]) -> str:
    """The model or tool whose share of the calls of its workflow moved most."""
    if not cells:
        return "no charged calls"
    calls = {cell.workflow: (0.0, 0.0) for cell in cells}
    for cell in cells:
        before, after = calls[cell.workflow]
        calls[cell.workflow] = (before + cell.before.calls, after + cell.after.calls)

    def shares(cell: Cell) -> tuple[float, float]:
        before, after = calls[cell.workflow]
        return _over(cell.before.calls, before) or 0.0, _over(cell.after.calls, after) or 0.0

    moved = max(cells, key=lambda cell: abs(shares(cell)[1] - shares(cell)[0]))
    home = f" in {moved.workflow}" if len(calls) > 1 else ""
    return _percents(shares(moved), f"of charged calls go to {moved.subject}{home}")


def _over(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _numbers(sides: Iterable[float | None], what: str) -> str:
    return between(("unknown" if n is None else count(n) for n in sides), what)


def _percents(sides: Iterable[float | None], what: str) -> str:
    return between(map(_percent, sides), what)


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{share:.1%}"


def between(sides: Iterable[str], what: str) -> str:
    """Two numbers and what they are."""
    return f"{' → '.join(sides)} {what}"
