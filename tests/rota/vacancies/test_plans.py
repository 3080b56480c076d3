"""Filling several vacancies together: three plans, each lawful, applied and undone as one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from rota.calendar import Period
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed
from rota.leave.sickness import report_sick
from rota.models import Agency, AgencyRate, ChangeSet, Shift, Staff, UserRole
from rota.roster import changes
from rota.roster.shift_types import load_shift_kinds
from rota.roster.timelines import load_timelines, worked_shift
from rota.rules import Change, check_change
from rota.vacancies.repair import MOST_TOGETHER, apply_plan, plans, vacancies_of_spell
from rota.vacancies.spells import broken_spells
from tests import factories as make
from tests.factories import MONDAY
from tests.rota.vacancies.conftest import NOW, Open

DAY = timedelta(days=1)


def three_gaps(uow: UnitOfWork, gap: Open) -> list[Shift]:
    """The gap and two on the days after it."""
    found = [gap.shift]
    found += [
        make.make_shift(
            uow.session, gap.unit, day=MONDAY + n * DAY, role_id=gap.role.id, paid_minutes=660
        )
        for n in (1, 2)
    ]
    uow.commit()
    return found


def people(uow: UnitOfWork, gap: Open, count: int, **fields: object) -> list[Staff]:
    """So many people of the unit."""
    found = [make.make_staff(uow.session, gap.unit, **fields) for _ in range(count)]
    uow.commit()
    return found


def test_plans_differ_in_price_and_people_and_name_them(uow: UnitOfWork, gap: Open) -> None:
    gaps = three_gaps(uow, gap)
    people(uow, gap, 3, contracted_minutes=660)  # a second shift is overtime for each
    found = plans(uow.session, gap.manager, [g.id for g in gaps])
    by_title = {plan.title: plan for plan in found}
    assert found[0].title == "Best fit"
    assert by_title["Fewest people"].people == 1
    assert min(p.people for p in found) < max(p.people for p in found)
    for plan in found:
        assert plan.unfilled == 0
        assert plan.notice_hours == (gaps[0].starts_at - NOW).total_seconds() / 3600


def test_what_nobody_can_work_goes_to_an_agency_or_stays_open(uow: UnitOfWork, gap: Open) -> None:
    gaps = three_gaps(uow, gap)
    (plan,) = plans(uow.session, gap.manager, [gaps[0].id])
    assert (plan.unfilled, plan.agency_shifts, plan.cost_pence) == (1, 0, 0)
    agency = Agency(name="Helping Hands", weekly_cap_minutes=700)
    uow.session.add(agency)
    uow.session.flush()
    uow.session.add(
        AgencyRate(
            agency_id=agency.id, role_id=gap.role.id, effective_from=MONDAY - 900 * DAY,
            day_pence=2000, night_pence=2000, weekend_pence=2000, holiday_pence=2000,
        )
    )  # fmt: skip
    uow.commit()
    (plan,) = plans(uow.session, gap.manager, [g.id for g in gaps])
    assert (plan.agency_shifts, plan.unfilled, plan.cost_pence) == (1, 2, 22_000)


def test_nothing_stays_open_that_somebody_further_down_may_take(
    uow: UnitOfWork, gap: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rota.vacancies.repair.CHOICE", 1)
    monkeypatch.setattr("rota.vacancies.repair.ENOUGH_FREE", 1)
    others = [make.make_shift(uow.session, gap.unit, role_id=gap.role.id) for _ in range(2)]
    gaps = [gap.shift, *others]
    people(uow, gap, 3)
    found = plans(uow.session, gap.manager, [g.id for g in gaps])
    assert [(plan.unfilled, plan.people) for plan in found] == [(0, 3)] * len(found)


def test_a_whole_week_is_read_once_for_all_its_vacancies(uow: UnitOfWork, gap: Open) -> None:
    people(uow, gap, 10)
    seen: list[str] = []
    event.listen(
        uow.session.get_bind(), "before_cursor_execute", lambda *args: seen.append(args[2])
    )
    counts = []
    for _ in range(2):
        gaps = [
            make.make_shift(uow.session, gap.unit, day=MONDAY + n % 7 * DAY, role_id=gap.role.id)
            for n in range(20)
        ]
        uow.commit()
        seen.clear()
        assert plans(uow.session, gap.manager, [g.id for g in gaps])
        counts.append(len(seen))
    assert max(counts) < 60 + 20 * 8, "the people and their timelines are not read per vacancy"


def test_every_assignment_is_lawful_on_top_of_those_before(uow: UnitOfWork, gap: Open) -> None:
    night = make.make_shift(uow.session, gap.unit, day=MONDAY, code="N", role_id=gap.role.id)
    gaps = [*three_gaps(uow, gap), night]
    people(uow, gap, 2)
    kinds = load_shift_kinds(uow.session)
    for plan in plans(uow.session, gap.manager, [g.id for g in gaps]):
        rota = load_timelines(
            uow.session, [a.staff_id for a in plan.assignments if a.staff_id],
            Period(MONDAY, MONDAY + 3 * DAY),
        )  # fmt: skip
        for assignment in plan.assignments:
            if assignment.staff_id is None:
                continue
            row = uow.session.get_one(Shift, assignment.vacancy_id)
            shift = worked_shift(kinds[row.shift_type_id], row.id, row)
            timeline = rota[assignment.staff_id]
            assert not check_change(timeline, Change.add(shift)).is_barred
            rota[assignment.staff_id] = timeline.changed(added=(shift,))


def test_a_plan_is_applied_and_undone_as_one(uow: UnitOfWork, gap: Open) -> None:
    gaps = three_gaps(uow, gap)
    people(uow, gap, 3)
    plan = plans(uow.session, gap.manager, [g.id for g in gaps])[0]
    uow.actor = gap.manager
    change_set_id = apply_plan(uow, plan.assignments, gap.home.id)
    uow.commit()
    assert not any(g.is_vacant for g in gaps)
    assert sum(g.cost_pence or 0 for g in gaps) == plan.cost_pence
    assert len(uow.session.scalars(select(ChangeSet)).all()) == 1
    changes.undo(uow, change_set_id)
    uow.commit()
    assert all(g.is_vacant for g in gaps)


def test_a_plan_that_no_longer_holds_changes_nothing(uow: UnitOfWork, gap: Open) -> None:
    gaps = three_gaps(uow, gap)
    people(uow, gap, 3)
    plan = plans(uow.session, gap.manager, [g.id for g in gaps])[0]
    gaps[2].note = "changed"
    uow.commit()
    with pytest.raises(Conflict):
        apply_plan(uow, plan.assignments, gap.home.id)
    uow.session.rollback()
    assert all(uow.session.get_one(Shift, g.id).is_vacant for g in gaps)


def test_plans_are_for_a_few_vacancies_of_ones_own_home(uow: UnitOfWork, gap: Open) -> None:
    with pytest.raises(InvalidInput):
        plans(uow.session, gap.manager, [])
    with pytest.raises(InvalidInput):
        plans(uow.session, gap.manager, range(1, MOST_TOGETHER + 2))
    stranger = make.actor(UserRole.OPERATIONAL_MANAGER, make.make_home(uow.session))
    with pytest.raises(NotAllowed):
        plans(uow.session, stranger, [gap.shift.id])
    people(uow, gap, 1)
    plan = plans(uow.session, gap.manager, [gap.shift.id])[0]
    uow.actor = make.actor(UserRole.ANALYST, gap.home)
    with pytest.raises(NotAllowed):
        apply_plan(uow, plan.assignments, gap.home.id)
    uow.actor = stranger
    with pytest.raises(NotAllowed):
        apply_plan(uow, plan.assignments, min(stranger.home_ids))


def test_sickness_is_repaired_from_its_own_vacancies(uow: UnitOfWork, gap: Open) -> None:
    ill, well = people(uow, gap, 2)
    today = NOW.date()
    lost = make.make_shift(
        uow.session, gap.unit, ill, today + DAY, role_id=gap.role.id, paid_minutes=660
    )
    uow.commit()
    spell = report_sick(uow, ill.id, today).spell_id
    uow.commit()
    ids = vacancies_of_spell(uow.session, gap.manager, spell)
    assert ids == [lost.id]
    plan = plans(uow.session, gap.manager, ids)[0]
    assert [a.staff_id for a in plan.assignments] == [well.id]
    apply_plan(uow, plan.assignments, gap.home.id)
    uow.commit()
    assert (lost.user_id, vacancies_of_spell(uow.session, gap.manager, spell)) == (well.id, [])


def test_the_absences_that_left_shifts_open_are_listed_until_they_are_repaired(
    uow: UnitOfWork, gap: Open
) -> None:
    ill, _well = people(uow, gap, 2)
    today = NOW.date()
    for offset in (1, 3):
        make.make_shift(uow.session, gap.unit, ill, today + offset * DAY, role_id=gap.role.id)
    uow.commit()
    spell = report_sick(uow, ill.id, today).spell_id
    uow.commit()
    (broken,) = broken_spells(uow.session, gap.manager, gap.home.id)
    assert (broken.spell_id, broken.name, broken.shifts) == (spell, ill.name, 2)
    assert broken.first_shift == today + DAY
    plan = plans(uow.session, gap.manager, vacancies_of_spell(uow.session, gap.manager, spell))[0]
    uow.actor = gap.manager
    apply_plan(uow, plan.assignments, gap.home.id)
    uow.commit()
    assert broken_spells(uow.session, gap.manager, gap.home.id) == []
    for actor in (
        make.actor(UserRole.ANALYST, gap.home),
        make.actor(UserRole.OPERATIONAL_MANAGER, make.make_home(uow.session)),
    ):
        with pytest.raises(NotAllowed):
            broken_spells(uow.session, actor, gap.home.id)


def test_three_ways_are_offered_where_there_are_people_enough(uow: UnitOfWork, gap: Open) -> None:
    ann, ben, cat, _dan = people(uow, gap, 4)
    found = plans(uow.session, gap.manager, [gap.shift.id])
    asked = [plan.assignments[0].staff_id for plan in found]
    assert len(found) == 3 and len(set(asked)) == 3
    assert [plan.unfilled for plan in found] == [0, 0, 0]
    for person in (ann, ben):
        person.is_active = False
    uow.commit()
    found = plans(uow.session, gap.manager, [gap.shift.id])
    assert len(found) == 2, "where only two can work it, only two ways are offered"
    assert cat.id in [plan.assignments[0].staff_id for plan in found]
