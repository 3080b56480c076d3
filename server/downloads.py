"""Files: every one behind the gate, with its permission, built by a service that checks again."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import IO, cast

from flask import Blueprint, Response, request, stream_with_context
from sqlalchemy.orm import Session
from werkzeug.wsgi import wrap_file

from components.state import ScreenState, parse_query
from rota.access import queries as accounts
from rota.access.audit_file import audit_csv
from rota.access.permissions import Permission
from rota.access.scope import HomeChoice, choose_home, homes_of
from rota.administration.subject_access import export_subject
from rota.boards.catalogue import board_document, months_up_to
from rota.boards.values import BoardQuestion
from rota.calendar import Period, local_day, month_of, months_after
from rota.costs.explorer import CostQuestion
from rota.errors import InvalidInput
from rota.reports.catalogue import Report, report_called
from rota.reports.costs import cost_document, shifts_document
from rota.reports.csv_file import csv_pieces
from rota.reports.document import Document
from rota.reports.export_jobs import file_of
from rota.reports.request import ReportRequest
from rota.reports.workbook import write_workbook
from server.board_addresses import parse_board
from server.context import current_actor, reading, working
from server.cost_addresses import first_month, parse_shifts_query, parse_view, scope_of_query
from server.gate import requires
from server.report_files import report_pdf

blueprint = Blueprint("downloads", __name__, url_prefix="/download")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: a workbook larger than this is written row by row, and kept on disk rather than in memory
_MANY_ROWS = 5_000
_IN_MEMORY = 8 * 1024 * 1024


@blueprint.get("/costs.<kind>")
@requires(Permission.EXPORT_DATA)
def costs(kind: str) -> Response:
    """The cost screen as it stands in the address, as a file."""
    state = parse_query(query_of())
    with reading() as session:
        homes = _homes(session, state)
        view = parse_view(state.view, one_home=len(homes) == 1)
        question = CostQuestion(
            homes, first_month(state, view.months, _today()), view.months, by=view.by
        )
        whole = Period(question.scope.start, question.scope.end)
        asked = ReportRequest(homes, whole, _now(), state.unit if len(homes) == 1 else None)
        return _file(cost_document(session, current_actor(), asked, view.by), kind)


@blueprint.get("/cost-shifts.<kind>")
@requires(Permission.EXPORT_DATA)
def cost_shifts(kind: str) -> Response:
    """The shifts behind a figure, as a file."""
    asked = parse_shifts_query(query_of())
    with reading() as session:
        homes = _homes(session, asked.state)
        scope = scope_of_query(asked, frozenset(home.id for home in homes))
        wanted = ReportRequest(homes, Period(asked.start, asked.end), _now())
        return _file(shifts_document(session, current_actor(), wanted, scope), kind)


@blueprint.get("/board.<kind>")
@requires(Permission.EXPORT_DATA)
def board(kind: str) -> Response:
    """A dashboard as it stands in the address, as a file."""
    state = parse_query(query_of())
    view = parse_board(state.view)
    actor = current_actor()
    actor.require(view.kind.permission)
    month = state.start or months_after(month_of(_today()).start, -1)
    with reading() as session:
        question = BoardQuestion(_homes(session, state), months_up_to(month, view.months))
        found = view.kind.build(session, actor, question)
    return _file(board_document(view.kind, found, actor, question, _now()), kind)


@blueprint.get("/made/<int:job_id>")
@requires(Permission.EXPORT_DATA)
def made(job_id: int) -> Response:
    """The file that a job made for whoever asks."""
    with reading() as session:
        found = file_of(session, current_actor(), job_id)
    return as_attachment(Response(found.content, mimetype=found.content_type), found.name)


@blueprint.get("/subject-access.zip")
@requires(Permission.ADMINISTER)
def subject_access() -> Response:
    """Everything stored about the person whose account is in the address."""
    state = parse_query(query_of())
    with reading() as session:
        account = accounts.account(session, current_actor(), state.person or 0)
    with working() as uow:
        content = export_subject(uow, account.sap_number)
        uow.commit()
    response = Response(content, mimetype="application/zip")
    response.headers["Content-Disposition"] = "attachment; filename=subject-access.zip"
    return response


@blueprint.get("/audit.csv")
@requires(Permission.VIEW_AUDIT)
def audit() -> Response:
    """The audit trail as it is searched in the address."""
    state = parse_query(query_of())
    current_actor().require(Permission.EXPORT_DATA)
    with reading() as session:
        lines = accounts.audit_trail(session, current_actor(), search=state.q, limit=50_000)
    return Response(
        stream_with_context(audit_csv(lines)),
        mimetype="text/csv",
        headers={"Content-Disposition": "attachment; filename=audit.csv"},
    )


@blueprint.get("/report/<key>.<kind>")
@requires(Permission.EXPORT_DATA)
def report(key: str, kind: str) -> Response:
    """A report of the catalogue for the homes and period in the address."""
    found = report_called(key)
    current_actor().require(found.permission)
    state = parse_query(query_of())
    with reading() as session:
        asked = report_request(found, _homes(session, state), state, _now())
        return _file(found.build(session, current_actor(), asked), kind)


def report_request(
    found: Report, homes: tuple[HomeChoice, ...], state: ScreenState, now: datetime
) -> ReportRequest:
    """The request for a report that an address makes: its period lies around ``start``."""
    day = state.start or local_day(now)
    unit_id = state.unit if len(homes) == 1 else None
    return ReportRequest(homes, found.span.around(day), now, unit_id)


def _homes(session: Session, state: ScreenState) -> tuple[HomeChoice, ...]:
    """The home in the address, or all of the actor's; never anybody else's."""
    homes = homes_of(session, current_actor())
    return (choose_home(homes, state.home),) if state.home or not homes else tuple(homes)


def query_of() -> dict[str, object]:
    """The query as a page's layout receives it: a repeated key is a list."""
    lists = request.args.to_dict(flat=False)
    return {key: values[0] if len(values) == 1 else values for key, values in lists.items()}


def _now() -> datetime:
    return datetime.now(UTC)


def _today() -> date:
    return local_day(_now())


def _file(document: Document, kind: str) -> Response:
    if kind == "csv":
        return _csv(document)
    if kind == "xlsx":
        return _xlsx(document)
    if kind == "pdf":
        response = Response(report_pdf(document), mimetype="application/pdf")
        return as_attachment(response, f"{document.file_name}.pdf")
    raise InvalidInput("Files come as csv, xlsx or pdf.", hint="Use a button of the page.")


def _csv(document: Document) -> Response:
    """The first table of a report; the whole of it is in the workbook."""

    def pieces() -> Iterator[bytes]:
        for piece in csv_pieces(document.sections[0]):
            yield piece.encode()

    response = Response(stream_with_context(pieces()), mimetype="text/csv")
    return as_attachment(response, f"{document.file_name}.csv")


def _xlsx(document: Document) -> Response:
    rows = sum(len(section.rows) for section in document.sections)
    stream = spool()
    write_workbook(document, stream, constant_memory=rows > _MANY_ROWS)
    return sent(stream, XLSX, f"{document.file_name}.xlsx")


def spool() -> IO[bytes]:
    """A file in memory that moves to the disk when it grows; it lives until it is sent."""
    return cast(IO[bytes], tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))


def sent(stream: IO[bytes], mimetype: str, name: str) -> Response:
    stream.seek(0, 2)
    size = stream.tell()
    stream.seek(0)
    response = Response(
        wrap_file(request.environ, stream), mimetype=mimetype, direct_passthrough=True
    )
    response.content_length = size
    return as_attachment(response, name)


def as_attachment(response: Response, name: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
