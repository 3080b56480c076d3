"""What the demo says about itself must look like a care home: shares, coverage, balances."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rota.database import UnitOfWork
from rota.demo.kinds import SPEC_OF
from rota.models import (
    AbsenceSpell,
    ChangeSet,
    Classification,
    CompensatoryRest,
    CoverRequirement,
    Employment,
    LeaveEntry,
    LeaveRequest,
    LeaveStatus,
    LeaveType,
    LostShift,
    Shift,
    ShiftType,
    Staff,
    Unit,
)
from rota.roster.changes import undo
from tests.factories import administrator
from tests.rota.demo.conftest import TODAY, SmallDemo


def worked_minutes(session: Session, *where: object) -> int:
    query = select(func.sum(Shift.paid_minutes)).join(Shift.shift_type)
    query = query.where(Shift.date <= TODAY, ShiftType.counts_to_cover, *where)  # type: ignore[arg-type]
    return session.scalar(query) or 0


def test_sources_share_the_required_hours_plausibly(session: Session) -> None:
    required = worked_minutes(session)

    def share(source: Classification) -> float:
        worked = worked_minutes(session, Shift.classification == source, Shift.is_vacant.is_(False))
        return worked / required

    assert 0.02 < share(Classification.AGENCY) < 0.10
    assert 0.02 < share(Classification.BANK) < 0.09
    assert 0.08 < share(Classification.OVERTIME) < 0.24
    assert 0.005 < worked_minutes(session, Shift.is_vacant) / required < 0.04


def test_absence_is_a_few_percent_of_contracted_hours(session: Session) -> None:
    lost = session.scalar(select(func.sum(LostShift.minutes))) or 0
    rostered = worked_minutes(session, Shift.classification == Classification.REGULAR)

    assert 0.03 < lost / (lost + rostered) < 0.09
    assert session.scalar(select(func.count()).where(AbsenceSpell.ended_on.is_(None)))


def test_most_units_are_at_or_near_their_minimum(session: Session) -> None:
    on_duty = Counter(
        {
            (unit, day, band): count
            for unit, day, band, count in session.execute(
                select(Shift.unit_id, Shift.date, ShiftType.band, func.count())
                .join(Shift.shift_type)
                .where(ShiftType.counts_to_cover, Shift.is_vacant.is_(False), Shift.date <= TODAY)
                .group_by(Shift.unit_id, Shift.date, ShiftType.band)
            )
        }
    )
    general = session.scalars(
        select(CoverRequirement).where(CoverRequirement.weekday.is_(None))
    ).all()
    days = {day for _, day, _ in on_duty if day.weekday() < 5}
    near = [
        on_duty[rule.unit_id, day, rule.band] >= rule.minimum for rule in general for day in days
    ]
    assert 0.85 < sum(near) / len(near) < 0.99


def test_there_are_real_gaps_ahead_for_several_reasons(session: Session) -> None:
    soon = session.scalar(
        select(func.count()).where(
            Shift.is_vacant, Shift.date.between(TODAY, TODAY + timedelta(days=14))
        )
    )
    reasons = session.scalars(select(Shift.vacancy_reason).where(Shift.is_vacant).distinct()).all()

    assert soon and 5 <= soon <= 60
    assert set(reasons) == {"leave", "sickness", "unfilled post"}


def test_every_shift_worked_has_a_cost_and_a_vacancy_costs_nothing(session: Session) -> None:
    worked = Shift.is_vacant.is_(False)
    assert not session.scalar(
        select(func.count()).where(worked, func.coalesce(Shift.cost_pence, 0) <= 0)
    )
    assert not session.scalar(select(func.count()).where(Shift.is_vacant, Shift.cost_pence != 0))


def test_published_is_everything_up_to_four_weeks_ahead(session: Session) -> None:
    last = session.scalar(select(func.max(Shift.date)).where(Shift.is_published))
    draft = session.scalar(select(func.min(Shift.date)).where(Shift.is_published.is_(False)))

    assert last is not None and draft == last + timedelta(days=1)
    assert timedelta(weeks=4) <= last - TODAY < timedelta(weeks=5)


def test_nobody_works_on_approved_leave_and_no_balance_is_negative(session: Session) -> None:
    on_leave = session.scalar(
        select(func.count(Shift.id))
        .join(
            LeaveRequest,
            (LeaveRequest.staff_id == Shift.user_id)
            & Shift.date.between(LeaveRequest.start_date, LeaveRequest.end_date),
        )
        .where(LeaveRequest.status == LeaveStatus.APPROVED)
    )
    balances = session.execute(
        select(func.sum(LeaveEntry.minutes)).group_by(LeaveEntry.staff_id, LeaveEntry.leave_year)
    ).scalars()

    assert on_leave == 0
    assert min(balances) >= 0
    statuses = set(session.scalars(select(LeaveRequest.status).distinct()))
    assert statuses == set(LeaveStatus)


def test_the_ledger_takes_what_the_requests_say(session: Session) -> None:
    taken = session.scalar(select(-func.sum(LeaveEntry.minutes)).where(LeaveEntry.kind == "taken"))
    approved = session.scalar(
        select(func.sum(LeaveRequest.minutes)).where(
            LeaveRequest.status == LeaveStatus.APPROVED,
            LeaveRequest.leave_type == LeaveType.ANNUAL,
        )
    )

    assert taken == approved


def test_daily_rest_is_short_only_where_compensation_is_recorded(session: Session) -> None:
    shifts = session.execute(
        select(Shift.user_id, Shift.date, Shift.starts_at, Shift.ends_at)
        .where(Shift.user_id.is_not(None), Shift.date <= TODAY)
        .order_by(Shift.user_id, Shift.starts_at)
    ).all()
    recorded = {
        tuple(row)
        for row in session.execute(
            select(CompensatoryRest.staff_id, CompensatoryRest.arose_on).where(
                CompensatoryRest.arose_on <= TODAY
            )
        )
    }
    clock_changes = {TODAY.replace(month=10, day=25), TODAY.replace(month=3, day=29)}
    short = {
        (later.user_id, later.date)
        for earlier, later in itertools.pairwise(shifts)
        if earlier.user_id == later.user_id
        and later.starts_at - earlier.ends_at < timedelta(hours=11)
        and later.date not in clock_changes
    }

    assert short
    assert short == recorded


def test_everybody_has_a_contract_pattern_or_is_bank(session: Session) -> None:
    for person in session.scalars(select(Staff)):
        if person.employment is Employment.BANK:
            assert person.contracted_minutes == 0 and person.pattern_id is None
        else:
            assert person.team in ("A", "B", "C") and person.pattern_anchor is not None


def test_some_registrations_need_attention_soon(session: Session) -> None:
    soon = session.scalar(
        select(func.count()).where(
            Staff.registration_expires.between(TODAY, TODAY + timedelta(days=42))
        )
    )
    assert soon


def test_seniors_lead_where_they_must(session: Session) -> None:
    led = select(CoverRequirement.unit_id).where(CoverRequirement.senior_minimum > 0)
    assert session.scalar(select(func.count()).where(Unit.id.in_(led))) in range(2, 7)
    kinds = {spec.code for spec in SPEC_OF.values() if spec.is_senior}
    assert kinds == {"SD", "SN"}


def test_gaps_from_sickness_were_filled_at_short_notice_and_can_be_undone(
    small_demo: SmallDemo,
) -> None:
    with UnitOfWork(administrator(), engine=small_demo.engine) as uow:
        latest = uow.session.scalars(select(ChangeSet).order_by(ChangeSet.id.desc())).first()
        assert latest is not None
        shift = uow.session.get_one(Shift, latest.items[0].shift_id)
        assert shift.change_set_id == latest.id
        assert timedelta(0) < shift.starts_at - latest.created_at < timedelta(days=5)

        undo(uow, latest.id)

        assert (shift.is_vacant, shift.vacancy_reason, shift.cost_pence) == (True, "sickness", 0)
        # not committed: the demo stays as it is
