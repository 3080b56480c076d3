"""Health, checks, warming, retention: what keeps an installation running."""
