"""After an import people can be put on shifts, vacancies filled and leave decided."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.service import actor_of, installation_actor
from rota.database import UnitOfWork
from rota.leave.service import approve, request_leave
from rota.models import LeaveRequest, Shift, ShiftType, Staff, User
from rota.operations.data_checks import Severity, run_checks
from rota.roster.edits import AssignShift
from rota.roster.service import assign_shift
from tests.clock import TODAY
from tests.rota.exchange import build
from tests.rota.exchange.build import SAMPLE, run, shift

pytestmark = pytest.mark.usefixtures("noon")
SOON = TODAY + timedelta(days=30)


@pytest.fixture
def imported(database: Engine, tmp_path: Path) -> Engine:
    """The sample with a vacancy and a worked shift."""
    extra = [
        shift(1, user=None, unit="GL Pine", shift_type="NIGHT_ASSISTANT", is_vacant=True,
              date=SOON.isoformat()),
        shift(2, user="000004", unit="GL Pine", shift_type="DAY", date=SOON.isoformat()),
    ]  # fmt: skip
    assert run(database, SAMPLE, build.write(tmp_path, extra, "shifts.json")).is_written
    return database


def administrator(engine: Engine) -> Actor:
    with Session(engine) as session:
        return installation_actor(session)


def test_everybody_active_in_a_unit_can_be_put_on_a_shift(imported: Engine) -> None:
    with UnitOfWork(administrator(imported), engine=imported) as uow:
        types = list(uow.session.scalars(select(ShiftType).order_by(ShiftType.code)))
        people = uow.session.scalars(select(Staff).where(Staff.is_active).order_by(Staff.id))
        for person in list(people.unique()):
            if person.home_id is None or person.sap_number == "000004":
                continue
            codes = [k.code for k in types if person.role_id in {r.id for r in k.roles}]
            code = person.preferred_shift or codes[0]
            done = assign_shift(uow, AssignShift(person.home_id, person.id, SOON, code))
            assert done
        uow.commit()


def test_the_vacancy_is_filled_by_a_person_of_its_role(imported: Engine) -> None:
    with UnitOfWork(administrator(imported), engine=imported) as uow:
        vacancy = uow.session.scalars(select(Shift).where(Shift.is_vacant)).one()
        night = next(
            person
            for person in uow.session.scalars(select(Staff).order_by(Staff.id)).unique()
            if person.role.code == "SCAN" and person.is_active and person.unit is not None
        )
        command = AssignShift(vacancy.home_id, night.id, SOON, "NA", unit_id=vacancy.unit_id)
        if night.home_id == vacancy.home_id:
            assign_shift(uow, command)
            assert not vacancy.is_vacant
            assert vacancy.user_id == night.id


def test_an_imported_manager_decides_leave_of_their_home(imported: Engine) -> None:
    with Session(imported) as session:
        manager = actor_of(
            session, session.scalars(select(User).filter_by(sap_number="000001")).one()
        )
        person = session.scalars(select(Staff).filter_by(sap_number="000004")).unique().one()
    assert person.home_id in manager.home_ids
    with UnitOfWork(manager, engine=imported) as uow:
        receipt = request_leave(uow, person.id, SOON, SOON + timedelta(days=2))
        request = uow.session.get_one(LeaveRequest, receipt.request_id)
        approve(uow, request.id, request.version)
        uow.commit()
    with Session(imported) as session:
        released = session.scalars(select(Shift).filter_by(legacy_pk="2")).one()
        assert released.is_vacant


def test_the_data_checks_find_no_errors(imported: Engine) -> None:
    with Session(imported) as session:
        results = run_checks(session, TODAY)
    assert [r.code for r in results if r.count and r.severity is Severity.ERROR] == []
