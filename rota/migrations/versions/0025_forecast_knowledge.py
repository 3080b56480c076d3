"""Residents booked in and out, dated events, and the bands of sums

Revision ID: 0025
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
revision = "0025"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "resident_bookings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=120), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "change <> 0 AND change BETWEEN -60 AND 60",
            name=op.f("ck_resident_bookings_change"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_resident_bookings_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident_bookings")),
    )
    op.create_index("idx_resident_booking_unit", "resident_bookings", ["unit_id", "date"])
    op.create_table(
        "dated_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_dated_events_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dated_events")),
        sa.UniqueConstraint("name", "first_day", name=op.f("uq_dated_events_name_first_day")),
    )
    op.create_table(
        "forecast_sums",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=True),
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("band", sa.String(length=20), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("distances", JSON, nullable=False),
        sa.Column("metrics", JSON, nullable=False),
        sa.Column("trained_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["home_id"], ["care_homes.id"], name=op.f("fk_forecast_sums_home_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast_sums")),
        sa.UniqueConstraint(
            "scope", "series", "band", name=op.f("uq_forecast_sums_scope_series_band")
        ),
    )


def downgrade() -> None:
    op.drop_table("forecast_sums")
    op.drop_table("dated_events")
    op.drop_index("idx_resident_booking_unit", table_name="resident_bookings")
    op.drop_table("resident_bookings")
