"""Data for other programs: tokens, and what they may read."""
