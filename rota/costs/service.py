"""Changing what a home may spend. Every change is on the record, with before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotFound
from rota.models import AuditEvent, Budget, CareHome, Classification

__all__ = [
    "BudgetChange", "Classification", "SetBudget", "budget_history", "set_budget", "set_budgets",
]  # fmt: skip
#: a month's budget of one source beyond this is a slip of the keyboard (£10 million)
LARGEST_BUDGET_PENCE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class SetBudget:
    """What a home may spend in a month on a source, in pence; null takes the budget away.

    ``expected_pence`` is what the person saw when they decided (null: no budget).
    """

    home_id: int
    month: date
    source: Classification
    pence: int | None
    expected_pence: int | None
    reason: str = ""


def set_budget(uow: UnitOfWork, command: SetBudget) -> int | None:
    """Set, change or take away a budget and return what now holds, in pence.

    Raises :class:`~rota.errors.NotAllowed` without the permission or the home,
    :class:`InvalidInput` for an amount or month that makes no sense, :class:`Conflict` when
    somebody changed it since it was seen.
    """
    uow.actor.require(Permission.EDIT_RATES, command.home_id)
    _check(command)
    if uow.session.get(CareHome, command.home_id) is None:
        raise NotFound("There is no such home.", hint="Choose one of your own homes.")
    stored = uow.session.scalars(
        select(Budget).where(
            Budget.home_id == command.home_id,
            Budget.month == command.month,
            Budget.source == command.source.value,
        )
    ).one_or_none()
    before = stored.pence if stored else None
    if before != command.expected_pence:
        raise Conflict(
            "Somebody else changed this budget in the meantime.",
            hint="Look at the new amount and decide again.",
        )
    if before == command.pence:
        return before
    _write(uow, stored, command)
    uow.audit(
        "set budget", "budget", f"{command.month:%Y-%m} {command.source.value}",
        home_id=command.home_id, reason=command.reason,
        before=None if before is None else {"pence": before},
        after=None if command.pence is None else {"pence": command.pence},
    )  # fmt: skip
    uow.touch(command.home_id)
    return command.pence


def set_budgets(uow: UnitOfWork, command: SetBudget, later: Sequence[date]) -> int:
    """Set a month's budget and the same for later months; gives how many months changed.

    What was seen is checked for the month itself; the later ones are overwritten, as asked.
    Raises what :func:`set_budget` does.
    """
    changed = int(command.pence != command.expected_pence)
    set_budget(uow, command)
    stored = {
        row.month: row.pence
        for row in uow.session.execute(
            select(Budget.month, Budget.pence).where(
                Budget.home_id == command.home_id, Budget.month.in_(later),
                Budget.source == command.source.value,
            )
        )
    }  # fmt: skip
    for month in later:
        before = stored.get(month)
        changed += before != command.pence
        set_budget(uow, replace(command, month=month, expected_pence=before))
    return changed


@dataclass(frozen=True, slots=True)
class BudgetChange:
    """One change of a budget on record, in pence; null is "no budget"."""

    at: datetime
    actor: str
    before_pence: int | None
    after_pence: int | None
    reason: str


def budget_history(
    session: Session, actor: Actor, home_id: int, month: date, source: Classification
) -> list[BudgetChange]:
    """Every change of one budget, the newest first. One statement.

    Raises :class:`~rota.errors.NotAllowed` for a home the actor does not work with.
    """
    actor.require(Permission.VIEW_COSTS, home_id)
    rows = session.scalars(
        select(AuditEvent)
        .where(
            AuditEvent.entity == "budget",
            AuditEvent.entity_id == f"{month:%Y-%m} {source.value}",
            AuditEvent.home_id == home_id,
        )
        .order_by(AuditEvent.id.desc())
    )
    return [
        BudgetChange(
            row.at, row.actor, (row.before or {}).get("pence"), (row.after or {}).get("pence"),
            row.reason,
        )
        for row in rows
    ]  # fmt: skip


def _check(command: SetBudget) -> None:
    if command.month.day != 1:
        raise InvalidInput("A budget is for a month: give its first day.")
    if command.pence is not None and not 0 <= command.pence <= LARGEST_BUDGET_PENCE:
        raise InvalidInput(
            "A budget is an amount from £0 to £10,000,000.", hint="Check the amount."
        )
    if len(command.reason) > 500:
        raise InvalidInput("The reason is longer than 500 characters.", hint="Shorten it.")


def _write(uow: UnitOfWork, stored: Budget | None, command: SetBudget) -> None:
    if command.pence is None:
        if stored is not None:
            uow.session.delete(stored)
    elif stored is None:
        uow.session.add(
            Budget(
                home_id=command.home_id,
                month=command.month,
                source=command.source.value,
                pence=command.pence,
            )
        )
    else:
        stored.pence = command.pence
