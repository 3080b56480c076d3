"""What forecasts count with: hours by dependency, residents booked in and out, dated events."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from rota.administration.fields import Field, Kind
from rota.administration.subjects import PLACES, home_of_unit, units
from rota.administration.tables import Table, Values
from rota.database import UnitOfWork
from rota.errors import InvalidInput
from rota.forecasting.census import count_need_anew
from rota.forecasting.events import LONGEST_DAYS
from rota.models import DatedEvent, DependencyGroup, ResidentBooking, Unit


def _check_booking(session: Session, _row_id: int | None, values: Values) -> None:
    if values["change"] == 0:
        raise InvalidInput("Nobody comes and nobody leaves.", hint="Give a number other than 0.")
    unit = session.get(Unit, values["unit_id"])
    if unit is not None and unit.is_management:
        raise InvalidInput("An office has no residents.", hint="Choose a unit with residents.")


def _check_event(_session: Session, _row_id: int | None, values: Values) -> None:
    if values["last_day"] < values["first_day"]:
        raise InvalidInput("It ends before it begins.")
    if (values["last_day"] - values["first_day"]).days >= LONGEST_DAYS:
        raise InvalidInput(
            f"An event lasts at most {LONGEST_DAYS} days.",
            hint="Give the holidays, not the terms between them.",
        )


def _when_used(_uow: UnitOfWork, _before: Values | None, _after: Values | None) -> str:
    return "Forecasts use it from the next training on: every Sunday, or “Train again”."


def _count_need(uow: UnitOfWork, before: Values | None, after: Values | None) -> str:
    """The need of every day for which a changed row holds, or held, is counted anew."""
    begins: dict[str, date] = {}
    for values in (before, after):
        if values is not None:
            code, begin = values["code"], values["effective_from"]
            begins[code] = min(begin, begins.get(code, begin))
    changed = sum(count_need_anew(uow.session, code, begin) for code, begin in begins.items())
    return f"The need of {changed} unit days was counted anew." if changed else ""


DEPENDENCY = Table(
    "dependency", "Dependency groups", "dependency group", PLACES,
    "Care hours a resident of each IoRN group needs a day: your own figures. A change counts the "
    "need of the days it holds for anew.",
    DependencyGroup,
    (
        Field("code", "Group", longest=8),
        Field("hours_per_day", "Hours a day", Kind.NUMBER, high=24),
        Field("effective_from", "From", Kind.DATE),
    ),
    ("code", "-effective_from"), dated="effective_from", effect=_count_need,
)  # fmt: skip

BOOKINGS = Table(
    "bookings", "Residents booked", "booking", PLACES,
    "Residents who are booked to come (2) or to leave (-1), from which day on. A forecast of "
    "hours that follow the residents uses them from the moment they are entered.",
    ResidentBooking,
    (
        Field("unit_id", "Unit", Kind.REFERENCE, choices=units, fixed=True),
        Field("date", "From", Kind.DATE),
        Field("change", "Residents more or fewer", Kind.WHOLE, low=-60, high=60),
        Field("note", "Note", required=False, hint="No names of residents."),
    ),
    ("-date", "unit_id"), check=_check_booking, effect=_when_used, home_of=home_of_unit,
)  # fmt: skip

EVENTS = Table(
    "events", "School holidays and events", "event", PLACES,
    "Days that differ without being public holidays, such as school holidays. Give them the "
    "same name every year: the effect is learnt from all years together.",
    DatedEvent,
    (
        Field("name", "Name", longest=60),
        Field("first_day", "First day", Kind.DATE),
        Field("last_day", "Last day", Kind.DATE),
    ),
    ("-first_day", "name"), check=_check_event, effect=_when_used,
)  # fmt: skip
