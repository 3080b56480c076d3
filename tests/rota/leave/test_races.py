"""Two people at once, on a real PostgreSQL: one wins, the other is told, nothing is half done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from rota.access.actor import Actor
from rota.database import UnitOfWork, reading
from rota.errors import Conflict, RotaError
from rota.leave.automatic import ask_and_decide
from rota.leave.ledger import balance
from rota.leave.service import approve, reject, request_leave, undo_approval, withdraw
from rota.models import (
    AuditEvent,
    LeaveEntry,
    LeaveRequest,
    LeaveStatus,
    Shift,
    Staff,
    UserRole,
)
from rota.vacancies import service as vacancies
from tests import factories as make
from tests.factories import MONDAY

pytestmark = pytest.mark.postgres
SUNDAY = MONDAY + timedelta(days=6)
Act = Callable[[UnitOfWork], Any]


@dataclass
class Place:
    """A home on PostgreSQL: a carer with three shifts, her waiting request, the actors."""

    engine: Engine
    carer_id: int
    colleague_id: int
    unit_id: int
    shift_ids: tuple[int, ...]
    request_id: int
    version: int
    manager: Actor
    other_manager: Actor
    carer: Actor


@pytest.fixture
def place(postgres_engine: Engine) -> Place:
    with UnitOfWork(make.administrator(), engine=postgres_engine) as uow:
        home = make.make_home(uow.session)
        unit = make.make_unit(uow.session, home)
        carer, colleague = (make.make_staff(uow.session, unit) for _ in range(2))
        shifts = [
            make.make_shift(uow.session, unit, carer, MONDAY + timedelta(days=n), paid_minutes=700)
            for n in range(3)
        ]
        actor = make.actor(UserRole.CARE_STAFF, home, staff_id=carer.id)
        uow.actor = actor
        receipt = request_leave(uow, carer.id, MONDAY, SUNDAY)
        uow.commit()
        version = uow.session.get_one(LeaveRequest, receipt.request_id).version
        return Place(
            postgres_engine, carer.id, colleague.id, unit.id, tuple(s.id for s in shifts),
            receipt.request_id, version, make.actor(UserRole.OPERATIONAL_MANAGER, home),
            make.actor(UserRole.OPERATIONAL_MANAGER, home), actor,
        )  # fmt: skip


def at_once(place: Place, *acts: tuple[Actor, Act]) -> list[Any]:
    """What each act gave, or its error, when all start at the same instant."""
    start = threading.Barrier(len(acts))

    def run(actor: Actor, act: Act) -> Any:
        start.wait(timeout=10)
        try:
            with UnitOfWork(actor, engine=place.engine) as uow:
                result = act(uow)
                uow.commit()
                return result
        except RotaError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return [f.result(timeout=60) for f in [pool.submit(run, *act) for act in acts]]


def errors(results: list[Any]) -> list[RotaError]:
    return [one for one in results if isinstance(one, RotaError)]


def nobody_is_on_leave_and_on_shift(place: Place) -> None:
    """The invariant of every race: no shift lies on a day of approved leave."""
    with reading(place.engine) as session:
        both = session.scalar(
            select(func.count())
            .select_from(Shift)
            .join(LeaveRequest, LeaveRequest.staff_id == Shift.user_id)
            .where(
                LeaveRequest.status == LeaveStatus.APPROVED,
                Shift.date.between(LeaveRequest.start_date, LeaveRequest.end_date),
            )
        )
    assert both == 0


def test_two_managers_approve_at_once_and_the_ledger_pays_once(place: Place) -> None:
    act = lambda uow: approve(uow, place.request_id, place.version)  # noqa: E731
    results = at_once(place, (place.manager, act), (place.other_manager, act))
    assert [type(e) for e in errors(results)] == [Conflict]
    with reading(place.engine) as session:
        person = session.get_one(Staff, place.carer_id)
        assert balance(session, person, MONDAY).used == 2100
        lines = session.scalars(select(AuditEvent).where(AuditEvent.action == "approve leave"))
        assert len(lines.all()) == 1
    nobody_is_on_leave_and_on_shift(place)


def test_one_approves_while_the_other_rejects(place: Place) -> None:
    results = at_once(
        place,
        (place.manager, lambda uow: approve(uow, place.request_id, place.version)),
        (place.other_manager, lambda uow: reject(uow, place.request_id, place.version, "no")),
    )
    assert len(errors(results)) == 1
    with reading(place.engine) as session:
        request = session.get_one(LeaveRequest, place.request_id)
        taken = session.scalar(select(func.coalesce(func.sum(LeaveEntry.minutes), 0)))
        vacant = session.scalar(select(func.count()).where(Shift.is_vacant))
    approved = request.status is LeaveStatus.APPROVED
    assert (taken, vacant) == ((-2100, 3) if approved else (0, 0))


def test_the_carer_withdraws_while_the_manager_approves(place: Place) -> None:
    results = at_once(
        place,
        (place.carer, lambda uow: withdraw(uow, place.request_id, place.version)),
        (place.manager, lambda uow: approve(uow, place.request_id, place.version)),
    )
    assert [type(e) for e in errors(results)] == [Conflict]
    with reading(place.engine) as session:
        request = session.get_one(LeaveRequest, place.request_id)
        on_shift = session.scalar(select(func.count()).where(Shift.user_id == place.carer_id))
    # whoever came first stands; the shifts follow the request's state
    assert on_shift == (0 if request.status is LeaveStatus.APPROVED else 3)
    nobody_is_on_leave_and_on_shift(place)


def test_a_withdrawal_clicked_twice_gives_back_once(place: Place) -> None:
    with UnitOfWork(place.manager, engine=place.engine) as uow:
        approve(uow, place.request_id, place.version)
        uow.commit()
        version = uow.session.get_one(LeaveRequest, place.request_id).version
    act = lambda uow: withdraw(uow, place.request_id, version)  # noqa: E731
    results = at_once(place, (place.carer, act), (place.carer, act))
    assert [type(e) for e in errors(results)] == [Conflict]
    with reading(place.engine) as session:
        assert session.scalar(select(func.sum(LeaveEntry.minutes))) == 0
        assert len(session.scalars(select(LeaveEntry)).all()) == 2


def test_leave_is_approved_while_another_manager_gives_the_person_a_shift(place: Place) -> None:
    with UnitOfWork(make.administrator(), engine=place.engine) as uow:
        unit = uow.session.get_one(Shift, place.shift_ids[0]).unit
        vacancy = make.make_shift(uow.session, unit, None, MONDAY + timedelta(days=4))
        uow.commit()
        vacancy_id, version = vacancy.id, vacancy.version
    at_once(
        place,
        (place.manager, lambda uow: approve(uow, place.request_id, place.version)),
        (
            place.other_manager,
            lambda uow: vacancies.assign(uow, vacancy_id, place.carer_id, version),
        ),
    )
    with reading(place.engine) as session:
        request = session.get_one(LeaveRequest, place.request_id)
        assert request.status is LeaveStatus.APPROVED  # it takes the new shift off as well
    nobody_is_on_leave_and_on_shift(place)


def test_an_undo_meets_somebody_who_takes_one_of_the_released_shifts(place: Place) -> None:
    with UnitOfWork(place.manager, engine=place.engine) as uow:
        approve(uow, place.request_id, place.version)
        uow.commit()
        shift_version = uow.session.get_one(Shift, place.shift_ids[0]).version
    results = at_once(
        place,
        (place.manager, lambda uow: undo_approval(uow, place.request_id)),
        (
            place.other_manager,
            lambda uow: vacancies.assign(
                uow, place.shift_ids[0], place.colleague_id, shift_version
            ),
        ),
    )
    assert len(errors(results)) == 1
    with reading(place.engine) as session:
        holder = session.get_one(Shift, place.shift_ids[0]).user_id
        status = session.get_one(LeaveRequest, place.request_id).status
    undone = status is LeaveStatus.PENDING
    assert holder == (place.carer_id if undone else place.colleague_id)
    nobody_is_on_leave_and_on_shift(place)


def test_a_request_sent_twice_at_once_is_recorded_once(place: Place) -> None:
    start, end = MONDAY + timedelta(days=28), MONDAY + timedelta(days=30)
    act = lambda uow: ask_and_decide(uow, place.carer_id, start, end)  # noqa: E731
    results = at_once(place, *[(place.carer, act)] * 4)
    assert len({receipt.request_id for receipt in results}) == 1  # all are told the same
    with reading(place.engine) as session:
        found = select(func.count()).where(LeaveRequest.start_date == start)
        assert session.scalar(found) == 1
