"""Return-to-work talks after sickness

Revision ID: 0023
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

INSTANT = sa.DateTime(timezone=True)
revision = "0023"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "return_talks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("spell_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("held_by", sa.String(length=120), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "fit",
                "adjusted",
                "referred",
                "not_fit",
                name="talkoutcome",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("adjustments", sa.String(length=1000), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["spell_id"], ["absence_spells.id"], name=op.f("fk_return_talks_spell_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_return_talks_staff_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_return_talks_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_talks")),
        sa.UniqueConstraint("spell_id", name=op.f("uq_return_talks_spell_id")),
    )  # fmt: skip
    op.create_index("idx_return_talks_staff_id", "return_talks", ["staff_id"])


def downgrade() -> None:
    op.drop_index("idx_return_talks_staff_id", table_name="return_talks")
    op.drop_table("return_talks")
