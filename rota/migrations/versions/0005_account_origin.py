"""Accounts remember their record in the system being replaced

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("legacy_pk", sa.String(length=64), nullable=True))
    # the default fills accounts that exist; code of the older release may leave it out
    op.add_column("users", sa.Column("legacy", JSON, nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("users", "legacy")
    op.drop_column("users", "legacy_pk")
