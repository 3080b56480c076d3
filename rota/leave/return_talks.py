"""The talk after sickness: who spoke with the person, when, and what was agreed.

One for each spell of sickness or injury that has ended, due so many days after the return as
the policy says (``return_talk_days``). It is about somebody's health: it is read and written
only by who may see the Bradford factor, and the audit says that it was written, not what.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import date_text, london_today
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed, NotFound
from rota.leave.guard import locked_person, require_on
from rota.leave.policy import resolve, setting_rows
from rota.models import AbsenceSpell, ReturnTalk, Staff, TalkOutcome, Unit

#: a day off for somebody who depends on one needs no talk about one's health
TALKED_KINDS = ("sickness", "injury")
#: a talk that nobody held for so long is no longer asked for
LOOK_BACK_DAYS = 92
LONGEST_NAME, LONGEST_WORDS = 120, 1000


@dataclass(frozen=True, slots=True)
class Talk:
    """What is on record about a spell; ``version`` 0 and no day while nothing is."""

    spell_id: int
    name: str
    last_day_off: date
    held_on: date | None = None
    held_by: str = ""
    outcome: TalkOutcome = TalkOutcome.FIT
    adjustments: str = ""
    review_on: date | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class TalkDue:
    """A spell whose talk is still to be held, and by when."""

    spell_id: int
    staff_id: int
    name: str
    unit: str
    started_on: date
    ended_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class TalkWords:
    """What was said, as a form gives it."""

    held_on: date
    held_by: str
    outcome: TalkOutcome
    adjustments: str = ""
    review_on: date | None = None


def record_talk(uow: UnitOfWork, spell_id: int, said: TalkWords, *, version: int = 0) -> ReturnTalk:
    """Record, or correct, the talk about a spell; ``version`` is the one that was on screen.

    Raises :class:`InvalidInput` for a day out of range or no words, :class:`Conflict` while the
    spell is open or when somebody else recorded it meanwhile, :class:`NotAllowed` for one's own.
    """
    spell, person = _loaded(uow, spell_id)
    if uow.actor.staff_id == person.id:
        raise NotAllowed("Nobody records their own talk.", hint="Ask a colleague to.")
    if spell.ended_on is None:
        raise Conflict("This spell is still open.", hint="Record the return first: Back at work.")
    if spell.kind not in TALKED_KINDS:
        raise InvalidInput("After this kind of absence no talk is asked for.")
    _check(said, spell.ended_on)
    talk = uow.session.scalars(select(ReturnTalk).where(ReturnTalk.spell_id == spell_id)).first()
    if (talk.version if talk else 0) != version:
        raise Conflict(
            "Somebody else recorded this talk in the meantime.", hint="Open it again to see it."
        )
    before = None if talk is None else {"held_on": talk.held_on.isoformat()}
    if talk is None:
        talk = ReturnTalk(spell_id=spell_id, staff_id=person.id)
        uow.session.add(talk)
    talk.held_on, talk.held_by, talk.outcome = said.held_on, said.held_by.strip(), said.outcome
    talk.adjustments, talk.review_on = said.adjustments.strip(), said.review_on
    talk.recorded_by_id = uow.actor.user_id
    uow.session.flush()
    uow.audit(
        "record return talk", "absence_spell", spell_id, home_id=person.home_id, before=before,
        after={"staff_id": person.id, "held_on": said.held_on.isoformat(),
               "held_by": talk.held_by},
    )  # fmt: skip
    uow.touch(person.home_id)
    return talk


def _check(said: TalkWords, ended_on: date) -> None:
    name, words = said.held_by.strip(), said.adjustments.strip()
    if not name:
        raise InvalidInput("Say who spoke with the person.")
    if len(name) > LONGEST_NAME or len(words) > LONGEST_WORDS:
        raise InvalidInput(
            f"A name has at most {LONGEST_NAME} characters, the agreement {LONGEST_WORDS}."
        )
    if said.held_on < ended_on:
        raise InvalidInput(
            f"The spell lasted until {date_text(ended_on)}; the talk is held after it."
        )
    if said.held_on > london_today():
        raise InvalidInput("The day of the talk lies ahead.", hint="Record it once it was held.")
    if said.outcome is TalkOutcome.ADJUSTED and not words:
        raise InvalidInput("Say which adjustments were agreed.")
    if said.review_on is not None and said.review_on <= said.held_on:
        raise InvalidInput("The review comes after the talk.", hint="Choose a later day.")


def talk_of(session: Session, actor: Actor, spell_id: int) -> Talk:
    """What is on record about a spell. Raises :class:`NotFound`, :class:`NotAllowed`."""
    spell = session.get(AbsenceSpell, spell_id)
    if spell is None:
        raise NotFound("There is no such spell of absence.")
    person = session.get_one(Staff, spell.staff_id)
    require_on(actor, Permission.DECIDE_LEAVE, person.home_id)
    talk = session.scalars(select(ReturnTalk).where(ReturnTalk.spell_id == spell_id)).first()
    last = spell.ended_on or london_today()
    if talk is None:
        return Talk(spell_id, person.name, last)
    return Talk(
        spell_id, person.name, last, talk.held_on, talk.held_by, talk.outcome, talk.adjustments,
        talk.review_on, talk.version,
    )  # fmt: skip


def talks_due(
    session: Session, actor: Actor, home_id: int, *, unit_id: int | None = None
) -> list[TalkDue]:
    """The talks of a home that are still to be held, the longest overdue first. Two statements.

    Spells that ended more than three months ago are left out.
    """
    actor.require(Permission.DECIDE_LEAVE, home_id)
    today = london_today()
    statement = (
        select(
            AbsenceSpell.id,
            AbsenceSpell.staff_id,
            Staff.first_name,
            Staff.last_name,
            Unit.name,
            AbsenceSpell.started_on,
            AbsenceSpell.ended_on,
        )
        .join(Staff, Staff.id == AbsenceSpell.staff_id)
        .outerjoin(Unit, Unit.id == Staff.unit_id)
        .outerjoin(ReturnTalk, ReturnTalk.spell_id == AbsenceSpell.id)
        .where(
            Staff.home_id == home_id,
            Staff.is_active,
            ReturnTalk.id.is_(None),
            AbsenceSpell.kind.in_(TALKED_KINDS),
            AbsenceSpell.ended_on < today,
            AbsenceSpell.ended_on >= today - timedelta(days=LOOK_BACK_DAYS),
        )
        .order_by(AbsenceSpell.ended_on, AbsenceSpell.id)
    )
    if unit_id is not None:
        statement = statement.where(Staff.unit_id == unit_id)
    rows = session.execute(statement).all()
    limits = setting_rows(session, home_id)
    found = []
    for spell_id, staff_id, first, last, unit, started_on, ended_on in rows:
        assert ended_on is not None  # as the statement asks
        # the return is the day after the last one off
        due = ended_on + timedelta(days=1 + resolve(limits, ended_on).return_talk_days)
        name = f"{first} {last}".strip()
        found.append(TalkDue(spell_id, staff_id, name, unit or "", started_on, ended_on, due))
    return sorted(found, key=lambda row: (row.due_on, row.spell_id))


def talks_held(
    session: Session, actor: Actor, home_id: int, *, since: date
) -> dict[int, tuple[date, str]]:
    """By spell, when the talk was held and who spoke, of spells that ended since a day. One
    statement."""
    actor.require(Permission.DECIDE_LEAVE, home_id)
    rows = session.execute(
        select(ReturnTalk.spell_id, ReturnTalk.held_on, ReturnTalk.held_by)
        .join(AbsenceSpell, AbsenceSpell.id == ReturnTalk.spell_id)
        .join(Staff, Staff.id == ReturnTalk.staff_id)
        .where(Staff.home_id == home_id, AbsenceSpell.ended_on >= since)
    )
    return {spell_id: (held_on, held_by) for spell_id, held_on, held_by in rows}


def _loaded(uow: UnitOfWork, spell_id: int) -> tuple[AbsenceSpell, Staff]:
    staff_id = uow.session.scalar(select(AbsenceSpell.staff_id).where(AbsenceSpell.id == spell_id))
    if staff_id is None:
        raise NotFound("There is no such spell of absence.")
    person = locked_person(uow.session, staff_id)
    require_on(uow.actor, Permission.DECIDE_LEAVE, person.home_id)
    return uow.session.get_one(AbsenceSpell, spell_id, populate_existing=True), person
