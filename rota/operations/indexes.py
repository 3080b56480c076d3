"""The indexes that the go-live plan names, and putting back any that is missing."""

from __future__ import annotations

from sqlalchemy import Engine, Index, inspect

from rota.database import get_engine
from rota.models import Base

PLANNED_INDEXES = (
    "idx_shift_date",
    "idx_shift_user",
    "idx_shift_unit_date",
    "idx_shift_vacant",
    "idx_leave_status",
    "idx_user_sap",
    "idx_prophet_date",
    "idx_forecast_unit_date",
    "idx_shift_user_date",
    "idx_staff_unit",
)


def apply_performance_indexes(engine: Engine | None = None) -> list[str]:
    """Create those of the planned indexes that are missing; gives the names it created.

    The migrations create them all, so on a healthy database this finds nothing to do.
    """
    engine = engine or get_engine()
    declared = {str(i.name): i for table in Base.metadata.tables.values() for i in table.indexes}
    present = _present(engine)
    missing = [declared[name] for name in PLANNED_INDEXES if name not in present]
    for index in missing:
        _create(engine, index)
    return [str(index.name) for index in missing]


def _present(engine: Engine) -> set[str | None]:
    inspector = inspect(engine)
    return {
        index["name"]
        for table in inspector.get_table_names()
        for index in inspector.get_indexes(table)
    }


def _create(engine: Engine, index: Index) -> None:
    with engine.execution_options(rota_writes=True).begin() as connection:
        index.create(connection)
