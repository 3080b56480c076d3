"""Reference rows of the invented organisation: roles, shift types, rates, floors, rules."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from rota.calendar import leave_year
from rota.costs.rates import RateBook, build_rate_book
from rota.demo.census import HOURS_BY_GROUP
from rota.demo.horizon import Horizon
from rota.demo.kinds import CARERS, CYCLE_DAYS, PATTERNS, ROLE_OF, ROLE_SPECS, SHIFT_SPECS
from rota.demo.writer import Writer
from rota.models import (
    Agency,
    AgencyRate,
    Base,
    DependencyGroup,
    OnCost,
    PayFloor,
    PayRate,
    Role,
    RuleParameter,
    ShiftPattern,
    ShiftType,
    shift_type_roles,
)

ROLE_IDS: dict[str, int] = {spec.code: n for n, spec in enumerate(ROLE_SPECS, start=1)}
SHIFT_TYPE_IDS: dict[int, int] = {spec.kind: n for n, spec in enumerate(SHIFT_SPECS, start=1)}
PATTERN_IDS: dict[str, int] = {spec.key: n for n, spec in enumerate(PATTERNS, start=1)}
#: suppliers in order of preference, how dear each is, and most hours a week for each home
AGENCIES: tuple[tuple[str, Decimal, int | None], ...] = (
    ("Silverburn Care Staffing", Decimal("1.00"), 500),
    ("Northwater Healthcare", Decimal("1.06"), 300),
    ("Tolbooth Nursing & Care", Decimal("1.15"), None),
)
#: what an agency asks an hour in the current year: day, night, weekend, holiday, in pence
_AGENCY_PENCE = {
    "SCA": (2125, 2649, 2360, 3849),
    "SCW": (2590, 3140, 2870, 4560),
    "SSCW": (3049, 3790, 3390, 5375),
}
#: pay rose by this factor every April
_YEARLY_RISE = Decimal("1.038")
#: National Living Wage (gov.uk) and Real Living Wage (Living Wage Foundation), 21 and over
_FLOORS = (
    ("National Living Wage", date(2023, 4, 1), 1042),
    ("National Living Wage", date(2024, 4, 1), 1144),
    ("National Living Wage", date(2025, 4, 1), 1221),
    ("National Living Wage", date(2026, 4, 1), 1271),
    ("Real Living Wage", date(2024, 5, 1), 1200),
    ("Real Living Wage", date(2025, 5, 1), 1260),
    ("Real Living Wage", date(2026, 5, 1), 1345),
)
#: employer National Insurance: 13.8 % over 9 100 a year, 15 % over 5 000 from April 2025
_ON_COSTS = (
    (date(2022, 4, 6), Decimal("13.8"), 910_000),
    (date(2025, 4, 6), Decimal("15"), 500_000),
)


def write_reference(writer: Writer, horizon: Horizon, homes: int) -> RateBook:
    """Write every row that belongs to no home; give the rates to price shifts with."""
    _write_roles_and_shifts(writer)
    writer.add(
        DependencyGroup,
        [
            {"code": code, "hours_per_day": hours, "effective_from": date(2020, 4, 1)}
            for code, hours in HOURS_BY_GROUP.items()
        ],
    )
    writer.add(
        Agency,
        [
            {"id": n, "name": name, "preference": n, "weekly_cap_minutes": cap and cap * homes * 60}
            for n, (name, _, cap) in enumerate(AGENCIES, start=1)
        ],
    )
    pay = [row for since, factor in _years(horizon) for row in _pay_rates(since, factor)]
    agency = [row for since, factor in _years(horizon) for row in _agency_rates(since, factor)]
    on_costs = [
        OnCost(
            effective_from=since, national_insurance_percent=percent,
            national_insurance_threshold_pence=threshold, pension_percent=Decimal(3),
        )
        for since, percent, threshold in _ON_COSTS
    ]  # fmt: skip
    floors = [PayFloor(name=name, effective_from=since, pence=p) for name, since, p in _FLOORS]
    for model, rows in (
        (PayRate, pay), (AgencyRate, agency), (OnCost, on_costs), (PayFloor, floors)
    ):  # fmt: skip
        writer.add(model, [_values(row) for row in rows])
    writer.add(RuleParameter, _rule_parameters())
    return build_rate_book(pay, agency, on_costs, floors)


def _write_roles_and_shifts(writer: Writer) -> None:
    writer.add(
        Role,
        [
            {
                "id": ROLE_IDS[spec.code], "code": spec.code, "name": spec.name,
                "grade": spec.grade, "is_night": spec.is_night,
                "counts_to_cover": spec.counts_to_cover, "is_care_exempt": spec.is_care_exempt,
                "needs_registration": spec.needs_registration,
            }
            for spec in ROLE_SPECS
        ],
    )  # fmt: skip
    writer.add(
        ShiftType,
        [
            {
                "id": SHIFT_TYPE_IDS[spec.kind], "code": spec.code, "name": spec.name,
                "start_time": spec.starts, "end_time": spec.ends,
                "break_minutes": spec.break_minutes, "break_is_paid": spec.break_is_paid,
                "band": spec.band, "category": spec.category, "is_senior": spec.is_senior,
                "is_sleep_in": spec.is_sleep_in, "counts_to_cover": spec.counts_to_cover,
            }
            for spec in SHIFT_SPECS
        ],
    )  # fmt: skip
    writer.add(
        shift_type_roles,
        [
            {"shift_type_id": SHIFT_TYPE_IDS[spec.kind], "role_id": ROLE_IDS[code]}
            for spec in SHIFT_SPECS
            for code in spec.roles
        ],
    )
    writer.add(
        ShiftPattern,
        [
            {
                "id": PATTERN_IDS[spec.key], "name": spec.name, "cycle_days": CYCLE_DAYS,
                "days": list(spec.codes),
            }
            for spec in PATTERNS
        ],
    )  # fmt: skip


def _years(horizon: Horizon) -> list[tuple[date, Decimal]]:
    """The first days of the pay years the horizon needs, with their share of today's pay."""
    this_year = leave_year(horizon.today).start
    years = [(this_year, Decimal(1))]
    while years[-1][0] > horizon.start:
        since, factor = years[-1]
        years.append((leave_year(since - timedelta(days=1)).start, factor / _YEARLY_RISE))
    return years[::-1]


def _pay_rates(since: date, factor: Decimal) -> list[PayRate]:
    """Weekends pay a tenth more, bank holidays half as much again."""
    return [
        PayRate(
            role_id=ROLE_IDS[spec.code], effective_from=since,
            day_pence=round(spec.pay_pence * factor),
            night_pence=round(_night_pence(spec.code) * factor),
            weekend_pence=round(spec.pay_pence * factor * Decimal("1.1")),
            holiday_pence=round(spec.pay_pence * factor * Decimal("1.5")),
            overtime_multiplier=Decimal("1.25") if spec.code in ("SSCW", "SSCWN") else Decimal("1.5"),
        )
        for spec in ROLE_SPECS
    ]  # fmt: skip


def _night_pence(code: str) -> int:
    night = ROLE_OF.get(f"{code}N")
    return night.pay_pence if night else ROLE_OF[code].pay_pence


def _agency_rates(since: date, factor: Decimal) -> list[AgencyRate]:
    rows = []
    for agency_id, (_, dearness, _) in enumerate(AGENCIES, start=1):
        for code in CARERS:
            pence = [round(p * factor * dearness) for p in _AGENCY_PENCE[code.removesuffix("N")]]
            rows.append(
                AgencyRate(
                    agency_id=agency_id, role_id=ROLE_IDS[code], effective_from=since,
                    day_pence=pence[0], night_pence=pence[1], weekend_pence=pence[2],
                    holiday_pence=pence[3],
                )
            )  # fmt: skip
    return rows


def _rule_parameters() -> list[dict[str, object]]:
    """The organisation's own choices over the rules' defaults, with their reasons."""
    since = date(2023, 4, 1)
    own = (
        ("weekly_hours", "weekly_average_warning", 44 * 60, "Warn a month before 48 hours."),
        ("daily_rest", "compensatory_due_days", 14, "Rest owed is given back within a fortnight."),
        ("registration", "registration_notice_days", 42, "Six weeks to renew."),
    )
    return [
        {"rule": rule, "name": name, "effective_from": since, "value": value, "reason": reason}
        for rule, name, value, reason in own
    ]


def _values(row: Base) -> dict[str, object]:
    return {
        column.name: getattr(row, column.name)
        for column in row.__table__.columns
        if column.name != "id"
    }
