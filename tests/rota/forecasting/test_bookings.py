"""Residents booked in and out: who may, what makes no sense, what is on record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotAllowed, NotFound
from rota.forecasting import queries
from rota.forecasting.bookings import book_residents, cancel_booking
from rota.models import AuditEvent, ResidentBooking, UserRole
from tests import factories as make
from tests.clock import TODAY


def test_a_booking_is_stored_read_and_taken_back_with_a_line_each(uow: UnitOfWork) -> None:
    unit = make.make_unit(uow.session, make.make_home(uow.session))
    booking = book_residents(uow, unit.id, TODAY + timedelta(days=3), 2, "from hospital")
    (read,) = queries.bookings(uow.session, [unit.id], TODAY)
    assert (read.day, read.change, read.note) == (TODAY + timedelta(days=3), 2, "from hospital")
    assert read.recorded == TODAY
    assert queries.bookings(uow.session, [unit.id], TODAY + timedelta(days=4)) == []
    assert cancel_booking(uow, booking.id) == unit.id
    assert queries.bookings(uow.session, [unit.id]) == []
    actions = uow.session.scalars(
        select(AuditEvent.action)
        .where(AuditEvent.entity == "resident_bookings")
        .order_by(AuditEvent.id)
    ).all()
    assert list(actions) == ["create", "delete"]


@pytest.mark.parametrize(
    ("days", "change", "note"),
    [(1, 0, ""), (1, 61, ""), (1, -61, ""), (-1, 1, ""), (500, 1, ""), (1, 1, "x" * 121)],
)
def test_what_makes_no_sense_is_refused_and_nothing_stored(
    uow: UnitOfWork, days: int, change: int, note: str
) -> None:
    unit = make.make_unit(uow.session, make.make_home(uow.session))
    with pytest.raises(InvalidInput):
        book_residents(uow, unit.id, TODAY + timedelta(days=days), change, note)
    assert uow.session.scalars(select(ResidentBooking)).all() == []


def test_another_home_an_office_and_an_unknown_booking_are_refused(uow: UnitOfWork) -> None:
    mine, other = make.make_home(uow.session), make.make_home(uow.session)
    theirs = make.make_unit(uow.session, other)
    office = make.make_unit(uow.session, mine, "Office", is_management=True)
    booking = book_residents(uow, theirs.id, TODAY, 1)
    uow.actor = make.actor(UserRole.OPERATIONAL_MANAGER, mine)
    with pytest.raises(NotAllowed):
        book_residents(uow, theirs.id, TODAY, 1)
    with pytest.raises(NotAllowed):
        cancel_booking(uow, booking.id)
    with pytest.raises(NotFound):
        book_residents(uow, office.id, TODAY, 1)
    with pytest.raises(NotFound):
        cancel_booking(uow, booking.id + 1)
    uow.actor = make.actor(UserRole.ANALYST, other)
    with pytest.raises(NotAllowed):
        book_residents(uow, theirs.id, TODAY, 1)


def test_a_booking_that_is_changed_is_known_from_the_change_on(uow: UnitOfWork) -> None:
    unit = make.make_unit(uow.session, make.make_home(uow.session))
    booking = book_residents(uow, unit.id, TODAY, 1)
    before = booking.recorded_at - timedelta(days=9)
    booking.recorded_at = before
    uow.session.flush()
    booking.change = 3
    uow.session.flush()
    uow.session.refresh(booking)
    assert booking.recorded_at > before + timedelta(days=8)
