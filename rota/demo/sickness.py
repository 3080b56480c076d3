"""Spells of sickness: some people are ill more often than others, winters and waves more."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from rota.demo.horizon import Horizon, at, winter
from rota.demo.names import person_name
from rota.demo.people import HomePlan, Person

#: spells somebody has a year, on average
_SPELLS_A_YEAR = 4.6
#: share, shortest and longest spell in days: colds, illnesses, long-term
_LENGTHS = ((0.64, 1, 4), (0.26, 5, 13), (0.10, 14, 84))
_KINDS = ("sickness",) * 17 + ("injury", "dependants", "dependants")
_NOTES = {
    "sickness": ("Cold or flu", "Sickness and diarrhoea", "Back pain", "Migraine", "Not given"),
    "injury": ("Hurt at work, reported", "Sprained ankle"),
    "dependants": ("Child ill", "Parent in hospital"),
}
#: talks after sickness are kept of so many days; one in twelve was forgotten
_TALKS_DAYS, _FORGOTTEN = 120, 1 / 12
_AGREED = (
    "Two weeks without double-handed moves.", "Short shifts in the first week back.",
    "No nights until the review.", "A seat at the medicine round.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spell:
    """A spell from a first to a last day. ``is_open`` when nobody knows yet when it ends;
    with a fit note the last day is known ahead."""

    person: Person
    start: date
    end: date
    is_open: bool
    kind: str
    note: str


def plan_sickness(home: HomePlan, horizon: Horizon, rng: random.Random) -> list[Spell]:
    """Every spell that began up to today, in order of the people."""
    wave = _waves(horizon, rng)
    spells: list[Spell] = []
    for person in home.people:
        if not person.cycle:
            continue
        often = _SPELLS_A_YEAR * rng.gammavariate(1.6, 1 / 1.6)
        day = max(0, horizon.index(person.started_on))
        while True:
            day += max(1, round(rng.expovariate(often * 1.9 / 365)))
            if day > horizon.today_index:
                break
            # thinned: a day of illness is likelier in winter and when a wave passes
            if rng.random() * 1.9 > wave[day] or not person.kind_on(horizon.days[day]):
                continue
            spells.append(_spell(person, day, horizon, rng))
            day = horizon.index(spells[-1].end) + 2
    return spells


def talk_rows(
    home: HomePlan,
    spells: list[Spell],
    horizon: Horizon,
    first_id: int,
    manager: int,
    rng: random.Random,
) -> Iterator[dict[str, object]]:
    """Return-to-work talks after the spells of the last months; some are still to be held."""
    seniors = [p for p in home.people if p.role.code in ("OM", "SSCW")] or home.people
    for spell_id, spell in enumerate(spells, start=first_id):
        held = spell.end + timedelta(days=rng.randint(1, 4))
        since = (horizon.today - spell.end).days
        forgotten = rng.random() < _FORGOTTEN
        if spell.kind == "dependants" or spell.is_open or forgotten:
            continue
        if not 0 < since <= _TALKS_DAYS or held > horizon.today:
            continue
        spoke = rng.choice(seniors)
        agreed = rng.choice(_AGREED) if since % 7 == 0 else ""
        yield {
            "spell_id": spell_id, "staff_id": spell.person.id, "held_on": held,
            "held_by": " ".join(person_name(spoke.number)),
            "outcome": "adjusted" if agreed else "fit", "adjustments": agreed,
            "review_on": held + timedelta(days=14) if agreed else None,
            "recorded_by_id": manager, "recorded_at": at(held, 14),
        }  # fmt: skip


def _spell(person: Person, day: int, horizon: Horizon, rng: random.Random) -> Spell:
    shares = [share for share, _, _ in _LENGTHS]
    _, shortest, longest = rng.choices(_LENGTHS, shares)[0]
    end = horizon.days[day] + timedelta(days=rng.randint(shortest, longest) - 1)
    kind = rng.choice(_KINDS)
    if kind == "dependants":
        end = min(end, horizon.days[day] + timedelta(days=2))
    is_open = horizon.today <= end <= horizon.today + timedelta(days=2)
    return Spell(person, horizon.days[day], end, is_open, kind, rng.choice(_NOTES[kind]))


def _waves(horizon: Horizon, rng: random.Random) -> list[float]:
    """How likely a spell begins on a day, 1 on average: season and a few outbreaks."""
    likely = [0.62 + 0.75 * winter(day) for day in horizon.days]
    for _ in range(max(1, len(horizon.days) // 120)):
        centre = rng.randrange(len(horizon.days))
        height = rng.uniform(0.3, 1.1) * (0.4 + winter(horizon.days[centre]))
        width = rng.uniform(4, 11)
        for day in range(max(0, centre - 40), min(len(likely), centre + 40)):
            likely[day] += height * math.exp(-((day - centre) ** 2) / (2 * width**2))
    return likely
