"""What is stored about one person, as a file for that person (UK GDPR, article 15).

Every row of every table that names the person in ``staff_id`` or ``user_id`` is found by the
foreign keys of the models themselves: a new table is part of it without being told. Rows where
somebody only acted on others (``…_by_id``) are about those others and stay out; hashes and
secrets stay out.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table, or_, select
from sqlalchemy.orm import Session

from rota.access.permissions import Permission
from rota.administration.tables import plain
from rota.database import UnitOfWork
from rota.errors import NotFound
from rota.models import Base, OutboxMessage, Staff, User, utc_now

_OWN = ("staff_id", "user_id")
_SECRET = ("hash", "sealed", "secret", "token", "nonce", "totp_last_step")
_README = """What Staff Rota stores about you
================================
Every file is one table; each entry is one row. Dates are ISO dates, instants are UTC, minutes
and pence are whole numbers. "staff" and "users" are your record and your account, "shifts" your
rota, "leave_requests" and "leave_entries" your leave, "absence_spells" your absences,
"return_talks" the talks after them,
"audit_events" what you did in the product. Passwords and other secrets are stored only as
hashes or sealed and are left out.
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """The rows of one person: ids of the staff record and of the accounts."""

    sap_number: str
    staff_ids: tuple[int, ...]
    user_ids: tuple[int, ...]
    emails: tuple[str, ...]


def find_subject(session: Session, sap_number: str) -> Subject:
    """The person with this SAP number. Raises :class:`NotFound`."""
    staff = session.scalars(select(Staff).where(Staff.sap_number == sap_number)).all()
    ids = [one.id for one in staff]
    users = session.scalars(
        select(User).where(or_(User.sap_number == sap_number, User.staff_id.in_(ids)))
    ).all()
    if not staff and not users:
        raise NotFound("There is nobody with this SAP number.")
    emails = {one.email for one in staff} | {one.email for one in users}
    emails.discard("")
    return Subject(sap_number, tuple(ids), tuple(one.id for one in users), tuple(sorted(emails)))


def rows_about(session: Session, subject: Subject) -> dict[str, list[dict[str, Any]]]:
    """Every row about the person, by table; only tables that hold some."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table in Base.metadata.sorted_tables:
        conditions = [column.in_(ids) for column, ids in _columns(table, subject) if ids]
        if not conditions:
            continue
        shown = [column for column in table.columns if _is_shown(column)]
        rows = session.execute(select(*shown).where(or_(*conditions))).all()
        if rows:
            found[table.name] = [
                {key: plain(value) for key, value in row._mapping.items()} for row in rows
            ]
    if subject.emails:
        mails = session.execute(
            select(OutboxMessage.created_at, OutboxMessage.kind, OutboxMessage.subject,
                   OutboxMessage.to, OutboxMessage.sent_at)
            .where(OutboxMessage.to.in_(subject.emails))
        ).all()  # fmt: skip
        if mails:
            found["outbox"] = [
                {key: plain(value) for key, value in row._mapping.items()} for row in mails
            ]
    return found


def _columns(table: Table, subject: Subject) -> list[tuple[Column[Any], tuple[int, ...]]]:
    """The columns of a table that may name the person, each with the ids to look for."""
    if table.name == "staff":
        return [(table.c.id, subject.staff_ids)]
    if table.name == "users":
        return [(table.c.id, subject.user_ids)]
    found: list[tuple[Column[Any], tuple[int, ...]]] = []
    for column in table.columns:
        targets = {key.column.table.name for key in column.foreign_keys}
        own = column.name in _OWN
        if own and "staff" in targets:
            found.append((column, subject.staff_ids))
        elif own and "users" in targets:
            found.append((column, subject.user_ids))
    return found


def _is_shown(column: Column[Any]) -> bool:
    if any(word in column.name for word in _SECRET):
        return False
    # what a change of theirs did to others' records is about the others
    return not (column.table.name == "audit_events" and column.name in ("before", "after"))


def export_subject(uow: UnitOfWork, sap_number: str) -> bytes:
    """A ZIP of JSON files about a person; that it was made is on record."""
    uow.actor.require(Permission.ADMINISTER)
    subject = find_subject(uow.session, sap_number)
    about = rows_about(uow.session, subject)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _README + f"\nMade {utc_now():%d %B %Y %H:%M} UTC.\n")
        for name, rows in about.items():
            archive.writestr(f"{name}.json", json.dumps(rows, indent=1, ensure_ascii=False))
    uow.audit(
        "subject access", "staff", subject.staff_ids[0] if subject.staff_ids else "",
        after={"tables": sorted(about)},
    )  # fmt: skip
    return buffer.getvalue()
