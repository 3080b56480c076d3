"""Everybody who might fill one vacancy, and what speaks for or against them before the rules do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.calendar import Period
from rota.carer.preferences import Wish, wishes
from rota.models import Grade, OfferState, Role, Shift, ShiftOffer, utc_now
from rota.roster.shift_types import ShiftKind
from rota.roster.timelines import worked_shift
from rota.rules import (
    Absence,
    Change,
    Rulebook,
    Severity,
    Timeline,
    Verdict,
    WorkedShift,
    Worker,
    check_change,
    worst,
)
from rota.vacancies.ground import Ground, Person
from rota.vacancies.values import Vacancy

#: rules that decide alone; whoever fails one is barred whatever the others say
DECISIVE = ("double_booking", "absence", "employment")


@dataclass(frozen=True, slots=True)
class Pool:
    """The people who may be asked for a vacancy, and what ranking needs of each.

    ``clashes`` are the verdicts about those who are on another shift at that time or away,
    ``asked`` the grade the vacancy is for and whether it is a night role, if it names one,
    ``answers`` how offers of it stand, ``wishes`` what people said about such a shift.
    """

    vacancy: Vacancy
    shift: WorkedShift
    people: tuple[Person, ...]
    ground: Ground
    clashes: dict[int, tuple[Verdict, ...]]
    asked: tuple[Grade, bool] | None
    answers: dict[int, OfferState]
    wishes: dict[int, Wish]

    @property
    def rulebook(self) -> Rulebook:
        """The rules in force."""
        return self.ground.rulebook


def load_pool(
    session: Session, vacancy: Vacancy, ground: Ground, *, everybody: bool = False
) -> Pool:
    """The pool of a vacancy: its home, and those of other homes who work elsewhere.

    Only roles that may work the shift, unless ``everybody``. Five statements; the timelines,
    which cost most, are left to who is worth judging.
    """
    shift = vacant_shift(session, vacancy, ground.kinds)
    people = [person for person in ground.people if person.is_employed(vacancy.date)]
    if not everybody:
        able = roles_able(ground.rulebook, shift, {person.role_code for person in people})
        people = [person for person in people if person.role_code in able]
    decisive = ground.rulebook.only(*DECISIVE)
    clashes = {
        person.id: found
        for person in people
        if (found := _clash(person, shift, vacancy, ground, decisive))
    }
    ids = [person.id for person in people]
    return Pool(
        vacancy, shift, tuple(people), ground, clashes, _asked(session, vacancy),
        _answers(session, vacancy), wishes(session, ids, vacancy.date, vacancy.band),
    )  # fmt: skip


def _asked(session: Session, vacancy: Vacancy) -> tuple[Grade, bool] | None:
    row = session.execute(
        select(Role.grade, Role.is_night).where(Role.id == vacancy.role_id)
    ).first()
    return None if row is None else (row.grade, row.is_night)


def _answers(session: Session, vacancy: Vacancy) -> dict[int, OfferState]:
    rows = session.execute(
        select(ShiftOffer.staff_id, ShiftOffer.state, ShiftOffer.expires_at).where(
            ShiftOffer.shift_id == vacancy.shift_id
        )
    )
    now = utc_now()
    return {
        row.staff_id: row.state
        for row in rows
        if row.state is not OfferState.OPEN or row.expires_at is None or row.expires_at > now
    }


def _clash(
    person: Person, shift: WorkedShift, vacancy: Vacancy, ground: Ground, decisive: Rulebook
) -> tuple[Verdict, ...]:
    """What the rules say about somebody who is elsewhere or away at that time."""
    busy = [
        worked_shift(ground.kinds[row.shift_type_id], row.id, row)
        for row in ground.near.get(person.id, ())
        if row.starts_at < vacancy.ends_at and row.ends_at > vacancy.starts_at
    ]
    away = [
        Absence(period.start, period.end, why)
        for period, why in ground.away.get(person.id, ())
        if vacancy.date in period
    ]
    if not busy and not away:
        return ()
    timeline = Timeline(
        Worker(person.id, person.name, person.role_code), tuple(busy), absences=tuple(away)
    )
    said = check_change(timeline, Change.add(shift), decisive)
    return said.verdicts if said.is_barred else ()


def vacant_shift(session: Session, vacancy: Vacancy, kinds: dict[int, ShiftKind]) -> WorkedShift:
    """The open shift as the rules see it."""
    row, code = session.execute(
        select(Shift, Role.code)
        .outerjoin(Role, Role.id == Shift.role_id)
        .where(Shift.id == vacancy.shift_id)
    ).one()
    return worked_shift(kinds[row.shift_type_id], row.id, row, role_code=code)


def roles_able(rulebook: Rulebook, shift: WorkedShift, codes: Iterable[str]) -> frozenset[str]:
    """The roles that may work a shift by grade."""
    rule = rulebook.rule("grade")
    day = Period(shift.date, shift.date)
    able = set()
    for code in codes:
        nobody = Timeline(Worker(0, "", code), (shift,))
        verdicts = rule.check(nobody, day, rulebook.parameters)
        if worst(verdicts) is not Severity.BARRED:
            able.add(code)
    return frozenset(able)
