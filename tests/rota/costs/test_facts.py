"""The sums under the measures: each from rows that show it, and equal to the other reads."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from rota.access.scope import homes_of
from rota.boards.fairness import fairness_board
from rota.boards.values import BoardQuestion
from rota.calendar import Period, month_of
from rota.costs import people
from rota.costs.facts import facts_by_home_and_month
from rota.costs.measures import BY_KEY, MEASURES, Burden, Facts, fill_by_source
from rota.costs.people import BurdenKind
from rota.costs.queries import cost_total
from rota.costs.rates import price_shift
from rota.costs.values import CostScope
from rota.database import UnitOfWork, reading
from rota.errors import NotAllowed
from rota.models import (
    AbsenceSpell,
    Agency,
    AgencyRate,
    Band,
    Budget,
    CareHome,
    Census,
    ChangeItem,
    ChangeSet,
    Classification,
    CompensatoryRest,
    ForecastOutcome,
    LostShift,
    OnCost,
    PayRate,
    Publication,
    Shift,
    Unit,
    UserRole,
)
from tests import factories as make
from tests.factories import actor, administrator
from tests.rota.costs.test_cost_queries import analyst, random_home
from tests.statements import statements

JUNE = date(2026, 6, 1)


def facts_of(session: Session, home: CareHome, month: date = JUNE) -> Facts:
    who = analyst(home)
    return facts_by_home_and_month(session, who, homes_of(session, who), [month])[home.id, month]


def place(session: Session) -> tuple[CareHome, Unit]:
    home = make.make_home(session)
    return home, make.make_unit(session, home)


def test_cost_hours_and_missing_rates_equal_the_cost_queries(uow: UnitOfWork) -> None:
    home = random_home(uow.session, seed=11, shifts=90)
    for month in (date(2026, 2, 1), date(2026, 3, 1)):
        facts = facts_of(uow.session, home, month)
        whole = month_of(month)
        total = cost_total(
            uow.session, analyst(home), CostScope(frozenset({home.id}), whole.start, whole.end)
        )
        assert (facts.shifts, facts.minutes, facts.cost_pence, facts.missing_rates) == (
            total.shifts, total.minutes, total.pence, total.missing_rates,
        )  # fmt: skip
        by_source = facts.contracted_pence + facts.overtime_pence + facts.bank_pence
        assert by_source + facts.agency_pence == facts.cost_pence


def test_fill_by_source_and_unfilled_are_the_whole_plus_overfill(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = place(session)
    make.make_requirement(session, unit, minimum=2, ideal=2)
    for day, worked in ((1, 1), (2, 2), (3, 4)):
        for _ in range(worked):
            make.make_shift(session, unit, make.make_staff(session, unit), date(2026, 6, day))
    make.make_shift(session, unit, None, date(2026, 6, 1))
    facts = facts_of(session, home)
    assert facts.unfilled_minutes == 720 * (1 + 2 * 27)
    assert facts.overfill_minutes == 2 * 720
    assert facts.required_minutes == 30 * 2 * 720
    shares = fill_by_source(facts)
    assert shares is not None
    overfill = shares.pop("overfill")
    assert sum(shares.values()) == pytest.approx(1 + overfill)


def test_hours_without_a_requirement_are_neither_filled_nor_required(uow: UnitOfWork) -> None:
    home, unit = place(uow.session)
    make.make_shift(uow.session, unit, make.make_staff(uow.session, unit), JUNE)
    facts = facts_of(uow.session, home)
    assert (facts.required_minutes, facts.fill_contracted_minutes) == (0, 0)
    assert facts.care_minutes == 720


@pytest.mark.parametrize(
    ("night", "minutes"),
    [(date(2026, 10, 24), 13 * 60), (date(2026, 3, 28), 11 * 60), (date(2026, 10, 31), 12 * 60)],
    ids=["clocks go back", "clocks go forward", "into the next month"],
)
def test_a_night_counts_the_hours_it_had_in_the_month_it_began(
    uow: UnitOfWork, night: date, minutes: int
) -> None:
    session = uow.session
    home, unit = place(session)
    make.make_requirement(session, unit, Band.NIGHT, minimum=1, ideal=1, effective_from=night)
    make.make_shift(session, unit, make.make_staff(session, unit), night, "N", cost_pence=9_000)
    month = night.replace(day=1)
    facts = facts_of(session, home, month)
    assert (facts.minutes, facts.care_minutes, facts.cost_pence) == (minutes, minutes, 9_000)
    assert facts.required_minutes - facts.unfilled_minutes == minutes
    assert facts_of(session, home, (month + timedelta(days=31)).replace(day=1)).minutes == 0


def test_a_home_opened_in_the_middle_of_a_month_is_measured_from_then(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = place(session)
    opened = date(2026, 6, 15)
    make.make_requirement(session, unit, minimum=1, ideal=1, effective_from=opened)
    session.add_all(
        Census(unit_id=unit.id, date=opened + timedelta(days=n), residents=10, care_hours=30.0)
        for n in range(16)
    )
    make.make_shift(session, unit, make.make_staff(session, unit), opened, cost_pence=8_000)
    facts = facts_of(session, home)
    assert (facts.required_minutes, facts.unfilled_minutes) == (16 * 720, 15 * 720)
    assert facts.resident_days == 160
    assert BY_KEY["cost_per_resident_day"].of(facts) == 50
    before = facts_of(session, home, date(2026, 5, 1))
    for measure in MEASURES:
        value = measure.of(before)
        assert value is None or value == 0, measure.key


def test_units_below_their_senior_minimum_are_counted(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = place(session)
    make.make_requirement(session, unit, minimum=1, ideal=1, senior_minimum=1)
    senior = make.make_staff(session, unit, make.make_role(session, "SSCW"))
    make.make_shift(session, unit, senior, JUNE)
    make.make_shift(session, unit, make.make_staff(session, unit), date(2026, 6, 2))
    facts = facts_of(session, home)
    assert (facts.required_cells, facts.cells_short_of_seniors) == (30, 29)
    assert (facts.senior_minutes, facts.care_minutes) == (720, 1440)


def test_agency_hours_are_priced_at_the_own_rate_of_the_same_role(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = place(session)
    role = make.make_role(session)
    agency = Agency(name="Rowan Care")
    session.add(agency)
    session.flush()
    rates = {"day_pence": 1000, "night_pence": 1200, "weekend_pence": 1300, "holiday_pence": 2000}
    early = date(2020, 1, 1)
    session.add_all(
        [
            PayRate(role_id=role.id, effective_from=early, **rates),
            AgencyRate(
                agency_id=agency.id, role_id=role.id, effective_from=early,
                **{name: pence * 2 for name, pence in rates.items()},
            ),
            OnCost(
                effective_from=early, national_insurance_percent=0, pension_percent=0,
                national_insurance_threshold_pence=0,
            ),
        ]
    )  # fmt: skip
    session.flush()
    for day, code in ((JUNE, "D"), (JUNE, "N"), (date(2026, 6, 6), "D")):
        shift = make.make_shift(
            session, unit, None, day, code, agency_id=agency.id, role_id=role.id,
            classification=Classification.AGENCY,
        )  # fmt: skip
        price_shift(session, shift)
    session.flush()
    facts = facts_of(session, home)
    assert facts.agency_pence == 12 * 2 * (1000 + 1200 + 1300)
    assert facts.agency_at_own_rate_pence == 12 * (1000 + 1200 + 1300)


def test_an_agency_role_without_an_own_rate_has_no_premium(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = place(session)
    agency = Agency(name="Rowan Care")
    session.add(agency)
    session.flush()
    make.make_shift(
        session, unit, None, JUNE, agency_id=agency.id, cost_pence=500,
        classification=Classification.AGENCY,
    )  # fmt: skip
    facts = facts_of(session, home)
    assert (facts.agency_pence, facts.agency_at_own_rate_pence) == (500, 500)


def test_residents_budget_and_absence_are_those_of_the_month(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = place(session)
    person = make.make_staff(session, unit)
    spell = AbsenceSpell(staff_id=person.id, home_id=home.id, started_on=date(2026, 6, 3))
    session.add(spell)
    session.flush()
    for day in (date(2026, 5, 31), date(2026, 6, 30)):
        session.add(Census(unit_id=unit.id, date=day, residents=12, care_hours=30.0, by_group={}))
        session.add(
            LostShift(
                spell_id=spell.id, staff_id=person.id, unit_id=unit.id, date=day, band="day",
                minutes=700,
            )
        )  # fmt: skip
    session.add(Budget(home_id=home.id, month=JUNE, source="agency", pence=7))
    session.flush()
    facts = facts_of(session, home)
    assert (facts.resident_days, facts.budget_pence, facts.lost_minutes) == (12, 7, 700)
    assert (facts.spells, facts.headcount) == (1, 1)
    assert facts.contracted_staff_minutes == round(35 * 60 * 30 / 7)


def test_people_count_for_the_days_they_were_employed(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = place(session)
    make.make_staff(session, unit, started_on=date(2026, 6, 16))
    make.make_staff(session, unit, left_on=date(2026, 6, 15), is_active=False)
    make.make_staff(session, unit, left_on=date(2026, 5, 31), is_active=False)
    make.make_staff(session, unit, is_active=False)
    make.make_staff(session, unit, started_on=date(2026, 7, 1))
    facts = facts_of(session, home)
    assert facts.headcount == 2
    assert facts.contracted_staff_minutes == 2 * 35 * 60 * 15 // 7


def test_changes_of_published_shifts_are_counted_by_their_notice(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = place(session)
    person = make.make_staff(session, unit)
    shift = make.make_shift(session, unit, person, date(2026, 6, 20), is_published=True)
    draft = make.make_shift(session, unit, person, date(2026, 6, 22))
    for about, hours, undone in (
        (shift, 24, False), (shift, 72, False), (shift, 24 * 20, False), (shift, -2, False),
        (shift, 1, True), (draft, 1, False),
    ):  # fmt: skip
        when = about.starts_at - timedelta(hours=hours)
        change = ChangeSet(
            home_id=home.id, user_id=None, kind="assign", label="x", created_at=when,
            undone_at=when if undone else None,
        )  # fmt: skip
        change.items = [ChangeItem(shift_id=about.id, before={"a": 1}, after={"a": 2})]
        session.add(change)
    added = ChangeSet(home_id=home.id, user_id=None, kind="assign", label="x",
                      created_at=shift.starts_at - timedelta(hours=3))  # fmt: skip
    added.items = [ChangeItem(shift_id=shift.id, before=None, after={"a": 2})]
    session.add(added)
    session.flush()
    facts = facts_of(session, home)
    assert (facts.changes_under_week, facts.changes_under_two_days) == (2, 1), "a new one is none"
    assert facts.published_shifts == 1


def test_lead_time_is_from_the_first_publishing_to_the_first_day(uow: UnitOfWork) -> None:
    session = uow.session
    home, _ = place(session)
    # versions are numbered through the home: this rota's first is the home's seventh
    for number, published in ((7, datetime(2026, 5, 20, 9, tzinfo=UTC)), (8, None)):
        session.add(
            Publication(
                home_id=home.id, start_date=date(2026, 6, 8), end_date=date(2026, 7, 5),
                number=number, published_at=published or datetime(2026, 6, 7, tzinfo=UTC),
                snapshot=[],
            )
        )  # fmt: skip
    session.flush()
    facts = facts_of(session, home)
    assert (facts.publications, facts.lead_days) == (1, 19)


def test_short_rests_and_forecasts_of_the_month(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = place(session)
    person = make.make_staff(session, unit)
    for day in (date(2026, 6, 3), date(2026, 7, 3)):
        session.add(CompensatoryRest(staff_id=person.id, rule="daily_rest", arose_on=day,
                                     owed_minutes=60, due_on=day))  # fmt: skip
        for band, expected, actual in (("all", 100.0, 90.0), ("other", 50.5, 60.0)):
            session.add(
                ForecastOutcome(unit_id=unit.id, series="care_hours", band=band, date=day,
                                days_ahead=1, expected=expected, lower=0, upper=0, actual=actual)
            )  # fmt: skip
    session.flush()
    facts = facts_of(session, home)
    assert facts.rest_shortfalls == 1
    assert (facts.forecast_error_thousandths, facts.forecast_actual_thousandths) == (
        19_500,
        150_000,
    )
    assert BY_KEY["forecast_error"].of(facts) == pytest.approx(0.13)


def test_an_empty_month_of_an_empty_home_is_all_noughts(uow: UnitOfWork) -> None:
    home = make.make_home(uow.session)
    facts = facts_of(uow.session, home)
    assert facts == Facts()
    assert all(measure.of(facts) in (None, 0) for measure in MEASURES)


def test_other_homes_and_months_are_kept_apart(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = place(session)
    other, other_unit = place(session)
    for each, day in ((unit, JUNE), (unit, date(2026, 5, 31)), (other_unit, JUNE)):
        make.make_shift(session, each, make.make_staff(session, each), day, cost_pence=100)
    assert facts_of(session, home).cost_pence == 100
    both = actor(UserRole.SENIOR_MANAGER, home, other)
    found = facts_by_home_and_month(
        session, both, homes_of(session, both), [JUNE, date(2026, 5, 1)]
    )
    assert {key: facts.cost_pence for key, facts in found.items()} == {
        (home.id, JUNE): 100, (home.id, date(2026, 5, 1)): 100,
        (other.id, JUNE): 100, (other.id, date(2026, 5, 1)): 0,
    }  # fmt: skip
    with pytest.raises(NotAllowed):
        facts_by_home_and_month(session, analyst(home), homes_of(session, both), [JUNE])


def test_homes_side_by_side_take_eight_statements(database: Engine) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        homes = [random_home(uow.session, seed) for seed in range(3)]
        for home in homes:
            make.make_requirement(uow.session, home.units[0], Band.DAY)
        uow.commit()
    who = actor(UserRole.SENIOR_MANAGER, *homes)
    months = [date(2026, month, 1) for month in (1, 2, 3)]
    with reading(database) as session, statements(database) as sent:
        found = facts_by_home_and_month(session, who, homes_of(session, who), months)
    assert len(found) == 9
    assert len(sent) == 7


def test_weekends_nights_and_bank_holidays_burden_people(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = place(session)
    one, two = make.make_staff(session, unit), make.make_staff(session, unit)
    make.make_shift(session, unit, one, date(2026, 6, 6), "D")  # a Saturday
    make.make_shift(session, unit, one, date(2026, 6, 8), "N")
    make.make_shift(session, unit, two, date(2026, 5, 4), "D")  # early May bank holiday
    period = Period(date(2026, 5, 1), date(2026, 6, 30))

    def found(kind: BurdenKind) -> list[int]:
        rows = people.burdens(session, analyst(home), [home.id], period, kind)
        assert all(isinstance(row, Burden) for row in rows)
        return [row.minutes for row in rows]

    assert found(BurdenKind.WEEKEND) == [720, 0]
    assert found(BurdenKind.NIGHT) == [720, 0]
    assert found(BurdenKind.HOLIDAY) == [0, 720]


def test_continuity_counts_hours_of_people_who_know_the_unit(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = place(session)
    regular, stranger = make.make_staff(session, unit), make.make_staff(session, unit)
    for day in (11, 12, 13, 14):
        make.make_shift(session, unit, regular, date(2026, 6, day))
    make.make_shift(session, unit, stranger, date(2026, 6, 14))
    week = Period(date(2026, 6, 14), date(2026, 6, 20))
    assert people.continuity(session, analyst(home), [home.id], week) == {home.id: (720, 1440)}
    later = session.query(Shift).filter_by(user_id=regular.id, date=date(2026, 6, 11)).one()
    later.date = date(2026, 5, 16)  # 29 days before: no longer counts
    session.flush()
    assert people.continuity(session, analyst(home), [home.id], week) == {home.id: (0, 1440)}


def test_the_weekend_gini_of_a_month_is_that_of_the_fairness_board(uow: UnitOfWork) -> None:
    session = uow.session
    home, unit = place(session)
    people = [make.make_staff(session, unit) for _ in range(3)]
    for number, person in enumerate(people):
        for week in range(number + 1):
            make.make_shift(session, unit, person, date(2026, 6, 6) + timedelta(days=7 * week))
    session.flush()
    board = fairness_board(
        session,
        analyst(home),
        BoardQuestion(tuple(homes_of(session, analyst(home))), month_of(JUNE)),
    )
    facts = facts_of(session, home)
    gini = BY_KEY["fairness"].of(facts)
    assert gini == pytest.approx(board.figures[0].value, abs=0.0005)
    assert gini == pytest.approx(2 / 9, abs=1e-5)
    assert facts.fairness_people == 3
    assert BY_KEY["fairness"].of(facts + facts) == gini
    assert BY_KEY["fairness"].of(facts_of(session, home, date(2026, 7, 1))) is None
