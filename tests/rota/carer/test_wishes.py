"""Availability and preferences: one's own only, safe to send twice, read by the ranking."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from rota.carer.availability import my_availability, offer_days, take_back_days
from rota.carer.preferences import Wish, my_preferences, set_preferences, wishes
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed, NotFound
from rota.models import AuditEvent, Availability, AvailabilityKind, Band, UserRole
from rota.vacancies.candidates import rank_candidates
from tests import factories as make
from tests.factories import MONDAY
from tests.rota.leave.conftest import Home

YES, NO = AvailabilityKind.AVAILABLE, AvailabilityKind.UNAVAILABLE
SUNDAY = MONDAY + timedelta(days=6)


@pytest.fixture(autouse=True)
def _as_carer(uow: UnitOfWork, home: Home) -> None:
    uow.actor = home.carer_actor()


def test_what_is_said_of_a_day_is_known_to_the_ranking(uow: UnitOfWork, home: Home) -> None:
    offer_days(uow, MONDAY, SUNDAY, YES, band=Band.DAY)
    assert wishes(uow.session, [home.carer.id], MONDAY, Band.DAY) == {home.carer.id: Wish.AVAILABLE}
    assert wishes(uow.session, [home.carer.id], MONDAY, Band.NIGHT) == {}
    offer_days(uow, MONDAY, MONDAY, NO, band=Band.NIGHT)
    ids = [home.carer.id, home.colleague.id]
    assert wishes(uow.session, ids, MONDAY, Band.NIGHT) == {home.carer.id: Wish.UNAVAILABLE}


def test_a_day_outweighs_what_one_likes_in_general(uow: UnitOfWork, home: Home) -> None:
    set_preferences(uow, 0, band=Band.DAY, liked=[0], avoided=[6])
    ids = [home.carer.id]
    assert wishes(uow.session, ids, MONDAY, Band.DAY) == {home.carer.id: Wish.PREFERS}
    assert wishes(uow.session, ids, MONDAY, Band.NIGHT) == {home.carer.id: Wish.RATHER_NOT}
    assert wishes(uow.session, ids, SUNDAY, Band.DAY) == {home.carer.id: Wish.RATHER_NOT}
    offer_days(uow, SUNDAY, SUNDAY, YES)
    assert wishes(uow.session, ids, SUNDAY, Band.DAY) == {home.carer.id: Wish.AVAILABLE}


def test_who_wants_no_extra_shifts_would_rather_not(uow: UnitOfWork, home: Home) -> None:
    set_preferences(uow, 0, band=None, wants_extra=False)
    found = wishes(uow.session, [home.carer.id], MONDAY, Band.DAY)
    assert found == {home.carer.id: Wish.RATHER_NOT}


def test_saying_the_same_twice_is_saying_it_once(uow: UnitOfWork) -> None:
    first = offer_days(uow, MONDAY, SUNDAY, YES)
    assert offer_days(uow, MONDAY, SUNDAY, YES) == first
    assert len(uow.session.scalars(select(Availability)).all()) == 1
    with pytest.raises(Conflict, match="already"):
        offer_days(uow, SUNDAY, SUNDAY, NO)
    take_back_days(uow, first.id)
    uow.commit()
    assert offer_days(uow, SUNDAY, SUNDAY, NO).kind is NO


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (SUNDAY, MONDAY),
        (date(2026, 5, 19), MONDAY),
        (date(2027, 8, 1), date(2027, 8, 2)),
        (MONDAY, MONDAY + timedelta(days=92)),
    ],
)
def test_impossible_days_are_refused(uow: UnitOfWork, start: date, end: date) -> None:
    with pytest.raises(InvalidInput):
        offer_days(uow, start, end, YES)
    assert uow.session.scalars(select(Availability)).all() == []


def test_nobody_removes_what_somebody_else_said(uow: UnitOfWork, home: Home) -> None:
    entry = offer_days(uow, MONDAY, SUNDAY, YES)
    uow.actor = make.actor(UserRole.CARE_STAFF, home.home, staff_id=home.colleague.id)
    with pytest.raises(NotFound):
        take_back_days(uow, entry.id)
    assert my_availability(uow.session, uow.actor) == []
    uow.actor = home.manager
    with pytest.raises(NotAllowed):
        offer_days(uow, MONDAY, SUNDAY, YES)


def test_preferences_of_another_screen_are_not_overwritten(uow: UnitOfWork, home: Home) -> None:
    first = set_preferences(uow, 0, band=Band.DAY)
    assert set_preferences(uow, 0, band=Band.DAY) == first  # sent twice
    with pytest.raises(Conflict, match="another screen"):
        set_preferences(uow, 0, band=Band.NIGHT)
    second = set_preferences(uow, first.version, band=Band.NIGHT)
    assert my_preferences(uow.session, uow.actor) == second
    lines = uow.session.scalars(
        select(AuditEvent).where(AuditEvent.action == "set preferences").order_by(AuditEvent.id)
    ).all()
    assert [(line.before or {}).get("band") for line in lines] == [None, "day"]


@pytest.mark.parametrize(
    ("liked", "avoided"), [([7], []), ([-1], []), ([1], [1])], ids=["8th day", "minus", "both"]
)
def test_weekdays_that_are_none_are_refused(
    uow: UnitOfWork, liked: list[int], avoided: list[int]
) -> None:
    with pytest.raises(InvalidInput):
        set_preferences(uow, 0, band=None, liked=liked, avoided=avoided)


def test_who_offered_the_day_is_asked_first_and_who_asked_not_to_be_last(
    uow: UnitOfWork, home: Home
) -> None:
    third = make.make_staff(uow.session, home.unit)
    vacancy = make.make_shift(uow.session, home.unit, None, MONDAY, role_id=third.role_id)
    uow.actor = make.actor(UserRole.CARE_STAFF, home.home, staff_id=third.id)
    offer_days(uow, MONDAY, MONDAY, YES)
    uow.actor = home.carer_actor()
    offer_days(uow, MONDAY, MONDAY, NO)
    uow.commit()
    ranking = rank_candidates(uow.session, home.manager, vacancy.id)
    order = [c.staff_id for c in ranking.candidates]
    assert order == [third.id, home.colleague.id, home.carer.id]
    words = {c.staff_id: [r.text for r in c.reasons] for c in ranking.candidates}
    assert "Has offered to work that day" in words[third.id]
    assert "Has asked not to be called that day" in words[home.carer.id]
