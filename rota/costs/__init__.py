"""Money: dated rates, what shifts cost, budgets, and every measure once."""
