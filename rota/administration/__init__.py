"""Reference data an administrator edits: one typed description for each table, one service."""
