"""Money: budgets and what they will come to, what success costs, and what the bill adds."""
