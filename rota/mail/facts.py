"""The values of schedules that a screen offers."""

from rota.models import Frequency, UserRole

__all__ = ["Frequency", "UserRole"]
