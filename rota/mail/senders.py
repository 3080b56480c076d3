"""What can be sent on a schedule, who may have it, and what makes it.

The function is named by a dotted path, as jobs are: a report is printed with the screen's own
charts, and the domain knows no screen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib import import_module
from typing import cast

from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.boards.catalogue import BOARDS
from rota.mail.service import Attachment


@dataclass(frozen=True, slots=True)
class ReportMail:
    """What a report says in a message: the values of the template ``report``, and the files."""

    title: str
    homes: str
    period: str
    headlines: tuple[str, ...]
    link: str
    attachments: tuple[Attachment, ...]


#: makes the message for a reader with these homes: of one home, or of all (null)
Maker = Callable[[Session, Actor, int | None, datetime], ReportMail]


@dataclass(frozen=True, slots=True)
class Sender:
    """One thing that can be scheduled. ``function`` is ``module:name`` of a :data:`Maker`, which
    is told ``subject`` too where there is one."""

    title: str
    permission: Permission
    function: str
    subject: str = ""

    def make(
        self, session: Session, actor: Actor, home_id: int | None, due: datetime
    ) -> ReportMail:
        """Make the message. Raises what the report raises."""
        module, name = self.function.split(":")
        maker = getattr(import_module(module), name)
        if self.subject:
            maker = partial(maker, subject=self.subject)
        return cast(Maker, maker)(session, actor, home_id, due)


SENDERS: dict[str, Sender] = {
    "monthly-report": Sender(
        "Monthly report", Permission.VIEW_COSTS, "server.report_mail:monthly_report"
    ),
    "weekly-summary": Sender(
        "Weekly rota summary", Permission.VIEW_ROTA, "server.report_mail:weekly_summary"
    ),
    "leave-liability": Sender(
        "Leave liability", Permission.VIEW_LEAVE, "server.report_mail:leave_liability"
    ),
    "payroll": Sender("Payroll extract", Permission.VIEW_CONTACTS, "server.report_mail:payroll"),
    **{
        f"board-{kind.key}": Sender(
            f"Dashboard: {kind.title}", kind.permission, "server.report_mail:board", kind.key
        )
        for kind in BOARDS
    },
}
