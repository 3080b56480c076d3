"""People's records: who may change them, what makes no sense, and what is kept of it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from rota.access.actor import Actor
from rota.administration import people, service
from rota.administration.subjects_people import (
    AVAILABILITY,
    OPT_OUTS,
    PEOPLE,
    QUALIFICATIONS,
)
from rota.administration.tables import Table
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed, NotFound
from rota.models import AuditEvent, Qualification, Role, Shift, Staff, Unit, UserRole
from tests import factories as make
from tests.clock import TODAY

pytestmark = pytest.mark.usefixtures("noon")
DAY = timedelta(days=1)


def manager_of(unit: Unit) -> Actor:
    return make.actor(UserRole.OPERATIONAL_MANAGER, unit.home)


@pytest.fixture
def unit(uow: UnitOfWork) -> Unit:
    """A unit of the home that the unit of work's actor, an operational manager, looks after."""
    found = make.make_unit(uow.session, make.make_home(uow.session))
    make.make_role(uow.session)
    uow.actor = manager_of(found)
    return found


def form(unit: Unit, role: Role, **changed: Any) -> dict[str, Any]:
    """What the form of a new person sends."""
    values: dict[str, Any] = {
        "first_name": "Morag", "last_name": "Muir", "sap_number": "000777",
        "role_id": str(role.id), "home_id": str(unit.home_id), "unit_id": str(unit.id),
        "employment": "permanent", "contracted_minutes": "35", "started_on": TODAY.isoformat(),
        "date_of_birth": "1985-02-28", "registration_number": "R1",
        "registration_expires": (TODAY + 400 * DAY).isoformat(), "email": "morag@example.org",
        "is_active": True,
    }  # fmt: skip
    return {**values, **changed}


def role_of(uow: UnitOfWork) -> Role:
    return make.make_role(uow.session)


def sent(table: Table, view: service.RowView, **changed: Any) -> dict[str, Any]:
    """A form sent back with some fields changed."""
    return {**{f.key: f.raw(view.values[f.key]) for f in table.fields}, **changed}


def test_a_manager_creates_somebody_and_changes_the_contract(uow: UnitOfWork, unit: Unit) -> None:
    made = service.save(uow, PEOPLE, None, form(unit, role_of(uow)))
    seen = service.row(uow.session, uow.actor, PEOPLE, made.row_id)
    raw = sent(PEOPLE, seen, contracted_minutes="24.5", email="muir@example.org")
    done = service.save(uow, PEOPLE, made.row_id, raw, mark=seen.mark)
    person = uow.session.get_one(Staff, made.row_id)
    assert (person.sap_number, person.contracted_minutes) == ("000777", 1470)
    assert "new hours" in done.note
    change, creation = people.record_history(uow.session, uow.actor, made.row_id)
    assert (creation[1].action, change[1].action) == ("create", "change")
    assert change[1].before is not None and change[1].after is not None
    assert change[1].before["contracted_minutes"] == 2100
    assert change[1].before["email"] != change[1].after["email"], "that it changed is kept"
    kept = uow.session.scalars(select(AuditEvent).where(AuditEvent.entity == "staff")).all()
    text = json.dumps([[event.before, event.after] for event in kept])
    for private in ("Morag", "Muir", "1985", "example.org"):
        assert private not in text, "the audit, which is never erased, holds nothing private"


def test_the_second_editor_is_told_and_changes_nothing(uow: UnitOfWork, unit: Unit) -> None:
    person = make.make_staff(uow.session, unit)
    seen = service.row(uow.session, uow.actor, PEOPLE, person.id)
    service.save(uow, PEOPLE, person.id, sent(PEOPLE, seen, team="B",
                 employment="permanent"), mark=seen.mark)  # fmt: skip
    with pytest.raises(Conflict, match="Somebody else"):
        service.save(uow, PEOPLE, person.id, sent(PEOPLE, seen, team="C"), mark=seen.mark)
    assert person.team == "B"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("first_name", "", "First name is missing"),
        ("contracted_minutes", "61", "must be from 0 to 60"),
        ("contracted_minutes", "-1", "must be from 0 to 60"),
        ("employment", "bank", "no contracted hours"),
        ("employment", "agency", "not in the list"),
        ("date_of_birth", "2020-02-29", "younger than 16"),
        ("date_of_birth", "1890-01-01", "outside 1920"),
        ("registration_number", "", "together"),
        ("pattern_anchor", "2026-01-05", "pattern"),
        ("email", "not an address", "not an e-mail"),
        ("unit_id", "999999", "not in the list"),
        ("preferred_shift", "ZZ", "not in the list"),
        ("started_on", "tomorrow", "not a date"),
    ],
)
def test_what_makes_no_sense_is_refused(
    uow: UnitOfWork, unit: Unit, field: str, value: str, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        service.save(uow, PEOPLE, None, form(unit, role_of(uow), **{field: value}))
    assert uow.session.scalars(select(Staff)).all() == []


def test_a_sap_number_is_given_once(uow: UnitOfWork, unit: Unit) -> None:
    service.save(uow, PEOPLE, None, form(unit, role_of(uow)))
    uow.session.commit()
    with pytest.raises(Conflict, match="already a person"):
        service.save(uow, PEOPLE, None, form(unit, role_of(uow)))


def test_people_of_other_homes_are_out_of_reach(uow: UnitOfWork, unit: Unit) -> None:
    theirs = make.make_unit(uow.session, make.make_home(uow.session))
    stranger, own = make.make_staff(uow.session, theirs), make.make_staff(uow.session, unit)
    held = Qualification(staff_id=stranger.id, code="FIRST_AID", awarded_on=date(2026, 1, 1))
    uow.session.add(held)
    uow.session.flush()
    with pytest.raises(NotAllowed):
        service.row(uow.session, uow.actor, PEOPLE, stranger.id)
    with pytest.raises(NotAllowed):
        people.record_history(uow.session, uow.actor, stranger.id)
    with pytest.raises(NotAllowed):
        service.save(uow, PEOPLE, None, form(theirs, role_of(uow)))
    seen = service.row(uow.session, uow.actor, PEOPLE, own.id)
    moved = sent(PEOPLE, seen, home_id=str(theirs.home_id), unit_id=str(theirs.id))
    with pytest.raises(NotAllowed):
        service.save(uow, PEOPLE, own.id, moved, mark=seen.mark)
    training = {"staff_id": stranger.id, "code": "X", "awarded_on": TODAY.isoformat()}
    with pytest.raises(NotAllowed):
        service.save(uow, QUALIFICATIONS, None, training)
    with pytest.raises(NotAllowed):
        service.remove(uow, QUALIFICATIONS, held.id, mark="")
    assert service.rows(uow.session, uow.actor, PEOPLE, home_id=theirs.home_id) == []
    with pytest.raises(InvalidInput, match="another home"):
        wrong = sent(PEOPLE, seen, unit_id=str(theirs.id))
        service.save(uow, PEOPLE, own.id, wrong, mark=seen.mark)
    assert own.unit_id == unit.id


def test_the_history_of_a_row_is_its_homes_and_gives_nothing_private_back(
    uow: UnitOfWork, unit: Unit
) -> None:
    saved = service.save(uow, PEOPLE, None, form(unit, role_of(uow)))
    (change,) = service.history(uow.session, uow.actor, PEOPLE, saved.row_id)
    seen = service.row(uow.session, uow.actor, PEOPLE, saved.row_id)
    with pytest.raises(InvalidInput, match="private"):
        service.put_back(uow, PEOPLE, change.id, mark=seen.mark)
    uow.actor = manager_of(make.make_unit(uow.session, make.make_home(uow.session)))
    with pytest.raises(NotAllowed):
        service.history(uow.session, uow.actor, PEOPLE, saved.row_id)


def test_who_belongs_to_no_home_is_the_administrators(uow: UnitOfWork, unit: Unit) -> None:
    person = make.make_staff(uow.session, unit)
    person.home_id = person.unit_id = None
    uow.session.flush()
    with pytest.raises(NotAllowed):
        service.row(uow.session, uow.actor, PEOPLE, person.id)
    everybody = make.administrator()
    assert service.row(uow.session, everybody, PEOPLE, person.id).id == person.id


@pytest.mark.parametrize("role", [UserRole.SENIOR_MANAGER, UserRole.ANALYST, UserRole.CARE_STAFF])
def test_nobody_else_sees_or_changes_records(uow: UnitOfWork, unit: Unit, role: UserRole) -> None:
    person = make.make_staff(uow.session, unit)
    uow.actor = make.actor(role, unit.home)
    with pytest.raises(NotAllowed):
        service.row(uow.session, uow.actor, PEOPLE, person.id)
    with pytest.raises(NotAllowed):
        service.save(uow, PEOPLE, None, form(unit, role_of(uow)))


def test_training_opt_outs_and_limits_belong_to_the_record(uow: UnitOfWork, unit: Unit) -> None:
    person = make.make_staff(uow.session, unit)
    whose, today = {"staff_id": person.id}, TODAY.isoformat()
    first = service.save(
        uow, QUALIFICATIONS, None, {**whose, "code": "FIRST_AID", "awarded_on": today}
    )
    service.save(uow, OPT_OUTS, None, {**whose, "signed_on": today, "notice_days": "28"})
    limit = {**whose, "kind": "unavailable", "start_date": today, "end_date": today, "band": ""}
    service.save(uow, AVAILABILITY, None, limit)
    seen = service.row(uow.session, uow.actor, QUALIFICATIONS, first.row_id)
    service.remove(uow, QUALIFICATIONS, first.row_id, mark=seen.mark)
    past = people.record_history(uow.session, uow.actor, person.id)
    assert [(table.key, change.action) for table, change in past] == [
        ("qualifications", "delete"), ("availability", "create"), ("opt-outs", "create"),
        ("qualifications", "create"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "values", "said"),
    [
        (QUALIFICATIONS, {"code": "X", "awarded_on": "2026-03-01", "expires_on": "2026-02-01"},
         "before it was awarded"),
        (QUALIFICATIONS, {"code": "X", "awarded_on": "2099-03-01"}, "in the future"),
        (OPT_OUTS, {"signed_on": "2026-03-01", "notice_days": "3"}, "must be from 7"),
        (OPT_OUTS, {"signed_on": "2026-03-01", "notice_days": "7", "withdrawn_on": "2026-02-01"},
         "before it was signed"),
        (OPT_OUTS, {"signed_on": "2001-03-01", "notice_days": "7"}, "under 18"),
        (AVAILABILITY, {"kind": "unavailable", "start_date": "2026-03-02",
                        "end_date": "2026-03-01"}, "ends before"),
    ],
)  # fmt: skip
def test_a_part_that_makes_no_sense_is_refused(
    uow: UnitOfWork, unit: Unit, table: Table, values: dict[str, Any], said: str
) -> None:
    person = make.make_staff(uow.session, unit)
    with pytest.raises(InvalidInput, match=said):
        service.save(uow, table, None, {**values, "staff_id": person.id})


def test_nobody_with_shifts_ahead_just_disappears(uow: UnitOfWork, unit: Unit) -> None:
    person = make.make_staff(uow.session, unit)
    shift = make.make_shift(uow.session, unit, person, TODAY + 5 * DAY)
    seen = service.row(uow.session, uow.actor, PEOPLE, person.id)
    with pytest.raises(InvalidInput, match="shifts ahead: 1") as refused:
        service.save(uow, PEOPLE, person.id, sent(PEOPLE, seen, is_active=False), mark=seen.mark)
    assert "last day" in refused.value.hint
    assert uow.session.get_one(Shift, shift.id).user_id == person.id


def test_a_record_has_only_its_own_parts() -> None:
    assert people.part_called("opt-outs") is OPT_OUTS
    with pytest.raises(NotFound):
        people.part_called("homes")
