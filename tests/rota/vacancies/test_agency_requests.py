"""Agency shifts above the limit: one manager asks, a senior one decides."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed, RuleBreach
from rota.models import AgencyRequest, AgencyRequestState, AuditEvent, UserRole
from rota.vacancies.agency_requests import (
    decide_request,
    request_agency,
    waiting_requests,
    withdraw_request,
)
from rota.vacancies.service import Filled, assign
from tests import factories as make
from tests.rota.vacancies.conftest import Open
from tests.rota.vacancies.test_filling import agency

DEAR = 9000


def ask(uow: UnitOfWork, gap: Open, pence: int = DEAR) -> AgencyRequest | Filled:
    row = agency(uow, gap, pence)
    uow.actor = gap.manager
    made = request_agency(uow, gap.shift.id, row.id, gap.shift.version, reason="Nobody else")
    uow.commit()
    return made


def as_senior(uow: UnitOfWork, gap: Open) -> None:
    boss = make.make_user(uow.session, UserRole.SENIOR_MANAGER)
    uow.actor = make.actor(UserRole.SENIOR_MANAGER, gap.home, user_id=boss.id)


def test_below_the_limit_it_is_booked_at_once(uow: UnitOfWork, gap: Open) -> None:
    done = ask(uow, gap, 2000)
    assert isinstance(done, Filled) and gap.shift.agency_id is not None


def test_above_it_a_senior_manager_approves_and_it_is_booked(uow: UnitOfWork, gap: Open) -> None:
    made = ask(uow, gap)
    assert isinstance(made, AgencyRequest) and gap.shift.is_vacant
    (waiting,) = waiting_requests(uow.session, gap.manager, [gap.home.id])
    assert (waiting.id, waiting.cost_pence) == (made.id, 99_000)
    as_senior(uow, gap)
    done = decide_request(uow, made.id, approve=True)
    uow.commit()
    uow.session.refresh(gap.shift)
    assert done is not None and gap.shift.agency_id == made.agency_id
    assert made.state is AgencyRequestState.APPROVED
    assert waiting_requests(uow.session, gap.manager, [gap.home.id]) == []
    acts = set(uow.session.scalars(select(AuditEvent.action)))
    assert {"request agency", "approve agency"} <= acts
    with pytest.raises(Conflict, match="approved already"):
        decide_request(uow, made.id, approve=True)


def test_a_refusal_needs_a_reason_and_leaves_it_open(uow: UnitOfWork, gap: Open) -> None:
    made = ask(uow, gap)
    as_senior(uow, gap)
    with pytest.raises(InvalidInput, match="Give a reason"):
        decide_request(uow, made.id, approve=False)
    assert decide_request(uow, made.id, approve=False, reason="Use the bank") is None
    assert gap.shift.is_vacant and made.decision_reason == "Use the bank"


def test_who_asks_does_not_approve(uow: UnitOfWork, gap: Open) -> None:
    made = ask(uow, gap)
    with pytest.raises(NotAllowed, match="senior manager"):
        decide_request(uow, made.id, approve=True)
    stranger = make.make_home(uow.session)
    uow.actor = make.actor(UserRole.SENIOR_MANAGER, stranger)
    for approve in (True, False):
        with pytest.raises(NotAllowed):
            decide_request(uow, made.id, approve=approve, reason="x")
    assert waiting_requests(uow.session, uow.actor, [gap.home.id]) == []


def test_asking_again_replaces_and_withdrawing_ends_it(uow: UnitOfWork, gap: Open) -> None:
    first = ask(uow, gap)
    assert isinstance(first, AgencyRequest)
    agency_id, version = first.agency_id, gap.shift.version
    second = request_agency(uow, gap.shift.id, agency_id, version, reason="Still nobody")
    assert first is second and first.reason == "Still nobody"
    withdraw_request(uow, first.id)
    assert waiting_requests(uow.session, gap.manager, [gap.home.id]) == []
    as_senior(uow, gap)
    with pytest.raises(Conflict, match="withdrawn already"):
        decide_request(uow, first.id, approve=True)


def test_a_shift_filled_meanwhile_is_not_booked_twice(uow: UnitOfWork, gap: Open) -> None:
    made = ask(uow, gap)
    person = make.make_staff(uow.session, gap.unit, gap.role)
    assign(uow, gap.shift.id, person.id, gap.shift.version)
    uow.commit()
    as_senior(uow, gap)
    with pytest.raises(Conflict, match="filled this vacancy already"):
        decide_request(uow, made.id, approve=True)
    assert gap.shift.user_id == person.id


def test_an_agency_without_room_is_not_asked_for(uow: UnitOfWork, gap: Open) -> None:
    row = agency(uow, gap, DEAR, cap=60)
    uow.actor = gap.manager
    with pytest.raises(RuleBreach, match="weekly cap"):
        request_agency(uow, gap.shift.id, row.id, gap.shift.version)
