"""Kept sums of past months: equal to the shifts, and away as soon as a write may change them."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

import pytest
from sqlalchemy import Engine, delete, select

from rota.access.scope import homes_of
from rota.costs.facts import Place, facts_by_home_and_month
from rota.costs.kept_figures import MONTHS_KEPT, keep_figures
from rota.costs.measures import KEPT, Facts
from rota.database import UnitOfWork, reading
from rota.models import CareHome, Classification, KeptFigure, Shift, UserRole
from rota.roster.changes import ChangeRecorder, undo
from tests import factories as make
from tests.factories import actor, administrator
from tests.rota.costs.test_cost_queries import random_home
from tests.statements import statements

TODAY = date(2026, 4, 15)
MONTHS = [date(2026, 2, 1), date(2026, 3, 1)]


@pytest.fixture
def homes(database: Engine) -> list[CareHome]:
    with UnitOfWork(administrator(), engine=database) as uow:
        made = [random_home(uow.session, seed) for seed in (3, 4)]
        for home in made:
            make.make_requirement(uow.session, home.units[0], minimum=2, ideal=2)
        uow.commit()
    return made


def facts_of(database: Engine, homes: list[CareHome]) -> tuple[dict[Place, Facts], int]:
    """The facts of both months, and in how many statements they were read."""
    who = actor(UserRole.SENIOR_MANAGER, *homes)
    with reading(database) as session:
        choices = homes_of(session, who)
        with statements(database) as sent:
            return facts_by_home_and_month(session, who, choices, MONTHS), len(sent)


def kept_months(database: Engine) -> set[tuple[int, date]]:
    with reading(database) as session:
        rows = session.execute(select(KeptFigure.home_id, KeptFigure.month).distinct())
        return {(home_id, month) for home_id, month in rows}


def test_kept_figures_are_what_the_shifts_say_and_take_one_statement(
    database: Engine, homes: list[CareHome]
) -> None:
    read, _ = facts_of(database, homes)
    assert any(facts.cost_pence and facts.unfilled_minutes for facts in read.values())
    assert keep_figures(database, today=TODAY) == 2 * MONTHS_KEPT
    assert facts_of(database, homes) == (read, 1)
    assert keep_figures(database, today=TODAY) == 0


def test_a_changed_shift_takes_away_its_month_alone(
    database: Engine, homes: list[CareHome]
) -> None:
    keep_figures(database, today=TODAY)
    home = homes[0]
    everything = kept_months(database)
    with UnitOfWork(actor(UserRole.OPERATIONAL_MANAGER, home), engine=database) as uow:
        shift = uow.session.scalars(
            select(Shift).where(Shift.home_id == home.id, Shift.date.between(*_march()))
        ).first()
        assert shift is not None
        recorder = ChangeRecorder(uow, home.id, "edit", "Correction")
        recorder.update(shift, paid_minutes=60, classification=Classification.OVERTIME)
        change = recorder.finish()
        uow.commit()
        change_id = change.id
    assert everything - kept_months(database) == {(home.id, date(2026, 3, 1))}
    changed, _ = facts_of(database, homes)
    assert keep_figures(database, today=TODAY) == 1
    assert facts_of(database, homes) == (changed, 1)
    with UnitOfWork(actor(UserRole.OPERATIONAL_MANAGER, home), engine=database) as uow:
        undo(uow, change_id)
        uow.commit()
    assert facts_of(database, homes)[0] != changed


def _march() -> tuple[date, date]:
    return date(2026, 3, 1), date(2026, 3, 31)


def test_a_write_that_does_not_say_which_days_takes_all_of_its_home(
    database: Engine, homes: list[CareHome]
) -> None:
    keep_figures(database, today=TODAY)
    with UnitOfWork(administrator(), engine=database) as uow:
        uow.touch(homes[0].id, [date(2026, 3, 1)])
        uow.touch(homes[0].id)
        uow.touch(homes[0].id, [date(2026, 2, 1)])
        uow.commit()
    assert {home_id for home_id, _ in kept_months(database)} == {homes[1].id}


def test_a_write_that_concerns_every_home_takes_all(
    database: Engine, homes: list[CareHome]
) -> None:
    keep_figures(database, today=TODAY)
    with UnitOfWork(administrator(), engine=database) as uow:
        uow.touch(None)
        uow.commit()
    assert kept_months(database) == set()


def test_what_an_older_release_kept_is_summed_anew(database: Engine, homes: list[CareHome]) -> None:
    read, _ = facts_of(database, homes)
    keep_figures(database, today=TODAY)
    with database.execution_options(rota_writes=True).begin() as connection:
        connection.execute(
            delete(KeptFigure).where(
                KeptFigure.name == "cost_pence", KeptFigure.month == date(2026, 3, 1)
            )
        )
    assert facts_of(database, homes)[0] == read
    assert keep_figures(database, today=TODAY) == 2
    assert facts_of(database, homes) == (read, 1)


def test_a_write_that_is_rolled_back_takes_nothing(database: Engine, homes: list[CareHome]) -> None:
    keep_figures(database, today=TODAY)
    before = kept_months(database)
    with UnitOfWork(administrator(), engine=database) as uow:
        uow.touch(homes[0].id)
    assert kept_months(database) == before


def test_a_home_that_changed_while_it_was_summed_is_not_kept(
    database: Engine, homes: list[CareHome], monkeypatch: pytest.MonkeyPatch
) -> None:
    from rota.costs import kept_figures

    summed = kept_figures.sums_of_shifts

    def interrupted(session, choices, *months):  # type: ignore[no-untyped-def]
        sums = summed(session, choices, *months)
        session.rollback()
        if choices[0].id == homes[0].id:
            with UnitOfWork(administrator(), engine=database) as uow:
                uow.touch(homes[0].id, [])
                uow.commit()
        return sums

    monkeypatch.setattr(kept_figures, "sums_of_shifts", interrupted)
    assert keep_figures(database, today=TODAY) == MONTHS_KEPT
    assert {home_id for home_id, _ in kept_months(database)} == {homes[1].id}


def test_what_shifts_and_requirements_give_is_kept_and_nothing_else() -> None:
    others = {
        "resident_days", "budget_pence", "lost_minutes", "contracted_staff_minutes", "spells",
        "headcount", "changes_under_week", "changes_under_two_days", "publications", "lead_days",
        "continuity_minutes", "own_minutes", "rest_shortfalls", "forecast_error_thousandths",
        "forecast_actual_thousandths",
    }  # fmt: skip
    assert set(KEPT) == {field.name for field in fields(Facts)} - others
