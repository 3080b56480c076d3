"""People: who they are, what they are employed as, what they hold, and when they cannot work.

Administrators edit everybody, operational managers the people of their own homes. What is
private stands in the record only, not in the audit.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rota.access.permissions import Permission
from rota.administration.fields import Choices, Field, Kind
from rota.administration.subjects import homes, units
from rota.administration.tables import Table, Values
from rota.calendar import london_today
from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotFound
from rota.models import (
    Availability,
    AvailabilityKind,
    Band,
    Employment,
    Qualification,
    Role,
    Shift,
    ShiftPattern,
    ShiftType,
    Staff,
    Unit,
    WorkingTimeOptOut,
    utc_now,
)

PEOPLE_GROUP = "People"
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
#: nobody is employed younger, and nobody's birthday is in the future
_YOUNGEST_YEARS = 16
_NIGHT_OR_DAY = (Band.DAY, Band.NIGHT)


def grades(session: Session) -> Choices:
    """Every job with its code and name."""
    rows = session.execute(select(Role.id, Role.code, Role.name).order_by(Role.code))
    return [(str(row.id), f"{row.code}: {row.name}") for row in rows]


def _patterns(session: Session) -> Choices:
    rows = session.execute(select(ShiftPattern.id, ShiftPattern.name).order_by(ShiftPattern.name))
    return [(str(row.id), row.name) for row in rows]


def _shift_codes(session: Session) -> Choices:
    rows = session.execute(
        select(ShiftType.code, ShiftType.name).where(ShiftType.is_active).order_by(ShiftType.code)
    )
    return [(row.code, f"{row.code}: {row.name}") for row in rows]


def _employments(_session: Session) -> Choices:
    return [(Employment.PERMANENT.value, "Contract"), (Employment.BANK.value, "Bank")]


def _kinds(_session: Session) -> Choices:
    return [
        (AvailabilityKind.UNAVAILABLE.value, "Cannot work"),
        (AvailabilityKind.AVAILABLE.value, "Could work more"),
    ]


def _bands(_session: Session) -> Choices:
    return [(band.value, f"{band.value.capitalize()} only") for band in _NIGHT_OR_DAY]


def _home_of_person(session: Session, values: Values) -> int | None:
    """The home of whoever the values belong to."""
    person = session.get(Staff, values["staff_id"])
    if person is None:
        raise NotFound("There is no such person.")
    return person.home_id


def _check_person(session: Session, row_id: int | None, values: Values) -> None:
    _check_place(session, values)
    _check_employment(values)
    if values["email"] and not _MAIL.fullmatch(values["email"]):
        raise InvalidInput("That is not an e-mail address.")
    if bool(values["registration_number"]) != (values["registration_expires"] is not None):
        raise InvalidInput("Give the registration number and the day it expires together.")
    if (values["pattern_id"] is None) != (values["pattern_anchor"] is None):
        raise InvalidInput("A pattern needs the day on which its cycle begins, and only then.")
    if row_id is not None and not values["is_active"]:
        ahead = session.scalar(
            select(func.count(Shift.id)).where(Shift.user_id == row_id, Shift.starts_at > utc_now())
        )
        if ahead:
            raise InvalidInput(
                f"There are shifts ahead: {ahead}.",
                hint="Record the last day: they become vacancies then.",
            )


def _check_place(session: Session, values: Values) -> None:
    if values["unit_id"] is None:
        return
    unit = session.get_one(Unit, values["unit_id"])
    if unit.home_id != values["home_id"]:
        raise InvalidInput(f"{unit.name} is a unit of another home.", hint="Choose one of this.")


def _check_employment(values: Values) -> None:
    if values["employment"] == Employment.BANK.value and values["contracted_minutes"]:
        raise InvalidInput("Bank staff have no contracted hours.", hint="Enter 0, or a contract.")
    born, begun = values["date_of_birth"], values["started_on"]
    if born is not None and _birthday(born, _YOUNGEST_YEARS) > (begun or london_today()):
        raise InvalidInput(f"That is younger than {_YOUNGEST_YEARS} on the first day.")


def _birthday(born: date, years: int) -> date:
    try:
        return born.replace(year=born.year + years)
    except ValueError:  # 29 February
        return born.replace(year=born.year + years, day=28)


def _person_note(uow: UnitOfWork, before: Values | None, after: Values | None) -> str:
    """What follows from a change; the home somebody came from sees it too."""
    if before is None or after is None:
        return ""
    if before["home_id"] and before["home_id"] != after["home_id"]:
        uow.touch(before["home_id"])
    if (before["home_id"], before["unit_id"]) != (after["home_id"], after["unit_id"]):
        return "Shifts already on the rota stay where they are."
    if before["contracted_minutes"] != after["contracted_minutes"]:
        return "The new hours count from now on, for the whole rota shown."
    return ""


def _check_opt_out(session: Session, _row_id: int | None, values: Values) -> None:
    born = session.get_one(Staff, values["staff_id"]).date_of_birth
    if born is not None and _birthday(born, 18) > values["signed_on"]:
        raise InvalidInput("Nobody under 18 can opt out (Working Time Regulations, reg 5A).")
    withdrawn = values["withdrawn_on"]
    if withdrawn is not None and withdrawn < values["signed_on"]:
        raise InvalidInput("It was withdrawn before it was signed.")


def _check_qualification(_session: Session, _row_id: int | None, values: Values) -> None:
    last = values["expires_on"]
    if last is not None and last < values["awarded_on"]:
        raise InvalidInput("It expires before it was awarded.")
    if values["awarded_on"] > london_today() + timedelta(days=1):
        raise InvalidInput("It is awarded in the future.", hint="Enter it when it is held.")


def _check_availability(_session: Session, _row_id: int | None, values: Values) -> None:
    if values["end_date"] < values["start_date"]:
        raise InvalidInput("It ends before it begins.")


def _whose() -> Field:
    return Field("staff_id", "Person", Kind.WHOLE, fixed=True, listed=False)


_MINE = Permission.EDIT_PEOPLE

PEOPLE = Table(
    "people", "People", "person", PEOPLE_GROUP,
    "Who works here, as what, for how many hours.",
    Staff,
    (
        Field("first_name", "First name", longest=200, private=True),
        Field("last_name", "Last name", longest=200, private=True),
        Field("sap_number", "SAP number", longest=32, fixed=True),
        Field("role_id", "Grade", Kind.REFERENCE, choices=grades),
        Field("home_id", "Home", Kind.REFERENCE, choices=homes),
        Field("unit_id", "Unit", Kind.REFERENCE, choices=units, required=False),
        Field("employment", "Employed as", Kind.CHOICE, choices=_employments),
        Field("contracted_minutes", "Contracted hours a week", Kind.HOURS, high=60),
        Field("started_on", "First day", Kind.DATE),
        Field("date_of_birth", "Date of birth", Kind.DATE, required=False, private=True,
              low=1920, hint="Rules for young workers need it."),
        Field("registration_number", "Registration (SSSC)", longest=40, required=False),
        Field("registration_expires", "Registration expires", Kind.DATE, required=False),
        Field("team", "Team", longest=8, required=False),
        Field("pattern_id", "Pattern", Kind.REFERENCE, choices=_patterns, required=False),
        Field("pattern_anchor", "Cycle begins on", Kind.DATE, required=False),
        Field("preferred_shift", "Usual shift", Kind.CHOICE, choices=_shift_codes, required=False),
        Field("email", "E-mail", longest=254, required=False, private=True),
        Field("phone", "Phone", longest=40, required=False, private=True),
        Field("works_other_homes", "Works in other homes too", Kind.FLAG),
        Field("is_active", "Works here", Kind.FLAG),
    ),
    ("last_name", "first_name", "id"), permission=_MINE, deletable=False, closes_by="is_active",
    check=_check_person, effect=_person_note,
    home_of=lambda _session, values: values["home_id"],
)  # fmt: skip

QUALIFICATIONS = Table(
    "qualifications", "Skills and training", "skill or training", PEOPLE_GROUP,
    "What somebody holds, and until when.",
    Qualification,
    (
        _whose(),
        Field("code", "What", longest=40, hint="For instance MOVING_HANDLING, as the rules call it."),
        Field("awarded_on", "Since", Kind.DATE),
        Field("expires_on", "Until", Kind.DATE, required=False, hint="Empty: does not expire."),
    ),
    ("code", "-awarded_on"), permission=_MINE, check=_check_qualification,
    home_of=_home_of_person,
)  # fmt: skip

OPT_OUTS = Table(
    "opt-outs", "48-hour opt-outs", "opt-out", PEOPLE_GROUP,
    "Written agreements to work more than 48 hours on average.",
    WorkingTimeOptOut,
    (
        _whose(),
        Field("signed_on", "Signed", Kind.DATE),
        Field("notice_days", "Notice (days)", Kind.WHOLE, low=7, high=92),
        Field("withdrawn_on", "Withdrawn", Kind.DATE, required=False,
              hint="The day the notice was given."),
    ),
    ("-signed_on",), permission=_MINE, check=_check_opt_out, home_of=_home_of_person,
)  # fmt: skip

AVAILABILITY = Table(
    "availability", "Limits of availability", "limit", PEOPLE_GROUP,
    "Days on which somebody cannot work, or could work more.",
    Availability,
    (
        _whose(),
        Field("kind", "What", Kind.CHOICE, choices=_kinds),
        Field("start_date", "From", Kind.DATE),
        Field("end_date", "Until", Kind.DATE),
        Field("band", "Only", Kind.CHOICE, choices=_bands, required=False, nullable=True,
              hint="Empty: day and night."),
        Field("note", "Note", longest=200, required=False, private=True),
    ),
    ("start_date", "id"), permission=_MINE, check=_check_availability, home_of=_home_of_person,
)  # fmt: skip

#: what belongs to one person, in the order of the screen
PARTS = (QUALIFICATIONS, OPT_OUTS, AVAILABILITY)
