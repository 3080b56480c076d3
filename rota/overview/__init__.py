"""What a manager sees first: her homes today, the fortnight ahead, the month so far."""
