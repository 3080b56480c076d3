"""Filling a vacancy: by somebody of one's own or by an agency, checked against every rule.

The person's row is locked first, then the shift's, so that two managers filling two
vacancies with the same person at once see one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from rota.access.permissions import Permission
from rota.calendar import Period, day_text
from rota.costs.rates import RateBook, load_rate_book
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed, NotFound, RuleBreach
from rota.leave.guard import locked_person, refuse_if_away
from rota.models import (
    Classification,
    Employment,
    OfferState,
    Shift,
    ShiftOffer,
    Staff,
    UserRole,
    utc_now,
)
from rota.roster.changes import ChangeRecorder
from rota.roster.rulebooks import load_rulebook
from rota.roster.shift_types import ShiftKind, load_shift_kinds
from rota.roster.timelines import load_timelines
from rota.rules import Assessment, Change, Rulebook, Severity, Verdict, check_change
from rota.vacancies.candidates import agency_options, price_for
from rota.vacancies.ground import week_minutes_of
from rota.vacancies.policy import fill_policy
from rota.vacancies.pool import vacant_shift
from rota.vacancies.queries import vacancy_of
from rota.vacancies.values import Vacancy

#: who may approve an agency shift above the home's limit
APPROVERS = frozenset({UserRole.SENIOR_MANAGER, UserRole.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Filled:
    """A vacancy as it was filled; ``warnings`` are what the rules had to say."""

    shift_id: int
    change_set_id: int
    label: str
    classification: Classification
    cost_pence: int | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Books:
    """What every filling looks up: shift types, rules and rates."""

    kinds: dict[int, ShiftKind]
    rulebook: Rulebook
    rates: RateBook


def load_books(session: Session) -> Books:
    """The books as they stand; one reading serves a whole transaction."""
    return Books(load_shift_kinds(session), load_rulebook(session), load_rate_book(session))


def assign(
    uow: UnitOfWork, vacancy_id: int, staff_id: int, version: int, *, overrule: str = ""
) -> Filled:
    """Give a vacancy to somebody, after checking every rule of work.

    ``overrule`` is a manager's reason for going against rules that allow it (grade, skills,
    training); it is kept on record. Raises :class:`RuleBreach` naming the rule,
    :class:`Conflict` when it is filled, changed or the person is away, :class:`NotAllowed` for
    another home's vacancy or person.
    """
    person = locked_person(uow.session, staff_id)
    shift = open_shift(uow, vacancy_id, version)
    return fill_with(uow, shift, person, overrule=overrule)


def fill_with(
    uow: UnitOfWork,
    shift: Shift,
    person: Staff,
    *,
    overrule: str = "",
    kind: str = "fill vacancy",
    recorder: ChangeRecorder | None = None,
    books: Books | None = None,
) -> Filled:
    """Put a locked person on a locked vacancy after checking every rule.

    The caller has checked the actor: a manager who fills, or the person who accepts an offer.
    With a ``recorder`` the change becomes part of what it records, which the caller finishes;
    who fills many hands in the ``books``.
    """
    books = books or load_books(uow.session)
    may_be_asked(person, shift)
    refuse_if_away(uow.session, person.id, [shift.date])
    vacancy = vacancy_of(uow.session, shift.id)
    said = _assessment(uow, vacancy, person, books)
    _refuse_barred(said, books.rulebook, person, overrule)
    source = _source(uow, person, vacancy)
    cost = price_for(vacancy, person.role_id, source, books.rates)
    label = f"{person.name} takes {vacancy.code} on {day_text(vacancy.date)} ({vacancy.unit})"
    change_set_id = _fill(
        uow, shift, label, overrule, kind, recorder,
        user_id=person.id, classification=source, cost_pence=cost,
    )  # fmt: skip
    uow.touch(person.home_id)
    warnings = tuple(verdict.message for verdict in said.verdicts)
    return Filled(shift.id, change_set_id, label, source, cost, warnings)


def assign_agency(
    uow: UnitOfWork, vacancy_id: int, agency_id: int, version: int, *, worker: str = ""
) -> Filled:
    """Give a vacancy to an agency, within its weekly cap and the home's approval limit.

    Raises :class:`RuleBreach` when the cap is used up, :class:`NotAllowed` when the price needs
    a senior manager, :class:`InvalidInput` when the vacancy names no role.
    """
    return book_agency(uow, open_shift(uow, vacancy_id, version), agency_id, worker=worker)


def book_agency(
    uow: UnitOfWork,
    shift: Shift,
    agency_id: int,
    *,
    worker: str = "",
    recorder: ChangeRecorder | None = None,
) -> Filled:
    """Put an agency on a locked vacancy of a home the actor may fill; see
    :func:`assign_agency`."""
    vacancy = vacancy_of(uow.session, shift.id)
    policy = fill_policy(uow.session, vacancy.date, vacancy.home_id)
    options = agency_options(uow.session, vacancy, load_rate_book(uow.session), policy)
    option = next((one for one in options if one.agency_id == agency_id), None)
    if option is None:
        raise NotFound("There is no such agency.")
    if vacancy.role_id is None:
        raise InvalidInput(option.refusal + ".", hint="Set the role of the vacancy on the rota.")
    if option.refusal:
        raise RuleBreach(f"{option.name}: {option.refusal}.", hint="Ask the next agency.")
    if option.needs_approval and uow.actor.role not in APPROVERS:
        raise NotAllowed(
            f"This agency shift costs more than £{policy.agency_approval_pence / 100:,.0f}.",
            hint="A senior manager has to approve it.",
        )
    label = f"{option.name} takes {vacancy.code} on {day_text(vacancy.date)} ({vacancy.unit})"
    change_set_id = _fill(
        uow, shift, label, "", "fill vacancy", recorder,
        agency_id=agency_id, agency_worker=worker.strip()[:200],
        classification=Classification.AGENCY, cost_pence=option.cost_pence,
    )  # fmt: skip
    return Filled(shift.id, change_set_id, label, Classification.AGENCY, option.cost_pence, ())


def open_shift(
    uow: UnitOfWork, shift_id: int, version: int | None, *, by_manager: bool = True
) -> Shift:
    """The vacancy, locked, as the actor saw it (whatever its version when that is null).

    Not ``by_manager`` is somebody accepting an offer, whom the caller has checked.
    """
    shift = uow.session.scalars(
        select(Shift)
        .where(Shift.id == shift_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if shift is None:
        raise NotFound("This vacancy is gone.", hint="Somebody removed it from the rota.")
    if by_manager:
        uow.actor.require(Permission.FILL_VACANCY, shift.home_id)
    if not shift.is_vacant:
        raise Conflict("Somebody filled this vacancy already.", hint="Choose another one.")
    if version is not None and shift.version != version:
        raise Conflict(
            "This vacancy has changed since you opened it.", hint="Look at it again, then decide."
        )
    if shift.ends_at <= utc_now():
        raise InvalidInput(
            "This shift is over.", hint="Record who worked it on the rota, with a note."
        )
    return shift


def may_be_asked(person: Staff, shift: Shift) -> None:
    """Raise unless somebody is employed then, and of the home or working in others too."""
    if not person.is_active or (person.left_on is not None and person.left_on < shift.date):
        raise InvalidInput("This person is not employed then.")
    if person.home_id != shift.home_id and not person.works_other_homes:
        raise NotAllowed(
            "This person belongs to another home and does not work elsewhere.",
            hint="Ask their manager to allow it.",
        )


def _assessment(uow: UnitOfWork, vacancy: Vacancy, person: Staff, books: Books) -> Assessment:
    shift = vacant_shift(uow.session, vacancy, books.kinds)
    day = Period(vacancy.date, vacancy.date)
    timeline = load_timelines(uow.session, [person.id], day, kinds=books.kinds)[person.id]
    return check_change(timeline, Change.add(shift), books.rulebook)


def _refuse_barred(said: Assessment, rulebook: Rulebook, person: Staff, overrule: str) -> None:
    barred = [v for v in said.verdicts if v.severity is Severity.BARRED]
    if not barred or (overrule.strip() and all(_yields(rulebook, v) for v in barred)):
        return
    first = barred[0]
    raise RuleBreach(
        f"{person.name} cannot take this shift. {first.title}: {first.message}.",
        hint=_what_to_do(rulebook, barred),
    )


def _yields(rulebook: Rulebook, verdict: Verdict) -> bool:
    return rulebook.rule(verdict.rule).may_be_overruled


def _what_to_do(rulebook: Rulebook, barred: list[Verdict]) -> str:
    if all(_yields(rulebook, verdict) for verdict in barred):
        return "You may overrule this with a reason, which stays on record."
    if all(verdict.can_be_compensated for verdict in barred):
        return "Record the compensatory rest first, or choose somebody else."
    return "Choose somebody else."


def _source(uow: UnitOfWork, person: Staff, vacancy: Vacancy) -> Classification:
    if person.employment is Employment.BANK:
        return Classification.BANK
    week = week_minutes_of(uow.session, person.id, vacancy.date)
    within = week + vacancy.paid_minutes <= person.contracted_minutes
    return Classification.REGULAR if within else Classification.OVERTIME


def _fill(
    uow: UnitOfWork,
    shift: Shift,
    label: str,
    overrule: str,
    kind: str,
    recorder: ChangeRecorder | None,
    **values: Any,
) -> int:
    record = recorder or ChangeRecorder(uow, shift.home_id, kind, label)
    record.update(shift, is_vacant=False, vacancy_reason="", vacant_since=None, **values)
    if overrule.strip():
        uow.audit(
            "overrule", "shift", shift.id, home_id=shift.home_id, reason=overrule.strip()[:500]
        )
    uow.session.execute(
        update(ShiftOffer)
        .where(
            ShiftOffer.shift_id == shift.id,
            ShiftOffer.state.in_((OfferState.OPEN, OfferState.VOLUNTEERED)),
        )
        .values(state=OfferState.CLOSED, answered_at=utc_now())
    )
    uow.touch(shift.home_id)
    return record.change_set.id if recorder is not None else record.finish().id
