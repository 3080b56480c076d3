"""Erasing a leaver (UK GDPR, article 17), with what the law wants kept.

Kept under the person's name until the retention ends, because a record of hours, pay and leave
that names nobody proves nothing: leave six years (from 6 April 2026), pay and minimum wage six
years, working time two years. Everything else goes at once: contact data, the account with its
sessions and codes, notes about health. When the retention has ended the name and number go too;
the rows stay as numbers without a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, or_, update

from rota.access.permissions import Permission
from rota.administration.subject_access import Subject, find_subject
from rota.calendar import london_today
from rota.database import UnitOfWork
from rota.errors import InvalidInput
from rota.models import (
    AbsenceSpell,
    AuditEvent,
    HomeGrant,
    Invitation,
    LeaveRequest,
    LoginAttempt,
    OutboxMessage,
    RecoveryCode,
    ReturnTalk,
    Shift,
    Staff,
    User,
    UserSession,
)

#: years after the leaving day: Employment Rights Act 2025 (leave), National Minimum Wage
#: Regulations 2015 reg 59 (pay and hours)
RETENTION_YEARS = 6
NOBODY = "Former employee"


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done: rows changed or deleted by kind, and until when the rest is kept."""

    changed: dict[str, int]
    kept_until: date | None

    @property
    def is_complete(self) -> bool:
        """Whether nothing names the person any more."""
        return self.kept_until is None


def erase_leaver(uow: UnitOfWork, sap_number: str, *, today: date | None = None) -> Erased:
    """Erase what need not be kept of somebody who has left.

    Run again after the retention it erases the rest. Raises :class:`InvalidInput` for somebody
    who has not left, :class:`NotFound`.
    """
    uow.actor.require(Permission.ADMINISTER)
    today = today or london_today()
    subject = find_subject(uow.session, sap_number)
    until = _kept_until(uow, subject, today)
    changed = {
        "account": _close_accounts(uow, subject),
        "contact": _forget_contact(uow, subject),
        "notes": _forget_notes(uow, subject),
        "messages": _count(uow, delete(OutboxMessage).where(OutboxMessage.to.in_(subject.emails))),
    }
    if until is None:
        changed["name"] = _forget_name(uow, subject)
    uow.audit(
        "erase leaver", "staff", subject.staff_ids[0] if subject.staff_ids else "",
        after={**changed, "kept_until": until.isoformat() if until else None},
    )  # fmt: skip
    for staff_id in subject.staff_ids:
        uow.touch(uow.session.get_one(Staff, staff_id).home_id)
    return Erased(changed, until)


def _kept_until(uow: UnitOfWork, subject: Subject, today: date) -> date | None:
    """The day until which records must be kept under the name; null when it is past."""
    latest: date | None = None
    for staff_id in subject.staff_ids:
        person = uow.session.get_one(Staff, staff_id)
        left = person.left_on
        if person.is_active or left is None or left > today:
            raise InvalidInput("This person has not left.", hint="Enter the leaving day first.")
        end = date(left.year + RETENTION_YEARS, left.month, min(left.day, 28))
        latest = end if latest is None else max(latest, end)
    return latest if latest is not None and latest > today else None


def _count(uow: UnitOfWork, statement: object) -> int:
    result = uow.session.execute(
        statement.execution_options(synchronize_session=False)  # type: ignore[attr-defined]
    )
    return int(result.rowcount or 0)  # type: ignore[attr-defined]


def _close_accounts(uow: UnitOfWork, subject: Subject) -> int:
    users = subject.user_ids
    for model in (UserSession, RecoveryCode, Invitation, HomeGrant, LoginAttempt):
        _count(uow, delete(model).where(model.user_id.in_(users)))
    return _count(
        uow,
        update(User)
        .where(User.id.in_(users))
        .values(is_active=False, email="", password_hash="", totp_sealed="",
                totp_confirmed_at=None, epoch=User.epoch + 1, legacy={}),
    )  # fmt: skip


def _forget_contact(uow: UnitOfWork, subject: Subject) -> int:
    return _count(
        uow,
        update(Staff)
        .where(Staff.id.in_(subject.staff_ids))
        .values(email="", phone="", legacy={}, version=Staff.version + 1),
    )


def _forget_notes(uow: UnitOfWork, subject: Subject) -> int:
    """Free text may say why somebody was ill: it proves nothing that must be proved."""
    ids = subject.staff_ids
    return (
        _count(uow, update(Shift.__table__).where(Shift.user_id.in_(ids), Shift.note != "")  # type: ignore[arg-type]
               .values(note=""))
        + _count(uow, update(AbsenceSpell).where(AbsenceSpell.staff_id.in_(ids),
                                                 AbsenceSpell.note != "").values(note=""))
        + _count(uow, delete(ReturnTalk).where(ReturnTalk.staff_id.in_(ids)))
        + _count(uow, update(LeaveRequest.__table__).where(  # type: ignore[arg-type]
            LeaveRequest.staff_id.in_(ids),
            or_(LeaveRequest.reason != "", LeaveRequest.decision_reason != ""),
        ).values(reason="", decision_reason=""))
    )  # fmt: skip


def _forget_name(uow: UnitOfWork, subject: Subject) -> int:
    changed = 0
    for staff_id in subject.staff_ids:
        person = uow.session.get_one(Staff, staff_id, populate_existing=True)
        person.first_name, person.last_name = NOBODY, ""
        person.sap_number = f"erased-{person.id}"
        person.date_of_birth, person.registration_number = None, ""
        changed += 1
    for user_id in subject.user_ids:
        user = uow.session.get_one(User, user_id, populate_existing=True)
        user.name, user.sap_number = NOBODY, f"erased-u{user.id}"
        changed += 1
    _count(
        uow, update(AuditEvent).where(AuditEvent.user_id.in_(subject.user_ids)).values(actor=NOBODY)
    )
    return changed
