"""Rosters that are lawful, good and explained: problem, decomposition, improvement.

Nothing heavy is imported here: the web process may read a problem's types without
loading a solver or a compiler.
"""
