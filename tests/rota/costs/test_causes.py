"""The waterfall by cause: whatever happened, its bars add up to the change to the penny."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from rota.access.scope import homes_of
from rota.calendar import Period
from rota.costs.cause_facts import why_it_changed
from rota.costs.causes import Cause, CauseLine, UnitDay, causes_of, explain
from rota.costs.queries import cost_total
from rota.costs.values import CostScope
from rota.database import UnitOfWork
from rota.errors import NotAllowed
from rota.models import (
    AbsenceSpell,
    Census,
    Classification,
    LeaveStatus,
    LostShift,
    OnCost,
    PayRate,
    Publication,
    UserRole,
)
from tests import factories as make
from tests.factories import actor
from tests.rota.costs.test_cost_queries import random_home
from tests.statements import statements

MAY, JUNE = Period(date(2026, 5, 1), date(2026, 5, 31)), Period(date(2026, 6, 1), date(2026, 6, 30))
DAY = date(2026, 6, 3)
minutes = st.integers(0, 3_000)
pence = st.integers(-20_000, 200_000)
unit_days = st.builds(
    UnitDay, st.integers(1, 3), st.just(DAY), pence, pence, pence, minutes, pence, minutes, minutes,
    minutes, st.booleans(),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(unit_days, max_size=5), st.lists(unit_days, max_size=5))
def test_the_bars_add_up_to_the_change_to_the_penny(
    base: list[UnitDay], actual: list[UnitDay]
) -> None:
    for day in (*base, *actual):
        assert sum(causes_of(day).values()) == day.cost_pence
    why = explain(base, actual)
    whole = CauseLine(sum(d.cost_pence for d in base), sum(d.cost_pence for d in actual))
    assert why.whole == whole
    assert sum(line.change_pence for line in why.lines.values()) == whole.change_pence
    for cause in Cause:
        parts = [unit[cause] for unit in why.units.values()]
        assert sum(parts, CauseLine(0, 0)) == why.lines[cause]


def day_of(**fields: int | bool) -> dict[Cause, int]:
    """The causes of a day with 20 hours of cover for £600, worth £400 as contracted hours."""
    of = {"cost_pence": 60_000, "cover_pence": 60_000, "cover_minutes": 1_200, "own_pence": 40_000}
    return causes_of(UnitDay(1, DAY, **(of | fields)))  # type: ignore[arg-type]


def test_cover_is_explained_in_turn_and_never_twice() -> None:
    found = day_of(sick_minutes=600, leave_minutes=300, dependency_minutes=1_000)
    assert (found[Cause.SICKNESS], found[Cause.LEAVE], found[Cause.DEPENDENCY]) == (
        30_000, 15_000, 15_000,
    )  # fmt: skip
    assert found[Cause.VACANCY] == 0
    assert day_of(sick_minutes=9_999)[Cause.SICKNESS] == 60_000


def test_only_the_premium_of_unexplained_cover_is_late_publishing() -> None:
    found = day_of(sick_minutes=600, is_late=True)
    assert (found[Cause.SICKNESS], found[Cause.LATE], found[Cause.VACANCY]) == (
        30_000, 10_000, 20_000,
    )  # fmt: skip


def test_a_correction_without_hours_is_rates() -> None:
    assert causes_of(UnitDay(1, DAY, cost_pence=-500))[Cause.RATES] == -500


def test_what_happened_to_a_home_is_found(uow: UnitOfWork) -> None:
    """Nothing in May; in June a rise of pay, somebody ill and covered, and a late rota."""
    session = uow.session
    home = make.make_home(session)
    unit = make.make_unit(session, home)
    role = make.make_role(session)
    for start, rate in ((date(2020, 1, 1), 1_000), (JUNE.start, 1_100)):
        session.add(PayRate(role_id=role.id, effective_from=start, day_pence=rate, night_pence=rate,
                            weekend_pence=rate, holiday_pence=rate,
                            overtime_multiplier=Decimal(2)))  # fmt: skip
    session.add(OnCost(effective_from=date(2020, 1, 1), national_insurance_percent=Decimal(0),
                       national_insurance_threshold_pence=0, pension_percent=Decimal(0)))  # fmt: skip
    ill, well = make.make_staff(session, unit, role), make.make_staff(session, unit, role)
    make.make_shift(session, unit, well, MAY.start, cost_pence=12_000)
    make.make_shift(session, unit, well, DAY, cost_pence=13_200)
    overtime = {"classification": Classification.OVERTIME, "cost_pence": 26_400}
    for offset in (1, 2):
        make.make_shift(session, unit, well, DAY + timedelta(days=offset), **overtime)
    spell = AbsenceSpell(staff_id=ill.id, home_id=home.id, started_on=DAY)
    session.add(spell)
    session.flush()
    session.add_all(
        [
            LostShift(spell_id=spell.id, staff_id=ill.id, unit_id=unit.id, minutes=720, band="day",
                      date=DAY + timedelta(days=1)),
            Publication(home_id=home.id, start_date=DAY, end_date=JUNE.end, number=1,
                        published_at=datetime(2026, 5, 30, tzinfo=UTC), published_by_id=None),
        ]
    )  # fmt: skip
    session.flush()
    who = actor(UserRole.SENIOR_MANAGER, home)
    why = why_it_changed(session, who, homes_of(session, who), MAY, JUNE)
    change = {cause: line.change_pence for cause, line in why.lines.items() if line.change_pence}
    assert change == {
        Cause.SICKNESS: 24_000,  # 12 h at the old £20 of overtime
        Cause.LATE: 12_000,  # beyond the £10 that contracted hours cost
        Cause.VACANCY: 12_000,
        Cause.RATES: 1_200 + 2 * 2_400,
    }
    assert why.lines[Cause.CONTRACTED] == CauseLine(12_000, 12_000)
    assert why.whole == CauseLine(12_000, 66_000)
    assert [(share.date, share.pence) for share in why.dearest[Cause.SICKNESS]] == [
        (DAY + timedelta(days=1), 24_000)
    ]


def test_leave_and_care_beyond_the_usual_day_explain_cover(uow: UnitOfWork) -> None:
    session = uow.session
    home = make.make_home(session)
    unit = make.make_unit(session, home)
    people = [make.make_staff(session, unit) for _ in range(3)]
    for person in people[:2]:
        make.make_leave(session, person, DAY, DAY, status=LeaveStatus.APPROVED, minutes=720)
    busy = DAY + timedelta(days=1)
    for day, hours in ((MAY.start, 20.0), (busy, 30.0)):
        session.add(Census(unit_id=unit.id, date=day, residents=0, care_hours=hours, by_group={}))
    for day in (DAY, busy):
        make.make_shift(session, unit, people[2], day, cost_pence=20_000,
                        classification=Classification.BANK)  # fmt: skip
    who = actor(UserRole.SENIOR_MANAGER, home)
    why = why_it_changed(session, who, homes_of(session, who), MAY, JUNE)
    mean = 2 * 720 / (31 + 30)
    assert why.lines[Cause.LEAVE].actual_pence == 20_000, "1440 less a mean day is beyond the 720"
    assert mean < 720
    assert why.lines[Cause.DEPENDENCY].actual_pence == round(20_000 * 300 / 720)
    assert why.whole.actual_pence == 40_000


def test_causes_of_random_homes_foot_with_the_cost_screen(database: Engine) -> None:
    with UnitOfWork(make.administrator(), engine=database) as uow:
        homes = [random_home(uow.session, seed) for seed in (3, 4)]
        who = actor(UserRole.ANALYST, *homes)
        base, actual = Period(date(2026, 1, 20), date(2026, 2, 28)), Period(
            date(2026, 3, 1), date(2026, 4, 10)
        )  # fmt: skip
        choices = homes_of(uow.session, who)
        with statements(database) as sent:
            why = why_it_changed(uow.session, who, choices, base, actual)
        assert len(sent) == 10
        ids = frozenset(home.id for home in homes)
        before, after = (
            cost_total(uow.session, who, CostScope(ids, p.start, p.end)) for p in (base, actual)
        )
        assert why.whole == CauseLine(before.pence, after.pence)
        assert why.missing_rates == before.missing_rates + after.missing_rates
        unit = choices[0].units[0]
        part = why_it_changed(uow.session, who, choices[:1], base, actual, unit.id)
        assert part.lines == why.units[unit.id]


def test_an_empty_period_and_another_home(uow: UnitOfWork) -> None:
    mine, other = make.make_home(uow.session), make.make_home(uow.session)
    who = actor(UserRole.ANALYST, mine)
    assert why_it_changed(uow.session, who, homes_of(uow.session, who), MAY, JUNE).whole == (
        CauseLine(0, 0)
    )
    theirs = homes_of(uow.session, actor(UserRole.ANALYST, other))
    with pytest.raises(NotAllowed):
        why_it_changed(uow.session, who, theirs, MAY, JUNE)
