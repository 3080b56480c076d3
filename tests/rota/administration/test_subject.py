"""A person's own data: all of it in the export; erased when it may be, kept while it must be."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date

import pytest
from sqlalchemy import Engine, select

from rota.access import service
from rota.administration.erasure import NOBODY, erase_leaver
from rota.administration.subject_access import export_subject, find_subject, rows_about
from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotAllowed, NotFound
from rota.models import (
    AbsenceSpell,
    AuditEvent,
    Base,
    LeaveRequest,
    Shift,
    Staff,
    User,
    UserRole,
    UserSession,
)
from tests import factories as make

LEFT = date(2026, 1, 31)


@pytest.fixture
def person(uow: UnitOfWork) -> Staff:
    """A carer with an account, a shift, leave and an absence, and a colleague beside."""
    unit = make.make_unit(uow.session, make.make_home(uow.session))
    someone = make.make_staff(
        uow.session, unit, sap_number="004711", email="ailsa@example.org", phone="07700 900123"
    )
    other = make.make_staff(uow.session, unit, sap_number="000815", email="other@example.org")
    for each in (someone, other):
        make.make_shift(uow.session, unit, each, note=f"note of {each.sap_number}")
    make.make_leave(uow.session, someone, date(2026, 7, 1), date(2026, 7, 5), reason="a wedding")
    uow.session.add(
        AbsenceSpell(staff_id=someone.id, home_id=unit.home_id, started_on=date(2026, 2, 1),
                     note="migraine")
    )  # fmt: skip
    user, _ = service.create_user(
        uow, sap_number="004711", name=someone.name, role=UserRole.CARE_STAFF,
        email="ailsa@example.org", staff_id=someone.id,
    )  # fmt: skip
    login = service.logged_in(uow.session, user)
    service.start(uow, login, address="192.0.2.1", user_agent="")
    uow.session.flush()
    return someone


def test_the_export_holds_everything_about_the_person_and_nothing_of_others(
    uow: UnitOfWork, person: Staff
) -> None:
    archive = zipfile.ZipFile(io.BytesIO(export_subject(uow, "004711")))
    files = {name: archive.read(name).decode() for name in archive.namelist()}
    assert {"README.txt", "staff.json", "users.json", "shifts.json", "leave_requests.json",
            "absence_spells.json", "user_sessions.json"} <= files.keys()  # fmt: skip
    everything = "".join(files.values())
    for part in ("ailsa@example.org", "07700 900123", "a wedding", "migraine", "note of 004711"):
        assert part in everything, part
    for part in ("000815", "other@example.org", "argon2", "password_hash", "secret_hash"):
        assert part not in everything, part
    assert json.loads(files["shifts.json"])[0]["user_id"] == person.id


def test_every_table_that_names_a_person_is_looked_at() -> None:
    """A new table with ``staff_id`` is part of the export by its foreign key."""
    names = {
        table.name
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name in ("staff_id", "user_id")
    }
    silent = {
        table.name
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name in ("staff_id", "user_id") and not column.foreign_keys
    }
    assert len(names) >= 10 and silent == set()


def test_only_an_administrator_makes_one_and_it_is_on_record(
    uow: UnitOfWork, person: Staff
) -> None:
    export_subject(uow, "004711")
    assert "subject access" in {e.action for e in uow.session.new if isinstance(e, AuditEvent)}
    uow.actor = make.actor(UserRole.SENIOR_MANAGER)
    with pytest.raises(NotAllowed):
        export_subject(uow, "004711")
    with pytest.raises(NotAllowed):
        erase_leaver(uow, "004711")


def test_nobody_with_this_number_is_not_found(uow: UnitOfWork) -> None:
    with pytest.raises(NotFound):
        find_subject(uow.session, "999999")


def test_somebody_who_works_here_is_not_erased(uow: UnitOfWork, person: Staff) -> None:
    with pytest.raises(InvalidInput, match="not left"):
        erase_leaver(uow, "004711")
    assert uow.session.get_one(Staff, person.id).phone


def _leave(uow: UnitOfWork, person: Staff) -> None:
    person.is_active, person.left_on = False, LEFT
    uow.session.flush()


def test_a_leaver_keeps_name_hours_and_leave_and_loses_the_rest(
    uow: UnitOfWork, person: Staff
) -> None:
    _leave(uow, person)
    erased = erase_leaver(uow, "004711", today=date(2026, 6, 1))
    assert erased.kept_until == date(2032, 1, 28) and not erased.is_complete
    uow.session.expire_all()
    kept = uow.session.get_one(Staff, person.id)
    assert (kept.first_name, kept.sap_number) == ("Ailsa", "004711")
    assert (kept.email, kept.phone) == ("", "")
    user = uow.session.scalars(select(User).where(User.staff_id == person.id)).one()
    assert (user.is_active, user.email, user.password_hash) == (False, "", "")
    assert uow.session.scalars(select(UserSession)).all() == []
    assert uow.session.scalars(select(LeaveRequest)).one().reason == ""
    assert uow.session.scalars(select(AbsenceSpell)).one().note == ""
    notes = uow.session.scalars(select(Shift.note).order_by(Shift.id)).all()
    assert notes == ["", "note of 000815"]
    mine = uow.session.scalars(select(Shift).where(Shift.user_id == person.id)).one()
    assert mine.paid_minutes == 720


def test_after_the_retention_nothing_names_the_person(
    uow: UnitOfWork, person: Staff, database: Engine
) -> None:
    _leave(uow, person)
    uow.audit("change", "staff", person.id, after={"x": 1})
    erased = erase_leaver(uow, "004711", today=date(2032, 2, 1))
    assert erased.is_complete
    uow.session.flush()
    uow.session.expire_all()
    subject = find_subject(uow.session, f"erased-{person.id}")
    everything = json.dumps(rows_about(uow.session, subject), default=str)
    for part in ("Ailsa", "004711", "example.org", "07700"):
        assert part not in everything, part
    assert NOBODY in everything and '"paid_minutes": 720' in everything
