"""The outbox: queued with its cause, sent once, tried again, given up, bounced."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from rota.cli import cli
from rota.database import UnitOfWork, reading, use_engine
from rota.errors import Conflict, InvalidInput, NotAllowed, Unavailable
from rota.mail import service
from rota.mail.delivery import CLAIM, WAITS, deliver
from rota.models import AuditEvent, MailState, OutboxMessage, UserRole, utc_now
from rota.settings import Settings, load_settings
from tests.factories import actor, administrator
from tests.rota.mail.conftest import Postbox

WHO = "elaine@example.org"


def queue(engine: Engine, to: str | list[str] = WHO, **fields: object) -> list[int]:
    given = {"subject": "Rota", "text": "Hello\n", "kind": "test", **fields}
    with UnitOfWork(administrator(), engine=engine) as uow:
        rows = service.queue(uow, to=to, **given)  # type: ignore[arg-type]
        uow.commit()
        return [row.id for row in rows]


def row(engine: Engine, message_id: int) -> OutboxMessage:
    with reading(engine) as session:
        return session.get_one(OutboxMessage, message_id)


def test_a_message_arrives_with_its_parts(
    database: Engine, postbox: Postbox, mail_settings: Settings
) -> None:
    file = service.Attachment("Löhne.csv", b"\xef\xbb\xbfa;b", "text/csv")
    (one,) = queue(
        database, subject="Rota für Ailsa", html="<p>Hello</p>", attachments=[file], about="home:3"
    )
    done = deliver(database, mail_settings)
    assert (done.sent, done.delayed, done.failed) == (1, 0, 0)
    (message,) = postbox.messages
    assert (message["From"], message["To"]) == ("rota@example.org", WHO)
    assert message["Subject"] == "Rota für Ailsa"
    assert message["Message-ID"] == row(database, one).message_id
    assert message.get_body(("plain",)).get_content().strip() == "Hello"  # type: ignore[union-attr]
    assert "<p>Hello</p>" in message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    (attached,) = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("Löhne.csv", "text/csv")
    assert attached.get_payload(decode=True) == b"\xef\xbb\xbfa;b"
    assert row(database, one).state is MailState.SENT
    assert deliver(database, mail_settings).sent == 0


def test_what_was_rolled_back_does_not_leave(
    database: Engine, postbox: Postbox, mail_settings: Settings
) -> None:
    with UnitOfWork(administrator(), engine=database) as uow:
        service.queue(uow, to=WHO, subject="Rota", text="Hello", kind="test")
    assert deliver(database, mail_settings).sent == 0
    assert postbox.messages == []


def test_each_address_gets_a_message_of_its_own(
    database: Engine, postbox: Postbox, mail_settings: Settings
) -> None:
    queue(database, [WHO, "ross@example.org", WHO])
    deliver(database, mail_settings)
    assert sorted(m["To"] for m in postbox.messages) == [WHO, "ross@example.org"]


def test_two_workers_send_each_message_once(
    database: Engine, postbox: Postbox, mail_settings: Settings
) -> None:
    queue(database, [f"p{n}@example.org" for n in range(30)])
    together = threading.Barrier(2)

    def work() -> None:
        together.wait()
        deliver(database, mail_settings)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(postbox.messages) == 30
    assert len({m["To"] for m in postbox.messages}) == 30


def test_a_busy_server_delays_with_growing_waits_and_then_it_has_failed(
    database: Engine, postbox: Postbox, mail_settings: Settings
) -> None:
    (one,) = queue(database)
    postbox.refuse[WHO] = "451 try later"
    now = utc_now()
    for wait in WAITS:
        assert deliver(database, mail_settings, now=now).delayed == 1
        waiting = row(database, one)
        assert (waiting.state, waiting.next_attempt_at) == (MailState.QUEUED, now + wait)
        assert waiting.error == "451 try later"
        early = now + wait - timedelta(seconds=1)
        assert deliver(database, mail_settings, now=early).delayed == 0
        now += wait
    assert deliver(database, mail_settings, now=now).failed == 1
    assert row(database, one).state is MailState.FAILED


def test_an_unknown_address_bounces_at_once_and_the_next_message_still_goes(
    database: Engine, postbox: Postbox, mail_settings: Settings
) -> None:
    bad, good = queue(database, ["nobody@example.org", WHO])
    postbox.refuse["nobody@example.org"] = "550 no such user"
    done = deliver(database, mail_settings)
    assert (done.sent, done.failed) == (1, 1)
    assert row(database, bad).state is MailState.BOUNCED
    assert row(database, bad).error == "550 no such user"
    assert row(database, good).state is MailState.SENT


def test_a_refused_message_has_failed(
    database: Engine, postbox: Postbox, mail_settings: Settings
) -> None:
    (one,) = queue(database)
    postbox.refuse_data = "554 message refused"
    deliver(database, mail_settings)
    assert (row(database, one).state, row(database, one).error) == (
        MailState.FAILED,
        "554 message refused",
    )


def test_no_server_only_delays(database: Engine) -> None:
    (one,) = queue(database)
    nowhere = load_settings(
        _env_file=None, debug=True, email_host="127.0.0.1", email_port=1, email_use_tls=False
    )
    assert deliver(database, nowhere).delayed == 1
    assert "refused" in row(database, one).error
    with pytest.raises(Unavailable, match="EMAIL_HOST"):
        deliver(database, load_settings(_env_file=None, debug=True))


def test_a_claim_of_a_dead_worker_lapses(
    database: Engine, postbox: Postbox, mail_settings: Settings
) -> None:
    (one,) = queue(database)
    now = utc_now()
    with UnitOfWork(administrator(), engine=database) as uow:
        held = uow.session.get_one(OutboxMessage, one)
        held.state, held.attempts, held.next_attempt_at = MailState.SENDING, 1, now + CLAIM
        uow.commit()
    assert deliver(database, mail_settings, now=now).sent == 0
    assert deliver(database, mail_settings, now=now + CLAIM).sent == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"to": "nobody"},
        {"to": "a@b@c"},
        {"to": "a@example.org\r\nBcc: x@example.org"},
        {"to": "a@example.org, b@example.org"},
        {"to": f"{'a' * 65}@example.org"},
        {"subject": "   "},
        {"text": " "},
        {"attachments": [service.Attachment("../a", b"")]},
        {"attachments": [service.Attachment("a\nb", b"")]},
        {"attachments": [service.Attachment("a", b"", "text/csv\r\nX: y")]},
        {"attachments": [service.Attachment("a", bytes(service.MOST_BYTES + 1))]},
        {"to": [f"p{n}@example.org" for n in range(501)]},
    ],
)
def test_what_cannot_be_sent_is_not_queued(uow: UnitOfWork, fields: dict[str, object]) -> None:
    given = {"to": WHO, "subject": "Rota", "text": "Hello", "kind": "test", **fields}
    with pytest.raises(InvalidInput):
        service.queue(uow, **given)  # type: ignore[arg-type]
    assert uow.session.scalars(select(OutboxMessage)).all() == []


def test_a_line_break_in_a_subject_adds_no_header(
    database: Engine, postbox: Postbox, mail_settings: Settings
) -> None:
    queue(database, subject="Rota\r\nBcc: x@example.org")
    deliver(database, mail_settings)
    (message,) = postbox.messages
    assert (message["Subject"], message["Bcc"]) == ("Rota Bcc: x@example.org", None)


def test_the_audit_keeps_no_address(uow: UnitOfWork) -> None:
    service.queue(uow, to=WHO, subject="Rota", text="Hello", kind="test", about="home:3")
    uow.session.flush()
    (line,) = uow.session.scalars(select(AuditEvent))
    assert line.after == {"kind": "test", "about": "home:3", "messages": 1}


def test_a_failed_message_is_sent_again_on_request(
    database: Engine, postbox: Postbox, mail_settings: Settings
) -> None:
    (one,) = queue(database)
    postbox.refuse[WHO] = "550 no such user"
    deliver(database, mail_settings)
    postbox.refuse.clear()
    with UnitOfWork(administrator(), engine=database) as uow:
        service.retry(uow, one)
        with pytest.raises(Conflict):
            service.retry(uow, one)
        uow.commit()
    assert deliver(database, mail_settings).sent == 1
    assert [(r.state, r.to) for r in _outbox(database)] == [(MailState.SENT, WHO)]


def _outbox(engine: Engine) -> list[service.OutboxRow]:
    with reading(engine) as session:
        return service.outbox(session, administrator())


@pytest.mark.parametrize("role", [r for r in UserRole if r is not UserRole.ADMINISTRATOR])
def test_only_administrators_read_the_outbox(uow: UnitOfWork, role: UserRole) -> None:
    with pytest.raises(NotAllowed):
        service.outbox(uow.session, actor(role))
    uow.actor = actor(role)
    with pytest.raises(NotAllowed):
        service.retry(uow, 1)


def test_the_command_says_what_it_did(
    sqlite_engine: Engine,
    postbox: Postbox,
    mail_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from click.testing import CliRunner

    queue(sqlite_engine, [WHO, "nobody@example.org"])
    postbox.refuse["nobody@example.org"] = "550 no such user"
    monkeypatch.setattr("rota.mail.commands.get_settings", lambda: mail_settings)
    use_engine(sqlite_engine)
    try:
        result = CliRunner().invoke(cli, ["send-mail"])
    finally:
        use_engine(None)
    assert "Sent 1, failed 1, waiting 0." in result.output
    assert "given up" in str(result.exception)
