"""Which requirement holds: particular before general, later before earlier."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from rota.database import UnitOfWork
from rota.models import Band
from rota.roster.requirements import Need, RequirementRow, requirements, resolve
from tests import factories as make
from tests.factories import MONDAY

SUNDAY = MONDAY + timedelta(days=6)


def test_every_day_holds_where_nothing_more_particular_is_said(uow: UnitOfWork) -> None:
    unit = make.make_unit(uow.session, make.make_home(uow.session))
    make.make_requirement(uow.session, unit, minimum=2, ideal=3, senior_minimum=1)
    found = requirements(uow.session, [unit.id], MONDAY, SUNDAY)
    assert found == {
        (unit.id, MONDAY + timedelta(days=n), Band.DAY): Need(2, 3, 1) for n in range(7)
    }


def test_a_weekday_beats_every_day_and_a_date_beats_both(uow: UnitOfWork) -> None:
    unit = make.make_unit(uow.session, make.make_home(uow.session))
    make.make_requirement(uow.session, unit, minimum=2, ideal=2)
    make.make_requirement(
        uow.session, unit, weekday=6, minimum=3, ideal=3, effective_from=date(2019, 1, 1)
    )
    make.make_requirement(
        uow.session, unit, on_date=SUNDAY, minimum=5, ideal=5, effective_from=date(2018, 1, 1)
    )
    found = requirements(uow.session, [unit.id], MONDAY, SUNDAY + timedelta(days=7))
    assert found[unit.id, MONDAY, Band.DAY].minimum == 2
    assert found[unit.id, SUNDAY, Band.DAY].minimum == 5
    assert found[unit.id, SUNDAY + timedelta(days=7), Band.DAY].minimum == 3


def test_the_latest_one_in_force_wins_and_a_future_one_waits(uow: UnitOfWork) -> None:
    unit = make.make_unit(uow.session, make.make_home(uow.session))
    changes_on = MONDAY + timedelta(days=3)
    make.make_requirement(uow.session, unit, minimum=4, ideal=4, effective_from=changes_on)
    make.make_requirement(uow.session, unit, minimum=2, ideal=2)
    found = requirements(uow.session, [unit.id], MONDAY, SUNDAY)
    numbers = [found[unit.id, MONDAY + timedelta(days=n), Band.DAY].minimum for n in range(7)]
    assert numbers == [2, 2, 2, 4, 4, 4, 4]


def test_an_ended_requirement_gives_way_to_the_one_before(uow: UnitOfWork) -> None:
    unit = make.make_unit(uow.session, make.make_home(uow.session))
    make.make_requirement(uow.session, unit, minimum=1, ideal=1)
    make.make_requirement(
        uow.session, unit, minimum=9, ideal=9, effective_from=MONDAY, effective_to=MONDAY
    )
    found = requirements(uow.session, [unit.id], MONDAY, MONDAY + timedelta(days=1))
    assert [need.minimum for need in found.values()] == [9, 1]


def test_nothing_stored_is_no_entry_rather_than_a_need_of_nought(uow: UnitOfWork) -> None:
    unit = make.make_unit(uow.session, make.make_home(uow.session))
    make.make_requirement(uow.session, unit, Band.NIGHT)
    found = requirements(uow.session, [unit.id], MONDAY, MONDAY)
    assert list(found) == [(unit.id, MONDAY, Band.NIGHT)]
    assert requirements(uow.session, [], MONDAY, SUNDAY) == {}
    assert requirements(uow.session, [unit.id], SUNDAY, MONDAY) == {}


def test_other_units_are_not_read(uow: UnitOfWork) -> None:
    home = make.make_home(uow.session)
    unit, other = make.make_unit(uow.session, home), make.make_unit(uow.session, home)
    make.make_requirement(uow.session, other)
    assert requirements(uow.session, [unit.id], MONDAY, SUNDAY) == {}


def test_one_statement_however_many_units(uow: UnitOfWork) -> None:
    home = make.make_home(uow.session)
    units = [make.make_unit(uow.session, home) for _ in range(5)]
    for unit in units:
        make.make_requirement(uow.session, unit)
    statements: list[str] = []
    connection = uow.session.connection()
    event.listen(connection, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert len(requirements(uow.session, [u.id for u in units], MONDAY, SUNDAY)) == 35
    assert len(statements) == 1


def test_short_counts_to_the_minimum_and_never_below_nought() -> None:
    assert [Need(3, 4).short(n) for n in (1, 3, 7)] == [2, 0, 0]


_days = st.integers(-20, 20).map(lambda n: MONDAY + timedelta(days=n))
_rows = st.builds(
    RequirementRow,
    id=st.integers(1, 10_000), unit_id=st.integers(1, 2), band=st.sampled_from(Band),
    weekday=st.none() | st.integers(0, 6), on_date=st.none() | _days,
    minimum=st.integers(0, 9), ideal=st.just(9), senior_minimum=st.integers(0, 2),
    effective_from=_days, effective_to=st.none() | _days,
)  # fmt: skip


def _particular(row: RequirementRow) -> int:
    return 2 if row.on_date is not None else 1 if row.weekday is not None else 0


@given(st.lists(_rows, max_size=25, unique_by=lambda row: row.id))
def test_resolution_equals_the_rule_said_plainly(rows: list[RequirementRow]) -> None:
    """The definition, one cell at a time, beside the fast one."""
    end = MONDAY + timedelta(days=9)
    found = resolve(rows, MONDAY, end)
    for unit_id in (1, 2):
        for band in Band:
            for n in range(10):
                day = MONDAY + timedelta(days=n)
                candidates = [
                    (_particular(row), row.effective_from, row.id, row)
                    for row in rows
                    if (row.unit_id, row.band) == (unit_id, band)
                    and row.in_force(day)
                    and row.on_date in (None, day)
                    and (row.on_date is not None or row.weekday in (None, day.weekday()))
                ]
                best = max(candidates, default=None)
                key = (unit_id, day, band)
                if best is None:
                    assert key not in found
                else:
                    assert found[key].minimum == best[-1].minimum
