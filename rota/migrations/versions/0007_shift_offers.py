"""Vacancies offered to people, and people who say they would take one

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

INSTANT = sa.DateTime(timezone=True)
revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shift_offers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "accepted",
                "declined",
                "closed",
                "volunteered",
                name="offerstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("offered_at", INSTANT, nullable=False),
        sa.Column("offered_by_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["shift_id"],
            ["shifts.id"],
            name=op.f("fk_shift_offers_shift_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_shift_offers_staff_id")),
        sa.ForeignKeyConstraint(
            ["offered_by_id"], ["users.id"], name=op.f("fk_shift_offers_offered_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_offers")),
        sa.UniqueConstraint("shift_id", "staff_id", name=op.f("uq_shift_offers_shift_id_staff_id")),
    )
    op.create_index("idx_offer_staff_state", "shift_offers", ["staff_id", "state"])


def downgrade() -> None:
    op.drop_index("idx_offer_staff_state", table_name="shift_offers")
    op.drop_table("shift_offers")
