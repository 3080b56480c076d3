"""``python -m rota send-mail``: deliver the outbox once, for installations without a worker."""

from __future__ import annotations

import click

from rota.database import get_engine, reading
from rota.errors import RotaError
from rota.mail.delivery import deliver
from rota.mail.sending import run_due
from rota.mail.service import outbox_counts
from rota.migrations import require_current
from rota.models import MailState
from rota.settings import get_settings


@click.command("send-mail")
@click.option("--limit", default=1000, show_default=True, help="At most so many messages.")
def send_mail_command(limit: int) -> None:
    """Queue the reports that are due, then send what waits in the outbox; exit code 1 when a message was given up."""
    engine = get_engine()
    require_current(engine)
    run_due(engine)
    done = deliver(engine, get_settings(), limit=limit)
    with reading(engine) as session:
        waiting = outbox_counts(session)[MailState.QUEUED]
    click.echo(f"Sent {done.sent}, failed {done.failed}, waiting {waiting}.")
    if done.failed:
        raise RotaError(f"{done.failed} messages were given up.", hint="The outbox says why.")
