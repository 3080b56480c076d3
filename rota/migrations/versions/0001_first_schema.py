"""The first schema

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)
revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: one person cannot be in two places: the database's own guard, whatever the code forgets
POSTGRESQL_GUARD = """
ALTER TABLE shifts ADD CONSTRAINT shift_overlap
EXCLUDE USING gist (user_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
WHERE (user_id IS NOT NULL)
"""
SQLITE_GUARD = """
CREATE TRIGGER shift_overlap_{event_name} BEFORE {event} ON shifts
WHEN NEW.user_id IS NOT NULL AND EXISTS (
    SELECT 1 FROM shifts AS other
    WHERE other.user_id = NEW.user_id AND other.id IS NOT NEW.id
      AND other.date BETWEEN date(NEW.date, '-2 days') AND date(NEW.date, '+2 days')
      AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at)
BEGIN SELECT RAISE(ABORT, 'shift_overlap'); END
"""


def guard_against_overlap() -> None:
    """Create the guard in the form that the database knows."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        op.execute(POSTGRESQL_GUARD)
    else:
        op.execute(SQLITE_GUARD.format(event_name="insert", event="INSERT"))
        op.execute(
            SQLITE_GUARD.format(
                event_name="update", event="UPDATE OF user_id, starts_at, ends_at, date"
            )
        )


def upgrade() -> None:
    op.create_table(
        "agencies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("preference", sa.Integer(), nullable=False),
        sa.Column("weekly_cap_minutes", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agencies")),
        sa.UniqueConstraint("name", name=op.f("uq_agencies_name")),
    )
    op.create_table(
        "care_homes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("beds", sa.Integer(), nullable=False),
        sa.Column("occupancy", sa.Integer(), nullable=False),
        sa.Column("postcode", sa.String(length=12), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("data_version", sa.Integer(), nullable=False),
        sa.Column("legacy_pk", sa.String(length=64), nullable=True),
        sa.Column("legacy", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_homes")),
        sa.UniqueConstraint("name", name=op.f("uq_care_homes_name")),
    )
    op.create_table(
        "dependency_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("hours_per_day", sa.Double(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dependency_groups")),
        sa.UniqueConstraint(
            "code", "effective_from", name=op.f("uq_dependency_groups_code_effective_from")
        ),
    )
    op.create_table(
        "on_costs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("national_insurance_percent", sa.Numeric(precision=6, scale=3), nullable=False),
        sa.Column("national_insurance_threshold_pence", sa.Integer(), nullable=False),
        sa.Column("pension_percent", sa.Numeric(precision=6, scale=3), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_on_costs")),
        sa.UniqueConstraint("effective_from", name=op.f("uq_on_costs_effective_from")),
    )
    op.create_table(
        "pay_floors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("pence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_floors")),
        sa.UniqueConstraint(
            "name", "effective_from", name=op.f("uq_pay_floors_name_effective_from")
        ),
    )
    op.create_table(
        "roles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "grade",
            sa.Enum(
                "senior",
                "worker",
                "assistant",
                "manager",
                "other",
                name="grade",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("is_night", sa.Boolean(), nullable=False),
        sa.Column("counts_to_cover", sa.Boolean(), nullable=False),
        sa.Column("is_care_exempt", sa.Boolean(), nullable=False),
        sa.Column("needs_registration", sa.Boolean(), nullable=False),
        sa.Column("legacy_pk", sa.String(length=64), nullable=True),
        sa.Column("legacy", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint("code", name=op.f("uq_roles_code")),
    )
    op.create_table(
        "shift_patterns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("cycle_days", sa.Integer(), nullable=False),
        sa.Column("days", JSON, nullable=False),
        sa.Column("legacy_pk", sa.String(length=64), nullable=True),
        sa.Column("legacy", JSON, nullable=False),
        sa.CheckConstraint("cycle_days BETWEEN 1 AND 366", name=op.f("ck_shift_patterns_cycle")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_patterns")),
        sa.UniqueConstraint("name", name=op.f("uq_shift_patterns_name")),
    )
    op.create_table(
        "shift_types",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=False),
        sa.Column("end_time", sa.Time(), nullable=False),
        sa.Column("break_minutes", sa.Integer(), nullable=False),
        sa.Column("break_is_paid", sa.Boolean(), nullable=False),
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
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("is_senior", sa.Boolean(), nullable=False),
        sa.Column("is_sleep_in", sa.Boolean(), nullable=False),
        sa.Column("counts_as_working_time", sa.Boolean(), nullable=False),
        sa.Column("counts_to_cover", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("legacy_pk", sa.String(length=64), nullable=True),
        sa.Column("legacy", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_types")),
        sa.UniqueConstraint("code", name=op.f("uq_shift_types_code")),
    )
    op.create_table(
        "agency_rates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("day_pence", sa.Integer(), nullable=False),
        sa.Column("night_pence", sa.Integer(), nullable=False),
        sa.Column("weekend_pence", sa.Integer(), nullable=False),
        sa.Column("holiday_pence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_agency_rates_agency_id")
        ),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_agency_rates_role_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_rates")),
        sa.UniqueConstraint(
            "agency_id",
            "role_id",
            "effective_from",
            name=op.f("uq_agency_rates_agency_id_role_id_effective_from"),
        ),
    )
    op.create_table(
        "budgets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("pence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["home_id"], ["care_homes.id"], name=op.f("fk_budgets_home_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budgets")),
        sa.UniqueConstraint(
            "home_id", "month", "source", name=op.f("uq_budgets_home_id_month_source")
        ),
    )
    op.create_table(
        "pay_rates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("day_pence", sa.Integer(), nullable=False),
        sa.Column("night_pence", sa.Integer(), nullable=False),
        sa.Column("weekend_pence", sa.Integer(), nullable=False),
        sa.Column("holiday_pence", sa.Integer(), nullable=False),
        sa.Column("overtime_multiplier", sa.Numeric(precision=5, scale=3), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_pay_rates_role_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_rates")),
        sa.UniqueConstraint(
            "role_id", "effective_from", name=op.f("uq_pay_rates_role_id_effective_from")
        ),
    )
    op.create_table(
        "rule_parameters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_rule_parameters_role_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_parameters")),
    )
    with op.batch_alter_table("rule_parameters", schema=None) as batch_op:
        batch_op.create_index(
            "idx_rule_parameter", ["rule", "name", "effective_from"], unique=False
        )

    op.create_table(
        "shift_type_roles",
        sa.Column("shift_type_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"], ["roles.id"], name=op.f("fk_shift_type_roles_role_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["shift_type_id"],
            ["shift_types.id"],
            name=op.f("fk_shift_type_roles_shift_type_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shift_type_id", "role_id", name=op.f("pk_shift_type_roles")),
    )
    op.create_table(
        "units",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("is_management", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("beds", sa.Integer(), nullable=False),
        sa.Column("legacy_pk", sa.String(length=64), nullable=True),
        sa.Column("legacy", JSON, nullable=False),
        sa.ForeignKeyConstraint(["home_id"], ["care_homes.id"], name=op.f("fk_units_home_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("home_id", "name", name=op.f("uq_units_home_id_name")),
    )
    with op.batch_alter_table("units", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("idx_units_home_id"), ["home_id"], unique=False)

    op.create_table(
        "census",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("residents", sa.Integer(), nullable=False),
        sa.Column("care_hours", sa.Double(), nullable=False),
        sa.Column("by_group", JSON, nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_census_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_census")),
        sa.UniqueConstraint("unit_id", "date", name=op.f("uq_census_unit_id_date")),
    )
    op.create_table(
        "forecast_models",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("band", sa.String(length=20), nullable=False),
        sa.Column("model", sa.String(length=40), nullable=False),
        sa.Column("path", sa.String(length=400), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("metrics", JSON, nullable=False),
        sa.Column("fallback_reason", sa.String(length=300), nullable=False),
        sa.Column("trained_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_forecast_models_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast_models")),
        sa.UniqueConstraint(
            "unit_id", "series", "band", name=op.f("uq_forecast_models_unit_id_series_band")
        ),
    )
    op.create_table(
        "forecasts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("band", sa.String(length=20), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("model", sa.String(length=40), nullable=False),
        sa.Column("yhat", sa.Double(), nullable=False),
        sa.Column("yhat_lower", sa.Double(), nullable=False),
        sa.Column("yhat_upper", sa.Double(), nullable=False),
        sa.Column("quantiles", JSON, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_forecasts_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecasts")),
        sa.UniqueConstraint(
            "unit_id", "series", "band", "date", name=op.f("uq_forecasts_unit_id_series_band_date")
        ),
    )
    with op.batch_alter_table("forecasts", schema=None) as batch_op:
        batch_op.create_index("idx_forecast_unit_date", ["unit_id", "date"], unique=False)
        batch_op.create_index("idx_prophet_date", ["date"], unique=False)

    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sap_number", sa.String(length=32), nullable=False),
        sa.Column("first_name", sa.String(length=200), nullable=False),
        sa.Column("last_name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column(
            "employment",
            sa.Enum(
                "permanent",
                "bank",
                name="employment",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("contracted_minutes", sa.Integer(), nullable=False),
        sa.Column("team", sa.String(length=8), nullable=False),
        sa.Column("pattern_id", sa.Integer(), nullable=True),
        sa.Column("pattern_anchor", sa.Date(), nullable=True),
        sa.Column("preferred_shift", sa.String(length=40), nullable=False),
        sa.Column("works_other_homes", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("date_of_birth", sa.Date(), nullable=True),
        sa.Column("registration_number", sa.String(length=40), nullable=False),
        sa.Column("registration_expires", sa.Date(), nullable=True),
        sa.Column("legacy_pk", sa.String(length=64), nullable=True),
        sa.Column("legacy", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "contracted_minutes BETWEEN 0 AND 10080", name=op.f("ck_staff_contract")
        ),
        sa.ForeignKeyConstraint(["home_id"], ["care_homes.id"], name=op.f("fk_staff_home_id")),
        sa.ForeignKeyConstraint(
            ["pattern_id"], ["shift_patterns.id"], name=op.f("fk_staff_pattern_id")
        ),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_staff_role_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_staff_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("sap_number", name=op.f("uq_staff_sap_number")),
    )
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.create_index("idx_staff_home", ["home_id"], unique=False)
        batch_op.create_index("idx_staff_unit", ["unit_id"], unique=False)

    op.create_table(
        "absence_spells",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("reported_at", INSTANT, nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["home_id"], ["care_homes.id"], name=op.f("fk_absence_spells_home_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_absence_spells_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence_spells")),
    )
    with op.batch_alter_table("absence_spells", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("idx_absence_spells_home_id"), ["home_id"], unique=False)
        batch_op.create_index("idx_absence_staff", ["staff_id", "started_on"], unique=False)

    op.create_table(
        "qualifications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("awarded_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_qualifications_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualifications")),
    )
    with op.batch_alter_table("qualifications", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("idx_qualifications_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sap_number", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "om",
                "sm",
                "analyst",
                "staff",
                "admin",
                name="userrole",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("all_homes", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("password_expires_at", INSTANT, nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("failed_logins", sa.Integer(), nullable=False),
        sa.Column("locked_until", INSTANT, nullable=True),
        sa.Column("last_login_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_users_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.create_index("idx_user_sap", ["sap_number"], unique=True)

    op.create_table(
        "working_time_opt_outs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_working_time_opt_outs_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_time_opt_outs")),
    )
    with op.batch_alter_table("working_time_opt_outs", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("idx_working_time_opt_outs_staff_id"), ["staff_id"], unique=False
        )

    op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("entity", sa.String(length=40), nullable=False),
        sa.Column("entity_id", sa.String(length=40), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=True),
        sa.Column("before", JSON, nullable=True),
        sa.Column("after", JSON, nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["home_id"], ["care_homes.id"], name=op.f("fk_audit_events_home_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_audit_events_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
    )
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.create_index("idx_audit_at", ["at"], unique=False)
        batch_op.create_index("idx_audit_entity", ["entity", "entity_id"], unique=False)
        batch_op.create_index("idx_audit_home", ["home_id", "at"], unique=False)

    op.create_table(
        "change_sets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["home_id"], ["care_homes.id"], name=op.f("fk_change_sets_home_id")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["users.id"], name=op.f("fk_change_sets_undone_by_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_change_sets_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_sets")),
    )
    with op.batch_alter_table("change_sets", schema=None) as batch_op:
        batch_op.create_index("idx_change_set_home", ["home_id", "created_at"], unique=False)

    op.create_table(
        "compensatory_rest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("arose_on", sa.Date(), nullable=False),
        sa.Column("owed_minutes", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_compensatory_rest_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_compensatory_rest_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compensatory_rest")),
    )
    with op.batch_alter_table("compensatory_rest", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("idx_compensatory_rest_staff_id"), ["staff_id"], unique=False
        )

    op.create_table(
        "cover_requirements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
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
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("on_date", sa.Date(), nullable=True),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("ideal", sa.Integer(), nullable=False),
        sa.Column("senior_minimum", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "minimum >= 0 AND ideal >= minimum", name=op.f("ck_cover_requirements_numbers")
        ),
        sa.CheckConstraint(
            "weekday IS NULL OR weekday BETWEEN 0 AND 6", name=op.f("ck_cover_requirements_weekday")
        ),
        sa.ForeignKeyConstraint(
            ["set_by_id"], ["users.id"], name=op.f("fk_cover_requirements_set_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_cover_requirements_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cover_requirements")),
    )
    with op.batch_alter_table("cover_requirements", schema=None) as batch_op:
        batch_op.create_index("idx_requirement_unit_band", ["unit_id", "band"], unique=False)

    op.create_table(
        "home_grants",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["home_id"], ["care_homes.id"], name=op.f("fk_home_grants_home_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_home_grants_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "home_id", name=op.f("pk_home_grants")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=True),
        sa.Column("requested_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "done",
                "failed",
                "cancelled",
                name="jobstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("inputs", JSON, nullable=False),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("message", sa.String(length=300), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.Column("result", JSON, nullable=False),
        sa.Column("error", sa.String(length=1000), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("task_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("heartbeat_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["home_id"], ["care_homes.id"], name=op.f("fk_jobs_home_id")),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["users.id"], name=op.f("fk_jobs_requested_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index("idx_job_key", ["key", "state"], unique=False)
        batch_op.create_index("idx_job_state", ["state", "created_at"], unique=False)

    op.create_table(
        "leave_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=True),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=False),
        sa.Column(
            "leave_type",
            sa.Enum(
                "annual",
                "sick",
                "training",
                "unpaid",
                "parental",
                "compassionate",
                "toil",
                "other",
                name="leavetype",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "approved",
                "rejected",
                "withdrawn",
                name="leavestatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decision_reason", sa.String(length=500), nullable=False),
        sa.Column("legacy_pk", sa.String(length=64), nullable=True),
        sa.Column("legacy", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("end_date >= start_date", name=op.f("ck_leave_requests_order")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_leave_requests_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["home_id"], ["care_homes.id"], name=op.f("fk_leave_requests_home_id")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["users.id"], name=op.f("fk_leave_requests_requested_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_leave_requests_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_requests")),
    )
    with op.batch_alter_table("leave_requests", schema=None) as batch_op:
        batch_op.create_index("idx_leave_staff", ["staff_id", "start_date"], unique=False)
        batch_op.create_index("idx_leave_status", ["status", "home_id"], unique=False)

    op.create_table(
        "lost_shifts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("spell_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("band", sa.String(length=20), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["spell_id"], ["absence_spells.id"], name=op.f("fk_lost_shifts_spell_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_lost_shifts_staff_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_lost_shifts_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lost_shifts")),
        sa.UniqueConstraint(
            "spell_id", "date", "band", name=op.f("uq_lost_shifts_spell_id_date_band")
        ),
    )
    with op.batch_alter_table("lost_shifts", schema=None) as batch_op:
        batch_op.create_index("idx_lost_shift_unit_date", ["unit_id", "date"], unique=False)

    op.create_table(
        "publications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("snapshot", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["home_id"], ["care_homes.id"], name=op.f("fk_publications_home_id")
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["users.id"], name=op.f("fk_publications_published_by_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_publications_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
    )
    with op.batch_alter_table("publications", schema=None) as batch_op:
        batch_op.create_index("idx_publication_home", ["home_id", "start_date"], unique=False)

    op.create_table(
        "change_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("before", JSON, nullable=True),
        sa.Column("after", JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["change_set_id"],
            ["change_sets.id"],
            name=op.f("fk_change_items_change_set_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_items")),
    )
    with op.batch_alter_table("change_items", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("idx_change_items_change_set_id"), ["change_set_id"], unique=False
        )
        batch_op.create_index(batch_op.f("idx_change_items_shift_id"), ["shift_id"], unique=False)

    op.create_table(
        "leave_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("leave_year", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_leave_entries_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["leave_requests.id"], name=op.f("fk_leave_entries_request_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_leave_entries_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_entries")),
    )
    with op.batch_alter_table("leave_entries", schema=None) as batch_op:
        batch_op.create_index("idx_leave_entry_staff", ["staff_id", "leave_year"], unique=False)

    op.create_table(
        "scenarios",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "ready",
                "applied",
                "undone",
                name="scenariostate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("inputs", JSON, nullable=False),
        sa.Column("data_version", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("solver", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("objective", sa.Double(), nullable=True),
        sa.Column("bound", sa.Double(), nullable=True),
        sa.Column("summary", JSON, nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("applied_at", INSTANT, nullable=True),
        sa.Column("applied_change_set_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["applied_change_set_id"],
            ["change_sets.id"],
            name=op.f("fk_scenarios_applied_change_set_id"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_scenarios_created_by_id")
        ),
        sa.ForeignKeyConstraint(["home_id"], ["care_homes.id"], name=op.f("fk_scenarios_home_id")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_scenarios_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenarios")),
    )
    with op.batch_alter_table("scenarios", schema=None) as batch_op:
        batch_op.create_index("idx_scenario_home", ["home_id", "start_date"], unique=False)

    op.create_table(
        "shifts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column("agency_worker", sa.String(length=200), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("shift_type_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("break_minutes", sa.Integer(), nullable=False),
        sa.Column("paid_minutes", sa.Integer(), nullable=False),
        sa.Column("is_vacant", sa.Boolean(), nullable=False),
        sa.Column(
            "classification",
            sa.Enum(
                "regular",
                "overtime",
                "bank",
                "agency",
                name="classification",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("is_supernumerary", sa.Boolean(), nullable=False),
        sa.Column("is_locked", sa.Boolean(), nullable=False),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("vacancy_reason", sa.String(length=40), nullable=False),
        sa.Column("vacant_since", INSTANT, nullable=True),
        sa.Column("cost_pence", sa.Integer(), nullable=True),
        sa.Column("change_set_id", sa.Integer(), nullable=True),
        sa.Column("legacy_pk", sa.String(length=64), nullable=True),
        sa.Column("legacy", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_shifts_ends_after_start")),
        sa.CheckConstraint(
            "is_vacant = (user_id IS NULL AND agency_id IS NULL)", name=op.f("ck_shifts_vacancy")
        ),
        sa.CheckConstraint(
            "user_id IS NULL OR agency_id IS NULL", name=op.f("ck_shifts_one_worker")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_shifts_agency_id")),
        sa.ForeignKeyConstraint(
            ["change_set_id"], ["change_sets.id"], name=op.f("fk_shifts_change_set_id")
        ),
        sa.ForeignKeyConstraint(["home_id"], ["care_homes.id"], name=op.f("fk_shifts_home_id")),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_shifts_role_id")),
        sa.ForeignKeyConstraint(
            ["shift_type_id"], ["shift_types.id"], name=op.f("fk_shifts_shift_type_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_shifts_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["staff.id"], name=op.f("fk_shifts_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("shifts", schema=None) as batch_op:
        batch_op.create_index("idx_shift_date", ["date"], unique=False)
        batch_op.create_index("idx_shift_home_date", ["home_id", "date"], unique=False)
        batch_op.create_index("idx_shift_unit_date", ["unit_id", "date"], unique=False)
        batch_op.create_index("idx_shift_user", ["user_id"], unique=False)
        batch_op.create_index("idx_shift_user_date", ["user_id", "date"], unique=False)
        batch_op.create_index(
            "idx_shift_vacant",
            ["date", "unit_id"],
            unique=False,
            postgresql_where=sa.text("is_vacant"),
            sqlite_where=sa.text("is_vacant"),
        )

    op.create_table(
        "scenario_shifts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("shift_type_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column(
            "classification",
            sa.Enum(
                "regular",
                "overtime",
                "bank",
                "agency",
                name="classification",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("shift_id", sa.Integer(), nullable=True),
        sa.Column("cost_pence", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_scenario_shifts_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["scenario_id"],
            ["scenarios.id"],
            name=op.f("fk_scenario_shifts_scenario_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["shift_type_id"], ["shift_types.id"], name=op.f("fk_scenario_shifts_shift_type_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_scenario_shifts_staff_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_scenario_shifts_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario_shifts")),
    )
    with op.batch_alter_table("scenario_shifts", schema=None) as batch_op:
        batch_op.create_index("idx_scenario_shift", ["scenario_id", "date"], unique=False)
    guard_against_overlap()


def downgrade() -> None:
    with op.batch_alter_table("scenario_shifts", schema=None) as batch_op:
        batch_op.drop_index("idx_scenario_shift")

    op.drop_table("scenario_shifts")
    with op.batch_alter_table("shifts", schema=None) as batch_op:
        batch_op.drop_index(
            "idx_shift_vacant",
            postgresql_where=sa.text("is_vacant"),
            sqlite_where=sa.text("is_vacant"),
        )
        batch_op.drop_index("idx_shift_user_date")
        batch_op.drop_index("idx_shift_user")
        batch_op.drop_index("idx_shift_unit_date")
        batch_op.drop_index("idx_shift_home_date")
        batch_op.drop_index("idx_shift_date")

    op.drop_table("shifts")
    with op.batch_alter_table("scenarios", schema=None) as batch_op:
        batch_op.drop_index("idx_scenario_home")

    op.drop_table("scenarios")
    with op.batch_alter_table("leave_entries", schema=None) as batch_op:
        batch_op.drop_index("idx_leave_entry_staff")

    op.drop_table("leave_entries")
    with op.batch_alter_table("change_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("idx_change_items_shift_id"))
        batch_op.drop_index(batch_op.f("idx_change_items_change_set_id"))

    op.drop_table("change_items")
    with op.batch_alter_table("publications", schema=None) as batch_op:
        batch_op.drop_index("idx_publication_home")

    op.drop_table("publications")
    with op.batch_alter_table("lost_shifts", schema=None) as batch_op:
        batch_op.drop_index("idx_lost_shift_unit_date")

    op.drop_table("lost_shifts")
    with op.batch_alter_table("leave_requests", schema=None) as batch_op:
        batch_op.drop_index("idx_leave_status")
        batch_op.drop_index("idx_leave_staff")

    op.drop_table("leave_requests")
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_index("idx_job_state")
        batch_op.drop_index("idx_job_key")

    op.drop_table("jobs")
    op.drop_table("home_grants")
    with op.batch_alter_table("cover_requirements", schema=None) as batch_op:
        batch_op.drop_index("idx_requirement_unit_band")

    op.drop_table("cover_requirements")
    with op.batch_alter_table("compensatory_rest", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("idx_compensatory_rest_staff_id"))

    op.drop_table("compensatory_rest")
    with op.batch_alter_table("change_sets", schema=None) as batch_op:
        batch_op.drop_index("idx_change_set_home")

    op.drop_table("change_sets")
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.drop_index("idx_audit_home")
        batch_op.drop_index("idx_audit_entity")
        batch_op.drop_index("idx_audit_at")

    op.drop_table("audit_events")
    with op.batch_alter_table("working_time_opt_outs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("idx_working_time_opt_outs_staff_id"))

    op.drop_table("working_time_opt_outs")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_index("idx_user_sap")

    op.drop_table("users")
    with op.batch_alter_table("qualifications", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("idx_qualifications_staff_id"))

    op.drop_table("qualifications")
    with op.batch_alter_table("absence_spells", schema=None) as batch_op:
        batch_op.drop_index("idx_absence_staff")
        batch_op.drop_index(batch_op.f("idx_absence_spells_home_id"))

    op.drop_table("absence_spells")
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.drop_index("idx_staff_unit")
        batch_op.drop_index("idx_staff_home")

    op.drop_table("staff")
    with op.batch_alter_table("forecasts", schema=None) as batch_op:
        batch_op.drop_index("idx_prophet_date")
        batch_op.drop_index("idx_forecast_unit_date")

    op.drop_table("forecasts")
    op.drop_table("forecast_models")
    op.drop_table("census")
    with op.batch_alter_table("units", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("idx_units_home_id"))

    op.drop_table("units")
    op.drop_table("shift_type_roles")
    with op.batch_alter_table("rule_parameters", schema=None) as batch_op:
        batch_op.drop_index("idx_rule_parameter")

    op.drop_table("rule_parameters")
    op.drop_table("pay_rates")
    op.drop_table("budgets")
    op.drop_table("agency_rates")
    op.drop_table("shift_types")
    op.drop_table("shift_patterns")
    op.drop_table("roles")
    op.drop_table("pay_floors")
    op.drop_table("on_costs")
    op.drop_table("dependency_groups")
    op.drop_table("care_homes")
    op.drop_table("agencies")
