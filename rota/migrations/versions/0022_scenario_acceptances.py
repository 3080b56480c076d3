"""Scenarios remember where they came from, and which parts of them were accepted

Revision ID: 0022
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

INSTANT = sa.DateTime(timezone=True)
revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("scenarios") as table:
        table.add_column(sa.Column("parent_id", sa.Integer(), nullable=True))
        table.add_column(
            sa.Column("study", sa.String(length=20), nullable=False, server_default="")
        )
        table.create_foreign_key(
            op.f("fk_scenarios_parent_id"), "scenarios", ["parent_id"], ["id"], ondelete="SET NULL"
        )
    # the default stays: during a rolling deploy the release before writes scenarios without it
    op.create_table(
        "scenario_acceptances",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=10), nullable=False),
        sa.Column(
            "chosen",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
        ),
        sa.Column("version_after", sa.Integer(), nullable=False),
        sa.Column("accepted_by_id", sa.Integer(), nullable=True),
        sa.Column("accepted_at", INSTANT, nullable=False),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["scenario_id"],
            ["scenarios.id"],
            name=op.f("fk_scenario_acceptances_scenario_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["change_set_id"],
            ["change_sets.id"],
            name=op.f("fk_scenario_acceptances_change_set_id"),
        ),
        sa.ForeignKeyConstraint(
            ["accepted_by_id"], ["users.id"], name=op.f("fk_scenario_acceptances_accepted_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario_acceptances")),
    )
    op.create_index("idx_acceptance_scenario", "scenario_acceptances", ["scenario_id", "id"])
    # what stands in the rota can be undone as before; what version it led to is not known
    op.execute(
        "INSERT INTO scenario_acceptances (scenario_id, change_set_id, scope, chosen,"
        " version_after, accepted_by_id, accepted_at)"
        " SELECT id, applied_change_set_id, 'whole', '[]', 0, created_by_id,"
        " coalesce(applied_at, created_at) FROM scenarios"
        " WHERE state = 'applied' AND applied_change_set_id IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_index("idx_acceptance_scenario", table_name="scenario_acceptances")
    op.drop_table("scenario_acceptances")
    with op.batch_alter_table("scenarios") as table:
        table.drop_constraint(op.f("fk_scenarios_parent_id"), type_="foreignkey")
        table.drop_column("study")
        table.drop_column("parent_id")
