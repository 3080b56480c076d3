"""An index that answers what a home's shifts cost without reading the shifts

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "idx_shift_cost",
        "shifts",
        [
            "home_id", "date", "unit_id", "classification", "is_vacant", "cost_pence",
            "paid_minutes",
        ],
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("idx_shift_cost", table_name="shifts")
