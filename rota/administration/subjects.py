"""Homes, units, roles, shift types, patterns and how many people are needed."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rota.administration.fields import Choices, Field, Kind
from rota.administration.tables import Table, Values
from rota.calendar import WEEKDAY_NAMES
from rota.errors import InvalidInput
from rota.models import (
    Band,
    CareHome,
    CoverRequirement,
    Grade,
    Role,
    ShiftPattern,
    ShiftType,
    Staff,
    Unit,
)

PLACES, WORK = "Places", "Work"
_CATEGORIES = (
    "day", "senior_day", "night", "senior_night", "early", "late", "office", "sleep_in",
)  # fmt: skip


def homes(session: Session) -> Choices:
    """Every home, open or closed."""
    rows = session.execute(select(CareHome.id, CareHome.name).order_by(CareHome.name))
    return [(str(row.id), row.name) for row in rows]


def units(session: Session) -> Choices:
    """Every unit with its home."""
    rows = session.execute(
        select(Unit.id, Unit.name, CareHome.name.label("home"))
        .join(CareHome, CareHome.id == Unit.home_id)
        .order_by(CareHome.name, Unit.name)
    )
    return [(str(row.id), f"{row.home}: {row.name}") for row in rows]


def roles(session: Session) -> Choices:
    """Every role by its code."""
    return [(str(i), code) for i, code in session.execute(
        select(Role.id, Role.code).order_by(Role.code))]  # fmt: skip


def _words(values: tuple[str, ...]) -> Choices:
    return [(value, value.replace("_", " ").capitalize()) for value in values]


def bands(_session: Session) -> Choices:
    """Parts of the day."""
    return _words(tuple(band.value for band in Band))


def _grades(_session: Session) -> Choices:
    return _words(tuple(grade.value for grade in Grade))


def _categories(_session: Session) -> Choices:
    return _words(_CATEGORIES)


def _weekdays(_session: Session) -> Choices:
    return [(str(n), name) for n, name in enumerate(WEEKDAY_NAMES)]


def home_of_unit(session: Session, values: Values) -> int | None:
    unit = session.get(Unit, values["unit_id"])
    return unit.home_id if unit is not None else None


def _check_home(_session: Session, _row_id: int | None, values: Values) -> None:
    if values["occupancy"] > values["beds"]:
        raise InvalidInput("A home cannot hold more residents than it has beds.")
    if (values["latitude"] is None) != (values["longitude"] is None):
        raise InvalidInput("Give latitude and longitude together, or neither.")


def _check_unit(session: Session, row_id: int | None, values: Values) -> None:
    if row_id is not None and not values["is_active"]:
        staff = session.scalar(
            select(func.count(Staff.id)).where(Staff.unit_id == row_id, Staff.is_active)
        )
        if staff:
            raise InvalidInput(
                f"{staff} people still belong to this unit.", hint="Move them before closing it."
            )


def _check_shift_type(session: Session, row_id: int | None, values: Values) -> None:
    if values["is_sleep_in"] and values["category"] != "sleep_in":
        raise InvalidInput("A sleep-in is painted as a sleep-in.", hint="Change the appearance.")
    start, end = values["start_time"], values["end_time"]
    minutes = (end.hour * 60 + end.minute - start.hour * 60 - start.minute) % 1440 or 1440
    if values["break_minutes"] >= minutes:
        raise InvalidInput("The break is as long as the shift.")


def _shift_type_note(uow: object, before: Values | None, after: Values | None) -> str:
    if before and after and (before["start_time"], before["end_time"]) != (
        after["start_time"], after["end_time"],
    ):  # fmt: skip
        return "Shifts already on the rota keep their times; new ones take these."
    return ""


def _check_pattern(session: Session, _row_id: int | None, values: Values) -> None:
    if len(values["days"]) != values["cycle_days"]:
        raise InvalidInput(
            f"The cycle has {values['cycle_days']} days, but {len(values['days'])} are given.",
            hint="Give a code for each day, and - for rest.",
        )
    known = set(session.scalars(select(ShiftType.code).where(ShiftType.is_active)))
    unknown = sorted({code for code in values["days"] if code and code not in known})
    if unknown:
        raise InvalidInput(f"There is no shift type {unknown[0]}.", hint="Use the codes in force.")


def _check_requirement(_session: Session, _row_id: int | None, values: Values) -> None:
    if values["ideal"] < values["minimum"]:
        raise InvalidInput("The ideal number is below the minimum.")
    if values["senior_minimum"] > values["minimum"]:
        raise InvalidInput("More seniors than people at all.")
    last, first = values["effective_to"], values["effective_from"]
    if last is not None and last < first:
        raise InvalidInput("It ends before it begins.")
    if values["weekday"] is not None and values["on_date"] is not None:
        raise InvalidInput("Choose a weekday or one single day, not both.")


def _role_note(uow: object, before: Values | None, after: Values | None) -> str:
    if before and after and before["grade"] != after["grade"]:
        return "Cover is counted by the new grade from now on, for past days too."
    return ""


_ACTIVE = Field("is_active", "In use", Kind.FLAG)

HOMES = Table(
    "homes", "Homes", "home", PLACES,
    "The registered homes. A closed home stays on record and is in nobody's lists.",
    CareHome,
    (
        Field("name", "Name"),
        Field("beds", "Beds", Kind.WHOLE, high=1000),
        Field("occupancy", "Residents", Kind.WHOLE, high=1000),
        Field("postcode", "Postcode", longest=12, required=False),
        Field("latitude", "Latitude", Kind.NUMBER, required=False, low=-90, high=90, listed=False,
              hint="For the distance between homes."),
        Field("longitude", "Longitude", Kind.NUMBER, required=False, low=-180, high=180,
              listed=False),
        Field("opened_on", "Opened", Kind.DATE, required=False, listed=False),
        _ACTIVE,
    ),
    ("name",), deletable=False, closes_by="is_active", check=_check_home,
)  # fmt: skip

UNITS = Table(
    "units", "Units", "unit", PLACES,
    "The wings of a home, each with its own minimum numbers.",
    Unit,
    (
        Field("home_id", "Home", Kind.REFERENCE, choices=homes, fixed=True),
        Field("name", "Name"),
        Field("beds", "Beds", Kind.WHOLE, high=500),
        Field("is_management", "Management (no residents)", Kind.FLAG),
        _ACTIVE,
    ),
    ("home_id", "name"), deletable=False, closes_by="is_active", check=_check_unit,
    home_of=lambda _session, values: int(values["home_id"]),
)  # fmt: skip

REQUIREMENTS = Table(
    "requirements", "People needed", "requirement", PLACES,
    "How many people a unit needs. One single day outweighs a weekday, a weekday every day; "
    "then the latest beginning wins.",
    CoverRequirement,
    (
        Field("unit_id", "Unit", Kind.REFERENCE, choices=units, fixed=True),
        Field("band", "Part of the day", Kind.CHOICE, choices=bands, fixed=True),
        Field("minimum", "At least", Kind.WHOLE, high=99),
        Field("ideal", "Ideally", Kind.WHOLE, high=99),
        Field("senior_minimum", "Seniors", Kind.WHOLE, high=99, hint="Of them, at least."),
        Field("weekday", "Weekday", Kind.REFERENCE, choices=_weekdays, required=False,
              hint="Empty: every day."),
        Field("on_date", "One single day", Kind.DATE, required=False),
        Field("effective_from", "From", Kind.DATE),
        Field("effective_to", "Until", Kind.DATE, required=False),
    ),
    ("unit_id", "band", "-effective_from"), dated="effective_from", check=_check_requirement,
    home_of=home_of_unit,
)  # fmt: skip

ROLES = Table(
    "roles", "Grades", "grade", WORK,
    "The jobs on the payroll and what each counts as.",
    Role,
    (
        Field("code", "Code", longest=40, fixed=True),
        Field("name", "Name"),
        Field("grade", "Counts as", Kind.CHOICE, choices=_grades),
        Field("is_night", "Nights", Kind.FLAG),
        Field("counts_to_cover", "Counts to cover", Kind.FLAG),
        Field("is_care_exempt", "Continuous care (regs 21, 24)", Kind.FLAG,
              hint="Rest may be made up later; averaged over 26 weeks."),
        Field("needs_registration", "Must be registered", Kind.FLAG),
    ),
    ("code",), effect=_role_note,
)  # fmt: skip

SHIFT_TYPES = Table(
    "shift-types", "Shift types", "shift type", WORK,
    "The codes of the rota. An end at or before the beginning is on the next day.",
    ShiftType,
    (
        Field("code", "Code", longest=40, fixed=True),
        Field("name", "Name", longest=80),
        Field("start_time", "Begins", Kind.TIME),
        Field("end_time", "Ends", Kind.TIME),
        Field("break_minutes", "Break (minutes)", Kind.WHOLE, high=240),
        Field("break_is_paid", "Break is paid", Kind.FLAG, listed=False),
        Field("band", "Part of the day", Kind.CHOICE, choices=bands),
        Field("category", "Looks like", Kind.CHOICE, choices=_categories, listed=False),
        Field("is_senior", "Senior", Kind.FLAG, listed=False),
        Field("is_sleep_in", "Sleep-in", Kind.FLAG, listed=False),
        Field("counts_as_working_time", "Working time", Kind.FLAG, listed=False),
        Field("counts_to_cover", "Counts to cover", Kind.FLAG, listed=False),
        Field("roles", "Who may work it", Kind.REFERENCES, choices=roles, required=False,
              hint="None ticked: anybody."),
        _ACTIVE,
    ),
    ("start_time", "code"), closes_by="is_active", check=_check_shift_type,
    effect=_shift_type_note,
)  # fmt: skip

PATTERNS = Table(
    "patterns", "Patterns", "pattern", WORK,
    "Rolling patterns: a code for each day of the cycle, - for rest.",
    ShiftPattern,
    (
        Field("name", "Name", longest=80),
        Field("cycle_days", "Days in the cycle", Kind.WHOLE, low=1, high=366),
        Field("days", "Days", Kind.CYCLE, longest=2000, hint="For instance: D D D - - - -"),
    ),
    ("name",), check=_check_pattern,
)  # fmt: skip
