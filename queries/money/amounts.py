"""How amounts read in the sentences that money is told in."""


def usd(amount: float) -> str:
    """US dollars: whole from a thousand, cents from one, three digits below it."""
    size = round(abs(amount), 9)
    sign = "-" if amount < 0 < size else ""
    if size >= 999.5:
        return f"{sign}${size:,.0f}"
    return f"{sign}${size:.2f}" if size >= 1 or size == 0 else f"{sign}${size:.3g}"


def count(n: float) -> str:
    """A number of things: whole from a hundred, else with as many decimals as say something."""
    return f"{n:,.0f}" if n >= 99.95 or n == int(n) else f"{n:.4g}"
