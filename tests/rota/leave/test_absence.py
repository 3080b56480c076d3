"""An open spell of sickness means the same days to everybody who asks."""

from __future__ import annotations

from datetime import date, timedelta

from rota.calendar import Period
from rota.database import UnitOfWork
from rota.leave.absence import spells_away
from rota.leave.guard import away_on
from rota.leave.policy import set_limit
from rota.leave.queries import team_calendar
from rota.leave.sickness import report_sick
from rota.models import AbsenceSpell
from rota.roster.queries import week_grid
from rota.roster.timelines import load_timelines
from tests.rota.leave.conftest import Home

TODAY = date(2026, 5, 20)
SPAN = Period(TODAY, TODAY + timedelta(days=20))


def test_guard_rules_calendar_and_grid_agree_on_the_days_of_an_open_spell(
    uow: UnitOfWork, home: Home
) -> None:
    report = report_sick(uow, home.carer.id, TODAY)
    expected = [TODAY + timedelta(days=n) for n in range(7)]
    assert list(report.period) == expected
    guard = away_on(uow.session, home.carer.id, SPAN)
    timeline = load_timelines(uow.session, [home.carer.id], SPAN)[home.carer.id]
    calendar = team_calendar(uow.session, home.manager, home.home.id, SPAN)
    row = next(r for r in calendar.rows if r.staff_id == home.carer.id)
    assert sorted(guard) == expected
    assert [(a.start, a.end) for a in timeline.absences] == [(expected[0], expected[-1])]
    assert sorted(row.away) == expected
    grid = week_grid(uow.session, home.home.id, None, TODAY, 3)
    person = next(p for p in grid.people if p.id == home.carer.id)
    assert sorted(day for day in person.absences) == expected


def test_how_long_an_open_spell_lasts_is_data_of_the_home(uow: UnitOfWork, home: Home) -> None:
    report_sick(uow, home.carer.id, TODAY)
    set_limit(uow, "open_spell_days", 3, date(2020, 1, 1), home_id=home.home.id, reason="local")
    (away,) = spells_away(uow.session, [home.carer.id], SPAN)
    assert away.period == Period(TODAY, TODAY + timedelta(days=2))
    assert away.is_open


def test_a_closed_spell_lasts_to_its_last_day_and_no_longer(uow: UnitOfWork, home: Home) -> None:
    first, last = TODAY - timedelta(days=5), TODAY - timedelta(days=1)
    uow.session.add(
        AbsenceSpell(
            staff_id=home.carer.id, home_id=home.home.id, started_on=first, ended_on=last
        )
    )  # fmt: skip
    uow.session.flush()
    assert spells_away(uow.session, [home.carer.id], SPAN) == []
    (away,) = spells_away(uow.session, None, SPAN.widened(1, 0), home_id=home.home.id)
    assert away.period == Period(first, last) and not away.is_open
