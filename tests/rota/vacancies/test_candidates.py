"""What is open, how urgent it is, and who could fill it and why."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import event

from rota.database import UnitOfWork
from rota.errors import NotAllowed, NotFound
from rota.models import Agency, AgencyRate, Classification, Employment, LeaveStatus, UserRole
from rota.rules import Severity
from rota.vacancies.candidates import rank_candidates
from rota.vacancies.policy import DEFAULT_ROWS, fill_policy, set_fill_limit
from rota.vacancies.queries import urgency_of, vacancies, vacancy
from rota.vacancies.values import Candidate, Tier, Urgency
from tests import factories as make
from tests.factories import MONDAY
from tests.rota.vacancies.conftest import Open

DAY = timedelta(days=1)


def ranked(uow: UnitOfWork, gap: Open) -> list[Candidate]:
    """Everybody for the open shift, best first."""
    uow.session.flush()
    return list(rank_candidates(uow.session, gap.manager, gap.shift.id, enough=None).candidates)


def find(candidates: list[Candidate], staff_id: int) -> Candidate:
    """The candidate of a person."""
    return next(c for c in candidates if c.staff_id == staff_id)


def test_a_vacancy_says_why_it_exists_and_whether_it_is_missed(uow: UnitOfWork, gap: Open) -> None:
    (found,) = vacancies(uow.session, gap.manager, gap.home.id)
    assert (found.why, found.below_minimum, found.cover.minimum) == ("Leave", True, 2)
    assert found.urgency is Urgency.SOON


def test_the_most_urgent_comes_first(uow: UnitOfWork, gap: Open) -> None:
    senior = make.make_shift_type(uow.session, "SD", is_senior=True)
    assert senior.is_senior
    tomorrow = make.make_shift(uow.session, gap.unit, day=date(2026, 5, 20), code="N")
    same_day = make.make_shift(uow.session, gap.unit, day=MONDAY, code="SD")
    order = [v.shift_id for v in vacancies(uow.session, gap.manager, gap.home.id)]
    assert order == [tomorrow.id, same_day.id, gap.shift.id]


@pytest.mark.parametrize(
    ("hours", "missed", "expected"),
    [
        (5, True, Urgency.NOW), (5, False, Urgency.URGENT), (48, True, Urgency.URGENT),
        (48, False, Urgency.SOON), (200, True, Urgency.SOON), (500, True, Urgency.LATER),
        (-2, True, Urgency.NOW),
    ],
)  # fmt: skip
def test_urgency_grows_with_nearness_and_with_a_broken_minimum(
    uow: UnitOfWork, hours: float, missed: bool, expected: Urgency
) -> None:
    assert urgency_of(hours, missed, fill_policy(uow.session, MONDAY)) is expected


def test_shifts_that_are_over_and_other_homes_are_not_listed(uow: UnitOfWork, gap: Open) -> None:
    make.make_shift(uow.session, gap.unit, day=date(2026, 5, 18))
    other = make.make_unit(uow.session, make.make_home(uow.session))
    elsewhere = make.make_shift(uow.session, other)
    found = vacancies(uow.session, gap.manager, gap.home.id)
    assert [v.shift_id for v in found] == [gap.shift.id]
    with pytest.raises(NotAllowed):
        vacancies(uow.session, gap.manager, other.home_id)
    with pytest.raises(NotAllowed):
        vacancy(uow.session, gap.manager, elsewhere.id)


def test_a_filled_or_unknown_vacancy_is_not_found(uow: UnitOfWork, gap: Open) -> None:
    worked = make.make_shift(uow.session, gap.unit, make.make_staff(uow.session, gap.unit))
    for shift_id in (worked.id, 98765):
        with pytest.raises(NotFound):
            rank_candidates(uow.session, gap.manager, shift_id)


def test_people_come_from_unit_home_other_homes_bank_then_overtime(
    uow: UnitOfWork, gap: Open
) -> None:
    next_door = make.make_unit(uow.session, gap.home)
    away = make.make_unit(uow.session, make.make_home(uow.session, latitude=56.1, longitude=-4.0))
    busy = make.make_staff(uow.session, gap.unit, contracted_minutes=600)
    bank = make.make_staff(uow.session, gap.unit, employment=Employment.BANK, contracted_minutes=0)
    floater = make.make_staff(uow.session, away, works_other_homes=True)
    stays = make.make_staff(uow.session, away)
    home = make.make_staff(uow.session, next_door)
    unit = make.make_staff(uow.session, gap.unit)
    found = ranked(uow, gap)
    assert [c.staff_id for c in found if c.severity is Severity.OK or c.tier is Tier.OVERTIME] == [
        unit.id, home.id, floater.id, bank.id, busy.id,
    ]  # fmt: skip
    assert [c.tier for c in found] == [*Tier]
    assert stays.id not in {c.staff_id for c in found}
    assert [c.classification for c in found][3:] == [
        Classification.BANK, Classification.OVERTIME,
    ]  # fmt: skip
    assert [c.cost_pence for c in found] == [11_000, 11_000, 11_000, 11_000, 22_000]
    assert find(found, floater.id).distance_km == pytest.approx(11.1, abs=0.1)
    assert any("11 km away" in r.text and r.good for r in find(found, floater.id).reasons)


def test_the_free_come_before_the_warned_and_the_barred_last(uow: UnitOfWork, gap: Open) -> None:
    busy, on_leave, tired, free = (make.make_staff(uow.session, gap.unit) for _ in range(4))
    make.make_shift(uow.session, gap.unit, busy, MONDAY, "L")
    make.make_leave(uow.session, on_leave, MONDAY - DAY, MONDAY, status=LeaveStatus.APPROVED)
    make.make_shift(uow.session, gap.unit, tired, MONDAY - DAY, "N")
    found = ranked(uow, gap)
    assert found[0].staff_id == free.id
    assert find(found, free.id).word == "Free"
    for person, rule in ((busy, "double_booking"), (on_leave, "absence"), (tired, "daily_rest")):
        candidate = find(found, person.id)
        assert candidate.word == "Barred"
        assert rule in {verdict.rule for verdict in candidate.verdicts}
        assert candidate.reasons[0].good is False


def test_who_knows_the_unit_comes_first_and_the_reasons_say_so(uow: UnitOfWork, gap: Open) -> None:
    stranger = make.make_staff(uow.session, gap.unit)
    known = make.make_staff(uow.session, gap.unit)
    for days in (8, 12, 40):
        make.make_shift(uow.session, gap.unit, known, MONDAY - days * DAY)
    first, second = ranked(uow, gap)
    assert (first.staff_id, second.staff_id) == (known.id, stranger.id)
    assert first.shifts_on_unit == 2
    texts = [reason.text for reason in first.reasons]
    assert f"2 shifts on {gap.unit.name} in 28 days" in texts
    assert "11 h that week with this, of 35 h contracted" in texts
    assert any("below the 48-hour average" in text for text in texts)


def test_nights_and_weekends_so_far_are_weighed_by_contract(uow: UnitOfWork, gap: Open) -> None:
    heavy = make.make_staff(uow.session, gap.unit)
    light = make.make_staff(uow.session, gap.unit)
    saturday = MONDAY - 16 * DAY
    for week in range(3):
        make.make_shift(uow.session, gap.unit, heavy, saturday - 7 * week * DAY, "N")
    found = ranked(uow, gap)
    assert (find(found, heavy.id).nights, find(found, heavy.id).weekends) == (3, 3)
    assert find(found, heavy.id).burden == pytest.approx(2.0)
    assert find(found, light.id).burden == 0


def test_only_grades_that_may_work_the_shift_are_asked(uow: UnitOfWork, gap: Open) -> None:
    clerk = make.make_staff(
        uow.session, gap.unit, make.make_role(uow.session, "CLERK", grade="other")
    )
    senior = make.make_staff(uow.session, gap.unit, make.make_role(uow.session, "SSCW"))
    ids = {c.staff_id for c in ranked(uow, gap)}
    assert senior.id in ids
    assert clerk.id not in ids


def test_agencies_come_in_order_with_price_cap_and_approval(uow: UnitOfWork, gap: Open) -> None:
    second = Agency(name="Dear", preference=2)
    first = Agency(name="Capped", preference=1, weekly_cap_minutes=700)
    uow.session.add_all([second, first])
    uow.session.flush()
    for agency, pence in ((first, 2000), (second, 6000)):
        uow.session.add(
            AgencyRate(
                agency_id=agency.id, role_id=gap.role.id, effective_from=date(2020, 1, 1),
                day_pence=pence, night_pence=pence, weekend_pence=pence, holiday_pence=pence,
            )
        )  # fmt: skip
    make.make_shift(
        uow.session, gap.unit, day=MONDAY + DAY, agency_id=first.id, paid_minutes=100,
        classification=Classification.AGENCY, role_id=gap.role.id,
    )  # fmt: skip
    uow.session.flush()
    options = rank_candidates(uow.session, gap.manager, gap.shift.id).agencies
    assert [(o.name, o.cost_pence, o.cap_left_minutes, o.needs_approval) for o in options] == [
        ("Capped", 22_000, 600, False), ("Dear", 66_000, None, True),
    ]  # fmt: skip
    assert "cap leaves 10 h" in options[0].refusal
    assert options[1].refusal == ""


def test_judging_stops_once_enough_are_free(
    uow: UnitOfWork, gap: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rota.vacancies.candidates.CHUNK", 3)
    for _ in range(8):
        make.make_staff(uow.session, gap.unit)
    uow.session.flush()
    few = rank_candidates(uow.session, gap.manager, gap.shift.id, enough=2)
    everybody = rank_candidates(uow.session, gap.manager, gap.shift.id, enough=None)
    assert (len(few.candidates), few.unjudged) == (3, 5)
    assert (len(everybody.candidates), everybody.unjudged) == (8, 0)
    assert few.count(Severity.OK) == 3


def test_the_number_of_statements_does_not_grow_with_the_people(uow: UnitOfWork, gap: Open) -> None:
    counts = []
    seen: list[str] = []
    event.listen(
        uow.session.get_bind(), "before_cursor_execute", lambda *args: seen.append(args[2])
    )
    for _ in range(2):
        for _ in range(10):
            make.make_staff(uow.session, gap.unit)
        uow.commit()
        seen.clear()
        rank_candidates(uow.session, gap.manager, gap.shift.id)
        counts.append(len([s for s in seen if s.startswith("SELECT")]))
    assert counts[0] == counts[1] <= 34


def test_limits_are_data(uow: UnitOfWork, gap: Open) -> None:
    set_fill_limit(uow, "urgent_hours", 300, date(2026, 1, 1), home_id=gap.home.id, reason="test")
    uow.session.flush()
    assert vacancies(uow.session, gap.manager, gap.home.id)[0].urgency is Urgency.NOW
    assert {row.name for row in DEFAULT_ROWS} >= {"travel_km", "familiarity_days"}


def test_a_carer_sees_no_vacancies(uow: UnitOfWork, gap: Open) -> None:
    carer = make.actor(UserRole.CARE_STAFF, gap.home)
    with pytest.raises(NotAllowed):
        rank_candidates(uow.session, carer, gap.shift.id)
