"""Offers: several are asked, the first has it; people see and volunteer for open shifts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import Engine, select

from rota.access.actor import Actor
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed, NotFound, RuleBreach
from rota.models import Employment, LeaveStatus, OfferState, ShiftOffer, Staff, UserRole
from rota.roster import changes
from rota.vacancies.candidates import rank_candidates
from rota.vacancies.offers import accept, decline, my_offers, offer, volunteer
from rota.vacancies.openings import openings
from rota.vacancies.policy import fill_policy, set_fill_limit
from rota.vacancies.release import is_released_to, releases
from rota.vacancies.service import assign
from tests import factories as make
from tests.factories import MONDAY
from tests.rota.vacancies.conftest import NOW, Open

DAY = timedelta(days=1)


def carer(gap: Open, person: Staff) -> Actor:
    """A person of the home, logged in."""
    return make.actor(UserRole.CARE_STAFF, gap.home, staff_id=person.id)


def offered(uow: UnitOfWork, gap: Open, count: int = 2) -> list[tuple[Staff, ShiftOffer]]:
    """The gap offered to so many people of its unit, committed."""
    people = [make.make_staff(uow.session, gap.unit) for _ in range(count)]
    uow.actor = gap.manager
    offer(uow, gap.shift.id, gap.shift.version, [p.id for p in people])
    uow.commit()
    rows = {row.staff_id: row for row in uow.session.scalars(select(ShiftOffer))}
    return [(person, rows[person.id]) for person in people]


def test_the_first_who_accepts_has_it_and_the_rest_are_told(uow: UnitOfWork, gap: Open) -> None:
    (ann, hers), (bob, his) = offered(uow, gap)
    uow.actor = carer(gap, ann)
    accept(uow, hers.id)
    uow.commit()
    uow.session.refresh(his)
    assert (gap.shift.user_id, his.state) == (ann.id, OfferState.CLOSED)
    bobs = carer(gap, bob)
    assert [o.words for o in my_offers(uow.session, bobs)] == ["Somebody else has it"]
    uow.actor = bobs
    with pytest.raises(Conflict, match="filled"):
        accept(uow, his.id)
    assert my_offers(uow.session, carer(gap, ann)) == []


def test_an_offer_is_answered_in_time_or_not_at_all(uow: UnitOfWork, gap: Open) -> None:
    ((ann, hers), *_) = offered(uow, gap, 1)
    assert hers.expires_at == NOW + timedelta(minutes=60)
    uow.actor = carer(gap, ann)
    with time_machine.travel(NOW + timedelta(minutes=61)), pytest.raises(Conflict, match="time"):
        accept(uow, hers.id)
    assert gap.shift.is_vacant


def test_every_rule_is_checked_again_on_acceptance(uow: UnitOfWork, gap: Open) -> None:
    ((ann, hers), *_) = offered(uow, gap, 1)
    make.make_shift(uow.session, gap.unit, ann, MONDAY - DAY, "N")
    uow.commit()
    uow.actor = carer(gap, ann)
    with pytest.raises(RuleBreach, match="Daily rest"):
        accept(uow, hers.id)
    uow.session.rollback()
    assert uow.session.get_one(ShiftOffer, hers.id).state is OfferState.OPEN


def test_nobody_accepts_or_sees_somebody_elses_offer(uow: UnitOfWork, gap: Open) -> None:
    (ann, hers), (bob, _) = offered(uow, gap)
    uow.actor = carer(gap, bob)
    for attempt in (accept, decline):
        with pytest.raises(NotFound):
            attempt(uow, hers.id)
    assert [o.offer_id for o in my_offers(uow.session, carer(gap, ann))] == [hers.id]
    with pytest.raises(NotAllowed):
        my_offers(uow.session, gap.manager)


def test_declining_leaves_it_to_the_others(uow: UnitOfWork, gap: Open) -> None:
    (ann, hers), (bob, his) = offered(uow, gap)
    uow.actor = carer(gap, ann)
    decline(uow, hers.id)
    with pytest.raises(Conflict):
        accept(uow, hers.id)
    uow.actor = carer(gap, bob)
    accept(uow, his.id)
    assert gap.shift.user_id == bob.id


def test_a_manager_who_assigns_closes_the_offers_and_undo_frees_the_shift(
    uow: UnitOfWork, gap: Open
) -> None:
    ((ann, hers), *_) = offered(uow, gap, 1)
    other = make.make_staff(uow.session, gap.unit)
    done = assign(uow, gap.shift.id, other.id, gap.shift.version)
    uow.commit()
    uow.session.refresh(hers)
    assert hers.state is OfferState.CLOSED
    changes.undo(uow, done.change_set_id)
    offer(uow, gap.shift.id, gap.shift.version, [ann.id])
    uow.session.refresh(hers)
    assert hers.state is OfferState.OPEN


def test_offers_are_refused_to_the_wrong_people_and_by_the_wrong_people(
    uow: UnitOfWork, gap: Open
) -> None:
    mine = make.make_staff(uow.session, gap.unit)
    elsewhere = make.make_unit(uow.session, make.make_home(uow.session))
    stranger = make.make_staff(uow.session, elsewhere)
    uow.commit()
    uow.actor = gap.manager
    seen = gap.shift.version
    with pytest.raises(NotAllowed):
        offer(uow, gap.shift.id, seen, [mine.id, stranger.id])
    with pytest.raises(NotFound):
        offer(uow, gap.shift.id, seen, [98765])
    with pytest.raises(InvalidInput):
        offer(uow, gap.shift.id, seen, [])
    with pytest.raises(Conflict):
        offer(uow, gap.shift.id, seen + 1, [mine.id])
    for actor in (
        carer(gap, mine), make.actor(UserRole.OPERATIONAL_MANAGER, elsewhere.home),
        make.actor(UserRole.ANALYST, gap.home),
    ):  # fmt: skip
        uow.actor = actor
        with pytest.raises(NotAllowed):
            offer(uow, gap.shift.id, seen, [mine.id])
    assert uow.session.scalars(select(ShiftOffer)).all() == []


def test_two_accept_at_once_and_one_has_it(database: Engine, uow: UnitOfWork, gap: Open) -> None:
    pairs = [(carer(gap, person), row.id) for person, row in offered(uow, gap)]
    shift_id = gap.shift.id
    uow.session.rollback()
    with UnitOfWork(pairs[0][0], engine=database) as first:
        accept(first, pairs[0][1])
        first.commit()
    with UnitOfWork(pairs[1][0], engine=database) as second, pytest.raises(Conflict):
        accept(second, pairs[1][1])
    assert shift_id


def test_openings_are_what_one_may_lawfully_take(uow: UnitOfWork, gap: Open) -> None:
    ann = make.make_staff(uow.session, gap.unit)
    tired = make.make_staff(uow.session, gap.unit)
    make.make_shift(uow.session, gap.unit, tired, MONDAY - DAY, "N")
    away = make.make_staff(uow.session, gap.unit)
    make.make_leave(uow.session, away, MONDAY, MONDAY, status=LeaveStatus.APPROVED)
    clerk = make.make_staff(
        uow.session, gap.unit, make.make_role(uow.session, "CLERK", grade="other")
    )
    elsewhere = make.make_unit(uow.session, make.make_home(uow.session))
    make.make_shift(uow.session, elsewhere)
    uow.commit()
    assert [o.shift_id for o in openings(uow.session, carer(gap, ann))] == [gap.shift.id]
    for person in (tired, away, clerk):
        assert openings(uow.session, carer(gap, person)) == []


def test_volunteering_is_seen_by_the_manager_who_decides(uow: UnitOfWork, gap: Open) -> None:
    make.make_staff(uow.session, gap.unit, first_name="Aaron")
    ann = make.make_staff(uow.session, gap.unit, first_name="Zoe")
    uow.commit()
    uow.actor = carer(gap, ann)
    volunteer(uow, gap.shift.id)
    uow.commit()
    first = rank_candidates(uow.session, gap.manager, gap.shift.id).candidates[0]
    assert first.staff_id == ann.id
    assert "Has said they would take it" in [r.text for r in first.reasons]
    assert "manager decides" in my_offers(uow.session, uow.actor)[0].words
    decline(uow, my_offers(uow.session, uow.actor)[0].offer_id)
    assert my_offers(uow.session, uow.actor) == []


def test_only_what_is_open_to_one_can_be_volunteered_for(uow: UnitOfWork, gap: Open) -> None:
    ann = make.make_staff(uow.session, gap.unit)
    filled = make.make_shift(uow.session, gap.unit, make.make_staff(uow.session, gap.unit))
    uow.commit()
    uow.actor = carer(gap, ann)
    for shift_id in (filled.id, 98765):
        with pytest.raises(NotAllowed, match="not open to you"):
            volunteer(uow, shift_id)


def test_a_vacancy_is_released_circle_by_circle(uow: UnitOfWork, gap: Open) -> None:
    policy = fill_policy(uow.session, MONDAY, gap.home.id)
    today = MONDAY - 20 * DAY
    assert [(r.to, r.is_open) for r in releases(MONDAY, policy, today)] == [
        ("the unit", True), ("the home", True), ("other homes", False), ("bank staff", False),
        ("agencies", False),
    ]  # fmt: skip

    def open_to(days: int, unit: bool, home: bool, kind: Employment) -> bool:
        return is_released_to(
            MONDAY, policy, MONDAY - days * DAY, same_unit=unit, same_home=home, employment=kind
        )

    permanent, bank = Employment.PERMANENT, Employment.BANK
    assert open_to(90, True, True, permanent)
    assert not open_to(29, False, True, permanent) and open_to(28, False, True, permanent)
    assert not open_to(15, False, False, permanent) and open_to(14, False, False, permanent)
    assert not open_to(15, True, True, bank) and open_to(14, True, True, bank)


def test_another_unit_sees_it_only_once_it_is_released(uow: UnitOfWork, gap: Open) -> None:
    next_door = make.make_unit(uow.session, gap.home)
    ann = make.make_staff(uow.session, next_door)
    far = make.make_shift(uow.session, gap.unit, day=date(2026, 6, 17), role_id=gap.role.id)
    uow.commit()
    assert [o.shift_id for o in openings(uow.session, carer(gap, ann))] == [gap.shift.id, far.id]
    set_fill_limit(
        uow, "release_home_days", 14, date(2026, 1, 1), home_id=gap.home.id, reason="trial"
    )
    uow.commit()
    assert [o.shift_id for o in openings(uow.session, carer(gap, ann))] == [gap.shift.id]
