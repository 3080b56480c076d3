"""Failed logins and refused requests: who looks, how it is told apart from a mistyped password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.models import AuditEvent, LoginAttempt, LoginOutcome, User, utc_now


@dataclass(frozen=True, slots=True)
class AddressLine:
    """What came from one address: attempts by outcome, and how many different names failed."""

    address: str
    failed: int
    succeeded: int
    names: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account that logins failed for."""

    name: str
    sap_number: str
    failed: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class RefusalLine:
    """What somebody wanted and might not."""

    at: datetime
    actor: str
    wanted: str
    source: str


@dataclass(frozen=True, slots=True)
class AccessReport:
    """The report of a number of days."""

    days: int
    addresses: list[AddressLine]
    accounts: list[AccountLine]
    refusals: list[RefusalLine]


def access_report(
    session: Session, actor: Actor, *, days: int = 7, limit: int = 50
) -> AccessReport:
    """The worst addresses and accounts and the newest refusals of some days. Three statements."""
    actor.require(Permission.ADMINISTER)
    since = utc_now() - timedelta(days=days)
    wrong = case((LoginAttempt.outcome != LoginOutcome.OK, 1), else_=0)
    failed = func.sum(wrong)
    addresses = session.execute(
        select(
            LoginAttempt.address,
            failed.label("failed"),
            func.sum(1 - wrong).label("succeeded"),
            func.count(
                func.distinct(
                    case((LoginAttempt.outcome != LoginOutcome.OK, LoginAttempt.typed_hash))
                )
            ).label("names"),
            func.max(LoginAttempt.at).label("last_at"),
        )
        .where(LoginAttempt.at > since)
        .group_by(LoginAttempt.address)
        .having(failed > 0)
        .order_by(failed.desc())
        .limit(limit)
    )
    accounts = session.execute(
        select(User.name, User.sap_number, func.count().label("failed"),
               func.max(LoginAttempt.at).label("last_at"))
        .join(User, User.id == LoginAttempt.user_id)
        .where(LoginAttempt.at > since, LoginAttempt.outcome != LoginOutcome.OK)
        .group_by(User.id, User.name, User.sap_number)
        .order_by(func.count().desc())
        .limit(limit)
    )  # fmt: skip
    refusals = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.action == "refused", AuditEvent.at > since)
        .order_by(AuditEvent.id.desc())
        .limit(limit)
    )
    return AccessReport(
        days,
        [AddressLine(r.address or "unknown", int(r.failed), int(r.succeeded), r.names, r.last_at)
         for r in addresses],
        [AccountLine(r.name, r.sap_number, r.failed, r.last_at) for r in accounts],
        [RefusalLine(e.at, e.actor, str((e.after or {}).get("wanted", "")), e.source)
         for e in refusals],
    )  # fmt: skip
