"""Agency shifts above the home's limit: asked for by one manager, approved by a senior one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.costs.rates import load_rate_book
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotAllowed, NotFound, RuleBreach
from rota.models import (
    Agency,
    AgencyRequest,
    AgencyRequestState,
    Shift,
    ShiftType,
    Unit,
    User,
    utc_now,
)
from rota.vacancies.candidates import agency_options
from rota.vacancies.policy import fill_policy
from rota.vacancies.queries import vacancy_of
from rota.vacancies.service import APPROVERS, Filled, book_agency, open_shift

LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    """A request that waits for a senior manager."""

    id: int
    shift_id: int
    agency: str
    cost_pence: int
    by_id: int | None
    by: str
    at: datetime
    date: date
    code: str
    unit: str


def request_agency(
    uow: UnitOfWork, vacancy_id: int, agency_id: int, version: int, *, reason: str = ""
) -> AgencyRequest | Filled:
    """Book an agency, or ask for it where the price is above what the actor may approve.

    One request waits for a vacancy at a time: asking again replaces the agency asked for.
    Raises as :func:`rota.vacancies.service.assign_agency`, and :class:`InvalidInput` for a
    reason that is too long.
    """
    shift = open_shift(uow, vacancy_id, version)
    if len(reason) > LONGEST_REASON:
        raise InvalidInput(f"A reason has at most {LONGEST_REASON} characters.")
    vacancy = vacancy_of(uow.session, shift.id)
    policy = fill_policy(uow.session, vacancy.date, vacancy.home_id)
    options = agency_options(uow.session, vacancy, load_rate_book(uow.session), policy)
    option = next((one for one in options if one.agency_id == agency_id), None)
    if option is None or not option.needs_approval or uow.actor.role in APPROVERS:
        return book_agency(uow, shift, agency_id)
    if option.refusal:
        raise RuleBreach(f"{option.name}: {option.refusal}.", hint="Ask the next agency.")
    row = uow.session.scalar(_waiting_for(shift.id).limit(1))
    if row is None:
        row = AgencyRequest(shift_id=shift.id, agency_id=agency_id, cost_pence=0)
        uow.session.add(row)
    row.agency_id, row.cost_pence = agency_id, option.cost_pence or 0
    row.reason, row.requested_at = reason.strip(), utc_now()
    row.requested_by_id = uow.actor.user_id
    uow.session.flush()
    uow.audit(
        "request agency", "shift", shift.id, home_id=shift.home_id,
        after={"agency": option.name, "pence": row.cost_pence}, reason=reason.strip(),
    )  # fmt: skip
    uow.touch(shift.home_id)
    return row


def decide_request(
    uow: UnitOfWork, request_id: int, *, approve: bool, reason: str = ""
) -> Filled | None:
    """Approve a request, which books the agency at once, or refuse it with a reason.

    Raises :class:`NotAllowed` for whoever may not approve, and for one's own request;
    :class:`Conflict` when it is decided or the shift filled; :class:`RuleBreach` when the
    agency can no longer be asked.
    """
    row, shift = _loaded(uow, request_id)
    uow.actor.require(Permission.VIEW_VACANCIES, shift.home_id)
    if uow.actor.role not in APPROVERS:
        raise NotAllowed("Agency shifts above the limit are approved by a senior manager.")
    if row.requested_by_id is not None and row.requested_by_id == uow.actor.user_id:
        raise NotAllowed("Nobody approves their own request.", hint="Ask another senior manager.")
    if not approve and not reason.strip():
        raise InvalidInput("Give a reason.", hint="Whoever asked for it is told.")
    filled = None
    if approve:
        filled = book_agency(uow, open_shift(uow, shift.id, None, by_manager=False), row.agency_id)
    row.state = AgencyRequestState.APPROVED if approve else AgencyRequestState.REFUSED
    _decided(uow, row, shift, "approve agency" if approve else "refuse agency", reason)
    return filled


def withdraw_request(uow: UnitOfWork, request_id: int) -> None:
    """Take back a request that nobody has decided yet."""
    row, shift = _loaded(uow, request_id)
    uow.actor.require(Permission.FILL_VACANCY, shift.home_id)
    row.state = AgencyRequestState.WITHDRAWN
    _decided(uow, row, shift, "withdraw agency request", "")


def waiting_requests(
    session: Session, actor: Actor, home_ids: Collection[int]
) -> list[WaitingRequest]:
    """What waits for approval in some homes of the actor's, the soonest shift first."""
    homes = [home for home in home_ids if actor.may(Permission.VIEW_VACANCIES, home)]
    rows = session.execute(
        select(
            AgencyRequest.id, Shift.id, Agency.name, AgencyRequest.cost_pence,
            AgencyRequest.requested_by_id, User.name, AgencyRequest.requested_at, Shift.date,
            ShiftType.code, Unit.name,
        )
        .join(Shift, Shift.id == AgencyRequest.shift_id)
        .join(ShiftType, ShiftType.id == Shift.shift_type_id)
        .join(Unit, Unit.id == Shift.unit_id)
        .join(Agency, Agency.id == AgencyRequest.agency_id)
        .outerjoin(User, User.id == AgencyRequest.requested_by_id)
        .where(
            AgencyRequest.state == AgencyRequestState.WAITING,
            Shift.home_id.in_(sorted(homes)), Shift.is_vacant, Shift.ends_at > utc_now(),
        )
        .order_by(Shift.starts_at, AgencyRequest.id)
    )  # fmt: skip
    return [
        WaitingRequest(request_id, shift_id, agency, pence, by_id, by or "", at, day, code, unit)
        for request_id, shift_id, agency, pence, by_id, by, at, day, code, unit in rows
    ]


def _waiting_for(shift_id: int) -> Select[AgencyRequest]:
    return select(AgencyRequest).where(
        AgencyRequest.shift_id == shift_id, AgencyRequest.state == AgencyRequestState.WAITING
    )


def _loaded(uow: UnitOfWork, request_id: int) -> tuple[AgencyRequest, Shift]:
    row = uow.session.scalar(
        select(AgencyRequest).where(AgencyRequest.id == request_id).with_for_update()
    )
    if row is None:
        raise NotFound("There is no such request.")
    shift = uow.session.get_one(Shift, row.shift_id)
    uow.actor.require(Permission.VIEW_VACANCIES, shift.home_id)
    if row.state is not AgencyRequestState.WAITING:
        raise Conflict(f"This request is {row.state.value} already.")
    return row, shift


def _decided(uow: UnitOfWork, row: AgencyRequest, shift: Shift, act: str, reason: str) -> None:
    row.decided_at, row.decided_by_id = utc_now(), uow.actor.user_id
    row.decision_reason = reason.strip()[:LONGEST_REASON]
    uow.session.flush()
    uow.audit(
        act, "shift", shift.id, home_id=shift.home_id,
        after={"agency_id": row.agency_id, "pence": row.cost_pence}, reason=row.decision_reason,
    )  # fmt: skip
    uow.touch(shift.home_id)
