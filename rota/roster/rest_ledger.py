"""The ledger of compensatory rest: recording what is owed, and that it was taken (WTR reg 24).

A lawful exception turns from red to amber only by its entry here. Entries are recorded with
the shift that causes them (:mod:`rota.roster.placing`) or afterwards, for what an import or
an earlier rota brought; they are taken on a day whose rest is long enough, which is checked.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from rota.access.permissions import Permission
from rota.calendar import Period, day_text, duration_text, london_today, short_day_text
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotFound
from rota.leave.guard import locked_person, require_on
from rota.models import CompensatoryRest, Staff
from rota.roster.rulebooks import load_rulebook
from rota.roster.timelines import load_timelines
from rota.rules import CompensatoryRest as RestOwed
from rota.rules import Verdict
from rota.rules.compensation import first_rest_for, repays_from, rest_to_spare

LONGEST_REASON = 300
#: how far back a rest that was taken is looked for, and an exception may be put right
LOOK_BACK_DAYS = 92


def owe(uow: UnitOfWork, person: Staff, verdict: Verdict, note: str = "") -> RestOwed:
    """Keep the rest that makes an exception lawful; its caller has the right to.

    The same exception grown longer raises its entry instead of adding a second one.
    """
    arising, due = verdict.arising_on, verdict.owed_by
    if arising is None or due is None:
        raise InvalidInput("This finding owes no rest.")
    row = uow.session.scalars(
        select(CompensatoryRest).where(
            CompensatoryRest.staff_id == person.id,
            CompensatoryRest.rule == verdict.rule,
            CompensatoryRest.arose_on == arising,
            CompensatoryRest.taken_on.is_(None),
        )
    ).first()
    before = None if row is None else {"minutes": row.owed_minutes}
    if row is None:
        row = CompensatoryRest(
            staff_id=person.id, rule=verdict.rule, arose_on=arising, owed_minutes=0, due_on=due,
            note=note[:LONGEST_REASON], recorded_by_id=uow.actor.user_id,
        )  # fmt: skip
        uow.session.add(row)
    row.owed_minutes = max(row.owed_minutes, verdict.owed_minutes)
    uow.audit(
        "record compensatory rest", "staff", person.id, home_id=person.home_id, before=before,
        after={"rule": verdict.rule, "minutes": row.owed_minutes,
               "arose_on": arising.isoformat(), "due_on": row.due_on.isoformat()},
        reason=verdict.message[:LONGEST_REASON],
    )  # fmt: skip
    return RestOwed(verdict.rule, arising, row.owed_minutes, row.due_on)


def record_rest(uow: UnitOfWork, staff_id: int, rule: str, arose_on: date) -> RestOwed:
    """Record the rest owed for an exception that is on the rota already.

    The rules are asked again: raises :class:`Conflict` when they find no such exception (any
    more), or its entry is there.
    """
    person = locked_person(uow.session, staff_id)
    require_on(uow.actor, Permission.EDIT_ROTA, person.home_id)
    day = Period(arose_on, arose_on)
    timeline = load_timelines(uow.session, [staff_id], day)[staff_id]
    rulebook = load_rulebook(uow.session)
    found = [
        verdict
        for verdict in rulebook.rule(rule).check_in_detail(timeline, day, rulebook.parameters)
        if verdict.arising_on == arose_on and verdict.can_be_compensated
    ]
    if not found:
        raise Conflict(
            "The rules find no exception here that still lacks its rest.",
            hint="The rota was changed, or somebody recorded the rest. Load the page again.",
        )
    owed = owe(uow, person, max(found, key=lambda verdict: verdict.owed_minutes))
    uow.touch(person.home_id)
    return owed


def take_rest(uow: UnitOfWork, entry_id: int, taken_on: date) -> CompensatoryRest:
    """Record the day on which somebody had the rest they were owed.

    Raises :class:`InvalidInput` when the day lies ahead, before the exception, or its rest was
    too short; :class:`Conflict` when it is taken already.
    """
    entry, person = _loaded(uow, entry_id)
    if entry.taken_on is not None:
        raise Conflict(f"This rest was taken on {day_text(entry.taken_on)} already.")
    if taken_on > london_today():
        raise InvalidInput(
            "That day lies ahead.", hint="Record the rest when the person has had it."
        )
    earliest = repays_from(entry.rule, entry.arose_on)
    if taken_on < earliest:
        raise InvalidInput(
            f"This rest can be taken from {day_text(earliest)} on.", hint="Choose a later day."
        )
    period = Period(min(earliest, taken_on), london_today())
    timeline = load_timelines(uow.session, [person.id], period)[person.id]
    parameters = load_rulebook(uow.session).parameters
    spare = rest_to_spare(timeline, taken_on, parameters)
    if spare < entry.owed_minutes:
        days = Period(
            max(earliest, london_today() - timedelta(days=LOOK_BACK_DAYS)), london_today()
        )
        other = first_rest_for(timeline, entry.owed_minutes, days, parameters)
        hint = (
            f"On {short_day_text(other)} it was long enough."
            if other
            else "No day since was long enough either: plan a longer rest."
        )
        raise InvalidInput(
            f"{person.name} had {duration_text(spare)} rest on {day_text(taken_on)} beyond what "
            f"is due every day; {duration_text(entry.owed_minutes)} are owed.",
            hint=hint,
        )
    entry.taken_on = taken_on
    uow.session.flush()
    uow.audit(
        "take compensatory rest", "compensatory_rest", entry.id, home_id=person.home_id,
        before={"taken_on": None},
        after={"staff_id": person.id, "taken_on": taken_on.isoformat(),
               "minutes": entry.owed_minutes},
    )  # fmt: skip
    uow.touch(person.home_id)
    return entry


def take_back(uow: UnitOfWork, entry_id: int) -> CompensatoryRest:
    """A rest was recorded as taken by mistake: it is owed again."""
    entry, person = _loaded(uow, entry_id)
    if entry.taken_on is None:
        raise Conflict("This rest is owed as it is.", hint="Load the page again.")
    before = entry.taken_on
    entry.taken_on = None
    uow.session.flush()
    uow.audit(
        "take compensatory rest back", "compensatory_rest", entry.id, home_id=person.home_id,
        before={"taken_on": before.isoformat()}, after={"staff_id": person.id, "taken_on": None},
    )  # fmt: skip
    uow.touch(person.home_id)
    return entry


def strike_out(uow: UnitOfWork, entry_id: int) -> None:
    """Take an entry off the ledger whose exception is no longer on the rota.

    Raises :class:`Conflict` while the rules still find the exception: it would turn red.
    """
    entry, person = _loaded(uow, entry_id)
    if entry.taken_on is not None:
        raise Conflict(f"This rest was taken on {day_text(entry.taken_on)}; it stays on record.")
    day = Period(entry.arose_on, entry.arose_on)
    timeline = load_timelines(uow.session, [person.id], day)[person.id]
    rulebook = load_rulebook(uow.session)
    rule = rulebook.rule(entry.rule)
    found = rule.check_in_detail(timeline, day, rulebook.parameters)
    if any(verdict.arising_on == entry.arose_on for verdict in found):
        raise Conflict(
            f"{rule.title} of {person.name} on {day_text(entry.arose_on)} still falls short.",
            hint="Change the rota first; without the entry it would be unlawful.",
        )
    before = {
        "staff_id": person.id, "rule": entry.rule, "arose_on": entry.arose_on.isoformat(),
        "minutes": entry.owed_minutes, "due_on": entry.due_on.isoformat(), "note": entry.note,
    }  # fmt: skip
    uow.session.delete(entry)
    uow.session.flush()
    uow.audit(
        "strike out compensatory rest", "compensatory_rest", entry_id, home_id=person.home_id,
        before=before, reason="The exception is no longer on the rota.",
    )  # fmt: skip
    uow.touch(person.home_id)


def _loaded(uow: UnitOfWork, entry_id: int) -> tuple[CompensatoryRest, Staff]:
    """The entry with its person's row locked, for who may change that home's rota."""
    staff_id = uow.session.scalar(
        select(CompensatoryRest.staff_id).where(CompensatoryRest.id == entry_id)
    )
    if staff_id is None:
        raise NotFound("There is no such entry of rest owed.", hint="Load the page again.")
    person = locked_person(uow.session, staff_id)
    require_on(uow.actor, Permission.EDIT_ROTA, person.home_id)
    entry = uow.session.get(CompensatoryRest, entry_id, populate_existing=True)
    if entry is None:
        raise NotFound("There is no such entry of rest owed.", hint="Load the page again.")
    return entry, person
