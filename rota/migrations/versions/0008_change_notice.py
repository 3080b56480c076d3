"""The notice that a change of a published shift gave

Revision ID: 0008
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("change_items", sa.Column("notice_minutes", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("change_items", "notice_minutes")
