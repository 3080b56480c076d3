"""Approving without a manager, and deciding many requests at once.

Automatic approval answers with the same checks a manager sees; a request that fails one
waits, with the failed conditions as its explanation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rota.access.permissions import Permission
from rota.database import UnitOfWork
from rota.errors import InvalidInput, RotaError
from rota.leave.decision import facts_of
from rota.leave.decisions import Approved, approve, grant, reject
from rota.leave.facts import DecisionFacts
from rota.leave.guard import require_on
from rota.leave.record import loaded_request
from rota.leave.requests import Receipt, request_leave
from rota.models import LeaveRequest, LeaveStatus, LeaveType, Staff

#: more in one go is a mistake, and holds the database too long
MOST_AT_ONCE = 200
AUTOMATIC_REASON = "Approved automatically: every condition of the leave policy is met."


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of one request of a bulk decision; ``error`` is empty when it worked."""

    request_id: int
    name: str
    approved: Approved | None = None
    error: str = ""

    @property
    def worked(self) -> bool:
        """Whether the request was decided."""
        return not self.error


@dataclass(frozen=True, slots=True)
class Preview:
    """What a bulk approval would do to one request, taken alone."""

    request_id: int
    version: int
    name: str
    facts: DecisionFacts


def ask_and_decide(
    uow: UnitOfWork,
    staff_id: int,
    start: date,
    end: date,
    leave_type: LeaveType = LeaveType.ANNUAL,
    reason: str = "",
) -> Receipt:
    """Record a request and approve it at once where the home's policy lets it approve itself.

    The receipt says why it waits when it does.
    """
    receipt = request_leave(uow, staff_id, start, end, leave_type, reason)
    request, person = loaded_request(uow, receipt.request_id)
    if request.status is LeaveStatus.APPROVED:  # sent twice, and approved the first time
        return Receipt(request.id, request.status, request.minutes, (request.decision_reason,))
    facts = facts_of(uow.session, request, person)
    if facts.approves_itself:
        done = grant(
            uow, request, person, reason=AUTOMATIC_REASON, action="approve leave automatically"
        )
        return Receipt(request.id, LeaveStatus.APPROVED, done.minutes, (AUTOMATIC_REASON,))
    return Receipt(request.id, request.status, receipt.minutes, waiting_because(facts))


def waiting_because(facts: DecisionFacts) -> tuple[str, ...]:
    """Why a request waits for a manager, one sentence for each condition it does not meet."""
    if not facts.automatic_enabled:
        return ("A manager decides every request of this home.",)
    return tuple(
        check.text for check in facts.checks if check.blocks_automatic and not check.passed
    )


def preview(uow: UnitOfWork, request_ids: Iterable[int]) -> list[Preview]:
    """What approving these requests would do, each taken alone; nothing is written.

    The order is that in which they would be approved: by the day they were asked for.
    """
    found = []
    for request, person in _in_order(uow, request_ids):
        facts = facts_of(uow.session, request, person)
        found.append(Preview(request.id, request.version, person.name, facts))
    return found


def decide_many(
    uow: UnitOfWork, versions: dict[int, int], *, refuse_because: str = ""
) -> list[Decided]:
    """Approve many requests (or reject all with a reason), first asked first.

    Each stands alone: one that cannot be decided is named with the reason and the others go
    on. ``versions`` maps each request to the version that was seen.
    """
    if len(versions) > MOST_AT_ONCE:
        raise InvalidInput(f"At most {MOST_AT_ONCE} requests are decided at once.")
    results = []
    for request, person in _in_order(uow, versions):
        request_id, name = request.id, person.name
        try:
            with uow.session.begin_nested():
                done = _decide(uow, request_id, versions[request_id], refuse_because)
            results.append(Decided(request_id, name, approved=done))
        except RotaError as error:
            results.append(Decided(request_id, name, error=str(error)))
    return results


def _decide(uow: UnitOfWork, request_id: int, version: int, refuse_because: str) -> Approved | None:
    if refuse_because.strip():
        reject(uow, request_id, version, refuse_because)
        return None
    return approve(uow, request_id, version)


def _in_order(uow: UnitOfWork, request_ids: Iterable[int]) -> list[tuple[LeaveRequest, Staff]]:
    pairs = [loaded_request(uow, request_id) for request_id in sorted(set(request_ids))]
    for _, person in pairs:
        require_on(uow.actor, Permission.DECIDE_LEAVE, person.home_id)
    return sorted(pairs, key=lambda pair: (pair[0].requested_at, pair[0].id))
