"""The checklists of going live, of the first week and of the first month, filled in by measuring.

A line is met, not met, or not to be measured here (then somebody looks, and the line says at
what).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.database import get_engine
from rota.models import (
    AuditEvent,
    CareHome,
    ChangeSet,
    Invitation,
    Job,
    JobState,
    LeaveRequest,
    LeaveStatus,
    MailState,
    OutboxMessage,
    Publication,
    Shift,
    Staff,
    Unit,
    User,
    UserRole,
    utc_now,
)
from rota.operations.doctor import Verdict, examine


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a checklist; ``met`` null: look for yourself, at ``found``."""

    words: str
    met: bool | None
    found: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """A named list of lines."""

    title: str
    lines: tuple[Line, ...]

    @property
    def met(self) -> int:
        """How many lines are met."""
        return sum(line.met is True for line in self.lines)


def checklists(session: Session, actor: Actor, engine: Engine | None = None) -> list[Checklist]:
    """Go-live, week 1 and month 1 as they stand now."""
    actor.require(Permission.ADMINISTER)
    return [
        Checklist("Go-live", tuple(_go_live(session, engine or get_engine()))),
        Checklist("Week 1", tuple(_use(session, timedelta(days=7)))),
        Checklist("Month 1", tuple(_month(session))),
    ]


def _count(session: Session, column: object, *where: object) -> int:
    return session.scalar(select(func.count(column)).where(*where)) or 0  # type: ignore[arg-type]


def _at_least(words: str, count: int, least: int = 1) -> Line:
    return Line(words, count >= least, f"{count:,}")


def _go_live(session: Session, engine: Engine) -> list[Line]:
    lines = [
        _at_least("Homes are there", _count(session, CareHome.id, CareHome.is_active)),
        _at_least("Units are there", _count(session, Unit.id, Unit.is_active)),
        _at_least("People are there", _count(session, Staff.id, Staff.is_active)),
        _at_least("Shifts are there", _count(session, Shift.id)),
    ]
    for role, words in (
        (UserRole.OPERATIONAL_MANAGER, "An operational manager has an account"),
        (UserRole.SENIOR_MANAGER, "A senior manager has an account"),
    ):
        lines.append(_at_least(words, _count(session, User.id, User.role == role, User.is_active)))
    found = [one for one in examine(engine) if one.what != "Debug"]
    lines += [Line(one.what, one.verdict is Verdict.OK, one.found) for one in found]
    lines.append(Line("Printed rotas of the week lie in every home", None, "ask the homes"))
    return lines


def _use(session: Session, span: timedelta) -> list[Line]:
    since = utc_now() - span
    invited = _count(session, Invitation.id, Invitation.created_at > since)
    used = _count(session, Invitation.id, Invitation.used_at > since)
    failed = _count(session, Job.id, Job.state == JobState.FAILED, Job.created_at > since)
    mail = _count(
        session, OutboxMessage.id, OutboxMessage.created_at > since,
        OutboxMessage.state.in_((MailState.FAILED, MailState.BOUNCED)),
    )  # fmt: skip
    managers = _count(
        session, User.id, User.role == UserRole.OPERATIONAL_MANAGER, User.is_active,
    )  # fmt: skip
    active = _count(
        session, User.id, User.role == UserRole.OPERATIONAL_MANAGER, User.is_active,
        User.last_login_at > since,
    )  # fmt: skip
    return [
        Line("Every operational manager has logged in", active >= managers > 0,
             f"{active} of {managers}"),
        Line("Invitations are accepted", used >= invited * 0.8, f"{used} of {invited}"),
        _at_least("The rota is edited", _count(session, ChangeSet.id, ChangeSet.created_at > since)),
        _at_least("Leave is decided",
                  _count(session, LeaveRequest.id, LeaveRequest.decided_at > since)),
        Line("No leave request waits for more than a week", *_old_leave(session)),
        Line("No background job failed", failed == 0, f"{failed} failed"),
        Line("No message failed", mail == 0, f"{mail} failed"),
        Line("Questions and complaints of the homes are answered", None, "ask the homes"),
    ]  # fmt: skip


def _old_leave(session: Session) -> tuple[bool, str]:
    old = _count(
        session, LeaveRequest.id, LeaveRequest.status == LeaveStatus.PENDING,
        LeaveRequest.requested_at < utc_now() - timedelta(days=7),
    )  # fmt: skip
    return old == 0, f"{old} wait"


def _month(session: Session) -> list[Line]:
    since = utc_now() - timedelta(days=30)
    homes = _count(session, CareHome.id, CareHome.is_active)
    published = _count(
        session, func.distinct(Publication.home_id), Publication.published_at > since
    )
    refused = _count(session, AuditEvent.id, AuditEvent.action == "refused", AuditEvent.at > since)
    return [
        *_use(session, timedelta(days=30))[:5],
        Line("Every home has published a rota", published >= homes > 0, f"{published} of {homes}"),
        _at_least("Scenarios are computed",
                  _count(session, Job.id, Job.kind == "optimise", Job.state == JobState.DONE,
                         Job.created_at > since)),
        Line("Few requests are refused", refused < 100, f"{refused} in 30 days"),
        Line("A restore was rehearsed", None, "deploy/rollback on a copy"),
    ]  # fmt: skip
