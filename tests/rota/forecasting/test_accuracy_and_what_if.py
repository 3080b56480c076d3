"""What the accuracy and the what-if screens read and compute."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rota.database import UnitOfWork, get_engine, reading
from rota.errors import InvalidInput, NotAllowed
from rota.forecasting import outcomes, service
from rota.forecasting.accuracy import accuracy_screen
from rota.forecasting.bookings import book_residents
from rota.forecasting.what_if import Assumption, case, read_base
from rota.models import UserRole
from tests.clock import TODAY
from tests.factories import actor, administrator, make_home
from tests.rota.forecasting.conftest import Place
from tests.rota.forecasting.test_outcomes import age
from tests.statements import statements


def test_the_panel_shows_the_backtest_and_what_happened_since(local_place: Place) -> None:
    service.train_prophet_model(local_place.unit_id)
    with reading() as session:
        fresh = accuracy_screen(session, administrator(), local_place.home_id, "all", TODAY)
    assert fresh.since.wape is None
    age(20)
    outcomes.record_outcomes(get_engine(), administrator())
    with statements(get_engine()) as made, reading() as session:
        shown = accuracy_screen(session, administrator(), local_place.home_id, "all", TODAY)
    assert len(made) <= 4
    (unit,) = shown.units
    assert [place.name for place in shown.untrained] == ["OG Empty"]
    assert unit.since.days == 20
    assert unit.skill is not None
    weeks = shown.by_week["ensemble"]
    assert len(weeks) == 4
    assert all(value is not None and 0 < value < 1 for value in weeks)
    assert all(value is not None for value in shown.by_week["seasonal_naive"])
    # whole shifts: a level that falls on one covers more than it promises
    assert 0.86 <= shown.held[0.9] <= 1.0
    assert sorted(shown.held) == list(shown.held)
    assert min(shown.held.values()) > 0.4


def test_the_parts_kept_for_the_screen_add_up_to_the_forecast(local_place: Place) -> None:
    service.train_prophet_model(local_place.unit_id)
    with reading() as session:
        shown = accuracy_screen(session, administrator(), local_place.home_id, "day", TODAY)
    parts = shown.units[0].model.metrics["parts"]
    assert len(parts["week"]) == 7
    assert parts["week"][6] < 0 < parts["week"][1], "Sundays have fewer people"
    assert sum(parts["week"]) == pytest.approx(0, abs=0.1)


def test_residents_dependency_and_a_closed_wing_move_hours_as_far_as_they_follow(
    local_place: Place,
) -> None:
    service.train_prophet_model(local_place.unit_id)
    with reading() as session:
        base = read_base(session, administrator(), local_place.home_id, TODAY)
    before = case(base, Assumption(), 90)
    assert before.assumption.is_base
    assert before.units[0].residents == 14
    more = case(base, Assumption(residents=7), 90)
    assert more.hours == pytest.approx(1.5 * before.hours)
    assert more.shifts > before.shifts
    half = case(base, Assumption(residents=7), 90, follows=0.5)
    assert half.hours == pytest.approx(1.25 * before.hours)
    frail = case(base, Assumption(dependency=0.1), 90)
    assert frail.hours == pytest.approx(1.1 * before.hours)
    closed = case(base, Assumption(closed=local_place.unit_id), 90, follows=0.3)
    assert (closed.hours, closed.shifts, closed.units[0].residents) == (0, 0, 0)


def test_more_residents_are_counted_from_those_booked(local_place: Place) -> None:
    service.train_prophet_model(local_place.unit_id)
    leaving = TODAY + timedelta(days=14)
    with UnitOfWork(administrator()) as uow:
        book_residents(uow, local_place.unit_id, leaving, -7, "a wing is painted")
        uow.commit()
    with reading() as session:
        base = read_base(session, administrator(), local_place.home_id, TODAY)
    before, more = case(base, Assumption(), 90), case(base, Assumption(residents=7), 90)
    assert before.units[0].residents == pytest.approx((14 * 14 + 14 * 7) / 28)
    ratios = [after / was for (_, was), (_, after) in zip(before.by_day, more.by_day, strict=True)]
    assert ratios[:14] == pytest.approx([1.5] * 14), "21 residents instead of 14"
    assert ratios[14:] == pytest.approx([2.0] * 14), "14 instead of 7"


def test_an_outbreak_lasts_a_week_and_asks_for_more_people(local_place: Place) -> None:
    service.train_prophet_model(local_place.unit_id)
    with reading() as session:
        base = read_base(session, administrator(), local_place.home_id, TODAY)
    before = case(base, Assumption(), 90)
    ill = case(base, Assumption(outbreak=local_place.unit_id), 90)
    ratios = [after / was for (_, was), (_, after) in zip(before.by_day, ill.by_day, strict=True)]
    assert ratios[:7] == pytest.approx([1.15 / 0.8] * 7)
    assert ratios[7:] == pytest.approx([1.0] * 21)
    assert ill.shifts > before.shifts


def test_both_belong_to_the_home(local_place: Place) -> None:
    with UnitOfWork(administrator()) as uow:
        stranger = actor(UserRole.OPERATIONAL_MANAGER, make_home(uow.session))
    with reading() as session:
        with pytest.raises(NotAllowed):
            accuracy_screen(session, stranger, local_place.home_id, "all", TODAY)
        with pytest.raises(NotAllowed):
            read_base(session, stranger, local_place.home_id, TODAY + timedelta(days=1))
    with pytest.raises(InvalidInput):
        Assumption(residents=1000)
    with pytest.raises(InvalidInput):
        Assumption(dependency=9)
