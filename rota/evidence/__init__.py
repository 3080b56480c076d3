"""Evidence of appropriate staffing: required, planned, actual, and what was judged about it."""
