"""What people do for themselves: availability, wishes, swaps, their calendar, their unit's rota."""
