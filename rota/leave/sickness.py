"""Sickness: reporting it, coming back, and the Bradford factor.

Reporting takes the person off their shifts, which become vacancies, and notes each missed
shift for the absence series.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period, date_text, london_today
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotFound
from rota.leave.absence import OpenSpells
from rota.leave.guard import locked_person, require_on
from rota.leave.policy import policy_for
from rota.leave.release import Released, release_shifts, shifts_on
from rota.models import AbsenceSpell, LostShift, Shift, Staff
from rota.roster import changes

FURTHEST_BACK_DAYS = 28
BRADFORD_WEEKS = 52


@dataclass(frozen=True, slots=True)
class Reported:
    """A spell as recorded and what it released."""

    spell_id: int
    period: Period
    released: Released


@dataclass(frozen=True, slots=True)
class Bradford:
    """S² × D over 52 weeks: spells, days, score, and the step it has reached (0 is none).

    To be read with care: it punishes many short spells, which may have one cause (a
    disability, pregnancy) that the law protects.
    """

    spells: int
    days: int
    score: int
    step: int
    steps: tuple[int, ...]


def report_sick(
    uow: UnitOfWork,
    staff_id: int,
    first_day: date,
    last_day: date | None = None,
    *,
    note: str = "",
    kind: str = "sickness",
) -> Reported:
    """Record a spell of absence from a first day, open unless the last day is known.

    Shifts from the first day to the last (so many days as the policy says when open) become
    vacancies with the reason "sickness". Raises :class:`InvalidInput` for days out of range, :class:`Conflict` when the
    person is reported already.
    """
    person = locked_person(uow.session, staff_id)
    require_on(uow.actor, Permission.EDIT_ROTA, person.home_id)
    _check_days(first_day, last_day)
    _refuse_second(uow.session, staff_id, first_day, last_day)
    spell = AbsenceSpell(
        staff_id=staff_id, home_id=person.home_id, kind=kind, started_on=first_day,
        ended_on=last_day, note=note.strip()[:300],
    )  # fmt: skip
    uow.session.add(spell)
    uow.session.flush()
    until = last_day or OpenSpells(uow.session).until(first_day, person.home_id, person.role_id)
    released = _release(uow, person, spell, Period(first_day, until))
    spell.change_set_id = released.change_set_id
    uow.session.flush()
    uow.audit(
        "report absence", "absence_spell", spell.id, home_id=person.home_id,
        after={
            "staff_id": staff_id, "from": first_day.isoformat(), "kind": kind,
            "until": last_day.isoformat() if last_day else None, "shifts": released.count,
        },
        reason=note,
    )  # fmt: skip
    uow.touch(person.home_id)
    return Reported(spell.id, Period(first_day, until), released)


def extend(uow: UnitOfWork, spell_id: int, until: date) -> Reported:
    """Take somebody still sick off the rota until a later day; the spell stays open."""
    spell, person = _loaded(uow, spell_id)
    if spell.ended_on is not None:
        raise Conflict("This spell has ended.", hint="Report a new one.")
    _check_days(spell.started_on, until)
    period = Period(spell.started_on, until)
    released = _release(uow, person, spell, period)
    uow.audit(
        "extend absence", "absence_spell", spell.id, home_id=person.home_id,
        after={"until": until.isoformat(), "shifts": released.count},
    )  # fmt: skip
    return Reported(spell.id, period, released)


def return_to_work(
    uow: UnitOfWork, spell_id: int, last_day_sick: date | None = None
) -> AbsenceSpell:
    """Close a spell with its last day: yesterday, or today if it began today, unless given.

    Shifts after it that are still vacant stay vacancies: whether the person takes them back
    is the manager's decision.
    """
    spell, person = _loaded(uow, spell_id)
    if last_day_sick is None:
        last_day_sick = max(spell.started_on, london_today() - timedelta(days=1))
    if spell.ended_on is not None:
        raise Conflict(f"This spell ended on {date_text(spell.ended_on)} already.")
    if last_day_sick < spell.started_on:
        raise InvalidInput("The last day is before the first day of the spell.")
    if last_day_sick > london_today():
        raise InvalidInput("The last day of sickness lies ahead.", hint="Close it when it is over.")
    spell.ended_on = last_day_sick
    uow.session.flush()
    later = select(LostShift).where(LostShift.spell_id == spell.id, LostShift.date > last_day_sick)
    for lost in uow.session.scalars(later):
        uow.session.delete(lost)
    uow.audit(
        "return to work", "absence_spell", spell.id, home_id=person.home_id,
        after={"last_day": last_day_sick.isoformat()},
    )  # fmt: skip
    uow.touch(person.home_id)
    return spell


def undo_report(uow: UnitOfWork, spell_id: int) -> None:
    """Undo a report made by mistake: the spell and its missed shifts go, the shifts return.

    Raises :class:`Conflict` when one of the shifts was changed since; then nothing changes.
    """
    spell, person = _loaded(uow, spell_id)
    for lost in uow.session.scalars(select(LostShift).where(LostShift.spell_id == spell.id)):
        uow.session.delete(lost)
    uow.session.flush()
    change_set_id = spell.change_set_id
    before = {"staff_id": spell.staff_id, "from": spell.started_on.isoformat()}
    uow.session.delete(spell)
    uow.session.flush()
    if change_set_id is not None:
        changes.undo(uow, change_set_id)
    uow.audit("undo absence", "absence_spell", spell_id, home_id=person.home_id, before=before)
    uow.touch(person.home_id)


def bradford(session: Session, actor: Actor, staff_id: int, on: date | None = None) -> Bradford:
    """The Bradford factor of somebody over the 52 weeks to a day (today by default).

    Days are calendar days of sickness inside the window; an open spell counts to the day.
    """
    person = session.get(Staff, staff_id)
    if person is None:
        raise NotFound("There is no such person.")
    require_on(actor, Permission.DECIDE_LEAVE, person.home_id)
    day = on or london_today()
    steps = policy_for(session, day, person.home_id, person.role_id).bradford_steps
    found = _bradford(session, [staff_id], day, steps)
    return found.get(staff_id, Bradford(0, 0, 0, 0, steps))


def bradford_of_home(
    session: Session, actor: Actor, home_id: int, on: date | None = None
) -> dict[int, Bradford]:
    """The factor of everybody of a home with sickness in the 52 weeks, by person. Two
    statements."""
    require_on(actor, Permission.DECIDE_LEAVE, home_id)
    day = on or london_today()
    steps = policy_for(session, day, home_id).bradford_steps
    ids = session.scalars(select(Staff.id).where(Staff.home_id == home_id)).all()
    return _bradford(session, ids, day, steps)


def _bradford(
    session: Session, staff_ids: Sequence[int], day: date, steps: tuple[int, ...]
) -> dict[int, Bradford]:
    window = Period(day - timedelta(weeks=BRADFORD_WEEKS) + timedelta(days=1), day)
    rows = session.execute(
        select(AbsenceSpell.staff_id, AbsenceSpell.started_on, AbsenceSpell.ended_on).where(
            AbsenceSpell.staff_id.in_(staff_ids),
            AbsenceSpell.kind == "sickness",
            AbsenceSpell.started_on <= window.end,
            or_(AbsenceSpell.ended_on.is_(None), AbsenceSpell.ended_on >= window.start),
        )
    )
    sums: dict[int, tuple[int, int]] = {}
    for staff_id, start, end in rows:
        inside = Period(start, max(start, end or day)).overlap(window)
        if inside is not None:
            spells, days = sums.get(staff_id, (0, 0))
            sums[staff_id] = (spells + 1, days + inside.days)
    found = {}
    for staff_id, (spells, days) in sums.items():
        score = bradford_score(spells, days)
        reached = sum(score >= step for step in steps)
        found[staff_id] = Bradford(spells, days, score, reached, steps)
    return found


def bradford_score(spells: int, days: int) -> int:
    """S² × D: spells squared times days of absence."""
    return spells * spells * days


def _release(uow: UnitOfWork, person: Staff, spell: AbsenceSpell, period: Period) -> Released:
    days = list(period)
    for shift in shifts_on(uow, person.id, days):
        _note_lost(uow, spell, shift)
    label = f"{person.name}: {spell.kind} from {date_text(spell.started_on)}"
    return release_shifts(uow, person, days, spell.kind, spell.kind, label)


def _note_lost(uow: UnitOfWork, spell: AbsenceSpell, shift: Shift) -> None:
    band = shift.shift_type.band.value
    known = uow.session.scalars(
        select(LostShift).where(
            LostShift.spell_id == spell.id, LostShift.date == shift.date, LostShift.band == band
        )
    ).first()
    if known is not None:
        known.minutes += shift.paid_minutes
        return
    uow.session.add(
        LostShift(
            spell_id=spell.id, staff_id=spell.staff_id, unit_id=shift.unit_id, date=shift.date,
            band=band, minutes=shift.paid_minutes,
        )
    )  # fmt: skip
    uow.session.flush()


def _check_days(first_day: date, last_day: date | None) -> None:
    if last_day is not None and last_day < first_day:
        raise InvalidInput("The last day is before the first day.")
    if first_day < london_today() - timedelta(days=FURTHEST_BACK_DAYS):
        raise InvalidInput(
            f"That is more than {FURTHEST_BACK_DAYS} days ago.", hint="Check the month."
        )
    if first_day > london_today() + timedelta(days=FURTHEST_BACK_DAYS):
        raise InvalidInput("That lies too far ahead to be sickness.", hint="Check the month.")
    if last_day is not None and (last_day - first_day).days > BRADFORD_WEEKS * 7:
        raise InvalidInput("A spell reported at once is a year at most.", hint="Check the year.")


def _refuse_second(session: Session, staff_id: int, first_day: date, last_day: date | None) -> None:
    statement = select(AbsenceSpell).where(
        AbsenceSpell.staff_id == staff_id,
        or_(AbsenceSpell.ended_on.is_(None), AbsenceSpell.ended_on >= first_day),
    )
    if last_day is not None:
        statement = statement.where(AbsenceSpell.started_on <= last_day)
    other = session.scalars(statement.limit(1)).first()
    if other is not None:
        raise Conflict(
            f"Absence is on record from {date_text(other.started_on)} already.",
            hint="Close or extend that spell.",
        )


def _loaded(uow: UnitOfWork, spell_id: int) -> tuple[AbsenceSpell, Staff]:
    staff_id = uow.session.scalar(select(AbsenceSpell.staff_id).where(AbsenceSpell.id == spell_id))
    if staff_id is None:
        raise NotFound("There is no such spell of absence.")
    person = locked_person(uow.session, staff_id)
    require_on(uow.actor, Permission.EDIT_ROTA, person.home_id)
    return uow.session.get_one(AbsenceSpell, spell_id, populate_existing=True), person
