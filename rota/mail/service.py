"""The outbox: what shall leave is a row of the transaction that caused it.

Nothing is sent from a web request. :func:`queue` writes the message; the worker delivers it
(:mod:`rota.mail.delivery`), so that a message leaves if and only if its cause was committed.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.database import UnitOfWork
from rota.errors import Conflict, InvalidInput, NotFound
from rota.mail.templates import render
from rota.models import MailState, OutboxAttachment, OutboxMessage, utc_now
from rota.settings import get_settings

#: most servers refuse more
MOST_BYTES = 20 * 1024 * 1024
MOST_TEXT = 1_000_000
MOST_RECIPIENTS = 500
#: one address as it stands in a header: no spaces, no control characters, no list
_ADDRESS = re.compile(
    r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\.]+(\.[^\s@<>,;:\"()\[\]\\.]+)*"
)
_CONTENT_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message; ``content_type`` as ``application/pdf``."""

    filename: str
    content: bytes
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A message of the outbox as a list shows it. Its text is not part of it."""

    id: int
    created_at: datetime
    kind: str
    about: str
    to: str
    subject: str
    state: MailState
    attempts: int
    next_attempt_at: datetime
    sent_at: datetime | None
    error: str


def valid_address(address: str) -> str:
    """The address, stripped. Raises :class:`InvalidInput` when it is none."""
    address = address.strip()
    if len(address) > 254 or not address.isprintable() or not _ADDRESS.fullmatch(address):
        raise InvalidInput(f"{address[:80]!r} is not a mail address.")
    return address


def queue(
    uow: UnitOfWork,
    *,
    to: str | Collection[str],
    subject: str,
    text: str,
    html: str | None = None,
    attachments: Sequence[Attachment] = (),
    kind: str,
    about: str | None = None,
) -> list[OutboxMessage]:
    """Write one message for each address; they leave after the commit, each on its own.

    ``to`` is one address or several (twice the same is one). ``kind`` names the sort of
    message, ``about`` the thing (``leave_request:12``). Whether the actor may cause the message
    is the caller's question. Raises :class:`InvalidInput` for an address, subject, text or
    attachment that cannot be sent; then nothing was queued.
    """
    addresses = list(dict.fromkeys(valid_address(a) for a in ([to] if isinstance(to, str) else to)))
    if len(addresses) > MOST_RECIPIENTS:
        raise InvalidInput(f"A message goes to at most {MOST_RECIPIENTS} people at once.")
    subject = " ".join(subject.split())
    if not subject or not subject.isprintable():
        raise InvalidInput("A message needs a subject of printable characters.")
    if not text.strip() or len(text) > MOST_TEXT or len(html or "") > MOST_TEXT:
        raise InvalidInput(f"A message has a text of 1 to {MOST_TEXT:,} characters.")
    _check_attachments(attachments)
    now = utc_now()
    domain = get_settings().default_from_email.rpartition("@")[2] or "localhost"
    rows = []
    for address in addresses:
        rows.append(
            OutboxMessage(
                created_at=now, created_by_id=uow.actor.user_id, kind=kind[:40],
                about=(about or "")[:80], to=address, subject=subject[:300], text=text, html=html,
                message_id=f"<{secrets.token_hex(16)}@{domain}>", next_attempt_at=now,
                attachments=[
                    OutboxAttachment(
                        filename=one.filename, content_type=one.content_type, content=one.content
                    )
                    for one in attachments
                ],
            )
        )  # fmt: skip
    uow.session.add_all(rows)
    uow.session.flush()
    if rows:
        # addresses stay in the outbox, which is pruned; the audit keeps only that it happened
        uow.audit(
            "queue mail", "outbox", rows[0].id,
            after={"kind": kind, "about": about, "messages": len(rows)},
        )  # fmt: skip
    return rows


def queue_template(
    uow: UnitOfWork,
    key: str,
    values: Mapping[str, Any],
    *,
    to: str | Collection[str],
    attachments: Sequence[Attachment] = (),
    about: str | None = None,
) -> list[OutboxMessage]:
    """:func:`queue` with the wording in force of a template; its key is the message's kind.

    Raises :class:`InvalidInput` also when the template cannot be filled with these values.
    """
    words = render(uow.session, key, values)
    return queue(
        uow, to=to, subject=words.subject, text=words.text, html=words.html or None,
        attachments=attachments, kind=key, about=about,
    )  # fmt: skip


def _check_attachments(attachments: Sequence[Attachment]) -> None:
    if sum(len(one.content) for one in attachments) > MOST_BYTES:
        raise InvalidInput(
            f"The attachments are larger than {MOST_BYTES // 1024 // 1024} MB together.",
            hint="Choose a shorter period.",
        )
    for one in attachments:
        name = one.filename
        if not name or len(name) > 200 or not name.isprintable() or "/" in name or "\\" in name:
            raise InvalidInput(f"{name[:80]!r} is not a file name.")
        if not _CONTENT_TYPE.fullmatch(one.content_type):
            raise InvalidInput(f"{one.content_type[:80]!r} is not a content type.")


def outbox(
    session: Session,
    actor: Actor,
    *,
    state: MailState | None = None,
    about: str | None = None,
    limit: int = 100,
) -> list[OutboxRow]:
    """The newest messages first, of one state or about one thing if given."""
    actor.require(Permission.ADMINISTER)
    query = select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(limit)
    if state is not None:
        query = query.where(OutboxMessage.state == state)
    if about is not None:
        query = query.where(OutboxMessage.about == about)
    return [
        OutboxRow(
            row.id, row.created_at, row.kind, row.about, row.to, row.subject, row.state,
            row.attempts, row.next_attempt_at, row.sent_at, row.error,
        )
        for row in session.scalars(query)
    ]  # fmt: skip


def outbox_counts(session: Session) -> dict[MailState, int]:
    """How many messages stand where; every state is named."""
    found = dict(
        session.execute(
            select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)
        ).all()
    )
    return {state: found.get(state, 0) for state in MailState}


def retry(uow: UnitOfWork, message_id: int) -> None:
    """Send a failed or bounced message again, from its first attempt.

    Raises :class:`NotFound`, and :class:`Conflict` for a message that has left or still will.
    """
    uow.actor.require(Permission.ADMINISTER)
    again = uow.session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.id == message_id,
            OutboxMessage.state.in_((MailState.FAILED, MailState.BOUNCED)),
        )
        .values(state=MailState.QUEUED, attempts=0, next_attempt_at=utc_now(), error="")
        .execution_options(synchronize_session=False)
    )
    if not again.rowcount:  # type: ignore[attr-defined]
        if uow.session.get(OutboxMessage, message_id) is None:
            raise NotFound("There is no such message.")
        raise Conflict("This message has left or still waits; there is nothing to repeat.")
    uow.audit("retry mail", "outbox", message_id)
