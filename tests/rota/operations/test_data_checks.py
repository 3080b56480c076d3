"""Each integrity check finds what it is for, and only that, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from rota.models import (
    Agency,
    Forecast,
    ForecastModel,
    LeaveStatus,
    Shift,
    UserRole,
    utc_now,
)
from rota.operations.data_checks import CHECKS, NOT_STATED, run_checks
from tests import factories as make

TODAY = date(2026, 6, 10)
Setup = Callable[[Session], None]


def _person(session: Session, **fields: object) -> object:
    home = make.make_home(session)
    return make.make_staff(session, make.make_unit(session, home), **fields)


def _place(session: Session) -> tuple[object, object]:
    unit = make.make_unit(session, make.make_home(session))
    make.make_requirement(session, unit)
    return unit, make.make_staff(session, unit)


def vacancy_with_person(session: Session) -> None:
    unit, person = _place(session)
    shift = make.make_shift(session, unit)
    _unguarded(session, "UPDATE shifts SET user_id = :person WHERE id = :id", id=shift.id,
               person=person.id)  # fmt: skip


def two_workers(session: Session) -> None:
    unit, person = _place(session)
    agency = Agency(name="Care Now")
    session.add(agency)
    session.flush()
    shift = make.make_shift(session, unit, person)
    _unguarded(session, "UPDATE shifts SET agency_id = :agency WHERE id = :id", id=shift.id,
               agency=agency.id)  # fmt: skip


def overlapping(session: Session) -> None:
    unit, person = _place(session)
    shift = make.make_shift(session, unit, person)
    inner = make.make_shift(session, unit, person, TODAY)
    _unguarded(
        session,
        "UPDATE shifts SET date = :day, starts_at = :start, ends_at = :end WHERE id = :id",
        id=inner.id, day=shift.date, start=shift.starts_at + timedelta(hours=1),
        end=shift.ends_at,
    )  # fmt: skip


def shift_order(session: Session) -> None:
    unit, _ = _place(session)
    shift = make.make_shift(session, unit)
    _unguarded(session, "UPDATE shifts SET ends_at = starts_at WHERE id = :id", id=shift.id)


def shift_outside_home(session: Session) -> None:
    unit, _ = _place(session)
    make.make_shift(session, unit).home_id = make.make_home(session).id


def person_outside_home(session: Session) -> None:
    _, person = _place(session)
    person.home_id = make.make_home(session).id


def leave_order(session: Session) -> None:
    _, person = _place(session)
    leave = make.make_leave(session, person, TODAY, TODAY)
    _unguarded(session, "UPDATE leave_requests SET end_date = :day WHERE id = :id", id=leave.id,
               day=TODAY - timedelta(days=1))  # fmt: skip


def without_unit(session: Session) -> None:
    _, person = _place(session)
    person.unit_id = None


def without_role(session: Session) -> None:
    unit, _ = _place(session)
    make.make_staff(session, unit, make.make_role(session, NOT_STATED))


def without_rate(session: Session) -> None:
    _place(session)


def without_cost(session: Session) -> None:
    unit, person = _place(session)
    make.make_shift(session, unit, person)


def on_leave(session: Session) -> None:
    unit, person = _place(session)
    make.make_shift(session, unit, person, TODAY)
    make.make_leave(session, person, TODAY, TODAY, status=LeaveStatus.APPROVED)


def of_leaver(session: Session) -> None:
    unit, person = _place(session)
    person.is_active = False
    make.make_shift(session, unit, person, TODAY)


def of_other_role(session: Session) -> None:
    unit, person = _place(session)
    make.make_shift_type(session).roles = [make.make_role(session, "SSCW")]
    make.make_shift(session, unit, person, TODAY)


def leave_overlap(session: Session) -> None:
    _, person = _place(session)
    make.make_leave(session, person, TODAY, TODAY + timedelta(days=3))
    make.make_leave(session, person, TODAY + timedelta(days=3), TODAY + timedelta(days=5))


def without_requirement(session: Session) -> None:
    make.make_unit(session, make.make_home(session))


def orphan_forecast(session: Session) -> None:
    unit, _ = _place(session)
    unit.is_active = False
    session.add(
        Forecast(unit_id=unit.id, series="staff", band="day", date=TODAY, model="naive", yhat=1.0,
                 yhat_lower=0.0, yhat_upper=2.0, fingerprint="x")
    )  # fmt: skip


def expired_registration(session: Session) -> None:
    _, person = _place(session)
    person.registration_expires = TODAY - timedelta(days=1)


def account_of_leaver(session: Session) -> None:
    _, person = _place(session)
    person.is_active = False
    make.make_user(session, UserRole.CARE_STAFF, staff_id=person.id, all_homes=True)


def account_without_home(session: Session) -> None:
    make.make_user(session, UserRole.ANALYST)


def overfull(session: Session) -> None:
    make.make_home(session, beds=10, occupancy=11)


def _unguarded(session: Session, statement: str, **values: object) -> None:
    """Write what the database's own guards would refuse, as a damaged database holds it."""
    session.flush()
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA ignore_check_constraints=ON"))
        session.execute(text("DROP TRIGGER IF EXISTS shift_overlap_update"))
    else:
        for table, constraint in (
            ("shifts", "shift_overlap"),
            ("shifts", "ck_shifts_vacancy"),
            ("shifts", "ck_shifts_ends_after_start"),
            ("shifts", "ck_shifts_one_worker"),
            ("leave_requests", "ck_leave_requests_order"),
        ):
            session.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {constraint}"))
    plain = {
        name: value.replace(tzinfo=None).isoformat(" ", "microseconds")
        if isinstance(value, datetime) and session.get_bind().dialect.name == "sqlite"
        else value.isoformat()
        if isinstance(value, date) and not isinstance(value, datetime)
        else value
        for name, value in values.items()
    }
    session.execute(text(statement), plain)


CASES: dict[str, Setup] = {
    "overlapping-shifts": overlapping,
    "vacancy-with-person": vacancy_with_person,
    "two-workers": two_workers,
    "shift-order": shift_order,
    "shift-outside-home": shift_outside_home,
    "person-outside-home": person_outside_home,
    "leave-order": leave_order,
    "people-without-unit": without_unit,
    "people-without-role": without_role,
    "roles-without-rate": without_rate,
    "shifts-without-cost": without_cost,
    "shifts-on-leave": on_leave,
    "shifts-of-leavers": of_leaver,
    "shifts-of-other-roles": of_other_role,
    "overlapping-leave": leave_overlap,
    "units-without-requirement": without_requirement,
    "orphan-forecasts": orphan_forecast,
    "expired-registrations": expired_registration,
    "accounts-of-leavers": account_of_leaver,
    "accounts-without-home": account_without_home,
    "overfull-homes": overfull,
}


def counts(session: Session) -> dict[str, int]:
    return {result.code: result.count for result in run_checks(session, TODAY)}


def test_every_check_has_a_test() -> None:
    assert CASES.keys() == {check.code for check in CHECKS}


@pytest.mark.parametrize("code", CASES)
def test_a_check_finds_what_it_is_for(database: Engine, code: str) -> None:
    with Session(database) as session:
        assert not any(counts(session).values())
        CASES[code](session)
        session.flush()
        assert counts(session)[code] == 1
        session.rollback()


def test_sound_data_has_no_errors(database: Engine) -> None:
    with Session(database) as session:
        unit, person = _place(session)
        for offset in range(3):
            make.make_shift(session, unit, person, TODAY + timedelta(days=offset))
        make.make_shift(session, unit, None, TODAY)
        session.flush()
        found = counts(session)
        assert {code for code, number in found.items() if number} == {
            "roles-without-rate",
            "shifts-without-cost",
        }
        assert session.query(Shift).count() == 4


def test_a_model_whose_file_is_gone(sqlite_engine: Engine, tmp_path: Path) -> None:
    with Session(sqlite_engine) as session:
        unit, _ = _place(session)
        here = tmp_path / "model.json"
        here.write_text("{}")
        for band, path in (("day", here), ("night", tmp_path / "gone.json")):
            session.add(
                ForecastModel(unit_id=unit.id, series="staff", band=band, model="prophet",
                              path=str(path), fingerprint="x", trained_at=utc_now())
            )  # fmt: skip
        session.flush()
        assert counts(session)["forecast-model-file"] == 1
