"""Homes side by side, and the targets they are held to, on both databases."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, select

from rota.access.scope import homes_of
from rota.costs.comparison import COMPARED, Light, Target, compare_homes, light_of
from rota.costs.measures import BY_KEY
from rota.costs.targets import SetTarget, set_target
from rota.database import UnitOfWork, reading
from rota.errors import InvalidInput, NotAllowed, NotFound
from rota.models import AuditEvent, CareHome, Classification, MeasureTarget, UserRole
from tests import factories as make
from tests.factories import actor, administrator
from tests.rota.costs.test_cost_queries import random_home
from tests.statements import statements

MARCH = date(2026, 3, 1)


def overtime_home(uow: UnitOfWork, overtime: int, plain: int) -> CareHome:
    """A home that worked so many overtime and plain shifts in March 2026, and none before."""
    home = make.make_home(uow.session)
    unit = make.make_unit(uow.session, home)
    for number in range(overtime + plain):
        kind = Classification.OVERTIME if number < overtime else Classification.REGULAR
        make.make_shift(
            uow.session, unit, make.make_staff(uow.session, unit), MARCH, cost_pence=1000,
            classification=kind,
        )  # fmt: skip
    return home


def test_values_changes_and_ranks_of_homes(uow: UnitOfWork) -> None:
    worse, better = overtime_home(uow, 2, 2), overtime_home(uow, 1, 3)
    idle = make.make_home(uow.session)
    who = actor(UserRole.SENIOR_MANAGER, worse, better, idle)
    found = compare_homes(uow.session, who, homes_of(uow.session, who), date(2026, 3, 17))
    shares = {h: found.readings[h.id]["overtime_share"] for h in (worse, better, idle)}
    assert [shares[h].value for h in (worse, better, idle)] == [0.5, 0.25, None]
    assert [shares[h].rank for h in (worse, better, idle)] == [2, 1, None]
    assert found.together["overtime_share"].value == 3 / 8
    cost = found.readings[worse.id]["cost"]
    assert (cost.value, cost.change, cost.change_on_year) == (4000, 4000, 4000)
    assert cost.trend == (0, 0, 0, 0, 0, 4000)
    assert shares[idle].change is None


def test_equal_homes_share_a_rank_and_more_may_be_better(uow: UnitOfWork) -> None:
    homes = [overtime_home(uow, 1, 1) for _ in range(2)]
    who = actor(UserRole.SENIOR_MANAGER, *homes)
    found = compare_homes(uow.session, who, homes_of(uow.session, who), MARCH)
    assert [found.readings[home.id]["overtime_share"].rank for home in homes] == [1, 1]


def test_every_compared_measure_is_read_in_eight_statements(database: Engine) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        homes = [random_home(uow.session, seed) for seed in (1, 2)]
        uow.commit()
    who = actor(UserRole.SENIOR_MANAGER, *homes)
    with reading(database) as session, statements(database) as sent:
        found = compare_homes(session, who, homes_of(session, who), MARCH)
    assert len(sent) == 8
    for readings in (*found.readings.values(), found.together):
        assert set(readings) == {measure.key for measure in COMPARED}
        for one in readings.values():
            assert one.value is None or one.value == one.value


def test_another_home_is_not_compared(uow: UnitOfWork) -> None:
    mine, other = make.make_home(uow.session), make.make_home(uow.session)
    both = homes_of(uow.session, actor(UserRole.ANALYST, mine, other))
    with pytest.raises(NotAllowed):
        compare_homes(uow.session, actor(UserRole.ANALYST, mine), both, MARCH)


@pytest.mark.parametrize(
    ("key", "value", "light"),
    [
        ("agency_share", 0.05, Light.GREEN), ("agency_share", 0.051, Light.AMBER),
        ("agency_share", 0.1, Light.AMBER), ("agency_share", 0.2, Light.RED),
        ("agency_share", None, Light.NONE),
    ],
)  # fmt: skip
def test_a_light_is_green_to_the_target_and_red_beyond_the_limit(
    key: str, value: float | None, light: Light
) -> None:
    assert light_of(BY_KEY[key], value, Target(0.05, 0.1)) is light
    assert light_of(BY_KEY[key], value, None) is Light.NONE


@pytest.mark.parametrize(
    ("days", "light"), [(30, Light.GREEN), (28, Light.GREEN), (20, Light.AMBER), (5, Light.RED)]
)
def test_where_more_is_better_the_limit_lies_below(days: float, light: Light) -> None:
    assert light_of(BY_KEY["lead_time"], days, Target(28, 14)) is light


def test_a_homes_own_target_goes_before_that_of_all(uow: UnitOfWork) -> None:
    own, plain = overtime_home(uow, 1, 1), overtime_home(uow, 1, 1)
    set_target(uow, SetTarget("overtime_share", 0.1, 0.2))
    set_target(uow, SetTarget("overtime_share", 0.6, 0.7, own.id))
    uow.session.flush()
    who = actor(UserRole.SENIOR_MANAGER, own, plain)
    found = compare_homes(uow.session, who, homes_of(uow.session, who), MARCH)
    readings = [found.readings[home.id]["overtime_share"] for home in (own, plain)]
    assert [one.light for one in readings] == [Light.GREEN, Light.RED]
    assert readings[0].target == Target(0.6, 0.7, is_own=True)
    assert found.together["overtime_share"].light is Light.RED


def test_targets_are_changed_and_taken_away_on_the_record(uow: UnitOfWork) -> None:
    set_target(uow, SetTarget("absence", 0.04, 0.06))
    set_target(uow, SetTarget("absence", 0.03, 0.06))
    uow.session.flush()
    assert [row.target for row in uow.session.scalars(select(MeasureTarget))] == [0.03]
    set_target(uow, SetTarget("absence", None, None))
    set_target(uow, SetTarget("absence", None, None))
    uow.session.flush()
    assert uow.session.scalars(select(MeasureTarget)).all() == []
    lines = uow.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [line.after for line in lines] == [
        {"target": 0.04, "limit": 0.06}, {"target": 0.03, "limit": 0.06}, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (SetTarget("nothing", 1, 2), NotFound), (SetTarget("absence", 0.1, None), InvalidInput),
        (SetTarget("absence", 0.1, 0.05), InvalidInput),
        (SetTarget("lead_time", 14, 28), InvalidInput),
        (SetTarget("absence", float("nan"), 1), InvalidInput),
    ],
)  # fmt: skip
def test_a_target_that_makes_no_sense_is_refused(
    uow: UnitOfWork, command: SetTarget, error: type[Exception]
) -> None:
    with pytest.raises(error):
        set_target(uow, command)


def test_only_those_who_may_set_targets_of_their_homes(sqlite_engine: Engine) -> None:
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        home = make.make_home(uow.session)
        uow.commit()
    command = SetTarget("absence", 0.1, 0.2, home.id)
    for who in (actor(UserRole.ANALYST, home), actor(UserRole.SENIOR_MANAGER)):
        with UnitOfWork(who, engine=sqlite_engine) as uow, pytest.raises(NotAllowed):
            set_target(uow, command)
    with UnitOfWork(actor(UserRole.SENIOR_MANAGER, home), engine=sqlite_engine) as uow:
        set_target(uow, command)
        uow.commit()
