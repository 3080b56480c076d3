"""The thresholds shipped with the product, as data.

Figures of law carry the day they came into force. Rows marked local are editable starting
points: no document fixes them. An organisation lays its own rows over these with
:meth:`rota.rules.parameters.Parameters.with_rows`.
"""

from __future__ import annotations

from datetime import date

from rota.rules.parameters import ParameterRow, Parameters, ParameterValue

_WTR = date(1998, 10, 1)  # Working Time Regulations 1998
_YOUNG = date(2003, 4, 6)  # amendments on young workers
_SSSC = date(2024, 6, 3)  # Scottish Social Services Council, new registration rules

CARE_ROLES = ("SSCW", "SSCWN", "SCW", "SCWN", "SCA", "SCAN")
OFFICE_ROLES = ("OM", "SM", "HOS", "ADMIN")

#: grade -> the grades whose shifts somebody of that grade may work
_COVERS = {
    "SSCW": ("SSCW", "SSCWN", "SCW", "SCWN", "SCA", "SCAN"),
    "SSCWN": ("SSCW", "SSCWN", "SCW", "SCWN", "SCA", "SCAN"),
    "SCW": ("SCW", "SCWN", "SCA", "SCAN"),
    "SCWN": ("SCW", "SCWN", "SCA", "SCAN"),
    "SCA": ("SCA", "SCAN"),
    "SCAN": ("SCA", "SCAN"),
}

_LAW: tuple[tuple[str, ParameterValue, date], ...] = (
    ("weekly_average_limit", 48 * 60, _WTR),
    ("weekly_reference_weeks", 17, _WTR),
    ("opt_out_age", 18, _WTR),
    ("daily_rest", 11 * 60, _WTR),
    ("daily_rest_span", 24 * 60, _WTR),
    ("weekly_rest", 24 * 60, _WTR),
    ("fortnight_rest", 48 * 60, _WTR),
    ("fortnight_rest_count", 2, _WTR),
    ("care_exempt", False, _WTR),
    ("break_after", 6 * 60, _WTR),
    ("break_minutes", 20, _WTR),
    ("night_from", 23 * 60, _WTR),
    ("night_to", 6 * 60, _WTR),
    ("night_qualifying", 3 * 60, _WTR),
    ("night_average_limit", 8 * 60, _WTR),
    ("night_reference_weeks", 17, _WTR),
    ("night_rest_days_per_week", 1, _WTR),
    ("young_daily_limit", 8 * 60, _YOUNG),
    ("young_weekly_limit", 40 * 60, _YOUNG),
    ("young_daily_rest", 12 * 60, _WTR),
    ("young_weekly_rest", 48 * 60, _WTR),
    ("young_break_after", 4 * 60 + 30, _WTR),
    ("young_break_minutes", 30, _WTR),
    ("young_night_from", 22 * 60, _YOUNG),
    ("young_night_to", 6 * 60, _YOUNG),
    ("registration_required", False, _SSSC),
    ("registration_apply_months", 3, _SSSC),
    ("registration_months", 6, _SSSC),
)

_LOCAL: tuple[tuple[str, ParameterValue], ...] = (
    ("weekly_average_warning", 44 * 60),
    ("weekly_settling_weeks", 4),
    ("usual_day_minutes", 11 * 60 + 40),
    ("compensatory_due_days", 14),
    ("night_share_percent", 33),
    ("sleep_in_must_count", True),
    ("sleep_in_run_limit", 4),
    ("registration_notice_days", 42),
    ("required_training", frozenset()),
    ("missing_training_counts", False),
    ("training_notice_days", 42),
    ("covers", frozenset()),
    ("run_warning_days", 5),
    ("run_limit_days", 7),
    ("night_run_warning", 4),
    ("contract_tolerance", 2 * 60),
)


def default_rows() -> tuple[ParameterRow, ...]:
    """Every row shipped: the law, the local starting points, then the roles."""
    rows = [ParameterRow(name, value, day) for name, value, day in _LAW]
    rows += [ParameterRow(name, value, _WTR, is_local=True) for name, value in _LOCAL]
    for role in CARE_ROLES:
        rows += [
            ParameterRow("weekly_reference_weeks", 26, _WTR, role),
            ParameterRow("care_exempt", True, _WTR, role),
            ParameterRow("registration_required", True, _SSSC, role),
            ParameterRow("covers", frozenset(_COVERS[role]), _WTR, role, is_local=True),
        ]
    rows += [
        ParameterRow("usual_day_minutes", 7 * 60, _WTR, role, is_local=True)
        for role in OFFICE_ROLES
    ]
    return tuple(rows)


DEFAULT_PARAMETERS = Parameters(default_rows())
