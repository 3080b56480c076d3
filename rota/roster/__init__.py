"""The rota: grid, changes, patterns, publishing, coverage."""
