"""What a manager sees before deciding, and what decides without one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event

from rota.calendar import Period
from rota.database import UnitOfWork
from rota.errors import NotAllowed
from rota.leave import accounts
from rota.leave.automatic import ask_and_decide, decide_many, preview
from rota.leave.checks import notice_of, pace_of, refusal_text, target_percent
from rota.leave.decision import decision_facts
from rota.leave.facts import Light
from rota.leave.ledger import Balance
from rota.leave.policy import DEFAULT_ROWS, policy_for, resolve, set_limit
from rota.models import (
    Agency,
    AgencyRate,
    LeaveRequest,
    LeaveStatus,
    OnCost,
    PayRate,
    Shift,
    UserRole,
)
from tests import factories as make
from tests.factories import MONDAY
from tests.rota.leave.conftest import Home

ASKED = date(2026, 6, 22)
POLICY = resolve(DEFAULT_ROWS, MONDAY)
DAY = timedelta(days=1)


def rates(uow: UnitOfWork, home: Home) -> None:
    """£10 an hour, £20 overtime with on-costs nil; agency £30."""
    role = home.carer.role_id
    agency = Agency(name="Helping Hands")
    uow.session.add_all([
        agency,
        PayRate(role_id=role, effective_from=date(2020, 1, 1), day_pence=1000, night_pence=1200,
                weekend_pence=1000, holiday_pence=1500, overtime_multiplier=Decimal(2)),
        OnCost(effective_from=date(2020, 1, 1), national_insurance_percent=Decimal(0),
               national_insurance_threshold_pence=0, pension_percent=Decimal(0)),
    ])  # fmt: skip
    uow.session.flush()
    uow.session.add(
        AgencyRate(agency_id=agency.id, role_id=role, effective_from=date(2020, 1, 1),
                   day_pence=3000, night_pence=3000, weekend_pence=3000, holiday_pence=3000)
    )  # fmt: skip
    uow.session.flush()


def rota(uow: UnitOfWork, home: Home, start: date, colleagues: int = 1, days: int = 3) -> None:
    """The carer on some days from ``start``, beside so many colleagues."""
    for n in range(days):
        day = start + timedelta(days=n)
        make.make_shift(uow.session, home.unit, home.carer, day, paid_minutes=600)
        for _ in range(colleagues):
            make.make_shift(uow.session, home.unit, make.make_staff(uow.session, home.unit), day)


def request(uow: UnitOfWork, home: Home, start: date = ASKED, days: int = 3) -> LeaveRequest:
    """A waiting request of the carer, asked for today."""
    end = start + timedelta(days=days - 1)
    row = make.make_leave(
        uow.session, home.carer, start, end, requested_at=datetime(2026, 5, 20, 9, tzinfo=UTC)
    )
    uow.commit()
    return row


def test_each_day_shows_cover_with_and_without(uow: UnitOfWork, home: Home) -> None:
    make.make_requirement(uow.session, home.unit, minimum=2, ideal=3)
    rota(uow, home, ASKED, colleagues=1, days=2)
    facts = decision_facts(uow.session, home.manager, request(uow, home).id)
    first = facts.days[0]
    assert (first.with_person.planned, first.without_person.planned) == (2, 1)
    assert (first.with_person.minimum, first.shift_code, first.minutes) == (2, "D", 600)
    assert facts.short_days == (ASKED, ASKED + DAY)
    assert facts.days[2].shift_code == ""
    assert not facts.days[2].is_planned


def test_the_price_counts_only_shifts_that_fall_below_the_minimum(
    uow: UnitOfWork, home: Home
) -> None:
    rates(uow, home)
    make.make_requirement(uow.session, home.unit, minimum=2)
    rota(uow, home, ASKED, colleagues=1, days=2)
    rota(uow, home, ASKED + 2 * DAY, colleagues=2, days=1)
    price = decision_facts(uow.session, home.manager, request(uow, home).id).price
    assert (price.shifts, price.overtime_pence, price.agency_pence) == (2, 40_000, 60_000)
    assert price.cheapest_pence == 40_000


def test_without_rates_the_price_is_unknown_rather_than_nothing(
    uow: UnitOfWork, home: Home
) -> None:
    make.make_requirement(uow.session, home.unit, minimum=2)
    rota(uow, home, ASKED)
    price = decision_facts(uow.session, home.manager, request(uow, home).id).price
    assert (price.shifts, price.cheapest_pence) == (3, None)


def test_alternatives_are_nearby_dates_where_less_falls_short(uow: UnitOfWork, home: Home) -> None:
    rates(uow, home)
    make.make_requirement(uow.session, home.unit, minimum=2)
    rota(uow, home, ASKED, colleagues=1)
    rota(uow, home, ASKED + 7 * DAY, colleagues=2)
    facts = decision_facts(uow.session, home.manager, request(uow, home).id)
    best = facts.alternatives[0]
    assert best.period == Period(ASKED + 7 * DAY, ASKED + 9 * DAY)
    assert (best.price.shifts, best.saving_pence, best.minutes) == (0, 60_000, 1800)
    assert len(facts.alternatives) <= 3
    assert all(a.price.shifts < facts.price.shifts for a in facts.alternatives)


def test_nothing_is_suggested_when_nothing_falls_short(uow: UnitOfWork, home: Home) -> None:
    make.make_requirement(uow.session, home.unit, minimum=1, ideal=2)
    rota(uow, home, ASKED)
    assert decision_facts(uow.session, home.manager, request(uow, home).id).alternatives == ()


def test_who_else_is_off_is_named_with_the_share_of_the_unit(uow: UnitOfWork, home: Home) -> None:
    make.make_leave(
        uow.session, home.colleague, ASKED + DAY, ASKED + DAY, status=LeaveStatus.APPROVED
    )
    facts = decision_facts(uow.session, home.manager, request(uow, home).id)
    assert [(c.name, c.status) for c in facts.colleagues] == [(home.colleague.name, "approved")]
    share = next(check for check in facts.checks if check.key == "team_share")
    assert not share.passed
    assert "2 of 2" in share.text
    assert [day.others_off for day in facts.days] == [0, 1, 0]


def test_the_facts_of_another_home_are_refused(uow: UnitOfWork, home: Home) -> None:
    row = request(uow, home)
    stranger = make.actor(UserRole.OPERATIONAL_MANAGER, make.make_home(uow.session))
    with pytest.raises(NotAllowed):
        decision_facts(uow.session, stranger, row.id)
    with pytest.raises(NotAllowed):
        decision_facts(uow.session, home.carer_actor(), row.id)


def test_the_facts_cost_a_fixed_number_of_statements(uow: UnitOfWork, home: Home) -> None:
    make.make_requirement(uow.session, home.unit)
    rota(uow, home, ASKED, colleagues=4, days=14)
    row = request(uow, home, days=14)
    statements: list[str] = []

    def count(_c: object, _k: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(uow.session.get_bind(), "before_cursor_execute", count)
    decision_facts(uow.session, home.manager, row.id)
    assert len([s for s in statements if s.startswith("SELECT")]) <= 22


# notice and pace: WTR 1998 reg 15, and the organisation's curve


@pytest.mark.parametrize(
    ("days", "statutory", "last"), [(1, 3, date(2026, 6, 20)), (10, 21, date(2026, 6, 11))]
)
def test_notice_is_twice_the_leave_and_a_day_and_refusal_its_length_and_a_day(
    days: int, statutory: int, last: date
) -> None:
    period = Period(ASKED, ASKED + timedelta(days=days - 1))
    notice = notice_of(period, datetime(2026, 5, 20, tzinfo=UTC), POLICY)
    assert (notice.statutory_days, notice.last_refusal) == (statutory, last)
    assert notice.refusal_is_lawful
    assert notice.given_days == 33


def test_after_the_last_day_a_refusal_is_said_to_be_too_late() -> None:
    notice = notice_of(
        Period(date(2026, 5, 22), date(2026, 5, 23)), datetime(2026, 5, 20, tzinfo=UTC), POLICY
    )
    assert not notice.refusal_is_lawful
    assert "was 19 May 2026" in refusal_text(notice)


def test_more_notice_is_asked_for_at_the_peak() -> None:
    christmas = Period(date(2026, 12, 20), date(2026, 12, 22))
    new_year = Period(date(2027, 1, 8), date(2027, 1, 9))
    assert POLICY.notice_for(christmas) == POLICY.notice_for(new_year) == 42
    assert POLICY.notice_for(Period(date(2027, 1, 9), date(2027, 1, 20))) == 14


def test_the_target_is_half_by_the_end_of_june_and_four_fifths_by_september() -> None:
    assert target_percent(POLICY, date(2026, 4, 1)) == 0
    assert target_percent(POLICY, date(2026, 6, 30)) == 50
    assert target_percent(POLICY, date(2026, 9, 30)) == 80
    assert target_percent(POLICY, date(2027, 3, 31)) == 100
    assert 50 < target_percent(POLICY, date(2026, 8, 1)) < 80


@pytest.mark.parametrize(
    ("used", "light"), [(50, Light.GREEN), (40, Light.GREEN), (30, Light.AMBER), (10, Light.RED)]
)
def test_pace_is_green_within_ten_points_amber_to_twenty_five(used: int, light: Light) -> None:
    account = Balance(1, POLICY.year_of(MONDAY), granted=1000, booked=used * 10)
    assert pace_of(account, 0, POLICY, date(2026, 6, 30)).light is light


# automatic approval: limits are data, and the answer explains itself


def automatic(uow: UnitOfWork, home: Home) -> None:
    """Switch automatic approval on for the home, with leave to take."""
    set_limit(uow, "auto_enabled", True, date(2026, 1, 1), home_id=home.home.id, reason="asked for")
    accounts.open_year(uow, home.home.id, MONDAY)
    uow.commit()


def test_a_request_that_meets_every_condition_approves_itself(uow: UnitOfWork, home: Home) -> None:
    automatic(uow, home)
    make.make_requirement(uow.session, home.unit, minimum=1, ideal=2)
    rota(uow, home, ASKED)
    uow.actor = home.carer_actor()
    receipt = ask_and_decide(uow, home.carer.id, ASKED, ASKED + 2 * DAY)
    uow.commit()
    assert receipt.status is LeaveStatus.APPROVED
    assert uow.session.query(Shift).filter_by(is_vacant=True).count() == 3


def test_a_request_waits_and_says_why_when_the_minimum_would_break(
    uow: UnitOfWork, home: Home
) -> None:
    automatic(uow, home)
    make.make_requirement(uow.session, home.unit, minimum=2)
    rota(uow, home, ASKED)
    receipt = ask_and_decide(uow, home.carer.id, ASKED, ASKED + 2 * DAY)
    assert receipt.status is LeaveStatus.PENDING
    assert receipt.notes == ("3 shifts fall below the minimum",)


def test_nothing_approves_itself_unless_the_home_says_so(uow: UnitOfWork, home: Home) -> None:
    accounts.open_year(uow, home.home.id, MONDAY)
    receipt = ask_and_decide(uow, home.carer.id, ASKED, ASKED)
    assert receipt.status is LeaveStatus.PENDING
    assert "manager decides" in receipt.notes[0]


@pytest.mark.parametrize(
    ("start", "days", "key"),
    [
        (ASKED, 15, "length"),
        (date(2026, 12, 31), 2, "season"),
        (date(2026, 5, 25), 2, "notice"),
    ],
)
def test_each_limit_stops_automatic_approval(
    uow: UnitOfWork, home: Home, start: date, days: int, key: str
) -> None:
    automatic(uow, home)
    facts = decision_facts(uow.session, home.manager, request(uow, home, start, days).id)
    failed = [c.key for c in facts.checks if c.blocks_automatic and not c.passed]
    assert failed == [key]
    assert not facts.approves_itself


def test_a_limit_set_for_one_home_holds_there_only(uow: UnitOfWork, home: Home) -> None:
    other = make.make_home(uow.session)
    set_limit(uow, "auto_max_days", 3, date(2026, 1, 1), home_id=home.home.id, reason="trial")
    assert policy_for(uow.session, MONDAY, home.home.id).auto_max_days == 3
    assert policy_for(uow.session, MONDAY, other.id).auto_max_days == 14


def test_many_are_decided_at_once_and_each_failure_is_named(uow: UnitOfWork, home: Home) -> None:
    rota(uow, home, ASKED)
    mine = request(uow, home)
    theirs = make.make_leave(uow.session, home.colleague, ASKED, ASKED)
    uow.commit()
    assert [p.request_id for p in preview(uow, [mine.id, theirs.id])] == [mine.id, theirs.id]
    results = decide_many(uow, {mine.id: mine.version, theirs.id: theirs.version + 7})
    uow.commit()
    assert [result.worked for result in results] == [True, False]
    assert "changed since" in results[1].error
    assert mine.status is LeaveStatus.APPROVED
    assert theirs.status is LeaveStatus.PENDING
