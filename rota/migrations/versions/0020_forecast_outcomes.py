"""What was forecast beside what happened, day by day

Revision ID: 0020
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forecast_outcomes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("band", sa.String(length=20), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("days_ahead", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Double(), nullable=False),
        sa.Column("lower", sa.Double(), nullable=False),
        sa.Column("upper", sa.Double(), nullable=False),
        sa.Column("staffing_90", sa.Double(), nullable=True),
        sa.Column("last_week", sa.Double(), nullable=True),
        sa.Column("actual", sa.Double(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_forecast_outcomes_unit_id_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast_outcomes")),
        sa.UniqueConstraint(
            "unit_id",
            "series",
            "band",
            "date",
            name=op.f("uq_forecast_outcomes_unit_id_series_band_date"),
        ),
    )
    op.create_index("idx_forecast_outcome_date", "forecast_outcomes", ["date"])


def downgrade() -> None:
    op.drop_index("idx_forecast_outcome_date", table_name="forecast_outcomes")
    op.drop_table("forecast_outcomes")
