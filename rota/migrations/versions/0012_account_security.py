"""Second factor, sessions one can end, invitations, and the record of logins

Revision ID: 0012
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

INSTANT = sa.DateTime(timezone=True)
revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None


def _user_key(table: str, column: str = "user_id", on_delete: str = "CASCADE") -> sa.Constraint:
    return sa.ForeignKeyConstraint(
        [column], ["users.id"], name=op.f(f"fk_{table}_{column}"), ondelete=on_delete
    )


def upgrade() -> None:
    # defaults in the database: code of the older release knows nothing of these columns
    op.add_column(
        "users", sa.Column("totp_sealed", sa.String(length=300), nullable=False, server_default="")
    )
    op.add_column("users", sa.Column("totp_confirmed_at", INSTANT, nullable=True))
    op.add_column(
        "users", sa.Column("totp_last_step", sa.Integer(), nullable=False, server_default="0")
    )
    op.create_table(
        "user_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        _user_key("user_sessions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
    )
    op.create_index("idx_session_user", "user_sessions", ["user_id", "ended_at"])
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        _user_key("recovery_codes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index("idx_recovery_user", "recovery_codes", ["user_id"])
    op.create_table(
        "login_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("typed_hash", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "ok", "wrong", "wrong_code", "waiting", name="loginoutcome", native_enum=False,
                length=20, create_constraint=True,
            ),
            nullable=False,
        ),
        _user_key("login_attempts", on_delete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempts")),
    )  # fmt: skip
    op.create_index("idx_login_attempt_at", "login_attempts", ["at"])
    op.create_index("idx_login_attempt_address", "login_attempts", ["address", "at"])
    op.create_index("idx_login_attempt_device", "login_attempts", ["device", "at"])
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        _user_key("invitations"),
        _user_key("invitations", "created_by_id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
    )
    op.create_index("idx_invitation_user", "invitations", ["user_id", "created_at"])
    op.create_index("idx_invitation_token", "invitations", ["token_hash"], unique=True)


def downgrade() -> None:
    for table in ("invitations", "login_attempts", "recovery_codes", "user_sessions"):
        op.drop_table(table)
    for column in ("totp_last_step", "totp_confirmed_at", "totp_sealed"):
        op.drop_column("users", column)
