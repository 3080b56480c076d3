"""Residents booked to come or to leave: entered by managers, known to the forecasts."""

from __future__ import annotations

from datetime import date, timedelta

from rota.access.permissions import Permission
from rota.calendar import london_today
from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotFound
from rota.forecasting import queries
from rota.models import ResidentBooking

#: more at once is a mistake
MOST_CHANGE = 60
LONGEST_NOTE = 120
_FURTHEST = timedelta(days=400)


def book_residents(
    uow: UnitOfWork, unit_id: int, day: date, change: int, note: str = ""
) -> ResidentBooking:
    """Write down that ``change`` residents more (or fewer) are expected from ``day`` on.

    Raises :class:`NotAllowed` for another's home, :class:`NotFound` for an office and
    :class:`InvalidInput` for nobody, too many, or a day that is over or too far away: what
    is over stands in the census.
    """
    place = queries.care_unit(uow.session, unit_id)
    uow.actor.require(Permission.SET_REQUIREMENT, place.home_id)
    if change == 0 or abs(change) > MOST_CHANGE:
        raise InvalidInput(
            f"Residents more or fewer: give a number from -{MOST_CHANGE} to {MOST_CHANGE}, not 0."
        )
    today = london_today()
    if not today <= day <= today + _FURTHEST:
        raise InvalidInput("Choose a day from today on, within the next year.")
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(f"The note is longer than {LONGEST_NOTE} characters.")
    booking = ResidentBooking(unit_id=unit_id, date=day, change=change, note=note)
    uow.session.add(booking)
    uow.session.flush()
    uow.audit(
        "create", "resident_bookings", booking.id, home_id=place.home_id,
        after={"unit_id": unit_id, "date": day.isoformat(), "change": change, "note": note},
    )  # fmt: skip
    uow.touch(place.home_id)
    return booking


def cancel_booking(uow: UnitOfWork, booking_id: int) -> int:
    """Take a booking back; gives its unit. Raises :class:`NotFound` and :class:`NotAllowed`."""
    booking = uow.session.get(ResidentBooking, booking_id)
    if booking is None:
        raise NotFound("This booking is not there any more.", hint="Load the page again.")
    place = queries.care_unit(uow.session, booking.unit_id)
    uow.actor.require(Permission.SET_REQUIREMENT, place.home_id)
    uow.session.delete(booking)
    uow.audit(
        "delete", "resident_bookings", booking_id, home_id=place.home_id,
        before={"unit_id": booking.unit_id, "date": booking.date.isoformat(),
                "change": booking.change, "note": booking.note},
    )  # fmt: skip
    uow.touch(place.home_id)
    return place.id
