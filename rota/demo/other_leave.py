"""Leave that no ledger pays for: parental leave, and a few days for other reasons."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, timedelta

from rota.demo.horizon import Horizon
from rota.demo.leave import Leave, paid_minutes
from rota.demo.people import HomePlan, Person
from rota.models import LeaveStatus, LeaveType

#: one parental leave a year for this many people
_PEOPLE_PER_PARENTAL_LEAVE = 75
_PEOPLE_PER_SHORT_LEAVE = 12
#: kind, how often, longest in days, why
_SHORT = (
    (LeaveType.COMPASSIONATE, 5, 4, "Bereavement"),
    (LeaveType.UNPAID, 3, 5, "Family matter"),
    (LeaveType.TRAINING, 3, 2, "Vocational course"),
    (LeaveType.OTHER, 1, 1, "Jury service"),
)


def plan_parental(home: HomePlan, horizon: Horizon, rng: random.Random) -> dict[int, Leave]:
    """Long leave, by the person's id; one in three goes on today."""
    people = [person for person in home.people if person.cycle and person.role.counts_to_cover]
    years = max(1, len(horizon.days) // 365)
    chosen = rng.sample(people, len(people) * years // _PEOPLE_PER_PARENTAL_LEAVE)
    found = {}
    for person in chosen:
        weeks = rng.randrange(18, 40)
        first = horizon.start + timedelta(days=rng.randrange(len(horizon.days)))
        last = first + timedelta(weeks=weeks) - timedelta(days=1)
        asked = first - timedelta(weeks=15)
        if first > person.started_on and asked < horizon.today:
            found[person.id] = _approved(person, first, last, LeaveType.PARENTAL, "", asked)
    return found


def short_leave(
    home: HomePlan, horizon: Horizon, others: Iterable[Leave], rng: random.Random
) -> list[Leave]:
    """A few days here and there, never while the same person is on other leave."""
    taken: dict[int, list[tuple[date, date]]] = {}
    for leave in others:
        taken.setdefault(leave.person.id, []).append((leave.start, leave.end))
    people = [person for person in home.people if person.cycle]
    years = max(1, len(horizon.days) // 365)
    found = []
    for _ in range(len(people) * years // _PEOPLE_PER_SHORT_LEAVE):
        person = rng.choice(people)
        kind, _, longest, why = rng.choices(_SHORT, [often for _, often, _, _ in _SHORT])[0]
        first = horizon.start + timedelta(days=rng.randrange(horizon.today_index + 20))
        last = first + timedelta(days=rng.randrange(longest))
        spans = taken.setdefault(person.id, [])
        clear = all(last < start or end < first for start, end in spans)
        if clear and first > person.started_on and paid_minutes(person, first, last):
            spans.append((first, last))
            asked = min(first, horizon.today) - timedelta(days=rng.randrange(1, 9))
            found.append(_approved(person, first, last, kind, why, asked))
    return found


def _approved(
    person: Person, first: date, last: date, kind: LeaveType, why: str, asked: date
) -> Leave:
    return Leave(
        person, first, last, paid_minutes(person, first, last), LeaveStatus.APPROVED, first,
        asked, asked, kind=kind, reason=why,
    )  # fmt: skip
