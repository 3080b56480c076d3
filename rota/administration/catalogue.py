"""Every table of reference data, in the order of the screen."""

from __future__ import annotations

from rota.administration import subjects, subjects_forecast, subjects_money
from rota.administration.tables import Table
from rota.errors import NotFound

TABLES: tuple[Table, ...] = (
    subjects.HOMES, subjects.UNITS, subjects.REQUIREMENTS, subjects_forecast.DEPENDENCY,
    subjects_forecast.BOOKINGS, subjects_forecast.EVENTS,
    subjects.ROLES, subjects.SHIFT_TYPES, subjects.PATTERNS,
    subjects_money.PAY_RATES, subjects_money.AGENCIES, subjects_money.AGENCY_RATES,
    subjects_money.ON_COSTS, subjects_money.PAY_FLOORS,
)  # fmt: skip
GROUPS = tuple(dict.fromkeys(table.group for table in TABLES))


def table_called(key: str) -> Table:
    """The table with this key. Raises :class:`NotFound`."""
    for table in TABLES:
        if table.key == key:
            return table
    raise NotFound("There is no such table.", hint="Choose one from the list.")
