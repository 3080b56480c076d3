"""Judgement notes on staffing; audit, ledger and judgements that nobody can rewrite or delete

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

INSTANT = sa.DateTime(timezone=True)
revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = ("audit_events", "leave_entries", "cover_judgements")


def upgrade() -> None:
    op.create_table(
        "cover_judgements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column(
            "band",
            sa.Enum(
                "day",
                "night",
                "office",
                name="band",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_cover_judgements_unit_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_cover_judgements_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cover_judgements")),
    )
    op.create_index("idx_judgement_unit_date", "cover_judgements", ["unit_id", "date"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER leave_entries_append_only ON leave_entries")
        op.execute("DROP FUNCTION leave_entries_append_only()")
        op.execute(
            "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION '%_append_only', TG_TABLE_NAME USING ERRCODE = 'check_violation'; "
            "END $$"
        )
        for table in TABLES:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION append_only()"
            )
            op.execute(
                f"CREATE TRIGGER {table}_append_only_all BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
            )
        return
    op.execute("DROP TRIGGER leave_entries_append_only")
    for table in TABLES:
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_append_only_{event.lower()} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table}_append_only'); END"
            )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"DROP TRIGGER {table}_append_only_all ON {table}")
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute("DROP FUNCTION append_only()")
        op.execute(
            "CREATE FUNCTION leave_entries_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION 'leave_entries_append_only' USING ERRCODE = 'check_violation'; "
            "END $$"
        )
        op.execute(
            "CREATE TRIGGER leave_entries_append_only BEFORE UPDATE ON leave_entries "
            "FOR EACH ROW EXECUTE FUNCTION leave_entries_append_only()"
        )
    else:
        for table in TABLES:
            for event in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_append_only_{event}")
        op.execute(
            "CREATE TRIGGER leave_entries_append_only BEFORE UPDATE ON leave_entries "
            "BEGIN SELECT RAISE(ABORT, 'leave_entries_append_only'); END"
        )
    op.drop_index("idx_judgement_unit_date", table_name="cover_judgements")
    op.drop_table("cover_judgements")
