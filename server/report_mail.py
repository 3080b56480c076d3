"""Reports and dashboards as mail: the whole period before the day they are due, as PDF and workbook."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from components.report_tables import written, written_totals
from components.state import ScreenState
from rota.access.actor import Actor
from rota.access.scope import HomeChoice, choose_home, homes_of
from rota.boards.catalogue import board_document, months_up_to
from rota.boards.values import BoardQuestion
from rota.calendar import Period, local_day, period_text
from rota.costs.explorer import last_full_month
from rota.errors import Unavailable
from rota.mail.senders import ReportMail
from rota.mail.service import Attachment
from rota.reports.catalogue import report_called
from rota.reports.csv_file import csv_text
from rota.reports.document import Document
from rota.reports.request import ReportRequest
from rota.reports.workbook import write_workbook
from rota.settings import get_settings
from server.board_addresses import parse_board
from server.report_files import report_pdf

#: months of a dashboard in a message, as the screen opens
MONTHS_MAILED = 3
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def monthly_report(
    session: Session, actor: Actor, home_id: int | None, due: datetime
) -> ReportMail:
    """The month before."""
    return _mail(session, actor, home_id, due, "monthly-report")


def weekly_summary(
    session: Session, actor: Actor, home_id: int | None, due: datetime
) -> ReportMail:
    """The week that begins: on a Monday morning, the one ahead."""
    return _mail(session, actor, home_id, due, "weekly-summary", days_back=0)


def leave_liability(
    session: Session, actor: Actor, home_id: int | None, due: datetime
) -> ReportMail:
    """The liability at the end of the month before."""
    return _mail(session, actor, home_id, due, "leave-liability")


def payroll(session: Session, actor: Actor, home_id: int | None, due: datetime) -> ReportMail:
    """The extract of the month before, also as CSV for the payroll system."""
    return _mail(session, actor, home_id, due, "payroll", pdf=False)


def board(
    session: Session, actor: Actor, home_id: int | None, due: datetime, subject: str
) -> ReportMail:
    """A dashboard of the months up to the one before, as many as its screen opens with."""
    view = parse_board(f"{subject}.{MONTHS_MAILED}")
    month = last_full_month(local_day(due))
    question = BoardQuestion(_shown(session, actor, home_id), months_up_to(month, view.months))
    document = board_document(
        view.kind, view.kind.build(session, actor, question), actor, question, due
    )
    address = ("/boards/", view.text, month, home_id)
    return _message(view.kind.title, document, question.homes, question.period, address)


def _mail(
    session: Session,
    actor: Actor,
    home_id: int | None,
    due: datetime,
    key: str,
    *,
    days_back: int | None = None,
    pdf: bool = True,
) -> ReportMail:
    report = report_called(key)
    actor.require(report.permission, home_id)
    day = local_day(due)
    period = report.span.around(day if days_back == 0 else day.replace(day=1) - timedelta(days=1))
    asked = ReportRequest(_shown(session, actor, home_id), period, due)
    document = report.build(session, actor, asked)
    address = ("/reports/", key, period.start, home_id)
    return _message(report.title, document, asked.homes, period, address, pdf=pdf)


def _shown(session: Session, actor: Actor, home_id: int | None) -> tuple[HomeChoice, ...]:
    """The home of the schedule, or all of the reader's."""
    homes = homes_of(session, actor)
    return (choose_home(homes, home_id),) if home_id is not None else tuple(homes)


def _message(
    title: str,
    document: Document,
    homes: tuple[HomeChoice, ...],
    period: Period,
    address: tuple[str, str, date, int | None],
    *,
    pdf: bool = True,
) -> ReportMail:
    return ReportMail(
        title=title,
        homes=homes[0].name if len(homes) == 1 else f"{len(homes)} homes",
        period=period_text(period),
        headlines=_headlines(document),
        link=_link(*address),
        attachments=tuple(_files(document, pdf=pdf)),
    )


def _files(document: Document, *, pdf: bool) -> list[Attachment]:
    stream = io.BytesIO()
    write_workbook(document, stream)
    files = [Attachment(f"{document.file_name}.xlsx", stream.getvalue(), XLSX)]
    if not pdf:
        text = csv_text(document.sections[0]).encode()
        return [*files, Attachment(f"{document.file_name}.csv", text, "text/csv")]
    try:
        printed = report_pdf(document)
    except Unavailable:
        return files  # without Chromium the workbook still goes, rather than nothing
    return [Attachment(f"{document.file_name}.pdf", printed, "application/pdf"), *files]


def _headlines(document: Document) -> tuple[str, ...]:
    """The totals of the first table that has any, else its first lines."""
    for section in document.sections:
        totals = written_totals(section)
        if section.rows and totals:
            return tuple(
                f"{column.title}: {text}"
                for column, text in zip(section.columns, totals, strict=True)
                if column.total
            )[:6]
    first = document.sections[0]
    return tuple(
        " ".join(written(c, v) for c, v in zip(first.columns, row, strict=True))
        for row in first.rows[:3]
    )


def _link(path: str, view: str, start: date, home_id: int | None) -> str:
    """The same on screen; empty when the site's name is not known."""
    site = get_settings().site_url
    if not site:
        return ""
    return f"{site.rstrip('/')}{ScreenState(home=home_id, view=view, start=start).href(path)}"
