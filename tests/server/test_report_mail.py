"""A scheduled report on its way: made, queued, sent, read back by its reader."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import Engine

from rota.access.scope import homes_of
from rota.boards.catalogue import BOARDS, BoardKind, months_up_to
from rota.boards.values import BoardQuestion
from rota.calendar import period_text
from rota.database import UnitOfWork, reading
from rota.errors import Unavailable
from rota.mail import schedules, sending
from rota.mail.delivery import deliver
from rota.mail.senders import SENDERS
from rota.models import Frequency, HomeGrant, UserRole
from rota.settings import Settings
from server import report_mail
from tests import factories as make
from tests.factories import actor, administrator
from tests.rota.mail.conftest import Postbox, mail_settings, postbox

__all__ = ["mail_settings", "postbox"]


def test_the_monthly_report_reaches_its_reader_with_the_same_figures_in_every_part(
    sqlite_engine: Engine, postbox: Postbox, mail_settings: Settings
) -> None:
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        home = make.make_home(uow.session, "Orchard Grove")
        unit = make.make_unit(uow.session, home)
        person = make.make_staff(uow.session, unit)
        make.make_shift(uow.session, unit, person, date(2026, 6, 10), cost_pence=123_456)
        make.make_user(uow.session, UserRole.SENIOR_MANAGER, name="Elaine Moir",
                       email="elaine@example.org", grants=[HomeGrant(home_id=home.id)])  # fmt: skip
        row = schedules.set_schedule(
            uow,
            schedules.SetSchedule(
                "To the managers", "monthly-report", Frequency.MONTHLY, home_id=home.id,
                roles=(UserRole.SENIOR_MANAGER,),
            ),
        )  # fmt: skip
        row.active_since = datetime(2026, 6, 20, tzinfo=UTC)
        uow.commit()
    assert sending.run_due(sqlite_engine, now=datetime(2026, 7, 1, 6, tzinfo=UTC)) == 1
    assert deliver(sqlite_engine, mail_settings).sent == 1
    (message,) = postbox.messages
    assert message["Subject"] == "Monthly report: Orchard Grove, 1 – 30 Jun 2026"
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Hello Elaine Moir" in text
    assert "Total: £1,234.56" in text
    pdf, book = (part.get_payload(decode=True) for part in message.iter_attachments())
    printed = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    assert "£1,234.56" in printed
    sheets = load_workbook(io.BytesIO(book), data_only=True)
    assert 1234.56 in [cell.value for row in sheets["By month"].iter_rows() for cell in row]


@pytest.mark.parametrize("kind", BOARDS, ids=lambda kind: kind.key)
def test_every_dashboard_can_be_scheduled_and_says_the_same_as_its_screen(
    sqlite_engine: Engine, kind: BoardKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_chromium(_document: object) -> bytes:
        raise Unavailable("There is no browser to print with.")

    monkeypatch.setattr(report_mail, "report_pdf", no_chromium)
    with UnitOfWork(administrator(), engine=sqlite_engine) as uow:
        home = make.make_home(uow.session, "Orchard Grove")
        unit = make.make_unit(uow.session, home)
        person = make.make_staff(uow.session, unit)
        make.make_shift(uow.session, unit, person, date(2026, 6, 13))
        make.make_shift(uow.session, unit, None, date(2026, 6, 14))
        uow.commit()
    who = actor(UserRole.OPERATIONAL_MANAGER, home)
    due = datetime(2026, 7, 6, 6, tzinfo=UTC)
    with reading(sqlite_engine) as session:
        made = SENDERS[f"board-{kind.key}"].make(session, who, home.id, due)
        months = months_up_to(date(2026, 6, 1), min(3, kind.most_months))
        question = BoardQuestion(tuple(homes_of(session, who)), months)
        board = kind.build(session, who, question)
    assert (made.title, made.homes) == (kind.title, "Orchard Grove")
    assert made.period == period_text(months)
    sheet = load_workbook(io.BytesIO(made.attachments[0].content), data_only=True)["Figures"]
    shown = [cell.value for row in sheet.iter_rows(max_col=1) for cell in row]
    assert [figure.label for figure in board.figures] == shown[1:]
