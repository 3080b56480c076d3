"""Rows of a home beside its shifts: units, people, census, leave, sickness, budgets."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from rota.calendar import leave_year, months_after
from rota.demo.census import UnitCensus
from rota.demo.horizon import Horizon, at, stamp
from rota.demo.leave import ACCRUAL_PERCENT, Entitlement, Leave
from rota.demo.names import person_name
from rota.demo.people import HomePlan, Person
from rota.demo.pricing import Spending
from rota.demo.reference import PATTERN_IDS
from rota.demo.sickness import Spell
from rota.demo.writer import Value
from rota.models import Band, Classification, Employment, LeaveStatus, LeaveType

CENSUS_COLUMNS = ("unit_id", "date", "residents", "care_hours", "by_group")
REQUEST_COLUMNS = (
    "id", "staff_id", "home_id", "start_date", "end_date", "leave_type", "status", "minutes",
    "reason", "requested_at", "decided_at", "decided_by_id", "decision_reason", "legacy", "version",
)  # fmt: skip
ENTRY_COLUMNS = (
    "staff_id", "leave_year", "kind", "minutes", "on_date", "request_id", "reason", "recorded_at",
)  # fmt: skip
SPELL_COLUMNS = (
    "id", "staff_id", "home_id", "kind", "started_on", "ended_on", "reported_at", "note",
)  # fmt: skip
_QUALIFICATIONS = (
    ("MOVING_HANDLING", 365, 0.97),
    ("FIRE_SAFETY", 365, 0.97),
    ("MEDICATION", 730, 0.35),
    ("DEMENTIA_SKILLED", 1095, 0.5),
    ("FIRST_AID", 1095, 0.25),
)


def home_row(home: HomePlan, census: list[UnitCensus]) -> dict[str, Any]:
    """The home itself, as full as its units are today."""
    return {
        "id": home.id, "name": home.name.name, "beds": home.beds,
        "occupancy": sum(unit.residents[-1] for unit in census),
        "postcode": home.name.postcode, "latitude": home.name.latitude,
        "longitude": home.name.longitude, "opened_on": date(2008 + home.number % 9, 5, 1),
    }  # fmt: skip


def unit_rows(home: HomePlan) -> list[dict[str, Any]]:
    """Units of a home; ``beds`` of its management unit is 0."""
    return [
        {
            "id": unit.id, "home_id": home.id, "name": unit.name, "beds": unit.beds,
            "is_management": unit.is_management,
        }
        for unit in home.units
    ]  # fmt: skip


def requirement_rows(home: HomePlan, horizon: Horizon) -> list[dict[str, Any]]:
    """Minimum, ideal and senior numbers by unit and band; weekends where they differ."""
    rows = []
    since, noon = leave_year(horizon.start).start, at(horizon.start, 12)
    for unit in home.care_units:
        numbers: list[tuple[Band, int | None, int, int, int]] = [
            (Band.DAY, None, unit.day_minimum, unit.day_minimum + 2, unit.day_senior),
            (Band.NIGHT, None, unit.night_minimum, unit.night_minimum + 1, unit.night_senior),
        ]
        if unit.weekend_minimum != unit.day_minimum:
            weekend = (unit.weekend_minimum, unit.weekend_minimum + 2, unit.day_senior)
            numbers += [(Band.DAY, weekday, *weekend) for weekday in (5, 6)]
        rows += [
            {
                "unit_id": unit.id, "band": band, "weekday": weekday, "minimum": minimum,
                "ideal": ideal, "senior_minimum": senior, "effective_from": since, "set_at": noon,
            }
            for band, weekday, minimum, ideal, senior in numbers
        ]  # fmt: skip
    return rows


def staff_rows(home: HomePlan, horizon: Horizon, rng: random.Random) -> list[dict[str, Any]]:
    """People of a home. Invented: name, e-mail at example.org, a number Ofcom keeps for drama."""
    return [_staff_row(home, person, horizon, rng) for person in home.people]


def _staff_row(
    home: HomePlan, person: Person, horizon: Horizon, rng: random.Random
) -> dict[str, Any]:
    first, last = person_name(person.number)
    number, expires = _registration(person, horizon, rng)
    return {
        "id": person.id, "sap_number": person.sap_number, "first_name": first, "last_name": last,
        "email": f"sap{person.sap_number}@example.org",
        "phone": f"01632 {960000 + person.number % 1000:06d}",
        "role_id": person.role_id, "home_id": home.id, "unit_id": home.units[person.unit].id,
        "employment": Employment.BANK if person.is_bank else Employment.PERMANENT,
        "contracted_minutes": person.contracted_minutes, "team": person.team,
        "pattern_id": PATTERN_IDS.get(person.pattern), "pattern_anchor": person.anchor,
        "preferred_shift": _preferred(person), "works_other_homes": person.works_other_homes,
        "started_on": person.started_on,
        "date_of_birth": person.started_on - timedelta(days=rng.randrange(19 * 366, 52 * 365)),
        "registration_number": number, "registration_expires": expires,
    }  # fmt: skip


def _preferred(person: Person) -> str:
    if person.pattern.startswith("EL"):
        return "E"
    head = person.pattern.rstrip("0123456789-")
    while head and head[-1].isdigit():
        head = head[:-1]
    return head or ("N" if person.band is Band.NIGHT else "D")


def _registration(person: Person, horizon: Horizon, rng: random.Random) -> tuple[str, date | None]:
    """Nearly everybody is registered for years; some must renew soon, a new starter applies."""
    if not person.role.needs_registration:
        return "", None
    number = f"{3_100_000 + person.number * 7}"
    draw, today = rng.random(), horizon.today
    if (today - person.started_on).days < 120:
        return "", None
    if draw < 0.004:
        return number, today - timedelta(days=rng.randrange(2, 20))
    if draw < 0.022:
        return number, today + timedelta(days=rng.randrange(3, 42))
    return number, today + timedelta(days=rng.randrange(43, 1800))


def qualification_rows(
    home: HomePlan, horizon: Horizon, rng: random.Random
) -> list[dict[str, Any]]:
    """Training of people who care, with the days it expires."""
    rows = []
    for person in home.people:
        for code, valid_days, share in _QUALIFICATIONS:
            if not person.role.counts_to_cover or rng.random() > share:
                continue
            awarded = horizon.today - timedelta(days=rng.randrange(5, valid_days - 5))
            awarded = max(awarded, person.started_on + timedelta(days=7))
            expires = awarded + timedelta(days=valid_days)
            rows.append(
                {"staff_id": person.id, "code": code, "awarded_on": awarded, "expires_on": expires}
            )
    return rows


def opt_out_rows(home: HomePlan) -> list[dict[str, Any]]:
    """Written opt-outs from the 48-hour average, signed on the first day."""
    return [
        {"staff_id": person.id, "signed_on": person.started_on, "notice_days": 28}
        for person in home.people
        if person.opted_out
    ]


def census_rows(
    home: HomePlan, horizon: Horizon, census: list[UnitCensus]
) -> Iterable[tuple[Value, ...]]:
    """Residents and care hours by unit and day."""
    for unit, counted in zip(home.care_units, census, strict=True):
        for day, residents in enumerate(counted.residents):
            yield (
                unit.id, horizon.iso[day], residents, counted.care_hours[day],
                counted.by_group[day],
            )  # fmt: skip


def leave_rows(
    home: HomePlan, requests: list[Leave], granted: list[Entitlement], first_id: int, manager: int
) -> tuple[list[tuple[Value, ...]], list[tuple[Value, ...]]]:
    """Requests, and the ledger: what was given, and what each approved request takes."""
    rows: list[tuple[Value, ...]] = []
    ledger: list[tuple[Value, ...]] = [
        (
            given.person.id, given.year_start.isoformat(), given.kind, given.minutes,
            given.on.isoformat(), None, given.reason, stamp(at(given.on, 6)),
        )
        for given in granted
    ]  # fmt: skip
    for request_id, leave in enumerate(requests, start=first_id):
        decided = stamp(at(leave.decided_on, 15)) if leave.decided_on else None
        withdrawn = leave.status is LeaveStatus.WITHDRAWN
        rows.append(
            (
                request_id, leave.person.id, home.id, leave.start.isoformat(),
                leave.end.isoformat(), leave.kind.value, leave.status.value, leave.minutes,
                leave.reason, stamp(at(leave.asked_on, 10)), decided,
                manager if decided and not withdrawn else None, leave.decision_reason, "{}", 1,
            )
        )  # fmt: skip
        if leave.status is LeaveStatus.APPROVED and leave.kind is LeaveType.ANNUAL:
            ledger.append(
                (
                    leave.person.id, leave.year_start.isoformat(), "taken", -leave.minutes,
                    leave.start.isoformat(), request_id, "annual leave", decided or "",
                )
            )  # fmt: skip
    return rows, ledger


def accrual_rows(home: HomePlan, horizon: Horizon, spending: Spending) -> list[tuple[Value, ...]]:
    """What casual staff earned each past month: 12.07 % of the hours they worked."""
    rows: list[tuple[Value, ...]] = []
    for (index, month), minutes in sorted(spending.bank_minutes.items()):
        end = months_after(month, 1) - timedelta(days=1)
        if end < horizon.today:
            rows.append(
                (
                    home.people[index].id, leave_year(month).start.isoformat(), "accrual",
                    round(minutes * ACCRUAL_PERCENT / 100), end.isoformat(), None,
                    f"12.07 % of hours worked in {month:%B %Y}", stamp(at(end, 20)),
                )
            )  # fmt: skip
    return rows


def spell_rows(home: HomePlan, spells: list[Spell], first_id: int) -> list[tuple[Value, ...]]:
    """Spells of sickness; open ones have no end."""
    return [
        (
            spell_id, spell.person.id, home.id, spell.kind, spell.start.isoformat(),
            None if spell.is_open else spell.end.isoformat(), stamp(at(spell.start, 6, 30)),
            spell.note,
        )
        for spell_id, spell in enumerate(spells, start=first_id)
    ]  # fmt: skip


def budget_rows(
    home: HomePlan, horizon: Horizon, spending: Spending, rng: random.Random
) -> list[dict[str, Any]]:
    """Budgets by month and source: a year's average of what is spent, somewhat tight.

    They are set for whole financial years, in steps of 100 pounds.
    """
    first = horizon.start.replace(day=1)
    last = leave_year(horizon.end).end
    rows = []
    for source in Classification:
        tight = (
            rng.uniform(0.97, 1.02) if source is Classification.REGULAR else rng.uniform(0.9, 1.04)
        )
        spent = {
            month: pence
            for (month, kind), pence in spending.pence.items()
            if kind is source and first < month < horizon.today.replace(day=1)
        }
        month = first
        while month <= last:
            year = leave_year(month)
            own = [pence for day, pence in spent.items() if day in year] or list(spent.values())
            mean = sum(own) / len(own) if own else 0
            rows.append(
                {
                    "home_id": home.id, "month": month, "source": source.value,
                    "pence": round(mean * tight / 10_000) * 10_000,
                }
            )  # fmt: skip
            month = months_after(month, 1)
    return rows
