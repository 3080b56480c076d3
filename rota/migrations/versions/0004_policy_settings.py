"""Policy settings, the change set of a decision, and a ledger that cannot be rewritten

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)
revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: leave records are kept six years as they were written; a mistake is corrected by a new line
POSTGRESQL_GUARD = """
CREATE FUNCTION leave_entries_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'leave_entries_append_only' USING ERRCODE = 'check_violation'; END $$;
CREATE TRIGGER leave_entries_append_only BEFORE UPDATE ON leave_entries
FOR EACH ROW EXECUTE FUNCTION leave_entries_append_only()
"""
SQLITE_GUARD = """
CREATE TRIGGER leave_entries_append_only BEFORE UPDATE ON leave_entries
BEGIN SELECT RAISE(ABORT, 'leave_entries_append_only'); END
"""


def upgrade() -> None:
    op.create_table(
        "policy_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["home_id"], ["care_homes.id"], name=op.f("fk_policy_settings_home_id")
        ),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_policy_settings_role_id")),
        sa.ForeignKeyConstraint(
            ["set_by_id"], ["users.id"], name=op.f("fk_policy_settings_set_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_settings")),
    )
    op.create_index("idx_policy_setting", "policy_settings", ["name", "effective_from"])
    for table in ("leave_requests", "absence_spells"):
        op.add_column(table, sa.Column("change_set_id", sa.Integer(), nullable=True))
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute(POSTGRESQL_GUARD if on_postgresql else SQLITE_GUARD)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER leave_entries_append_only ON leave_entries")
        op.execute("DROP FUNCTION leave_entries_append_only()")
    else:
        op.execute("DROP TRIGGER leave_entries_append_only")
    for table in ("leave_requests", "absence_spells"):
        op.drop_column(table, "change_set_id")
    op.drop_index("idx_policy_setting", table_name="policy_settings")
    op.drop_table("policy_settings")
