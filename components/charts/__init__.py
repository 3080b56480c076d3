"""Figures as plain dicts, made by pure functions, and the one factory that shows them."""
