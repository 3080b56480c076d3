"""Availability, preferences, proposed swaps and calendar feeds

Revision ID: 0015
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)
revision = "0015"
down_revision = "0012"
branch_labels = None
depends_on = None

OPEN_SWAP = sa.text("state IN ('proposed', 'agreed')")


def choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def person(table: str, column: str = "staff_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["staff.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "availability",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=False),
        sa.Column("kind", choice("availabilitykind", "available", "unavailable"), nullable=False),
        sa.Column("band", choice("band", "day", "night", "office"), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint("end_date >= start_date", name=op.f("ck_availability_order")),
        person("availability"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability")),
    )
    op.create_index("idx_availability_staff", "availability", ["staff_id", "start_date"])
    op.create_table(
        "work_preferences",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("band", choice("band", "day", "night", "office"), nullable=True),
        sa.Column("liked_weekdays", JSON, nullable=False),
        sa.Column("avoided_weekdays", JSON, nullable=False),
        sa.Column("wants_extra", sa.Boolean(), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        person("work_preferences"),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_work_preferences")),
    )
    _swaps()
    op.create_table(
        "calendar_feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("last_read_at", INSTANT, nullable=True),
        person("calendar_feeds"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_calendar_feeds_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_calendar_feeds_token_digest")),
    )
    op.create_index("idx_feed_staff", "calendar_feeds", ["staff_id"])


def _swaps() -> None:
    op.create_table(
        "swap_proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("other_staff_id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("other_shift_id", sa.Integer(), nullable=False),
        sa.Column("terms", JSON, nullable=False),
        sa.Column(
            "state",
            choice(
                "swapstate", "proposed", "agreed", "declined", "approved", "refused", "withdrawn"
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decision_reason", sa.String(length=300), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("staff_id <> other_staff_id", name=op.f("ck_swap_proposals_two_people")),
        sa.ForeignKeyConstraint(
            ["home_id"], ["care_homes.id"], name=op.f("fk_swap_proposals_home_id")
        ),
        person("swap_proposals"),
        person("swap_proposals", "other_staff_id"),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["shifts.id"], name=op.f("fk_swap_proposals_shift_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_shift_id"],
            ["shifts.id"],
            name=op.f("fk_swap_proposals_other_shift_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_swap_proposals_decided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swap_proposals")),
    )
    op.create_index("idx_swap_staff", "swap_proposals", ["staff_id", "state"])
    op.create_index("idx_swap_other", "swap_proposals", ["other_staff_id", "state"])
    op.create_index("idx_swap_home", "swap_proposals", ["home_id", "state"])
    op.create_index(
        "uq_swap_open_shift",
        "swap_proposals",
        ["shift_id"],
        unique=True,
        postgresql_where=OPEN_SWAP,
        sqlite_where=OPEN_SWAP,
    )


def downgrade() -> None:
    for table in ("calendar_feeds", "swap_proposals", "work_preferences", "availability"):
        op.drop_table(table)
