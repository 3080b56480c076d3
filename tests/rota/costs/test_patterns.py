"""The pattern explorer says what the cost queries say, and keeps views under a name."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from rota.access.scope import homes_of
from rota.costs.patterns import (
    Pattern,
    PatternMeasure,
    explore,
    remove_view,
    save_view,
    saved_views,
)
from rota.costs.queries import cost_total
from rota.costs.values import CostScope, Dimension
from rota.database import UnitOfWork
from rota.errors import InvalidInput, NotAllowed, NotFound
from rota.models import SavedView, UserRole
from tests import factories as make
from tests.factories import actor
from tests.rota.costs.test_cost_queries import random_home


@settings(max_examples=5, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(seed=st.integers(0, 10_000))
def test_every_split_of_every_measure_is_the_same_whole(uow: UnitOfWork, seed: int) -> None:
    session = uow.session
    home = random_home(session, seed)
    who = actor(UserRole.ANALYST, home)
    homes = homes_of(session, who)
    scope = CostScope(frozenset({home.id}), date(2026, 2, 1), date(2026, 2, 28))
    total = cost_total(session, who, scope)
    for by in Dimension:
        for within in (None, Dimension.SOURCE, Dimension.BAND):
            if by is within:
                continue
            for measure in PatternMeasure:
                found = explore(session, who, homes, scope, Pattern(measure, by, within))
                assert found.total == total
                assert all(row.label for row in found.rows)
                if measure is PatternMeasure.COST:
                    assert sum(row.value or 0 for row in found.rows) == total.pence


def test_a_rate_of_nothing_is_not_nought(uow: UnitOfWork) -> None:
    session = uow.session
    unit = make.make_unit(session, make.make_home(session))
    make.make_shift(session, unit, make.make_staff(session, unit), cost_pence=None)
    home = unit.home_id
    who = actor(UserRole.ANALYST, unit.home)
    scope = CostScope(frozenset({home}), make.MONDAY, make.MONDAY)
    pattern = Pattern(PatternMeasure.COST_PER_HOUR, Dimension.UNIT)
    (row,) = explore(session, who, homes_of(session, who), scope, pattern).rows
    assert row.value is None


def test_one_thing_is_not_split_by_itself() -> None:
    with pytest.raises(InvalidInput):
        Pattern(PatternMeasure.COST, Dimension.UNIT, Dimension.UNIT)


def test_views_are_kept_by_name_and_are_ones_own(uow: UnitOfWork) -> None:
    users = [make.make_user(uow.session, UserRole.ANALYST) for _ in range(2)]
    one, two = (actor(UserRole.ANALYST, user_id=user.id) for user in users)
    uow.actor = one
    save_view(uow, " Nights  by unit ", "/costs/explore/?view=a")
    view = save_view(uow, "Nights by unit", "/costs/explore/?view=b")
    assert [(v.name, v.address) for v in saved_views(uow.session, one)] == [
        ("Nights by unit", "/costs/explore/?view=b")
    ]
    uow.actor = two
    assert saved_views(uow.session, two) == []
    with pytest.raises(NotFound):
        remove_view(uow, view.id)
    uow.actor = one
    remove_view(uow, view.id)
    uow.session.flush()
    assert uow.session.scalars(select(SavedView)).all() == []


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("", "/costs/explore/?x"), ("x" * 81, "/costs/explore/?x"), ("a\x00b", "/costs/explore/?x"),
        ("a", "https://example.org/"), ("a", "javascript:alert(1)"), ("a", "/admin/"),
        ("a", "/costs/explore/?" + "x" * 500),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused(uow: UnitOfWork, name: str, address: str) -> None:
    uow.actor = actor(UserRole.ANALYST, user_id=make.make_user(uow.session, UserRole.ANALYST).id)
    with pytest.raises(InvalidInput):
        save_view(uow, name, address)


def test_care_staff_explore_nothing(uow: UnitOfWork) -> None:
    uow.actor = actor(UserRole.CARE_STAFF)
    with pytest.raises(NotAllowed):
        save_view(uow, "a", "/costs/explore/?x")
    with pytest.raises(NotAllowed):
        saved_views(uow.session, uow.actor)
