"""Taking an installation into production and keeping it there.

Nothing in here imports the application: the programs run before it exists, and when it is
broken. They use the standard library, the database's own tools and ``python -m rota``.
"""
