"""Leave of a home's people: blocks of the 21-day pattern's weeks, in every state.

Entitlement, leave year, notice and the share of a team that may be off follow the first
customer's policy; a full-time year of 297.5 hours is eight and a half weeks.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from rota.calendar import sunday
from rota.demo.horizon import Horizon
from rota.demo.kinds import SPEC_OF
from rota.demo.people import HomePlan, Person
from rota.models import LeaveStatus, LeaveType

ENTITLED_WEEKS = 8.5
#: casual staff earn 12.07 % of the hours they work (irregular-hours accrual, gov.uk)
ACCRUAL_PERCENT = 12.07
#: more people of one unit and band are never off in the same week
_MOST_OFF = 0.24
#: how sought-after a week is, by month
_WANTED = (0.5, 0.6, 0.9, 1.6, 1.5, 1.8, 2.2, 2.0, 1.6, 1.3, 0.8, 0.6)
_REASONS = ("Family holiday", "Wedding", "Visiting relatives", "Rest", "School holidays", "")
_REFUSALS = (
    "Too many of the unit are off that week.",
    "Minimum cover cannot be kept.",
    "Less than the notice agreed.",
)


@dataclass(frozen=True, slots=True)
class Leave:
    """One request: first and last day, paid minutes, where it stands and when it was asked."""

    person: Person
    start: date
    end: date
    minutes: int
    status: LeaveStatus
    year_start: date
    asked_on: date
    decided_on: date | None
    kind: LeaveType = LeaveType.ANNUAL
    reason: str = ""
    decision_reason: str = ""


@dataclass(frozen=True, slots=True)
class Entitlement:
    """A line of the ledger that no request caused: given for a leave year (or the part of
    it that is left), carried over; in minutes."""

    person: Person
    year_start: date
    on: date
    minutes: int
    reason: str
    kind: str = "entitlement"


def plan_leave(
    home: HomePlan, horizon: Horizon, long_leave: Mapping[int, Leave], rng: random.Random
) -> tuple[list[Entitlement], list[Leave]]:
    """Entitlements and requests of everybody with a contract, year by year.

    ``long_leave`` by the person's id is kept clear of annual leave.
    """
    granted: list[Entitlement] = []
    requests: list[Leave] = []
    off: Counter[tuple[int, str, date]] = Counter()
    size = Counter((person.unit, person.band.value) for person in home.people if person.cycle)
    people = [person for person in home.people if person.cycle]
    for first, last in horizon.leave_years():
        for person in people:
            start = max(first, horizon.start, person.started_on)
            if start > last:
                continue
            share = ((last - start).days + 1) / ((last - first).days + 1)
            minutes = round(person.contracted_minutes * ENTITLED_WEEKS * share)
            granted.append(Entitlement(person, first, max(start, first), minutes, _why(share)))
            room = max(1, round(_MOST_OFF * size[person.unit, person.band.value]))
            away = long_leave.get(person.id)
            weeks = _choose_weeks(person, start, last, share, off, room, away, rng)
            mine = _requests(person, list(weeks), first, horizon, rng)
            left = minutes - len(weeks) * person.contracted_minutes
            if away is None:
                mine += _odd_days(person, (start, last), weeks, first, left, horizon, rng)
            requests += mine
            if last < horizon.today:
                granted += _carried_over(person, first, last, minutes, mine, rng)
    return granted, requests


def _why(share: float) -> str:
    return "Yearly entitlement" if share == 1 else "Entitlement for the part of the year"


def _carried_over(
    person: Person, first: date, last: date, given: int, requests: list[Leave],
    rng: random.Random,
) -> list[Entitlement]:  # fmt: skip
    """Some keep up to a week of what they did not take; it moves to the next year."""
    taken = sum(leave.minutes for leave in requests if leave.status is LeaveStatus.APPROVED)
    minutes = min(given - taken, person.contracted_minutes)
    if minutes <= 0 or rng.random() > 0.4:
        return []
    following = last + timedelta(days=1)
    return [
        Entitlement(person, first, last, -minutes, "Carried to the next year", "correction"),
        Entitlement(
            person, following, following, minutes, "Carried from the year before", "carry_over"
        ),
    ]


def _choose_weeks(
    person: Person, start: date, last: date, share: float,
    off: Counter[tuple[int, str, date]], room: int, away: Leave | None, rng: random.Random,
) -> list[date]:  # fmt: skip
    """Sundays of the weeks somebody takes, as near the entitlement as whole weeks come."""
    sundays = []
    day = sunday(start)
    while day + timedelta(days=6) <= last:
        clear = away is None or day + timedelta(days=6) < away.start or day > away.end
        if clear and off[person.unit, person.band.value, day] < room:
            sundays.append(day)
        day += timedelta(days=7)
    chosen: set[date] = set()
    wanted = int(ENTITLED_WEEKS * share)
    while sundays and len(chosen) < wanted:
        weights = [_WANTED[day.month - 1] for day in sundays]
        week = rng.choices(sundays, weights)[0]
        for day in (week, week + timedelta(days=7)):
            # a summer holiday is a fortnight when there is room for it
            fortnight = day == week or (week.month in (6, 7, 8) and rng.random() < 0.7)
            if fortnight and day in sundays and len(chosen) < wanted:
                chosen.add(day)
                sundays.remove(day)
                off[person.unit, person.band.value, day] += 1
    return sorted(chosen)


def _requests(
    person: Person, weeks: list[date], year: date, horizon: Horizon, rng: random.Random
) -> list[Leave]:
    requests = []
    while weeks:
        last = 1
        while last < len(weeks) and weeks[last] - weeks[last - 1] == timedelta(days=7):
            last += 1
        block, weeks = weeks[:last], weeks[last:]
        days = [block[0] + timedelta(days=n) for n in range(7 * len(block))]
        rostered = [day for day in days if person.kind_on(day)]
        request = _request(person, rostered[0], rostered[-1], year, horizon, rng)
        if request is not None:
            requests.append(request)
    return requests


def _odd_days(
    person: Person, span: tuple[date, date], weeks: list[date], year: date, left: int,
    horizon: Horizon, rng: random.Random,
) -> list[Leave]:  # fmt: skip
    """Now and then a single day, sometimes refused or withdrawn."""
    start, last = span
    requests: list[Leave] = []
    for _ in range(2):
        day = start + timedelta(days=rng.randrange((last - start).days + 1))
        away = any(week <= day < week + timedelta(days=7) for week in weeks)
        away = away or any(request.start == day for request in requests)
        if not away and person.kind_on(day) and rng.random() < 0.5:
            refused = rng.random()
            status = None
            if refused < 0.3:
                status = LeaveStatus.REJECTED
            elif refused < 0.45:
                status = LeaveStatus.WITHDRAWN
            request = _request(person, day, day, year, horizon, rng, status)
            if request is None or (status is None and request.minutes > left):
                continue
            requests.append(request)
            left -= request.minutes if status is None else 0
    return requests


def _request(
    person: Person, start: date, end: date, year: date, horizon: Horizon, rng: random.Random,
    status: LeaveStatus | None = None,
) -> Leave | None:  # fmt: skip
    minutes = paid_minutes(person, start, end)
    ahead = (start - horizon.today).days
    asked = start - timedelta(days=rng.randrange(21, 120))
    if asked > horizon.today:
        if rng.random() < 0.45:
            return None  # not asked for yet
        asked = horizon.today - timedelta(days=rng.randrange(1, 40))
    if not minutes:
        return None
    if status is None:
        waiting = ahead > 14 and (horizon.today - asked).days < 25 and rng.random() < 0.15
        status = LeaveStatus.PENDING if waiting else LeaveStatus.APPROVED
    decided = None
    if status is not LeaveStatus.PENDING:
        decided = min(asked + timedelta(days=rng.randrange(1, 7)), horizon.today)
    return Leave(
        person, start, end, minutes, status, year, asked, decided,
        reason=rng.choice(_REASONS),
        decision_reason=rng.choice(_REFUSALS) if status is LeaveStatus.REJECTED else "",
    )  # fmt: skip


def paid_minutes(person: Person, start: date, end: date) -> int:
    """Minutes that somebody's pattern pays from a first to a last day."""
    days = (start + timedelta(days=n) for n in range((end - start).days + 1))
    return sum(SPEC_OF[kind].paid_minutes for day in days if (kind := person.kind_on(day)))
