"""A forecast becomes people, and people become the requirement that rota and optimiser use."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from rota.database import UnitOfWork, get_engine, reading
from rota.errors import InvalidInput, NotAllowed, NotFound
from rota.forecasting import requirement, service
from rota.forecasting.queries import ForecastDay
from rota.forecasting.screen import forecast_screen
from rota.forecasting.staffing import (
    BandPlan,
    as_planned,
    at_level,
    chance_short,
    curve,
    needed,
    people_for,
)
from rota.models import AuditEvent, Band, CareHome, CoverRequirement, UserRole, utc_now
from rota.roster.requirements import requirements
from tests.clock import TODAY
from tests.factories import actor, administrator, make_home
from tests.rota.forecasting.conftest import Place

END = TODAY + timedelta(days=13)
QUANTILES = {"50": 24.0, "80": 30.0, "90": 36.0, "99": 48.0}


def row(day: date = TODAY, **quantiles: float) -> ForecastDay:
    return ForecastDay(day, "ensemble", 24.0, 18.0, 30.0, quantiles or QUANTILES, utc_now())


def plan(planned: int = 2, days: int = 1) -> BandPlan:
    rows = tuple(row(TODAY + timedelta(days=step)) for step in range(days))
    return BandPlan("day", 12.0, 2000.0, rows, {each.day: planned for each in rows}, {})


@pytest.mark.parametrize(("hours", "people"), [(0, 0), (-3, 0), (12, 1), (12.01, 2), (36, 3)])
def test_people_are_whole_and_enough(hours: float, people: int) -> None:
    assert people_for(hours, 12.0) == people
    assert people_for(hours, 0.0) == 0


def test_the_chance_of_being_short_reads_the_quantiles_backwards() -> None:
    for level, value in QUANTILES.items():
        assert chance_short(row(), value) == pytest.approx(1 - float(level) / 100)
    assert chance_short(row(), 18.0) == pytest.approx(0.8)  # mirrored about the median
    chances = [chance_short(row(), hours) for hours in range(-10, 90)]
    assert all(0 <= later <= sooner <= 1 for sooner, later in pairwise(chances))
    assert chance_short(row(TODAY, **{"50": 5.0, "90": 5.0}), 5.0) <= 0.1


def test_a_higher_level_costs_more_and_leaves_fewer_short() -> None:
    points = curve([plan(days=7)])
    assert all(a.pence <= b.pence for a, b in pairwise(points))
    assert all(a.short >= b.short for a, b in pairwise(points))
    at_90 = at_level([plan()], 90)
    assert (at_90.shifts, at_90.pence) == (3, 3 * 12 * 2000)
    assert at_90.short == pytest.approx(0.1, abs=1e-6)
    planned = as_planned([plan(planned=2)])
    assert planned.short == pytest.approx(0.5, abs=1e-6)
    assert needed(plan(), 99) == {TODAY: 4}


def accept(place: Place, level: int = 90, **more: object) -> requirement.Accepted:
    with UnitOfWork(administrator()) as uow:
        done = requirement.accept_requirement(
            uow,
            place.unit_id,
            level,
            TODAY,
            END,
            **more,  # type: ignore[arg-type]
        )
        uow.commit()
    return done


def need(place: Place) -> dict[tuple[date, Band], int]:
    with reading() as session:
        found = requirements(session, [place.unit_id], TODAY, END)
    return {(day, band): each.minimum for (_, day, band), each in found.items()}


def test_an_accepted_forecast_is_what_everybody_who_counts_cover_reads(place: Place) -> None:
    service.train_prophet_model(place.unit_id)
    with reading() as session:
        version = session.get_one(CareHome, place.home_id).data_version
        shown = forecast_screen(session, administrator(), place.unit_id, "all", TODAY)
    done = accept(place)
    assert (done.days, done.written) == (14, 28)
    wanted = {each.band: needed(each, 90) for each in shown.plans}
    for (day, band), minimum in need(place).items():
        assert minimum == wanted[band.value][day]
    with reading() as session:
        rows = session.scalars(select(CoverRequirement)).all()
        assert {(r.source, r.effective_from == r.on_date) for r in rows} == {("forecast", True)}
        assert all(r.set_at is not None for r in rows)
        assert session.get_one(CareHome, place.home_id).data_version > version
        entry = session.scalars(select(AuditEvent).where(AuditEvent.action == "accept")).one()
        assert entry.after is not None
        assert entry.after["service_level"] == 90
        note = requirement.accepted_note(session, place.unit_id, TODAY)
    assert note is not None
    assert (note.first, note.last) == (TODAY, END)


def test_accepting_again_replaces_and_withdrawing_gives_the_usual_back(local_place: Place) -> None:
    service.train_prophet_model(local_place.unit_id)
    with UnitOfWork(administrator()) as uow:
        uow.session.add(
            CoverRequirement(unit_id=local_place.unit_id, band=Band.NIGHT, minimum=5, ideal=6,
                             senior_minimum=1, effective_from=date(2020, 1, 1))
        )  # fmt: skip
        uow.commit()
    before = need(local_place)
    low, high = accept(local_place, 60), accept(local_place, 99)
    assert low.written == high.written == 28
    assert low.kept_minimum == 14, "a forecast must not lower what is safe"
    with reading() as session:
        stored = session.scalars(
            select(CoverRequirement).where(CoverRequirement.source == "forecast")
        ).all()
        nights = [r for r in stored if r.band == Band.NIGHT]
    assert len(stored) == 28
    assert all((r.minimum, r.ideal, r.senior_minimum) >= (5, 6, 1) for r in nights)
    with UnitOfWork(administrator()) as uow:
        assert requirement.withdraw_requirement(uow, local_place.unit_id, TODAY, END) == 28
        uow.commit()
    assert need(local_place) == before


def test_only_who_may_set_requirements_can_accept(local_place: Place) -> None:
    service.train_prophet_model(local_place.unit_id)
    with UnitOfWork(administrator()) as uow:
        home, other = uow.session.get_one(CareHome, local_place.home_id), make_home(uow.session)
        uow.commit()
    for who in (actor(UserRole.ANALYST, home), actor(UserRole.OPERATIONAL_MANAGER, other)):
        with UnitOfWork(who, engine=get_engine()) as uow, pytest.raises(NotAllowed):
            requirement.accept_requirement(uow, local_place.unit_id, 90, TODAY, END)
        with UnitOfWork(who, engine=get_engine()) as uow, pytest.raises(NotAllowed):
            requirement.withdraw_requirement(uow, local_place.unit_id, TODAY, END)
    with UnitOfWork(administrator()) as uow:
        for level in (49, 100):
            with pytest.raises(InvalidInput):
                requirement.accept_requirement(uow, local_place.unit_id, level, TODAY, END)
        with pytest.raises(InvalidInput):
            requirement.accept_requirement(uow, local_place.unit_id, 90, END, TODAY)
        with pytest.raises(NotFound):
            requirement.accept_requirement(uow, local_place.empty_id, 90, TODAY, END)
    assert need(local_place) == {}
