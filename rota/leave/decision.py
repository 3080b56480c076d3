"""What a leave decision rests on: cover with and without, cost, who else is off, pace, notice,
cheaper dates nearby.

Everything about the days around the request is loaded once
(:mod:`rota.leave.surroundings`), so that the alternatives cost no further statement.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period, london_today
from rota.costs.rates import ShiftFacts, cost_of_shift
from rota.errors import NotFound
from rota.leave.checks import checks_of, notice_of, pace_of
from rota.leave.facts import Alternative, Asked, ColleagueOff, DayFact, DecisionFacts, Price
from rota.leave.guard import require_on
from rota.leave.hours import LeaveHours, leave_hours
from rota.leave.ledger import balances
from rota.leave.policy import LeavePolicy, policy_for
from rota.leave.surroundings import OwnShift, Surroundings, surroundings
from rota.models import Band, Classification, LeaveRequest, LeaveStatus, Staff
from rota.roster.slots import Slot

MOST_ALTERNATIVES = 3


def decision_facts(session: Session, actor: Actor, request_id: int) -> DecisionFacts:
    """The facts of one request. Raises :class:`NotFound`, :class:`NotAllowed`."""
    request = session.get(LeaveRequest, request_id)
    if request is None:
        raise NotFound("There is no such request.")
    person = session.get_one(Staff, request.staff_id)
    require_on(actor, Permission.VIEW_LEAVE, person.home_id)
    return facts_of(session, request, person)


def facts_of(session: Session, request: LeaveRequest, person: Staff) -> DecisionFacts:
    """The facts of a request that was loaded and checked already."""
    period = Period(request.start_date, request.end_date)
    policy = policy_for(session, period.start, person.home_id, person.role_id)
    around = surroundings(session, person, request, policy)
    hours = leave_hours(session, person, period)
    account = balances(session, [person.id], policy.year_of(period.start), london_today())[
        person.id
    ]
    price = price_of(around, period)
    asked = _asked(request, person, period, hours, around)
    notice = notice_of(period, request.requested_at, policy)
    colleagues = tuple(c for c in around.colleagues if c.period.overlap(period))
    return DecisionFacts(
        asked=asked,
        days=_day_facts(around, person, period, hours),
        price=price,
        colleagues=colleagues,
        team_size=around.team_size,
        balance=account,
        pace=pace_of(account, asked.minutes, policy),
        notice=notice,
        checks=checks_of(asked, price, colleagues, around.team_size, account, notice, policy),
        alternatives=_alternatives(around, asked, price, policy),
        automatic_enabled=policy.auto_enabled,
    )


def price_of(around: Surroundings, period: Period) -> Price:
    """What standing in for the person costs on the days of a period where cover falls short."""
    overtime: int | None = 0
    agency: int | None = 0
    count = 0
    for shift in around.shifts:
        if shift.slot.day not in period or not _falls_short(around, shift):
            continue
        count += 1
        overtime = _plus(overtime, _cost(around, shift, Classification.OVERTIME))
        agency = _plus(agency, _cost(around, shift, Classification.AGENCY))
    return Price(count, overtime, agency)


def _falls_short(around: Surroundings, shift: OwnShift) -> bool:
    if not shift.counts:
        return False
    cover = around.cover.at(shift.slot)
    return cover.less().short > cover.short


def _plus(total: int | None, pence: int | None) -> int | None:
    return None if total is None or pence is None else total + pence


def _cost(around: Surroundings, shift: OwnShift, source: Classification) -> int | None:
    facts = shift.facts
    asked = ShiftFacts(
        role_id=facts.role_id, date=facts.date, starts_at=facts.starts_at, ends_at=facts.ends_at,
        paid_minutes=facts.paid_minutes, band=facts.band, classification=source,
        agency_id=around.agency_id if source is Classification.AGENCY else None,
        is_bank_holiday=facts.is_bank_holiday,
    )  # fmt: skip
    return cost_of_shift(asked, around.book).total_pence


def _day_facts(
    around: Surroundings, person: Staff, period: Period, hours: LeaveHours
) -> tuple[DayFact, ...]:
    minutes = {day.day: day.minutes for day in hours.days}
    by_day: dict[date, list[OwnShift]] = {}
    for shift in around.shifts:
        by_day.setdefault(shift.slot.day, []).append(shift)
    found = []
    for day in period:
        off = len({c.staff_id for c in around.colleagues if day in c.period and _is_off(c)})
        for shift in by_day.get(day, []):
            found.append(_day_fact(around, shift, off))
        if day not in by_day and person.unit_id is not None:
            band = Band.NIGHT if person.role.is_night else Band.DAY
            slot = Slot(person.unit_id, day, band)
            cover = around.cover.at(slot)
            found.append(
                DayFact(
                    slot, around.unit_names[slot.unit_id], "", minutes.get(day, 0), cover, cover,
                    around.cover.is_planned(slot.unit_id, day), off,
                )
            )  # fmt: skip
    return tuple(found)


def _day_fact(around: Surroundings, shift: OwnShift, off: int) -> DayFact:
    cover = around.cover.at(shift.slot)
    without = cover.less(1, around.seniors) if shift.counts else cover
    name = around.unit_names[shift.slot.unit_id]
    return DayFact(
        shift.slot, name, shift.code, shift.facts.paid_minutes, cover, without, True, off
    )


def _alternatives(
    around: Surroundings, asked: Asked, price: Price, policy: LeavePolicy
) -> tuple[Alternative, ...]:
    """Up to three stretches of the same length nearby where less falls short, best first.

    Same weekdays are preferred, then the nearest. Dates too near for the notice the
    organisation asks for, or over other leave of the person, are left out.
    """
    if not price.shifts:
        return ()
    earliest = london_today() + timedelta(days=policy.notice_days)
    reach = policy.alternative_reach_days
    found: list[tuple[tuple[int, int, bool, int], Alternative]] = []
    for offset in range(-reach, reach + 1):
        move = timedelta(days=offset)
        period = Period(asked.period.start + move, asked.period.end + move)
        if not offset or period.start < earliest or _taken(around, period):
            continue
        other = price_of(around, period)
        minutes = sum(s.facts.paid_minutes for s in around.shifts if s.slot.day in period)
        # days on which the person hardly works are no other leave but days off
        if other.shifts >= price.shifts or 2 * minutes < asked.minutes:
            continue
        saving = _saving(price, other)
        rank = (other.shifts, -(saving or 0), offset % 7 != 0, abs(offset))
        found.append((rank, Alternative(period, minutes, other, saving)))
    found.sort(key=lambda entry: entry[0])
    chosen: list[Alternative] = []
    for _, alternative in found:
        if len(chosen) < MOST_ALTERNATIVES and not any(
            _too_alike(alternative.period, other.period) for other in chosen
        ):
            chosen.append(alternative)
    return tuple(chosen)


def _taken(around: Surroundings, period: Period) -> bool:
    return any(other.overlap(period) for other in around.own_other)


def _saving(price: Price, other: Price) -> int | None:
    was, would_be = price.cheapest_pence, other.cheapest_pence
    return None if was is None or would_be is None else was - would_be


def _too_alike(one: Period, other: Period) -> bool:
    """Two suggestions a day or two apart are one suggestion."""
    return abs((one.start - other.start).days) < min(7, max(2, one.days))


def _is_off(colleague: ColleagueOff) -> bool:
    return colleague.status != LeaveStatus.PENDING.value


def _asked(
    request: LeaveRequest, person: Staff, period: Period, hours: LeaveHours, around: Surroundings
) -> Asked:
    pending = request.status is LeaveStatus.PENDING
    return Asked(
        request_id=request.id,
        version=request.version,
        staff_id=person.id,
        name=person.name,
        role=person.role.name,
        home_id=person.home_id,
        unit_id=person.unit_id,
        unit_name=around.unit_names.get(person.unit_id or 0, ""),
        period=period,
        leave_type=request.leave_type,
        status=request.status,
        reason=request.reason,
        requested_at=request.requested_at,
        minutes=hours.minutes if pending else request.minutes,
        hours_from=tuple(sorted({day.source for day in hours.days})),
    )
