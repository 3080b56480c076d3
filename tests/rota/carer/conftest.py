"""The small home of the leave tests: a carer, a colleague, their manager."""

from tests.rota.leave.conftest import _frozen, home

__all__ = ["_frozen", "home"]
