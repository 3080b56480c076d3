"""A scheduled report on its way: made, queued, sent, read back by its reader."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import Engine

from rota.database import UnitOfWork
from rota.mail import schedules, sending
from rota.mail.delivery import deliver
from rota.models import Frequency, HomeGrant, UserRole
from rota.settings import Settings
from tests import factories as make
from tests.factories import administrator
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
