"""Delivering the outbox through the SMTP server of the settings.

A message is claimed by one conditional update, so that two workers send it once. A worker that
dies between the server's "accepted" and its own commit leaves a claim that lapses: the message
is sent again under the same Message-ID, by which mail systems recognise it. Sent at least once,
never lost.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import structlog
from sqlalchemy import ColumnElement, Engine, select, update

from rota.database import reading
from rota.errors import Unavailable
from rota.models import MailState, OutboxMessage, utc_now
from rota.settings import Settings

log = structlog.get_logger(__name__)

#: how long after each failure the next attempt waits; after the last one it has failed
WAITS = (
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1),
    timedelta(hours=4), timedelta(hours=12), timedelta(hours=24),
)  # fmt: skip
#: a message in sending for longer belongs to a worker that died
CLAIM = timedelta(minutes=5)
TIMEOUT_SECONDS = 20
#: messages in one run of the worker; the next minute's run does the rest
BATCH = 200


@dataclass(slots=True)
class Delivery:
    """What one run did."""

    sent: int = 0
    delayed: int = 0
    failed: int = 0


def deliver(
    engine: Engine, settings: Settings, *, limit: int = BATCH, now: datetime | None = None
) -> Delivery:
    """Send what is due, oldest first, over one connection.

    Raises :class:`Unavailable` when no server is named; a server that does not answer only
    delays the messages.
    """
    if not settings.email_host:
        raise Unavailable(
            "EMAIL_HOST is not set; mail waits in the outbox.", hint="See .env.example."
        )
    now = now or utc_now()
    done = Delivery()
    post = _Post(settings)
    try:
        for message_id in _due(engine, now, limit):
            if _claim(engine, message_id, now):
                _send_one(engine, post, message_id, now, settings, done)
    finally:
        post.close()
    return done


def _is_due(now: datetime) -> ColumnElement[bool]:
    return OutboxMessage.state.in_((MailState.QUEUED, MailState.SENDING)) & (
        OutboxMessage.next_attempt_at <= now
    )


def _due(engine: Engine, now: datetime, limit: int) -> list[int]:
    with reading(engine) as session:
        return list(
            session.scalars(
                select(OutboxMessage.id)
                .where(_is_due(now))
                .order_by(OutboxMessage.next_attempt_at, OutboxMessage.id)
                .limit(limit)
            )
        )


def _claim(engine: Engine, message_id: int, now: datetime) -> bool:
    """Take a message for this worker; false when another one was faster."""
    with engine.execution_options(rota_writes=True).begin() as connection:
        taken = connection.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == message_id, _is_due(now))
            .values(
                state=MailState.SENDING,
                attempts=OutboxMessage.attempts + 1,
                next_attempt_at=max(now, utc_now()) + CLAIM,
            )
        )
        return bool(taken.rowcount == 1)


def _send_one(
    engine: Engine, post: _Post, message_id: int, now: datetime, settings: Settings, done: Delivery
) -> None:
    with reading(engine) as session:
        row = session.get_one(OutboxMessage, message_id)
        message = compose(row, settings.default_from_email)
        attempts = row.attempts
    try:
        post.send(message)
    except Exception as error:  # smtplib, ssl and sockets each raise their own kinds
        state, text = _judge(error, attempts)
        values: dict[str, object] = {"state": state, "error": text}
        if state is MailState.QUEUED:
            values["next_attempt_at"] = now + WAITS[attempts - 1]
            done.delayed += 1
        else:
            done.failed += 1
        # the address is personal data: the log names the row
        log.warning("mail not sent", message=message_id, attempt=attempts, state=state.value)
    else:
        values = {"state": MailState.SENT, "sent_at": utc_now(), "error": ""}
        done.sent += 1
    with engine.execution_options(rota_writes=True).begin() as connection:
        connection.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == message_id, OutboxMessage.attempts == attempts)
            .values(**values)
        )


def _judge(error: Exception, attempts: int) -> tuple[MailState, str]:
    """Where a message stands after this error, and the error in one line."""
    code: int | None = None
    about_receiver = isinstance(error, smtplib.SMTPRecipientsRefused)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
        text = f"{code} {_words(reply)}"
    elif isinstance(error, smtplib.SMTPResponseException):
        code, text = error.smtp_code, f"{error.smtp_code} {_words(error.smtp_error)}"
    else:
        text = f"{type(error).__name__}: {error}"
    text = " ".join(text.split())[:500]
    if code is not None and code >= 500:
        if about_receiver:
            return MailState.BOUNCED, text
        if isinstance(error, smtplib.SMTPDataError):
            return MailState.FAILED, text
    # a wrong password or a refused sender is the installation's fault, and will be mended
    if attempts > len(WAITS):
        return MailState.FAILED, text
    return MailState.QUEUED, text


def _words(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply


def compose(row: OutboxMessage, sender: str) -> EmailMessage:
    """The message as it goes over the wire: text, HTML beside it, files after them."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = row.to
    message["Subject"] = row.subject
    message["Date"] = format_datetime(row.created_at)
    message["Message-ID"] = row.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies
    message.set_content(row.text)
    if row.html:
        message.add_alternative(row.html, subtype="html")
    for one in row.attachments:
        main, _, sub = one.content_type.partition("/")
        message.add_attachment(one.content, maintype=main, subtype=sub, filename=one.filename)
    return message


class _Post:
    """A connection to the server, opened at the first message and again after an error."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        """Hand over one message; raises what smtplib raises."""
        server = self._server or self._open()
        self._server = server
        try:
            server.send_message(message)
        except smtplib.SMTPResponseException:
            raise
        except smtplib.SMTPRecipientsRefused:
            raise
        except Exception:
            self.close()  # the state of the connection is unknown
            raise

    def _open(self) -> smtplib.SMTP:
        settings = self._settings
        # port 465 speaks TLS from the first byte; elsewhere STARTTLS comes after the greeting
        is_implicit = settings.email_use_tls and settings.email_port == 465
        context = ssl.create_default_context() if settings.email_use_tls else None
        make: Callable[..., smtplib.SMTP] = smtplib.SMTP_SSL if is_implicit else smtplib.SMTP
        extra = {"context": context} if is_implicit else {}
        server = make(settings.email_host, settings.email_port, timeout=TIMEOUT_SECONDS, **extra)
        try:
            if settings.email_use_tls and not is_implicit:
                server.starttls(context=context)
            if settings.email_host_user:
                server.login(settings.email_host_user, settings.email_host_password)
        except BaseException:
            server.close()
            raise
        return server

    def close(self) -> None:
        """Say goodbye, if it still listens."""
        server, self._server = self._server, None
        if server is None:
            return
        try:
            server.quit()
        except (smtplib.SMTPException, OSError):
            server.close()
