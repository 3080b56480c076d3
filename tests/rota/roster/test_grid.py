"""The week grid: who is shown, what their cells say, and how cover is counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from rota.calendar import Period
from rota.errors import NotFound
from rota.models import (
    AbsenceSpell,
    Agency,
    Band,
    Classification,
    Grade,
    LeaveStatus,
    LeaveType,
)
from rota.roster.findings import findings_of, rule_findings
from rota.roster.grid import flags
from rota.roster.queries import week_grid
from rota.roster.slots import Slot, cover_table
from rota.rules import Severity
from tests import factories as make
from tests.rota.roster.conftest import SOON, Place, later


def grid(place: Place, unit: bool = False, weeks: int = 1):  # type: ignore[no-untyped-def]
    place.uow.session.flush()
    unit_id = place.unit.id if unit else None
    return week_grid(place.uow.session, place.home.id, unit_id, later(2), weeks)


def test_a_line_has_the_persons_hours_and_shifts(place: Place) -> None:
    ann = place.person(first_name="Ann", last_name="Reid", contracted_minutes=35 * 60, team="B")
    day, night = place.shift(ann, 0, "D"), place.shift(ann, 5, "N")
    shown = grid(place, weeks=2)
    assert shown.period == Period(SOON, later(13))
    (line,) = shown.people
    assert (line.name, line.role_code, line.team) == ("Ann Reid", "SCA", "B")
    assert line.contracted_minutes == 70 * 60
    assert line.rostered_minutes == day.paid_minutes + night.paid_minutes
    assert (line.nights, line.weekend_days) == (1, 1)
    assert [shift.id for shift in line.days[later(0)]] == [day.id]
    assert line.days[later(0)][0].version == day.version
    assert line.days[later(5)][0].kind.category == "night"


def test_days_away_carry_their_codes(place: Place) -> None:
    ann, bob = place.person(last_name="A"), place.person(last_name="B")
    make.make_leave(place.uow.session, ann, later(-3), later(0), status=LeaveStatus.APPROVED)
    make.make_leave(
        place.uow.session, ann, later(2), later(2), status=LeaveStatus.APPROVED,
        leave_type=LeaveType.TRAINING,
    )  # fmt: skip
    make.make_leave(place.uow.session, ann, later(4), later(4))
    place.uow.session.add(AbsenceSpell(staff_id=bob.id, home_id=place.home.id, started_on=later(5)))
    first, second = grid(place).people
    assert first.absences == {later(0): "AL", later(2): "T"}
    assert second.absences == {later(5): "S", later(6): "S"}


def test_who_works_here_from_elsewhere_is_shown_last_and_own_shifts_elsewhere_too(
    place: Place,
) -> None:
    other_home = make.make_home(place.uow.session)
    other_unit = make.make_unit(place.uow.session, other_home)
    guest = make.make_staff(place.uow.session, other_unit, first_name="Gail")
    ann = place.person(first_name="Ann")
    place.shift(guest, 0)
    away = make.make_shift(place.uow.session, other_unit, ann, later(3))
    make.make_shift(
        place.uow.session, other_unit, make.make_staff(place.uow.session, other_unit), later(3)
    )
    own, visiting = grid(place).people
    assert (own.id, visiting.id) == (ann.id, guest.id)
    assert own.days[later(3)][0].id == away.id
    assert grid(place).cover[later(3), Band.DAY].planned == 0


def test_a_unit_shows_its_own_people_and_whoever_works_there(place: Place) -> None:
    sister = make.make_unit(place.uow.session, place.home)
    helper = make.make_staff(place.uow.session, sister)
    make.make_staff(place.uow.session, sister)
    ann = place.person()
    place.shift(helper, 0)
    shown = grid(place, unit=True)
    assert {line.id for line in shown.people} == {ann.id, helper.id}
    assert {line.id for line in grid(place).people} > {ann.id, helper.id}


def test_open_and_agency_shifts_stand_apart(place: Place) -> None:
    agency = Agency(name="Tolbooth Nursing")
    place.uow.session.add(agency)
    place.uow.session.flush()
    vacancy = place.shift(day=1)
    hired = place.shift(
        day=1, agency_id=agency.id, agency_worker="J. Doe", classification=Classification.AGENCY
    )
    shown = grid(place)
    assert [shift.id for shift in shown.vacancies] == [vacancy.id]
    assert [shift.id for shift in shown.agency] == [hired.id]
    assert shown.people == ()
    assert shown.totals.drafts == 2
    assert shown.totals.vacancies == 1


def test_cover_counts_who_is_there_against_the_requirement(place: Place) -> None:
    make.make_requirement(place.uow.session, place.unit, minimum=2, ideal=3)
    make.make_requirement(
        place.uow.session, place.unit, Band.DAY, minimum=3, ideal=3, weekday=later(1).weekday()
    )
    make.make_requirement(
        place.uow.session, place.unit, Band.DAY, minimum=5, ideal=5, on_date=later(2)
    )
    office = make.make_role(place.uow.session, "OM", grade=Grade.MANAGER, counts_to_cover=False)
    for person in (place.person(), place.person("SSCW")):
        place.shift(person, 0)
    place.shift(place.person(), 0, is_supernumerary=True)
    place.shift(make.make_staff(place.uow.session, place.unit, office), 0)
    place.shift(day=0)
    cover = grid(place).cover
    assert cover[later(0), Band.DAY].text == "2/2"
    assert cover[later(0), Band.DAY].senior == 1
    assert cover[later(1), Band.DAY].text == "0/3"
    assert cover[later(2), Band.DAY].short == 5
    assert cover[later(0), Band.NIGHT].text == "0/0"


def test_the_grid_and_the_cover_table_count_alike(place: Place) -> None:
    agency = Agency(name="Tolbooth Nursing")
    place.uow.session.add(agency)
    place.uow.session.flush()
    make.make_requirement(place.uow.session, place.unit)
    senior = make.make_role(place.uow.session, "SSCW")
    place.shift(place.person(), 0)
    place.shift(place.person("SSCW"), 0, "N")
    place.shift(day=0, agency_id=agency.id, role_id=senior.id)
    place.shift(day=0, agency_id=agency.id)
    place.shift(day=0)
    shown = grid(place)
    table = cover_table(place.uow.session, [place.unit.id], shown.period)
    for (day, band), cover in shown.cover.items():
        assert table.at(Slot(place.unit.id, day, band)) == cover
    assert shown.cover[later(0), Band.DAY].senior == 1


def test_the_head_of_a_grid_and_of_a_refresh_agree(place: Place) -> None:
    from rota.roster.refresh import totals_of

    sister = make.make_unit(place.uow.session, place.home)
    elsewhere = make.make_unit(place.uow.session, make.make_home(place.uow.session))
    ann = place.person()
    place.shift(ann, 0, cost_pence=12_345, is_published=True)
    place.shift(place.person(), 1, "N", cost_pence=None)
    make.make_shift(place.uow.session, sister, ann, later(2), cost_pence=100)
    make.make_shift(place.uow.session, elsewhere, ann, later(4), cost_pence=100)
    place.shift(day=3)
    for unit in (True, False):
        shown = grid(place, unit=unit)
        unit_id = place.unit.id if unit else None
        assert shown.totals == totals_of(place.uow.session, place.home.id, unit_id, shown.period)
    assert (shown.totals.cost_pence, shown.totals.vacancies, shown.totals.drafts) == (12_445, 1, 3)


def test_another_homes_unit_is_not_shown(place: Place) -> None:
    stranger = make.make_unit(place.uow.session, make.make_home(place.uow.session))
    with pytest.raises(NotFound):
        week_grid(place.uow.session, place.home.id, stranger.id, SOON, 1)


def test_however_many_people_the_statements_stay_eight(place: Place) -> None:
    counted = []
    engine = place.uow.session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *_: counted.append(1))
    for _ in range(3):
        place.shift(place.person(), 0)
    place.uow.session.flush()
    counted.clear()
    grid(place)
    assert len(counted) == 8


class TestFindings:
    def test_a_breach_marks_both_cells_and_says_why(self, place: Place) -> None:
        ann = place.person()
        place.shift(ann, 0, "L"), place.shift(ann, 1, "E")
        place.uow.session.flush()
        week = Period(SOON, later(6))
        found = rule_findings(place.uow.session, place.home.id, None, week)
        marks = flags(found, week)
        assert set(marks) == {(ann.id, later(0)), (ann.id, later(1))}
        assert marks[ann.id, later(1)].severity is Severity.BARRED
        assert marks[ann.id, later(1)].words.startswith("Daily rest: 9 h between")

    def test_what_is_about_weeks_marks_the_line(self, place: Place) -> None:
        ann = place.person(contracted_minutes=0)
        for week in range(-26, 1):
            for day in range(5):
                place.shift(ann, 7 * week + day, "D")
        place.uow.session.flush()
        week = Period(SOON, later(6))
        marks = flags(findings_of(place.uow.session, [ann.id], week), week)
        assert "Weekly hours on average: 55 h a week" in marks[ann.id, None].words

    def test_past_weeks_as_totals_say_what_their_shifts_would(self, place: Place) -> None:
        from rota.roster.rulebooks import load_rulebook
        from rota.roster.timelines import load_timelines
        from rota.rules import check_timeline

        ann = place.person("SCAN", contracted_minutes=0)
        for week in range(-26, 2):
            for day in (0, 1, 2, 4, 5):
                place.shift(ann, 7 * week + day, "N")
        place.uow.session.flush()
        week = Period(SOON, later(6))
        rulebook = load_rulebook(place.uow.session)
        said = []
        for by_shift in (False, True):
            timelines = load_timelines(place.uow.session, [ann.id], week, by_shift=by_shift)
            said.append(check_timeline(timelines[ann.id], week, rulebook))
            assert bool(timelines[ann.id].past_weeks) is not by_shift
        assert said[0] == said[1]
        assert {"weekly_hours", "night_work"} <= {verdict.rule for verdict in said[0]}

    def test_the_organisations_own_threshold_is_used_from_its_day(self, place: Place) -> None:
        from rota.models import RuleParameter

        ann = place.person()
        place.shift(ann, 0, "L"), place.shift(ann, 1, "D")
        place.uow.session.add(
            RuleParameter(rule="daily_rest", name="daily_rest", value=9 * 60,
                          effective_from=SOON - timedelta(days=30), reason="Trial")
        )  # fmt: skip
        place.uow.session.flush()
        week = Period(SOON, later(6))
        assert findings_of(place.uow.session, [ann.id], week) == {}
