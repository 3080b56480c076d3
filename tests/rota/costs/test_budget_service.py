"""Budgets: set, changed, taken away, refused; always on the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine, select

from rota.costs.service import SetBudget, set_budget
from rota.database import UnitOfWork, reading
from rota.errors import Conflict, InvalidInput, NotAllowed, NotFound
from rota.models import AuditEvent, Budget, CareHome, Classification, UserRole
from tests import factories as make
from tests.factories import actor, administrator

JUNE = date(2026, 6, 1)


def command(home_id: int, pence: int | None = 900_000, **fields: object) -> SetBudget:
    base = SetBudget(home_id, JUNE, Classification.AGENCY, pence, None)
    return replace(base, **fields)  # type: ignore[arg-type]


def test_a_budget_is_set_changed_and_taken_away_on_the_record(uow: UnitOfWork) -> None:
    home = make.make_home(uow.session)
    assert set_budget(uow, command(home.id)) == 900_000
    set_budget(uow, command(home.id, 800_000, expected_pence=900_000, reason="Fewer agency"))
    uow.session.flush()
    assert [row.pence for row in uow.session.scalars(select(Budget))] == [800_000]
    assert set_budget(uow, command(home.id, None, expected_pence=800_000)) is None
    uow.session.flush()
    assert uow.session.scalars(select(Budget)).all() == []
    lines = uow.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [(line.before, line.after) for line in lines] == [
        (None, {"pence": 900_000}),
        ({"pence": 900_000}, {"pence": 800_000}),
        ({"pence": 800_000}, None),
    ]
    assert lines[1].reason == "Fewer agency"
    assert {line.entity_id for line in lines} == {"2026-06 agency"}


def test_a_change_bumps_the_version_of_its_home(database: Engine) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        home = make.make_home(uow.session)
        uow.commit()
        before = home.data_version
        set_budget(uow, command(home.id))
        uow.commit()
    with reading(database) as session:
        assert session.get_one(CareHome, home.id).data_version == before + 1


def test_the_second_of_two_people_is_told(uow: UnitOfWork) -> None:
    home = make.make_home(uow.session)
    set_budget(uow, command(home.id))
    uow.session.flush()
    with pytest.raises(Conflict):
        set_budget(uow, command(home.id, 1))
    assert [row.pence for row in uow.session.scalars(select(Budget))] == [900_000]


def test_the_same_amount_again_changes_nothing(uow: UnitOfWork) -> None:
    home = make.make_home(uow.session)
    set_budget(uow, command(home.id))
    uow.session.flush()
    assert set_budget(uow, command(home.id, expected_pence=900_000)) == 900_000
    assert len(uow.session.scalars(select(AuditEvent)).all()) == 1


@pytest.mark.parametrize(
    "fields",
    [{"pence": -1}, {"pence": 10**12}, {"month": date(2026, 6, 2)}, {"reason": "x" * 501}],
)
def test_what_makes_no_sense_is_refused(uow: UnitOfWork, fields: dict[str, object]) -> None:
    home = make.make_home(uow.session)
    with pytest.raises(InvalidInput):
        set_budget(uow, command(home.id, **fields))  # type: ignore[arg-type]


def test_only_those_who_may_and_only_for_their_homes(database: Engine) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        home = make.make_home(uow.session)
        uow.commit()
    for role in (UserRole.ANALYST, UserRole.SENIOR_MANAGER, UserRole.OPERATIONAL_MANAGER):
        with (
            UnitOfWork(actor(role, home), engine=database) as uow,
            pytest.raises(NotAllowed),
        ):
            set_budget(uow, command(home.id))
    elsewhere = actor(UserRole.ADMINISTRATOR)
    with UnitOfWork(elsewhere, engine=database) as uow, pytest.raises(NotAllowed):
        set_budget(uow, command(home.id))
    with UnitOfWork(administrator(), engine=database) as uow, pytest.raises(NotFound):
        set_budget(uow, command(home.id + 1000))
