"""Costs split every way, drilled down, and kept to one's own homes, on both databases."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.costs.queries import budgets, cost_by, cost_total, shifts_behind
from rota.costs.values import CostRow, CostScope, CostTotals, Dimension
from rota.database import UnitOfWork, reading
from rota.errors import InvalidInput, NotAllowed
from rota.models import Agency, Band, Budget, CareHome, Classification, Role, UserRole
from tests import factories as make
from tests.factories import actor, administrator
from tests.statements import statements

START, END = date(2026, 1, 20), date(2026, 4, 10)
SOURCES = [Classification.REGULAR, Classification.OVERTIME, Classification.BANK]


def analyst(*homes: CareHome) -> Actor:
    return actor(UserRole.ANALYST, *homes)


def random_home(session: Session, seed: int, shifts: int = 60) -> CareHome:
    """A home with shifts of every kind: own, agency (one without a role), vacant, unpriced."""
    dice = random.Random(seed)
    home = make.make_home(session)
    units = [make.make_unit(session, home) for _ in range(2)]
    roles = [make.make_role(session, code) for code in ("SCA", "SSCW")]
    people = [make.make_staff(session, unit, role) for unit in units for role in roles]
    agency = session.query(Agency).first() or Agency(name="Thistle Care")
    session.add(agency)
    session.flush()
    for number in range(shifts):
        day = START + timedelta(days=number * 80 // shifts)
        unit = dice.choice(units)
        pence = dice.choice([None, -500, 0, dice.randrange(1, 60_000)])
        kind = dice.random()
        fields: dict[str, object] = {"cost_pence": pence, "classification": dice.choice(SOURCES)}
        code = dice.choice("DN")
        if kind < 0.15:
            make.make_shift(session, unit, None, day, code, cost_pence=0)
        elif kind < 0.35:
            fields |= {"classification": Classification.AGENCY, "agency_id": agency.id}
            fields["role_id"] = dice.choice([None, roles[0].id])
            make.make_shift(session, unit, None, day, code, **fields)
        else:
            # one person a day at most, in turn: the database refuses overlaps
            make.make_shift(session, unit, people[number % 4], day, code, **fields)
    return home


def total_of(rows: list[CostRow]) -> CostTotals:
    return sum((row.totals for row in rows), CostTotals())


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10_000))
def test_every_split_adds_up_to_the_whole_and_to_its_shifts(uow: UnitOfWork, seed: int) -> None:
    """The same number as a total, a split, a split of a split, and shift by shift."""
    home = random_home(uow.session, seed)
    who, scope = analyst(home), CostScope(frozenset({home.id}), START, END)
    whole = cost_total(uow.session, who, scope)
    lines = shifts_behind(uow.session, who, scope, limit=1000)
    assert whole.pence == sum(line.pence or 0 for line in lines)
    assert whole.minutes == sum(line.minutes for line in lines)
    assert whole.shifts == len(lines)
    assert whole.missing_rates == sum(line.pence is None for line in lines)
    for dimension in Dimension:
        rows = cost_by(uow.session, who, scope, dimension)
        assert total_of(rows) == whole, dimension
        for row in rows[:3]:
            part = scope.within(dimension, row.keys[0])
            assert cost_total(uow.session, who, part) == row.totals, (dimension, row.keys)
    pairs = cost_by(uow.session, who, scope, Dimension.MONTH, Dimension.SOURCE)
    assert total_of(pairs) == whole
    assert [row.keys[0] for row in pairs] == sorted(row.keys[0] for row in pairs)  # type: ignore[type-var]


@pytest.mark.postgres
def test_both_databases_give_the_same_rows(sqlite_engine: Engine, postgres_engine: Engine) -> None:
    found = []
    for engine in (sqlite_engine, postgres_engine):
        with UnitOfWork(administrator(), engine=engine) as uow:
            home = random_home(uow.session, seed=7, shifts=120)
            scope = CostScope(frozenset({home.id}), START, END)
            found.append(
                [cost_by(uow.session, analyst(home), scope, d) for d in Dimension]
                + [shifts_behind(uow.session, analyst(home), scope)]
            )
            uow.session.rollback()
    assert [[getattr(r, "totals", None) for r in rows] for rows in found[0]] == [
        [getattr(r, "totals", None) for r in rows] for rows in found[1]
    ]


def test_a_missing_rate_is_counted_and_not_taken_as_nothing(uow: UnitOfWork) -> None:
    home = make.make_home(uow.session)
    unit = make.make_unit(uow.session, home)
    make.make_shift(uow.session, unit, make.make_staff(uow.session, unit), START, cost_pence=None)
    make.make_shift(uow.session, unit, make.make_staff(uow.session, unit), START, cost_pence=1200)
    scope = CostScope(frozenset({home.id}), START, END)
    assert cost_total(uow.session, analyst(home), scope) == CostTotals(2, 1440, 1200, 1, 720)
    gaps = CostScope(frozenset({home.id}), START, END, only_missing_rates=True)
    (line,) = shifts_behind(uow.session, analyst(home), gaps)
    assert line.pence is None


def test_a_vacancy_costs_nothing_and_is_not_a_missing_rate(uow: UnitOfWork) -> None:
    home = make.make_home(uow.session)
    make.make_shift(uow.session, make.make_unit(uow.session, home), None, START)
    scope = CostScope(frozenset({home.id}), START, END)
    assert cost_total(uow.session, analyst(home), scope) == CostTotals()
    assert cost_by(uow.session, analyst(home), scope, Dimension.MONTH) == []


def test_the_days_of_a_period_are_both_included_and_months_are_cut(uow: UnitOfWork) -> None:
    home = make.make_home(uow.session)
    unit = make.make_unit(uow.session, home)
    person = make.make_staff(uow.session, unit)
    for day in (START - timedelta(days=1), START, END, END + timedelta(days=1)):
        make.make_shift(uow.session, unit, person, day, cost_pence=100)
    scope = CostScope(frozenset({home.id}), START, END)
    rows = cost_by(uow.session, analyst(home), scope, Dimension.MONTH)
    assert [(row.keys[0], row.totals.pence) for row in rows] == [
        (date(2026, 1, 1), 100), (date(2026, 4, 1), 100),
    ]  # fmt: skip
    january = scope.within(Dimension.MONTH, date(2026, 1, 1))
    assert (january.start, january.end) == (START, date(2026, 1, 31))


@pytest.mark.parametrize(
    ("dimension", "key"),
    [
        (Dimension.MONTH, "2026-01"), (Dimension.HOME, "1"), (Dimension.SOURCE, None),
        (Dimension.MONTH, date(2031, 1, 1)),
    ],
)  # fmt: skip
def test_a_key_of_another_kind_or_outside_the_period_is_refused(
    dimension: Dimension, key: object
) -> None:
    with pytest.raises(InvalidInput):
        CostScope(frozenset({1}), START, END).within(dimension, key)  # type: ignore[arg-type]


def test_another_home_is_refused_and_its_unit_sums_to_nothing(uow: UnitOfWork) -> None:
    mine = make.make_home(uow.session)
    other = make.make_home(uow.session)
    unit = make.make_unit(uow.session, other)
    make.make_shift(uow.session, unit, make.make_staff(uow.session, unit), START, cost_pence=999)
    who = analyst(mine)
    theirs = CostScope(frozenset({mine.id, other.id}), START, END)
    for read in (cost_by, cost_total, shifts_behind, budgets):
        with pytest.raises(NotAllowed):
            read(uow.session, who, theirs)
    by_unit = CostScope(frozenset({mine.id}), START, END, unit_id=unit.id)
    assert cost_total(uow.session, who, by_unit) == CostTotals()
    assert shifts_behind(uow.session, who, by_unit) == []
    with pytest.raises(NotAllowed):
        cost_total(
            uow.session,
            actor(UserRole.CARE_STAFF, mine),
            CostScope(frozenset({mine.id}), START, END),
        )
    assert theirs.within(Dimension.HOME, other.id).home_ids == {other.id}
    only_mine = CostScope(frozenset({mine.id}), START, END).within(Dimension.HOME, other.id)
    assert only_mine.home_ids == frozenset()
    assert cost_total(uow.session, who, only_mine) == CostTotals()


def test_people_are_named_only_to_those_who_may_see_personal_data(uow: UnitOfWork) -> None:
    home = make.make_home(uow.session)
    unit = make.make_unit(uow.session, home)
    person = make.make_staff(uow.session, unit, first_name="Mairi", last_name="Grant")
    make.make_shift(uow.session, unit, person, START, cost_pence=1)
    scope = CostScope(frozenset({home.id}), START, END)
    (plain,) = shifts_behind(uow.session, analyst(home), scope)
    (named,) = shifts_behind(uow.session, actor(UserRole.SENIOR_MANAGER, home), scope)
    assert (plain.worker, named.worker) == ("Own staff", "Mairi Grant")


def test_budgets_are_those_of_the_months_and_only_of_whole_homes(uow: UnitOfWork) -> None:
    home = make.make_home(uow.session)
    for month, source in ((1, "regular"), (4, "agency"), (5, "agency")):
        uow.session.add(
            Budget(home_id=home.id, month=date(2026, month, 1), source=source, pence=month)
        )
    uow.session.flush()
    scope = CostScope(frozenset({home.id}), START, END)
    lines = budgets(uow.session, analyst(home), scope)
    assert [(line.month.month, line.source, line.pence) for line in lines] == [
        (1, Classification.REGULAR, 1), (4, Classification.AGENCY, 4),
    ]  # fmt: skip
    agency = scope.within(Dimension.SOURCE, "agency")
    assert [line.pence for line in budgets(uow.session, analyst(home), agency)] == [4]
    nights = scope.within(Dimension.BAND, Band.NIGHT.value)
    assert budgets(uow.session, analyst(home), nights) == []


def test_one_statement_each(database: Engine) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        home = random_home(uow.session, seed=3)
        uow.commit()
    scope = CostScope(frozenset({home.id}), START, END)
    with reading(database) as session, statements(database) as sent:
        cost_by(session, analyst(home), scope, *Dimension)
        shifts_behind(session, analyst(home), scope, limit=10)
        budgets(session, analyst(home), scope)
    assert len(sent) == 3


def test_pages_of_shifts_follow_one_another(uow: UnitOfWork) -> None:
    home = random_home(uow.session, seed=5)
    scope = CostScope(frozenset({home.id}), START, END)
    whole = shifts_behind(uow.session, analyst(home), scope, limit=1000)
    pages = [
        line
        for offset in range(0, len(whole), 7)
        for line in shifts_behind(uow.session, analyst(home), scope, limit=7, offset=offset)
    ]
    assert pages == whole


def test_the_role_is_the_persons_own_even_where_the_vacancy_asked_for_another(
    uow: UnitOfWork,
) -> None:
    home = make.make_home(uow.session)
    unit = make.make_unit(uow.session, home)
    senior, assistant = make.make_role(uow.session, "SSCW"), make.make_role(uow.session, "SCA")
    person = make.make_staff(uow.session, unit, senior)
    make.make_shift(uow.session, unit, person, START, cost_pence=1, role_id=assistant.id)
    scope = CostScope(frozenset({home.id}), START, END)
    (row,) = cost_by(uow.session, analyst(home), scope, Dimension.ROLE)
    assert row.keys == (senior.id,)
    assert uow.session.get_one(Role, senior.id).code == "SSCW"
